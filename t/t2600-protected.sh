#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# A host for protected VMs (pKVM): a protected VM has the registers of the base, its count is
# 0, and ceilings do nothing to it. Other VMs of such a host are limited as elsewhere. It takes
# a second to create one, so not all of the contract is tested on them.
. "$(dirname "$0")/lib.sh"

# The base can create such VMs if it has a name for their type
has_protected_vms()
{
	grep -q KVM_VM_TYPE_ARM_PROTECTED "$build/$base/tree/include/uapi/linux/kvm.h"
}

# conforms OPTIONS: all that the program's plan has is ok
conforms()
{
	on_host "$base" '' kvm-arm.mode=protected 1 "conformance $1" >/dev/null
	status=$?
	tr -d '\r' <"$trash/host" >"$trash/tap"
	grep -E '^not ok|^#' "$trash/tap"
	cat "$trash/boot"
	plan=$(sed -n 's/^1\.\.\([0-9]*\)$/\1/p' "$trash/tap")
	[ $status -eq 0 ] && [ "${plan:-0}" -gt 0 ] && [ "$plan" -eq "$(grep -c '^ok' "$trash/tap")" ]
}

# No test of protected VMs was skipped
protected_vms()
{
	conforms "--only='protected VM'" && ! grep SKIP "$trash/tap" && [ "$plan" -ge 3 ]
}

is_protected()
{
	grep -a 'kvm.*: Protected .*mode initialized' "$trash/console.log"
}

for base in $bases; do
	have_kernel "$base"
	what="$base: protected VMs have the registers, the count 0 and no ceilings"
	has_protected_vms || {
		skip "$what" 'this base has no protected VMs'
		continue
	}
	ok "$what" protected_vms
	ok "$base: and that is how KVM runs" is_protected
	ok "$base: other VMs of such a host keep as many registers as the VMM says" \
		conforms "--only='the VM keeps the first n registers'"
done

done_testing
