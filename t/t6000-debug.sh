#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The kernel of kernel/debug.config, with fewer operations of the stress test than 'make
# test-debug' has (STRESS_OPS), and fewer races in conformance. What the kernel notices
# (KASAN, UBSAN, lockdep, leaks...) is a failure of the machine, see scripts/boot.sh.
. "$(dirname "$0")/lib.sh"

export STRESS_OPS="${STRESS_OPS:-30000}"
# The stress test covers random races
export CONFORMANCE_ARGS="${CONFORMANCE_ARGS:---races=3}"

part()
{
	grep -a -E "^== $1: ok" "$trash/$base" && return
	grep -a -B 60 -E "^== $1: failed" "$trash/$base"
	return 1
}

# Nothing has failed besides the parts, such as a splat
no_splat()
{
	[ "$status" -eq 0 ] && return
	tail -n 25 "$trash/$base.err"
	return 1
}

for base in $bases; do
	deeply || {
		skip "$base: debug kernel" 'make test-all, or BASES= with one: another kernel, and six minutes in it'
		continue
	}
	status=0
	verify/stress/run.sh "$base" debug >"$trash/$base" 2>"$trash/$base.err" || status=$?
	for part in selftests conformance stress faults kmemleak; do
		ok "$base: debug kernel: $part" part $part
	done
	ok "$base: debug kernel: exit status, and no splat" no_splat
	grep -a -E '^# .*(operations|rounds|injected)' "$trash/$base" | tr -d '\r'
done

done_testing
