#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# test.sh [TEST...]: all tests, or these. Their names are in the order in which they
# are best run: what is fast and needs no kernel comes first. An emulated machine mostly
# keeps one core busy, so as many tests run side by side as there are cores, up to four.
. "$(dirname "$0")/lib.sh"

need_tool prove
cd "$top"
[ $# -gt 0 ] || set -- t/t[0-9]*.sh
[ "$jobs" -lt 4 ] || jobs=4

# What a test has made since then, the others need not look at: in a git tree of 40,000 files, that
# takes 2 s of CPU time, and there are a hundred such looks
mkdir -p "$build"
export STARTED="$build/test.started"
: >"$STARTED"
prove --jobs "$jobs" --timer --comments --exec /bin/sh "$@"
