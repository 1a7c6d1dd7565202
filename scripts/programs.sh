#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# programs.sh [TARGET]: builds all of programs.mk, for arm64 and this machine, or one target.
. "$(dirname "$0")/lib.sh"

need_tool make ${cross}gcc
lock programs
"$top/scripts/arm64-libs.sh"
# shellcheck disable=SC2086 # words
make -s -C "$top" -f scripts/programs.mk BUILD="$build" -j"$jobs" ${1:-all native}
