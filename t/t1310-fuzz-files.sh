#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# A short run of the fuzzers of the readers of files, and that they find what is broken.
# 'make fuzz-files' has ten million inputs for each.
. "$(dirname "$0")/lib.sh"

fuzz()
{
	FUZZ_RUNS=${FUZZ_RUNS:-100000} verify/fuzz/files.sh "$1"
}
for reader in state report; do
	ok "$reader: no finding" fuzz "$reader"
	sed 's/^/# /' "$trash/out" | grep -E '^# ok'
done

# found READER FILE PROGRAM: with the mutant, there is a finding
found()
{
	rm -rf "$trash/source" "$trash/fuzz"
	cp -r tool "$trash/source"
	sed "$3" "tool/$2" >"$trash/source/$2"
	! cmp "tool/$2" "$trash/source/$2" || return 1
	READERS=$trash/source FUZZ_DIR=$trash/fuzz FUZZ_RUNS=20000 \
		fails 1 "the reader of $1 fails" verify/fuzz/files.sh "$1"
}
grep -v '^#' verify/fuzz/file-mutants >"$trash/mutants"
while IFS='~' read -r reader what file program; do
	ok "$reader: noticed: $what" found "$reader" "$file" "$program"
done <"$trash/mutants"

for FUZZ_RUNS in many -1; do
	export FUZZ_RUNS
	ok "FUZZ_RUNS=$FUZZ_RUNS is refused" fails 1 "FUZZ_RUNS=$FUZZ_RUNS is not a number" verify/fuzz/files.sh
done
export FUZZ_RUNS=1
ok 'a reader that there is not is named' fails 1 "no reader 'nosuch'" verify/fuzz/files.sh nosuch

done_testing
