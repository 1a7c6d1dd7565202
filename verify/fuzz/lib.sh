# SPDX-License-Identifier: BSD-3-Clause
# Sourced by the fuzzers, after scripts/lib.sh, not run: the number of inputs, the seed, and the
# processes.
# shellcheck shell=sh disable=SC2154 # variables of lib.sh

# need_fuzz_numbers: checks $runs and $seed, from FUZZ_RUNS and FUZZ_SEED
need_fuzz_numbers()
{
	for number in "FUZZ_RUNS=$runs" "FUZZ_SEED=$seed"; do
		case ${number#*=} in
		''|*[!0-9]*) die "$number is not a number" ;;
		esac
	done
}

# run_fuzzers LOG PROGRAM ARG...: runs a process on each core, each with its part of $runs. They share
# a corpus, and write LOG.1, LOG.2 and so on. Sets bad to the number of one that failed, or 0.
# shellcheck disable=SC2034 # that is for those who source this
run_fuzzers()
{
	log=$1
	shift
	rm -f "$log".*
	i=0 pids=
	while [ $i -lt "$jobs" ]; do
		i=$((i + 1))
		"$@" -seed=$((seed + i)) -runs=$((runs / jobs + 1)) -print_final_stats=1 -verbosity=1 \
			>"$log.$i" 2>&1 &
		pids="$pids $!"
	done
	bad=0 n=0
	for pid in $pids; do
		n=$((n + 1))
		wait "$pid" || bad=$n
	done
}
