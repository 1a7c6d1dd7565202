#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Removes build/, unless there is work in a tree that is in no patch.
. "$(dirname "$0")/lib.sh"

[ -d "$build" ] || exit 0
for tree in "$build"/*/tree; do
	stamp=${tree%/tree}/tree.stamp
	[ -s "$stamp" ] || continue
	read -r _ tip <"$stamp"
	if [ "$(git -C "$tree" rev-parse HEAD)" != "$tip" ] ||
	   [ -n "$(git -C "$tree" status --porcelain)" ]; then
		die "$tree has work of its own: 'make refresh' keeps it, 'rm -r $tree' does not"
	fi
done
# Only what can be ours
[ -d "$build/deb" ] || [ -d "$build/programs" ] || [ -n "$(find "$build" -maxdepth 2 -name tree.stamp 2>/dev/null)" ] || die "$build does not look like our build directory"
rm -rf "$build"
