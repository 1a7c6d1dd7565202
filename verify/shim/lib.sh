# SPDX-License-Identifier: BSD-3-Clause
# Sourced by proofs and fuzzer, after scripts/lib.sh, not run: how the hypercalls.c of a base is
# compiled in user space.
# shellcheck shell=sh disable=SC2154 # variables of lib.sh

# source_of BASE: the path of hypercalls.c. SOURCE= names a changed copy, to see that a change is
# noticed.
source_of()
{
	echo "${SOURCE:-$build/$1/tree/arch/arm64/kvm/hypercalls.c}"
}

# verify_prepare BASE: makes the tree, and headers from parts of it that cannot be included
verify_prepare()
{
	"$top/scripts/tree.sh" "$1"
	host_header=$build/$1/tree/arch/arm64/include/asm/kvm_host.h
	hypercalls_header=$build/$1/tree/include/kvm/arm_hypercalls.h
	mkdir -p "$build/verify/$1"
	{
		grep '#define[[:space:]]*KVM_ARCH_FLAG_HAS_RAN_ONCE' "$host_header"
		sed -n '/^struct kvm_smccc_features {/,/^};/p' "$host_header"
		# The handler was renamed when it got calls by SMC, and the filter came after that
		sed -n 's/^int \(kvm_[a-z]*_call_handler\)(.*/#define SHIM_CALL_HANDLER \1/p' "$hypercalls_header"
		! grep -q 'kvm_vm_smccc_set_attr(' "$hypercalls_header" || echo '#define SHIM_FILTER'
		! grep -q 'kvm_arm_set_fw_reg_bmap(' "$hypercalls_header" || echo '#define SHIM_BMAP_CALLS'
		! grep -q 'timer_data;' "$host_header" || echo '#define SHIM_POFFSET'
		! grep -q 'config_lock;' "$host_header" || echo '#define SHIM_CONFIG_LOCK'
		! grep -q 'kvm_vm_is_protected.*arch\.pkvm' "$host_header" || echo '#define SHIM_PROTECTED'
	} >"$build/verify/$1/extracted.h"
	[ "$(grep -c '#define[[:space:]]*\(KVM_\|SHIM_CALL\)' "$build/verify/$1/extracted.h")" -eq 2 ] &&
		grep -q '^};' "$build/verify/$1/extracted.h" ||
		die "$host_header has no firmware registers as expected"
}

# verify_flags BASE: prints compiler flags for hypercalls.c and code that includes its headers
verify_flags()
{
	tree=$build/$1/tree
	echo "-std=gnu11 -DCONTRACT_BMAPS=$(base_nr_bitmaps "$1")" \
		"-DCONTRACT_PSCI=$(psci_number "$(base_psci "$1")")UL" \
		"-include $top/verify/shim/kernel.h" \
		"-I$build/verify/$1 -I$tree/include/uapi -I$tree/arch/$arch/include/uapi" \
		"-I$tree/include -I$tree/arch/$arch/include"
}
