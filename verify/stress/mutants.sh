#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# mutants.sh BASE: breaks the series in each of the ways that verify/stress/mutants lists, and checks
# that a debug kernel, or a test on it, notices. MUTANTS= takes those that match.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
# shellcheck source=verify/mutants-lib.sh
. "$top/verify/mutants-lib.sh"

base=${1:-}
need_base "$base"
dir=$build/$base-debug-mutants
start_shares "$top/verify/stress/mutants"
mkdir -p "$dir/run"

build()
{
	mutant_kernel "$1" && build_image
}

# notice VARIANT PARTS PATTERN: runs what run.sh runs, with fewer operations, but more with KCSAN,
# which watches only some of the accesses
notice()
{
	args='--workers=2 --threads=3' ops=20000 limit=300
	[ "$1" != kcsan ] || args='--workers=1 --threads=2 --narrow' ops=200000 limit=1800
	printf "%s='%s'\n" PARTS "$2" STRESS_OPS $ops STRESS_SEED 1 STRESS_ARGS "$args" \
		>"$dir/run/settings"
	cp "$top/verify/stress/host/run" "$build/stress" "$build/faults" "$dir/run/"
	# If the machine hangs, the log has the reason
	RUN=$dir/run LOG=$dir/console.log SMP=2 MEM=2G TIMEOUT="${TIMEOUT:-$limit}" \
		"$top/scripts/boot.sh" "$base" "debug-mutants-$SHARE" >"$dir/said" 2>&1 || :
	cat "$dir/console.log" >>"$dir/said"
	why=$(tr -d '\r' <"$dir/said" | grep -a -m 1 -E "$3")
}

judge_share "$top/verify/stress/mutants"
