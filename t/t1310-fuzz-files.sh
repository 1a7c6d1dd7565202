#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# A short run of the fuzzers of the readers of files, and mutants that they have to notice.
# 'make fuzz-files' has ten million inputs for each.
. "$(dirname "$0")/lib.sh"
# shellcheck source=verify/mutants-lib.sh
. "$top/verify/mutants-lib.sh"

fuzz()
{
	FUZZ_RUNS=${FUZZ_RUNS:-100000} verify/fuzz/files.sh "$1"
}
for reader in state report; do
	ok "$reader: no finding" fuzz "$reader"
	sed 's/^/# /' "$trash/out" | grep -E '^# ok'
done

# With a mutant, there is a finding
place()
{
	rm -rf "$trash/source" "$trash/fuzz"
	cp -r tool "$trash/source"
	placed=$trash/source/$1
}

build()
{
	:
}

notice()
{
	READERS=$trash/source FUZZ_DIR=$trash/fuzz FUZZ_RUNS=20000 \
		fails 1 "the reader of $1 fails" verify/fuzz/files.sh "$1"
}
entries verify/fuzz/file-mutants tool/state.c >"$trash/mutants"
while IFS=@ read -r what file program reader; do
	ok "$reader: noticed: $what" judge "$what" "$file" "$program" "$reader"
done <"$trash/mutants"

for FUZZ_RUNS in many -1; do
	export FUZZ_RUNS
	ok "FUZZ_RUNS=$FUZZ_RUNS is refused" fails 1 "FUZZ_RUNS=$FUZZ_RUNS is not a number" verify/fuzz/files.sh
done
export FUZZ_RUNS=1
ok 'a reader that there is not is named' fails 1 "no reader 'nosuch'" verify/fuzz/files.sh nosuch

done_testing
