#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# A host accepts a state of its own, in the order of KVM_GET_REG_LIST and with system registers
# first: see order.c. An unpatched kernel whose WORKAROUND_2 depends on the VM's SSBS refuses each
# state without SSBS in the order of its list. SEED= repeats the states of another run.
. "$(dirname "$0")/lib.sh"

seed=${SEED:-0x$(od -A n -N 8 -t x8 /dev/urandom | tr -d ' ')}

# dependent: does WORKAROUND_2 depend on SSBS, on this base and CPU?
dependent()
{
	[ "$CPU" != cortex-a57 ] && ssbs_matters "$base"
}

# order UNPATCHED: runs it, leaves its lines in $trash/order
order()
{
	mkdir -p "$trash/run"
	cp "$build/order" "$trash/run/"
	on_host "$base" "$1" '' 1 "./order 40 $seed" >/dev/null
	host_status=$?
	tr -d '\r' <"$trash/host" >"$trash/order"
	cat "$trash/order" "$trash/boot"
	return $host_status
}

# A level was refused, if the host has one that depends on SSBS
level_is_refused()
{
	if dependent; then
		grep -x 'ok 3 - a level that the ID registers do not allow is refused' "$trash/order"
	else
		grep '^ok 3 - .* # SKIP' "$trash/order"
	fi
}

comes_back()
{
	order "$1" && level_is_refused &&
	grep '^ok 1 - .* in the order of KVM_GET_REG_LIST' "$trash/order" &&
	grep '^ok 2 - .* with system registers first' "$trash/order" &&
	# If SSBS matters, some states lack it, and some have other changes
	{ ! dependent || grep -E '^# 40 states, [1-9][0-9]* without SSBS, [1-9][0-9]* other' "$trash/order"; }
}

# All states without SSBS are refused, for this reason and in this order only
is_refused()
{
	! order 1 && level_is_refused || return 1
	without=$(sed -n 's/^# 40 states, \([1-9][0-9]*\) without SSBS.*/\1/p' "$trash/order")
	grep -x "# failed: $without in the order of the list, 0 with system registers first" \
		"$trash/order" &&
	grep '^not ok 1 - ' "$trash/order" && grep '^ok 2 - ' "$trash/order" &&
	[ "$(grep -c '^# vCPU 0: SET of 0x6030000000140002, 0x3: EINVAL$' "$trash/order")" -eq "$without" ]
}

for base in $bases; do
	have_kernel "$base"
	have_kernel "$base" 1
	for CPU in max neoverse-n1 cortex-a76 cortex-a57; do
		export CPU
		ok "$base: states come back, $CPU, SEED=$seed" comes_back ''
		[ "$CPU" = max ] || deeply || continue
		if dependent; then
			ok "$base: the unpatched kernel refuses its own states, $CPU" is_refused
		else
			ok "$base: the unpatched kernel takes its own states, $CPU" comes_back 1
		fi
	done
	unset CPU
done

done_testing
