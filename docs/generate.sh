#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# generate.sh screen FILE: makes docs/run.svg from FILE, the output of 'make run'.
# generate.sh pages FILE...: replaces the lines between "<!-- COMMAND -->", a script in docs/ or
# scripts/ with its arguments, and "<!-- end -->" by what the script prints.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../scripts/lib.sh"

# fill FILE: the page with new tables
fill()
{
	skip=
	while IFS= read -r line; do
		[ "$line" != '<!-- end -->' ] || skip=
		[ -n "$skip" ] || printf '%s\n' "$line"
		case $line in
		'<!-- docs/'*.sh*|'<!-- scripts/'*.sh*)
			skip=1 line=${line#<!-- }
			# shellcheck disable=SC2086 # words
			"$top"/${line%-->}
			;;
		esac
	done <"$1"
	[ -z "$skip" ] || die "$1: a table has no <!-- end -->"
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
command=${1:-}
[ $# -eq 0 ] || shift
case $command in
screen)
	tr -d '\r' <"$1" | awk -f "$top/docs/screen.awk" >"$work/svg"
	cp "$work/svg" "$top/docs/run.svg"
	;;
pages)
	for page; do
		fill "$page" >"$work/page"
		cmp -s "$work/page" "$page" || cp "$work/page" "$page"
	done
	;;
*) die "usage: generate.sh screen FILE, or generate.sh pages FILE..." ;;
esac
