#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# compare.sh A B: what the port of the series from base A to base B changed, step by step.
. "$(dirname "$0")/lib.sh"

a=${1:-} b=${2:-}
[ -n "$a" ] && [ -n "$b" ] || die "which bases? A= and B= name them"
need_base "$a"
need_base "$b"
need_tool git

# range BASE: its series, as commits
range()
{
	echo "$(git -C "$build/$1/tree" rev-parse base)..$(git -C "$build/$1/tree" rev-parse HEAD)"
}

# The trees are repositories of their own, so git is told of both
objects=$(git -C "$build/$b/tree" rev-parse --path-format=absolute --git-path objects)
# A step is the same step however much of it differs, as its name says
GIT_ALTERNATE_OBJECT_DIRECTORIES=$objects git -C "$build/$a/tree" --no-pager range-diff \
	--creation-factor=100 "$(range "$a")" "$(range "$b")"
