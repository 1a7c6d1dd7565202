#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# port.sh FROM TO PACKAGE [SUITE...]: starts patches/TO with the steps of patches/FROM, which it applies
# one by one in build/TO/tree. It stops at a conflict. After 'git am --continue' there, the same
# command goes on. After the last step, it writes the patches, and cover letters from those of FROM,
# to patches/TO. The base file is that of FROM with another package. SRC may name the source of TO,
# as for tree.sh.
#
# During a port, build/TO/port has FROM, and the last step that it gave to git am.
. "$(dirname "$0")/lib.sh"

from=${1:-} to=${2:-} package=${3:-}
need_base "$from"
echo "$to" | grep -qxE '[0-9]+\.[0-9]+' || die "TO= is the base to start, MAJOR.MINOR, not '$to'"
need_tool git
suites=$(base_field "$from" suites)
[ $# -le 3 ] || {
	shift 3
	suites=$*
}
# FROM as a pattern
was=$(echo "$from" | sed 's/\./\\./')
tree=$build/$to/tree
port=$build/$to/port
dir=$top/patches/$to

tgit()
{
	git -C "$tree" "$@"
}

# The facts of FROM, to be checked. t0000 fails until the first line is removed.
base_file()
{
	echo "# Copied from $from: check each line, then remove this one"
	sed -e "s/^package .*/package $package/" -e "s/^version .*/version $version/" -e "s/^suites .*/suites $suites/" \
		-e "s/^state .*/state ported from $from, not tested/" "$top/patches/$from/base"
}

undo()
{
	rm -rf "$dir" "${build:?}/$to"
}

# Checks all arguments before it makes anything
start()
{
	[ ! -e "$dir" ] || die "patches/$to is there already"
	[ ! -e "$build/$to" ] || die "$build/$to is there already, remove it"
	[ -n "$package" ] || die "PACKAGE= names the package with the source of $to"
	if [ -n "${SRC:-}" ]; then
		version=$to
	else
		# shellcheck disable=SC2086 # words
		fetch_source "$package" $suites
	fi
	trap undo EXIT
	trap 'exit 130' INT TERM
	mkdir -p "$dir"
	base_file >"$dir/base"
	for config in "$top/patches/$from"/*.config; do
		[ ! -e "$config" ] || cp "$config" "$dir/"
	done
	"$top/scripts/tree.sh" "$to"
	echo "$from 0000" >"$port"
	trap - EXIT INT TERM
}

# How to solve a conflict
hint="'git am --continue' there takes it, 'git am --skip' leaves the step out, then the same command goes on"

# blobs PATCH: copies the files that the patch was made on from the tree of FROM, for a 3-way merge
blobs()
{
	sed -nE 's/^index ([0-9a-f]+)\.\..*/\1/p' "$1" | grep -v '^0*$' | while read -r blob; do
		git -C "$build/$from/tree" cat-file blob "$blob" | tgit hash-object -w --stdin >/dev/null
	done
}

# take PATCH: applies it, with its notes about FROM as notes about TO
take()
{
	blobs "$1"
	head=$(tgit rev-parse HEAD)
	sed "s/^\[$was: /[$to: /" "$1" >"$port.patch"
	tgit am -3 "$port.patch" >"$port.log" 2>&1 || {
		files=$(tgit diff --name-only --diff-filter=U | paste -s -d ' ')
		die "${1##*/}: conflict in ${files:-nothing but the patch, see $port.log} in $tree; $hint"
	}
	how=
	! grep -q ' 3-way merge' "$port.log" || how=': merged'
	[ "$(tgit rev-parse HEAD)" != "$head" ] || how=": $to has this already"
	say "${1##*/}$how"
}

take_all()
{
	read -r started last <"$port"
	[ "$started" = "$from" ] || die "patches/$to has been started with FROM=$started"
	[ -z "$(busy_tree "$tree")" ] || die "there is a conflict in $tree: $hint"
	(unset SRC && "$top/scripts/tree.sh" "$from")
	for patch in "$top/patches/$from"/*.patch; do
		step=${patch##*/}
		step=${step%%-*}
		[ "$step" -gt "$last" ] || continue
		echo "$from $step" >"$port"
		take "$patch"
	done
}

# Writes a cover letter for each topic that has patches
cover_letters()
{
	for cover in "$top/patches/$from"/*-cover-letter.txt; do
		new=$dir/${cover##*/}
		[ -e "$new" ] || sed "1,/^\$/ s/\b$was\b/$to/" "$cover" >"$new"
	done
	"$top/scripts/refresh.sh" "$to" 2>"$port.log" || {
		cat "$port.log" >&2
		exit 1
	}
	for cover in "$dir"/*-cover-letter.txt; do
		ls "${cover%00-cover-letter.txt}"??-*.patch >/dev/null 2>&1 || rm "$cover"
	done
}

lock "$to"
[ -e "$port" ] || start
take_all
cover_letters
rm "$port" "$port".*
say "patches/$to has $(ls "$dir"/*.patch | wc -l) of $(ls "$top/patches/$from"/*.patch | wc -l) steps. Check patches/$to/base and the cover letters, then 'make check BASE=$to' and 'make docs'"
