#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# refresh.sh BASE: writes the commits of build/BASE/tree back to patches/BASE.
. "$(dirname "$0")/lib.sh"

base=${1:-}
need_base "$base"
tree=$build/$base/tree
dir=$top/patches/$base
cover=0000-cover-letter.txt
[ -d "$tree" ] || die "there is no $tree, 'make tree BASE=$base' makes it"

tgit()
{
	GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null git -C "$tree" "$@"
}

tgit diff --quiet HEAD || die "$tree has changes that are not committed"
count=$(tgit rev-list --count base..HEAD)
[ "$count" -gt 0 ] || die "$tree has no commits on top of the base"

new=$(mktemp -d)
trap 'rm -rf "$new"' EXIT
tgit format-patch -q -o "$new" --zero-commit --no-signature --numbered --abbrev=12 \
	--diff-algorithm=myers --stat=76 base..HEAD

# The cover letter: the text is ours, its number, shortlog and diffstat are not
# (the author's line, where the shortlog starts, is the first that ends in "(n):")
{
	sed "s,^\(Subject: \[PATCH\) 0*/[0-9]*\],\1 0/$count]," "$dir/$cover" |
		sed '/^[^ ].* ([0-9]*):$/,$d'
	tgit shortlog --no-merges base..HEAD
	tgit diff --stat=76 --summary base..HEAD
} >"$new/$cover"

for patch in "$dir"/*.patch; do
	[ -e "$new/${patch##*/}" ] || rm -f "$patch"
done
for patch in "$new"/*; do
	cmp -s "$patch" "$dir/${patch##*/}" || {
		cp "$patch" "$dir/${patch##*/}"
		say "patches/$base/${patch##*/}"
	}
done
printf '%s %s\n' "$(cat "$dir"/*.patch | sha256sum | cut -d' ' -f1)" \
	"$(tgit rev-parse HEAD)" >"$build/$base/tree.stamp"
