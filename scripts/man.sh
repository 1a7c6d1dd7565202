#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Makes the man page, build/man/fwregs.1, with the date of the last commit that changed it.
. "$(dirname "$0")/lib.sh"

need_tool sphinx-build
lock man
page=$top/docs/fwregs.1.rst
date=$(git -C "$top" log -1 --format=%ct -- "$page" 2>/dev/null) || :
[ -z "$date" ] || export SOURCE_DATE_EPOCH="$date"
# Sphinx's cache may be of an interrupted run, and the page takes a second
rm -rf "$build/man"
sphinx-build -q -W -E -b man -d "$build/man/doctrees" "$top/docs" "$build/man"
rm -rf "$build/man/doctrees"
