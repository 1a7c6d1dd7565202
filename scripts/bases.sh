#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# bases.sh header: prints the facts of all bases, for C programs.
# bases.sh facts|failures|state|ceilings: prints a table or list of them, for docs/generate.sh.
# shellcheck disable=SC2016 # backquotes are Markdown's
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

# join SEPARATOR: lines to one
join()
{
	awk -v separator="$1" '{ printf "%s%s", (NR > 1 ? separator : ""), $0 } END { print "" }'
}

# The rows of t/conformance's tables
header()
{
	echo '/* Made by scripts/bases.sh from patches/BASE/base */'
	printf '#define BASE_NAMES "%s"\n' "$(all_bases | join ', ')"
	# Register n is the same on each base that has it, so the base with the most has all
	printf '#define BITMAPS \\\n'
	for base in $(all_bases); do
		echo "$(base_nr_bitmaps "$base") $base"
	done | sort -n | tail -n 1 | while read -r _ base; do
		base_field "$base" register
	done | awk '{ printf "\t{ \"%s\", %s, %s }, \\\n", $1, $2, $3 } END { print "" }'
	printf '#define BASES \\\n'
	for base in $(all_bases); do
		last=false
		[ "$(base_field "$base" list-order)" != 'firmware registers last' ] || last=true
		versions=$(for version in $(base_field "$base" psci); do psci_number "$version"; done)
		printf '\t{ "%s", %u, %s, %u, { %s } }, \\\n' "$base" "$(base_nr_bitmaps "$base")" $last \
			"$(echo "$versions" | wc -l)" "$(echo "$versions" | join ', ')"
	done
	echo
}

# row NAME COMMAND...: prints a row of a table, with the command's output for each base in a cell
row()
{
	printf '| %s |' "$1"
	shift
	for base in $(all_bases); do
		cell=$("$@" "$base")
		printf ' %s |' "${cell:--}"
	done
	echo
}

field()
{
	base_field "$2" "$1"
}

topics_of()
{
	base_topics "$1" | join ', '
}

registers()
{
	base_bitmaps "$1" | sed 's/.*/`&`/' | join ', '
}

facts()
{
	echo "| | $(all_bases | join ' | ') |"
	echo "|---|$(all_bases | sed 's/.*/---|/' | join '')"
	row 'package' field package
	row 'version last tested' field version
	row 'suites' field suites
	row 'topics' topics_of
	row 'bitmap registers' registers
	row 'PSCI versions' field psci
	row 'order of `KVM_GET_REG_LIST`' field list-order
	row 'lacks as it comes' field lacks
}

# Selftests of the bases that fail on the unpatched kernel
failures()
{
	for base in $(all_bases); do
		base_field "$base" known-failure | sed "s/^\([^ ]*\)/- $base, \`\1\`:/"
	done
}

state()
{
	echo '| base | series | tested on |'
	echo '|---|---|---|'
	for base in $(all_bases | sort -rV); do
		echo "| $base | $(base_field "$base" state) | Debian's $(base_field "$base" package) $(base_field "$base" version) |"
	done
}

# By the oldest kernel of a fleet. Kernels that need the same ceilings share a row.
ceilings()
{
	echo '| oldest kernel of the fleet | set |'
	echo '|---|---|'
	for base in $(all_bases); do
		as_it_comes=$(base_ceilings "$base" 1) patched=$(base_ceilings "$base")
		if [ "$as_it_comes" = "$patched" ]; then
			echo "$patched|$base, patched or not"
		else
			echo "$as_it_comes|$base, unpatched"
			echo "$patched|$base, patched"
		fi
	done | awk -F '|' '
	$1 != was && NR > 1 { print "| " names " | `" was "` |"; names = "" }
	{
		was = $1
		sub(/,[^,]*$/, "", names)
		names = (names ? names ", " : "") $2
	}
	END { print "| " names " | nothing, or `" was "` |" }'
}

case ${1:-} in
header|facts|failures|state|ceilings) "$1" ;;
*) die "usage: bases.sh header|facts|failures|state|ceilings" ;;
esac
