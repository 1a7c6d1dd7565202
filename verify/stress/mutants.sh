#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# mutants.sh BASE: breaks the series in each of the ways of verify/stress/mutants, and
# wants a debug kernel, or what runs on it, to say so. MUTANTS= takes a part of the
# description, to try just some.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
. "$top/verify/mutants-lib.sh"

base=${1:-}
need_base "$base"
dir=$build/$base-debug-mutants
mkdir -p "$dir/run"
mutant_tree

# As run.sh runs it, with fewer operations. KCSAN looks at some of the accesses alone.
run()
{
	args='--workers=2 --threads=3' ops=20000 limit=300
	[ "$1" != kcsan ] || args='--workers=1 --threads=2 --narrow' ops=200000 limit=1800
	printf "%s='%s'\n" PARTS "$2" STRESS_OPS $ops STRESS_SEED 1 STRESS_ARGS "$args" \
		>"$dir/run/settings"
	cp "$top/verify/stress/host/run" "$build/stress" "$build/faults" "$dir/run/"
	# A machine that hangs has its reason in the log
	RUN=$dir/run LOG=$dir/console.log SMP=2 MEM=2G TIMEOUT="${TIMEOUT:-$limit}" \
		"$top/scripts/boot.sh" "$base" debug-mutants >"$dir/said" 2>&1 || :
	cat "$dir/console.log" >>"$dir/said"
}

failed=0 total=0
mutants_for "$top/verify/stress/mutants" "$base" | grep "${MUTANTS:-.}" >"$dir/list"
while IFS='~' read -r what variant file program parts expected <&3; do
	total=$((total + 1))
	mutant_kernel "$variant" </dev/null
	mutate "$variant" "$what" "$file" "$program"
	run "$variant" "$parts"
	if line=$(tr -d '\r' <"$dir/said" | grep -a -m 1 -E "$expected"); then
		say "$what: noticed: $line"
	else
		failed=$((failed + 1))
		say "$what: NOT NOTICED"
	fi
	cp "$dir/said" "$dir/$total.said"
done 3<"$dir/list"
git -C "$tree" checkout -q -f

say "$total mutants, $failed not noticed, what was said is in $dir"
[ "$failed" -eq 0 ]
