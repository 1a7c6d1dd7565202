#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# run.sh BASE [FILE...]: fuzzes the hypercalls.c of a base against the reference model,
# with libFuzzer and the sanitizers for addresses and undefined behaviour, and then prints
# which lines and branches of its register half no input has reached. With files: runs
# these inputs and prints their operations. The environment:
#   FUZZ_RUNS	number of inputs (default: 2400000)
#   FUZZ_SEED	seed of libFuzzer's random numbers (default: 1)
#   FUZZ_DIR	directory of all output (default: build/verify/BASE)
# Inputs that reach new code are kept in a corpus, for the next run.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
# shellcheck source=verify/shim/lib.sh
. "$top/verify/shim/lib.sh"
# shellcheck source=verify/fuzz/lib.sh
. "$top/verify/fuzz/lib.sh"

base=${1:-}
need_base "$base"
shift
need_tool clang llvm-profdata llvm-cov
runs=${FUZZ_RUNS:-2400000} seed=${FUZZ_SEED:-1}
need_fuzz_numbers
for file in "$@"; do
	[ -f "$file" ] || die "there is no file $file"
done

verify_prepare "$base"
dir=${FUZZ_DIR:-$build/verify/$base}
out=$dir/fuzz
source=$(source_of "$base")
flags=$(verify_flags "$base")
mkdir -p "$out" "$dir/corpus" "$dir/crashes"

# compile NAME OPTION...: builds build/verify/BASE/fuzz/NAME with these options
compile()
{
	name=$1
	shift
	mkdir -p "$out/$name.o"
	# hypercalls.c includes the kernel's headers only, and may have warnings
	# shellcheck disable=SC2086 # words
	clang $flags "$@" -nostdinc -w -c "$source" -o "$out/$name.o/hypercalls.o" &&
	clang $flags "$@" -Wall -Wextra -Wno-unused-parameter -Werror \
		-c "$top/verify/shim/machine.c" -o "$out/$name.o/machine.o" &&
	clang $flags "$@" -Wall -Wextra -Wno-unused-parameter -Werror \
		-c "$top/verify/fuzz/registers.c" -o "$out/$name.o/registers.o" &&
	clang -std=c11 "$@" -Wall -Wextra -Werror \
		-c "$top/verify/model.c" -o "$out/$name.o/model.o" &&
	clang "$@" -fsanitize=fuzzer "$out/$name.o"/*.o -o "$out/$name"
}

# The kernel is built with -fno-strict-overflow, and arm-smccc.h shifts into the sign
sanitizers='-fsanitize=address,undefined -fno-sanitize=shift-base -fno-sanitize-recover=all'
# shellcheck disable=SC2086 # words
compile registers -g -O1 -fno-omit-frame-pointer -fsanitize=fuzzer-no-link $sanitizers \
	>"$out/build.log" 2>&1 &&
compile coverage -g -O0 -DSHIM_COVERAGE -fprofile-instr-generate -fcoverage-mapping \
	>>"$out/build.log" 2>&1 || {
	grep -m 3 -E 'error' "$out/build.log" >&2
	die "the fuzzer does not build, see $out/build.log"
}

if [ $# -gt 0 ]; then
	FUZZ_TRACE=1 "$out/registers" "$@" 2>&1
	exit
fi

say "fuzzing hypercalls.c of $base, $runs inputs on $jobs cores"
run_fuzzers "$out/log" "$out/registers" -max_len=600 -len_control=0 \
	-artifact_prefix="$dir/crashes/" "$dir/corpus" "$top/verify/fuzz/seeds"
if [ "$bad" -ne 0 ]; then
	grep -aE '^(divergence|broken rule|it does not)|runtime error|ERROR: ' "$out/log.$bad" >&2 || :
	crash=$(sed -n 's/.*Test unit written to //p' "$out/log.$bad" | tail -n 1)
	[ -n "$crash" ] || die "the fuzzer ended, see $out/log.$bad"
	die "KVM and the contract disagree, or worse. See it again with 'make fuzz BASE=$base REPLAY=$crash'"
fi
operations=$(sed -n 's/^\([0-9]*\) operations$/\1/p' "$out"/log.* | awk '{ n += $1 } END { print n }')
[ "${operations:-0}" -gt 0 ] || die "the fuzzer did nothing, see $out/log.1"
echo "ok $operations operations, no divergence"

# What no input reaches
rm -f "$out"/*.profraw
LLVM_PROFILE_FILE=$out/coverage.profraw "$out/coverage" -runs=0 "$dir/corpus" "$top/verify/fuzz/seeds" \
	>"$out/coverage.log" 2>&1 || die "the corpus does not pass, see $out/coverage.log"
llvm-profdata merge -o "$out/coverage.profdata" "$out/coverage.profraw" 2>"$out/coverage.log" &&
llvm-cov export -format=lcov -instr-profile="$out/coverage.profdata" "$out/coverage" \
	"$source" >"$out/coverage.lcov" 2>>"$out/coverage.log" ||
	die "there is no coverage, see $out/coverage.log"
"$top/verify/fuzz/coverage.sh" "$source" "$out/coverage.lcov" "$top/verify/fuzz/uncovered"
