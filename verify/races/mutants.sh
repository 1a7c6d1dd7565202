#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# mutants.sh BASE: breaks the series in each of the ways that verify/races/mutants lists, and checks
# that exactly the races fail that are named there. MUTANTS= takes those that match.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
# shellcheck source=verify/mutants-lib.sh
. "$top/verify/mutants-lib.sh"

base=${1:-}
need_base "$base"
dir=$build/$base-race-mutants
start_shares "$top/verify/races/mutants"
mutant_kernel preempt

# names RESULT: the names of the races with this result, as "not ok"
names()
{
	sed -En "s/^$1 [0-9]+ - //p" "$dir/said" | sort
}

# At which instructions after the start of the first system call results are wrong
where_wrong()
{
	sed -n 's/^#   \([0-9]* wrong\), from \(.*\) to \(.*\)/\1: \2 to \3/p' "$dir/said" | sort -u |
		sed '$!s/$/;/' | tr '\n' ' '
}

# notice RUN EXPECTED: runs the races that match RUN. Those that match EXPECTED have to fail.
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
