#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The proofs of hypercalls.c, and the mutants that each has to notice
. "$(dirname "$0")/lib.sh"

# result LINE: one line of run.sh is one test
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

# each PATTERN: each property has a line that matches, or is skipped on this base
each()
{
	for property in verify/cbmc/*/; do
		property=${property%/}
		property=${property##*/}
		grep -E "^ok $property(: $1| # SKIP )" "$trash/$base" || {
			echo "there is none of $property"
			return 1
		}
	done
}

for base in $bases; do
	have_tree "$base"
	export PROOFS=
	deeply || PROOFS=1
	verify/cbmc/run.sh "$base" >"$trash/$base" 2>"$trash/err" </dev/null
	status=$?
	while IFS= read -r line <&3; do
		description=${line#not }
		ok "$base: ${description#ok }" result "$line"
	done 3<"$trash/$base"
	ok "$base: each property was proven" each 'proven'
	if [ -z "$PROOFS" ]; then
		ok "$base: and the proof of each was seen to fail" each 'mutant: .*: noticed: '
	else
		skip "$base: that the proofs can fail" 'make test-all, or BASES= with one: four minutes'
	fi
	ok "$base: run.sh says so" says_so
done
unset PROOFS

# shellcheck disable=SC2086 # words
set -- $bases
ok 'a property that there is not is named' \
	fails 1 "there is no property 'nosuch' in verify/cbmc" verify/cbmc/run.sh "$1" nosuch

done_testing
