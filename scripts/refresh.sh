#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# refresh.sh BASE [DIR]: writes the commits of build/BASE/tree back to patches/BASE, or
# to DIR, a copy of it. FORCE=1 does so even if patches/BASE has changed since the tree
# was made from it.
#
# patches/steps lists the steps of all bases in their order: number, topic, and the name
# that git gives the patch. So a step that is the same on several bases has the same file
# name on all of them. Each topic can be posted alone, and has a cover letter.
. "$(dirname "$0")/lib.sh"

base=${1:-}
need_base "$base"
need_tool git
tree=$build/$base/tree
dir=${2:-$top/patches/$base}
[ -d "$tree" ] || die "there is no $tree, 'make tree BASE=$base' makes it"

tgit()
{
	git -C "$tree" "$@"
}

busy=$(busy_tree "$tree")
[ -z "$busy" ] || die "git is in the middle of something in $tree ($busy), finish or abort it"
[ -z "$(tgit status --porcelain)" ] || die "$tree has changes that are not committed"
count=$(tgit rev-list --count base..HEAD)
[ "$count" -gt 0 ] || die "$tree has no commits on top of the base"
[ "$(patches_hash "$dir")" = "$(made_from "$base" patches)" ] || [ -n "${FORCE:-}" ] ||
	die "$dir has changed since $tree was made from it: 'make tree BASE=$base' takes the change, 'make refresh BASE=$base FORCE=1' overwrites it"

new=$(mktemp -d)
trap 'rm -rf "$new"' EXIT
mkdir "$new/patches"

# format DIR RANGE: the commits as patches
format()
{
	tgit format-patch -q -o "$new/$1" --zero-commit --no-signature --numbered --abbrev=12 \
		--diff-algorithm=myers --stat=76 "$2"
}

# Writes step, topic, name and commit of each patch to $new/steps
find_steps()
{
	format all base..HEAD
	tgit rev-list --reverse --no-merges base..HEAD >"$new/commits"
	(cd "$new/all" && printf '%s\n' *.patch) | paste -d ' ' - "$new/commits" >"$new/all.list"
	last=0000
	while read -r patch commit; do
		slug=${patch#[0-9][0-9][0-9][0-9]-}
		slug=${slug%.patch}
		step=$(sed -nE "s/^([0-9]{4} [a-z]+) $slug\$/\1/p" "$top/patches/steps")
		[ -n "$step" ] || die "$slug is no step of patches/steps, add it there"
		[ "${step% *}" -gt "$last" ] ||
			die "$slug, step ${step% *}, comes after step $last in $tree"
		last=${step% *}
		echo "$step $slug $commit"
	done <"$new/all.list" >"$new/steps"
}

# The cover letter: keeps the text, and updates the number of patches, shortlog and diffstat. The
# shortlog starts with the last line that ends in "(n):".
refresh_cover()
{
	start=$(grep -n '^[^ ].* ([0-9]*):$' "$dir/$1" | tail -n 1 | cut -d: -f1)
	head -n "$((${start:-1000000} - 1))" "$dir/$1" |
		sed "s,^\(Subject: \[PATCH\) 0*/[0-9]*\],\1 0/$2],"
	tgit shortlog --no-merges "$3"
	tgit diff --stat=76 --summary "$3"
}

refresh_topic()
{
	topic=$1
	cover=$(cover_letter "$topic")
	[ -f "$dir/$cover" ] || die "there is no $dir/$cover, the cover letter of the topic $topic"
	grep " $topic " "$new/steps" >"$new/topic"
	range=$(sed -n '1 s/.* //p' "$new/topic")^..$(sed -n '$ s/.* //p' "$new/topic")
	format "$topic" "$range"
	while read -r step _ slug _; do
		mv "$new/$topic"/[0-9][0-9][0-9][0-9]-"$slug.patch" "$new/patches/$step-$slug.patch"
	done <"$new/topic"
	refresh_cover "$cover" "$(wc -l <"$new/topic")" "$range" >"$new/patches/$cover"
}

find_steps
for topic in $(topics); do
	! grep -q " $topic " "$new/steps" || refresh_topic "$topic"
done

for patch in "$dir"/*.patch; do
	[ -e "$new/patches/${patch##*/}" ] || rm -f "$patch"
done
for patch in "$new/patches"/*; do
	cmp -s "$patch" "$dir/${patch##*/}" || {
		cp "$patch" "$dir/${patch##*/}"
		say "$dir/${patch##*/}"
	}
done
[ -n "${2:-}" ] || record_series "$base" "$dir"
