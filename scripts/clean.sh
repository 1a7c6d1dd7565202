#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Removes build/, unless a tree has work that is in no patch.
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
# Only a directory that this harness has made
[ -d "$build/deb" ] || [ -d "$build/programs" ] || [ -n "$ours" ] || die "$build has none of our files, so it may not be a build directory"
rm -rf "$build"
