#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# files.sh [READER...]: fuzzes the readers of files (state, report), with libFuzzer and
# the sanitizers for addresses and undefined behaviour. The environment:
#   FUZZ_RUNS	number of inputs for each (default: 10000000)
#   FUZZ_SEED	seed of libFuzzer's random numbers (default: 1)
#   FUZZ_DIR	directory of all output (default: build/fuzz-files)
#   READERS	the directory of the readers (default: tool)
# Inputs that reach new code are kept in a corpus, for the next run.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
# shellcheck source=verify/fuzz/lib.sh
. "$top/verify/fuzz/lib.sh"

need_tool clang
runs=${FUZZ_RUNS:-10000000} seed=${FUZZ_SEED:-1} dir=${FUZZ_DIR:-$build/fuzz-files}
source=${READERS:-$top/tool}
need_fuzz_numbers
[ $# -gt 0 ] || set -- state report

# fuzz READER: builds its fuzzer and runs it
fuzz()
{
	reader=$1
	[ -f "$top/verify/fuzz/$reader-file.c" ] || die "there is no reader '$reader', there are: state report"
	mkdir -p "$dir/$reader" "$dir/crashes"
	clang -std=gnu11 -g -O1 -D_GNU_SOURCE -Wall -Wextra -Werror \
		-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
		-I"$source" -I"$top/lib" -I"$top" \
		-o "$dir/$reader-file" "$top/verify/fuzz/$reader-file.c" "$source/$reader.c" \
		"$source/json.c" "$source/file.c" "$source/cli.c" "$top/lib/fwregs.c" -ljson-c -lz \
		>"$dir/build.log" 2>&1 || {
		grep -m 3 error "$dir/build.log" >&2
		die "the fuzzer of $reader does not build, see $dir/build.log"
	}
	say "fuzzing the reader of $reader, $runs inputs on $jobs cores"
	run_fuzzers "$dir/$reader.log" "$dir/$reader-file" -max_len=10000 -timeout=20 \
		-dict="$top/verify/fuzz/files.dict" -artifact_prefix="$dir/crashes/" \
		"$dir/$reader" "$top/verify/fuzz/file-seeds/$reader"
	[ "$bad" -eq 0 ] || {
		grep -aE 'runtime error|ERROR: |Assertion' "$dir/$reader.log.$bad" >&2 || :
		die "the reader of $reader fails, see $dir/$reader.log.$bad"
	}
	tried=$(sed -n 's/^stat::number_of_executed_units: *//p' "$dir/$reader".log.* | awk '{ n += $1 } END { print n }')
	[ "${tried:-0}" -ge "$runs" ] || die "the fuzzer of $reader tried ${tried:-0} inputs, see $dir/$reader.log.1"
	echo "ok $reader: $tried inputs, no finding"
}

for reader in "$@"; do
	fuzz "$reader"
done
