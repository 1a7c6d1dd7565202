#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# A host for protected VMs (pKVM): a protected VM has the registers of the base, its count is 0, and
# ceilings do not affect it. Other VMs of such a host can be limited as elsewhere. Creating one takes
# a second, so only a part of the ABI is tested on them.
. "$(dirname "$0")/lib.sh"

# The base can create such VMs if its headers have their type
has_protected_vms()
{
	grep -q KVM_VM_TYPE_ARM_PROTECTED "$build/$base/tree/include/uapi/linux/kvm.h"
}

# No test of protected VMs was skipped
protected_vms()
{
	conforms "$base" kvm-arm.mode=protected 1 "--only='protected VM'" && ! grep SKIP "$trash/tap" && [ "$plan" -ge 3 ]
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
		conforms "$base" kvm-arm.mode=protected 1 "--only='the VM keeps the first n registers'"
done

done_testing
