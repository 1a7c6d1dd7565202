#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Races: SET against the first KVM_RUN, KVM_ENABLE_CAP against KVM_CREATE_VCPU, the module
# parameters against KVM_CREATE_VM, and each against itself, one preempted by the other at each
# instruction. 'make races MUTANTS=1' shows that a missing lock is noticed.
. "$(dirname "$0")/lib.sh"
long 'another kernel for each base, and three minutes in it'

races()
{
	verify/races/run.sh "$base" "$2" >"$trash/$base-$1.tap"
	status=$?
	cat "$trash/$base-$1.tap"
	return $status
}

# Each race was run and passed
lines()
{
	[ "$(grep -c '^ok' "$trash/$base-all.tap")" -gt 40 ] && ! grep '^not ok' "$trash/$base-all.tap"
}

# A race has the same result at each instruction in another run
twice()
{
	for i in one two; do
		races "$i" 'TRNG off, preempted by the first KVM_RUN of 1 vCPU' || return 1
	done
	same "$trash/$base-one.tap" "$trash/$base-two.tap"
}

for base in $bases; do
	have_tree "$base" preempt
	have_programs
	ok "$base: races come out as if one were after the other" races all ''
	ok "$base: each of them was run" lines
	ok "$base: a race that is run twice comes out the same at each instruction" twice
done

done_testing
