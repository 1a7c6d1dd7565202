#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Removes build/, unless there is work in a tree that is in no patch.
. "$(dirname "$0")/lib.sh"

[ -d "$build" ] || exit 0
ours=
for tree in "$build"/*/tree; do
	# A worktree has a file with that name
	[ -d "$tree/.git" ] || continue
	ours=1 name=${tree%/tree}
	! has_work "${name##*/}" ||
		die "$tree has work of its own: 'make refresh' keeps it, 'rm -r $tree' does not"
done
# Only what can be ours
[ -d "$build/deb" ] || [ -d "$build/programs" ] || [ -n "$ours" ] || die "$build does not look like our build directory"
rm -rf "$build"
