// SPDX-License-Identifier: BSD-3-Clause
// Not compiled. scripts/lint.sh wants the semantic patch to report this, for a run that
// reports nothing else to mean something.

int canary(struct kvm *kvm, u64 id)
{
	if (id == KVM_REG_ARM_STD_BMAP)
		kvm->arch.smccc_feat.bmap[id] = 0;
	return 0;
}
