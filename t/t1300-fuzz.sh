#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# A short run of the fuzzer, and mutants that it has to notice. FUZZ_RUNS is the number of inputs.
# 'make fuzz' is a longer run.
. "$(dirname "$0")/lib.sh"
# shellcheck source=verify/mutants-lib.sh
. "$top/verify/mutants-lib.sh"

runs=${FUZZ_RUNS:-100000}

fuzz()
{
	FUZZ_RUNS=$runs verify/fuzz/run.sh "$1"
}

# With a mutant, there is a divergence, and a replay of the input shows it again
place()
{
	placed=$trash/hypercalls.c
	cp "$source" "$placed"
}

build()
{
	rm -rf "$trash/fuzz"
	mkdir -p "$trash/fuzz"
}

notice()
(
	# shellcheck disable=SC2030,SC2031 # for this subshell alone
	export SOURCE="$placed" FUZZ_DIR="$trash/fuzz" FUZZ_RUNS="$runs"
	fails 1 'KVM and the contract disagree' verify/fuzz/run.sh "$base" &&
	grep -E '^(divergence|broken rule): ' "$trash/fails" &&
	set -- "$trash/fuzz/crashes"/crash-* && [ -s "$1" ] &&
	! verify/fuzz/run.sh "$base" "$1" >"$trash/replay" 2>&1 &&
	grep -E '^(divergence|broken rule): ' "$trash/replay" && grep -E '^(SET|GET|LIST|ENABLE|HVC|a new)' "$trash/replay"
)

for base in $bases; do
	have_tree "$base"
	ok "$base: no divergence, and all of the register half is reached" fuzz "$base"
	sed 's/^/# /' "$trash/out" | grep -E '^# ok'
	deeply || {
		skip "$base: what is broken is noticed" 'make test-all, or BASES= with one: with a compiler run for each'
		continue
	}
	source=$build/$base/tree/arch/arm64/kvm/hypercalls.c
	for list in verify/cbmc/*/mutants; do
		entries "$list" "$source" | grep '@fuzz$'
	done >"$trash/mutants"
	while IFS=@ read -r what file program _ <&3; do
		ok "$base: what is noticed and replayed: $what" judge "$what" "$file" "$program"
	done 3<"$trash/mutants"
	ok "$base: no mutant has been left out" [ "$(wc -l <"$trash/mutants")" -ge 8 ]
done

# shellcheck disable=SC2086 # words
set -- $bases
# shellcheck disable=SC2031 # not in that one
export FUZZ_RUNS=many
ok 'a number of inputs that is none is refused' \
	fails 1 'FUZZ_RUNS=many is not a number' verify/fuzz/run.sh "$1"
export FUZZ_RUNS=1
ok 'an input that there is not is named' \
	fails 1 'there is no file .*/nosuch' verify/fuzz/run.sh "$1" "$trash/nosuch"

done_testing
