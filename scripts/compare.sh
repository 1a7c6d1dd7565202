#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# compare.sh A B: prints what the port of the series from base A to base B changed: a range-diff
# for each step that both have, and the names of the others.
. "$(dirname "$0")/lib.sh"

a=${1:-} b=${2:-}
[ -n "$a" ] && [ -n "$b" ] || die "A= and B= name the bases to compare"
need_base "$a"
need_base "$b"
need_tool git

# Each tree is a repository, so git needs the objects of both
GIT_ALTERNATE_OBJECT_DIRECTORIES=$(git -C "$build/$b/tree" rev-parse --path-format=absolute --git-path objects)
export GIT_ALTERNATE_OBJECT_DIRECTORIES

# step BASE SLUG: prints the commit of a step. SLUG is a subject that git has cut off.
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
		# The same name means the same step, however much differs
		git -C "$build/$a/tree" --no-pager range-diff --creation-factor=999 \
			"$in_a^..$in_a" "$in_b^..$in_b" | sed "1 s/^1: *[0-9a-f]* \(.\) *1: *[0-9a-f]*/$number: \1/"
		;;
	esac
done <"$top/patches/steps"
