#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# mutants.sh BASE: takes away the locks of the series in each of the ways of
# verify/races/mutants, and wants exactly those race tests to fail that are named there.
# Writes build/BASE-race-mutants/table.md. MUTANTS= takes a part of the description, to
# try just some.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
. "$top/verify/mutants-lib.sh"

base=${1:-}
need_base "$base"
dir=$build/$base-race-mutants
mutant_tree
mutant_kernel preempt

# The names of the tests in $dir/tap that have failed, or all of them
names()
{
	sed -En "s/^$1 [0-9]+ - //p" "$dir/tap" | sort
}

# Where it went wrong: the number of instructions from the start of the first system call
where_wrong()
{
	sed -n 's/^#   \([0-9]* wrong\), from \(.*\) to \(.*\)/\1: \2 to \3/p' "$dir/tap" | sort -u |
		sed '$!s/$/;/' | tr '\n' ' '
}

table=$dir/table.md
printf '| broken | races | failed | outcomes that no order explains, at which instructions |\n|---|---|---|---|\n' >"$table"
failed=0 total=0
mutants_for "$top/verify/races/mutants" "$base" | grep "${MUTANTS:-.}" >"$dir/list"
while IFS='~' read -r what file program run expected <&3; do
	total=$((total + 1))
	mutate preempt "$what" "$file" "$program"
	VARIANT=race-mutants "$top/verify/races/run.sh" "$base" "$run" >"$dir/tap" 2>"$dir/boot" </dev/null || :
	grep -q '^1\.\.' "$dir/tap" || die "$what: the tests did not end, see $dir/tap and $dir/boot"
	cp "$dir/tap" "$dir/$total.tap"
	names 'not ok' >"$dir/found"
	names '(not )?ok' | grep -E "$expected" >"$dir/expected" || :
	if [ -s "$dir/expected" ] && cmp -s "$dir/found" "$dir/expected"; then
		say "$what: $(wc -l <"$dir/found") of $(names '(not )?ok' | wc -l) races fail, as they should"
	else
		failed=$((failed + 1))
		say "$what: these were to fail and did not (<), or failed and were not to (>):"
		diff "$dir/expected" "$dir/found" | sed -n '/^[<>]/p' >&2
	fi
	printf '| %s | %s | %s | %s |\n' "$what" "$(names '(not )?ok' | wc -l)" \
		"$(wc -l <"$dir/found")" "$(where_wrong)" >>"$table"
done 3<"$dir/list"
git -C "$tree" checkout -q -f

say "$total mutants, $failed not as expected, table in $table"
[ "$failed" -eq 0 ]
