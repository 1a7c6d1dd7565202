#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The proofs about hypercalls.c, and for each the mutants that it has to notice
. "$(dirname "$0")/lib.sh"

# result LINE: one line of prove.sh is one test
result()
{
	echo "$1"
	case $1 in
	'ok '*) return 0 ;;
	esac
	return 1
}

says_so()
{
	cat "$trash/err"
	return "$status"
}

for base in $bases; do
	have_tree "$base"
	"$scripts/prove.sh" "$base" >"$trash/$base" 2>"$trash/err" </dev/null
	status=$?
	while IFS= read -r line <&3; do
		description=${line#not }
		ok "$base: ${description#ok }" result "$line"
	done 3<"$trash/$base"
	mutants=$(cat verify/cbmc/*/mutants | grep -c '^[^#]')
	ok "$base: all of them were tried" \
		[ "$(grep -c '^ok' "$trash/$base")" -eq $((mutants + $(ls -d verify/cbmc/*/ | wc -l))) ]
	ok "$base: prove.sh says so" says_so
done

set -- $bases
ok 'a property that there is not is named' \
	fails 1 "there is no property 'nosuch' in verify/cbmc" "$scripts/prove.sh" "$1" nosuch

done_testing
