// SPDX-License-Identifier: BSD-3-Clause
/* Section 4 of the contract: the capability, and protected VMs */
#include <errno.h>

#include "test.h"

static void test_count(void)
{
	const struct vm *vm = new_vm(1);

	expect_count(kvm_fd, base->known, "/dev/kvm");
	expect_count(vm->fd, base->known, "a new VM");
	guest_run(&vm->vcpu[0]);
	expect_count(vm->fd, base->known, "a VM that has run");
}

static void test_count_follows(unsigned int n)
{
	const struct vm *vm = new_limited_vm(n, 1), *other = new_vm(1);

	expect_count(vm->fd, n, "the VM");
	expect_count(other->fd, base->known, "another VM");
	expect_count(kvm_fd, base->known, "/dev/kvm");
	guest_run(&vm->vcpu[0]);
	expect_count(vm->fd, n, "the VM after a run");
}

static void test_protected_count(void)
{
	struct vm *vm = new_protected_vm();
	unsigned int n;

	expect_count(kvm_fd, base->known, "/dev/kvm");
	expect_count(vm->fd, 0, "a protected VM");
	for (n = 0; n <= base->known + 1; n++)
		expect_limit(vm, n, EINVAL);
	add_protected_vcpu(vm);
	expect_count(vm->fd, 0, "a protected VM with a vCPU");
	for (n = 0; n <= base->known + 1; n++)
		expect_limit(vm, n, EINVAL);
}

void test_protected_registers(void)
{
	struct vm *vm = new_protected_vm();
	const struct vcpu *vcpu = add_protected_vcpu(vm);
	unsigned int i;

	expect_list(vcpu, base->known);
	expect_reset_values(vcpu, 0, base->known);
	set_other_values(vcpu, base->known);
	expect_other_values(vcpu, base->known);
	for (i = 0; i < base->known; i++)
		expect_set(vcpu, BMAP_ID(i), bmaps[i].mask | BIT(63), EINVAL);
	expect_reg(vcpu, LEVEL_ID(PSCI), psci_latest(), "in a protected VM");
	for (i = 0; i < base->nr_psci; i++)
		expect_set(vcpu, LEVEL_ID(PSCI), base->psci[i], 0);
	expect_wa_levels(vcpu);
}

const struct test section4_tests[] = {
	RULE("KVM_CHECK_EXTENSION on /dev/kvm and on a new VM: the ceiling", test_count),
	RULES("KVM_CHECK_EXTENSION on a VM: its count", PER_COUNT, test_count_follows),
	RULE("protected VM: the count is 0, enabling is EINVAL", test_protected_count),
	RULE("protected VM: all registers, as on the base", test_protected_registers),
	{}
};
