#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Mutants of the stress test's model: with each rule broken, the stress test has to notice that KVM and
# the model differ. A fault of KVM would differ in the same way.
. "$(dirname "$0")/lib.sh"

have_programs
run='./stress --ops=30000 && echo as it is: the same
./stress --list-wrong | while read -r n what; do
	./stress --ops=40000 --wrong=$n >/tmp/out 2>&1 && result=missed || result=$?
	grep -q "^not ok - no order of these operations" /tmp/out || result="$result, no divergence"
	echo "rule $n: $result: $what"
	[ "$result" = 1 ] || cat /tmp/out
done'

noticed()
{
	grep -a "^rule $1: 1: " "$trash/host" && return
	grep -a -A 30 "^rule $1: " "$trash/host"
	return 1
}

for base in $bases; do
	have_kernel "$base"
	mkdir -p "$trash/run"
	cp "$build/stress" "$trash/run/"
	TIMEOUT=900 on_host "$base" '' '' 2 "$run" >/dev/null
	host_status=$?
	ok "$base: the machine ended well" [ $host_status -eq 0 ]
	ok "$base: the model and KVM are the same" grep -a '^as it is: the same' "$trash/host"
	n=1
	grep -a '^rule ' "$trash/host" | tr -d '\r' | sed 's/^rule [0-9]*: [^:]*: //' >"$trash/rules"
	while read -r what; do
		ok "$base: noticed: $what" noticed $n
		n=$((n + 1))
	done <"$trash/rules"
	ok "$base: no rule has been left out" [ "$n" -gt 26 ]
done

done_testing
