#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# compare.sh A B: what the port of the series from base A to base B changed: a range-diff
# for each step that both have, and the names of the others.
. "$(dirname "$0")/lib.sh"

a=${1:-} b=${2:-}
[ -n "$a" ] && [ -n "$b" ] || die "which bases? A= and B= name them"
need_base "$a"
need_base "$b"
need_tool git

# The trees are repositories of their own, so git is told of both
GIT_ALTERNATE_OBJECT_DIRECTORIES=$(git -C "$build/$b/tree" rev-parse --path-format=absolute --git-path objects)
export GIT_ALTERNATE_OBJECT_DIRECTORIES

# step BASE SLUG: the commit of a step. The names of patches are cut off subjects.
step()
{
	git -C "$build/$1/tree" log --format='%H %f' base..HEAD | while read -r commit subject; do
		[ "${subject#"$2"}" = "$subject" ] || echo "$commit"
	done
}

while read -r number _ slug; do
	in_a=$(step "$a" "$slug") in_b=$(step "$b" "$slug")
	case ${in_a:+a}${in_b:+b} in
	a) echo "$number: $slug: not on $b" ;;
	b) echo "$number: $slug: not on $a" ;;
	ab)
		# However much differs, its name says that it is the same step
		git -C "$build/$a/tree" --no-pager range-diff --creation-factor=999 \
			"$in_a^..$in_a" "$in_b^..$in_b" | sed "1 s/^1: *[0-9a-f]* \(.\) *1: *[0-9a-f]*/$number: \1/"
		;;
	esac
done <"$top/patches/steps"
