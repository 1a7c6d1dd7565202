#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# mutants.sh BASE: takes away the locks of the series in each of the ways of verify/races/mutants,
# and wants exactly those races to fail that are named there. MUTANTS= takes those that match.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
# shellcheck source=verify/mutants-lib.sh
. "$top/verify/mutants-lib.sh"

base=${1:-}
need_base "$base"
dir=$build/$base-race-mutants
start_shares "$top/verify/races/mutants"
mutant_kernel preempt

# The names of the races that have failed, or of all
names()
{
	sed -En "s/^$1 [0-9]+ - //p" "$dir/said" | sort
}

# Where it went wrong: the number of instructions from the start of the first system call
where_wrong()
{
	sed -n 's/^#   \([0-9]* wrong\), from \(.*\) to \(.*\)/\1: \2 to \3/p' "$dir/said" | sort -u |
		sed '$!s/$/;/' | tr '\n' ' '
}

# notice RUN EXPECTED: runs some races, of which those that match have to fail
notice()
{
	VARIANT=race-mutants-$SHARE "$top/verify/races/run.sh" "$base" "$1" >"$dir/said" 2>"$dir/boot" || :
	grep -q '^1\.\.' "$dir/said" || die "the races did not end, see $dir/said and $dir/boot"
	names 'not ok' >"$dir/failed"
	names '(not )?ok' | grep -E "$2" >"$dir/expected" || :
	if [ -s "$dir/expected" ] && cmp -s "$dir/failed" "$dir/expected"; then
		why="$(wc -l <"$dir/failed") of $(names '(not )?ok' | wc -l) races fail, as they should, $(where_wrong)"
	else
		why='the races above should fail and do not (<), or fail and should not (>)'
		diff "$dir/expected" "$dir/failed" | sed -n '/^[<>]/p' >&2
		return 1
	fi
}

judge_share "$top/verify/races/mutants"
