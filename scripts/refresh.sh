#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# refresh.sh BASE [DIR]: writes the commits of build/BASE/tree back to patches/BASE, or
# to DIR, a copy of it. FORCE=1 does so even if patches/BASE has changed since the tree
# was made from it.
#
# A step that is the same on several bases has the same file name on all of them: its
# number is that of patches/steps, which lists the steps of all bases in their order.
. "$(dirname "$0")/lib.sh"

base=${1:-}
need_base "$base"
need_tool git
tree=$build/$base/tree
stamp=$build/$base/tree.stamp
dir=${2:-$top/patches/$base}
cover=0000-cover-letter.txt
[ -d "$tree" ] || die "there is no $tree, 'make tree BASE=$base' makes it"
[ -f "$dir/$cover" ] || die "there is no $dir/$cover"

tgit()
{
	git -C "$tree" "$@"
}

busy=$(busy_tree "$tree")
[ -z "$busy" ] || die "git is in the middle of something in $tree ($busy), finish or abort it"
[ -z "$(tgit status --porcelain)" ] || die "$tree has changes that are not committed"
count=$(tgit rev-list --count base..HEAD)
[ "$count" -gt 0 ] || die "$tree has no commits on top of the base"
have_hash=
[ ! -s "$stamp" ] || read -r have_hash _ <"$stamp"
[ "$(patches_hash "$dir")" = "$have_hash" ] || [ -n "${FORCE:-}" ] ||
	die "$dir has changed since $tree was made from it: 'make tree BASE=$base' takes the change, 'make refresh BASE=$base FORCE=1' overwrites it"

new=$(mktemp -d)
trap 'rm -rf "$new"' EXIT
tgit format-patch -q -o "$new" --zero-commit --no-signature --numbered --abbrev=12 \
	--diff-algorithm=myers --stat=76 base..HEAD

# number_as_steps DIR: gives the patches there the numbers of their steps
number_as_steps()
{
	last=0000
	for patch in "$1"/*.patch; do
		slug=${patch##*/[0-9][0-9][0-9][0-9]-}
		slug=${slug%.patch}
		step=$(sed -nE "s/^([0-9]{4}) $slug\$/\1/p" "$top/patches/steps")
		[ -n "$step" ] || die "$slug is no step of patches/steps, add it there"
		[ "$step" -gt "$last" ] || die "$slug, step $step, comes after step $last in $tree"
		last=$step
		mv "$patch" "$1/new-$step-$slug.patch"
	done
	for patch in "$1"/new-*.patch; do
		mv "$patch" "$1/${patch##*/new-}"
	done
}
number_as_steps "$new"

# The cover letter: the text is ours, its number, shortlog and diffstat are not. The
# shortlog starts with the last line that ends in "(n):".
start=$(grep -n '^[^ ].* ([0-9]*):$' "$dir/$cover" | tail -n 1 | cut -d: -f1)
{
	head -n "$((${start:-1000000} - 1))" "$dir/$cover" |
		sed "s,^\(Subject: \[PATCH\) 0*/[0-9]*\],\1 0/$count],"
	tgit shortlog --no-merges base..HEAD
	tgit diff --stat=76 --summary base..HEAD
} >"$new/$cover"

for patch in "$dir"/*.patch; do
	[ -e "$new/${patch##*/}" ] || rm -f "$patch"
done
for patch in "$new"/*; do
	cmp -s "$patch" "$dir/${patch##*/}" || {
		cp "$patch" "$dir/${patch##*/}"
		say "$dir/${patch##*/}"
	}
done
[ -n "${2:-}" ] || echo "$(patches_hash "$dir") $(tgit rev-parse HEAD)" >"$stamp"
