// SPDX-License-Identifier: BSD-3-Clause
/*
 * KVM_ARM_VM_SMCCC_FILTER keeps what kvm_smccc_filter_get_action() relies on: an id with an
 * action other than to handle it has the bit of its owner. So it is in a new VM, and so it
 * is after each call if it was before, whether the call had the memory that it needed or
 * not. served-iff-bit assumes it.
 */
#include "../any.h"

static bool acts_without_owner(void)
{
	return machine.filter_has_id && machine.filter_action != KVM_SMCCC_FILTER_HANDLE &&
	       !(vm.arch.smccc_filter_owners & BIT(machine.filter_id >> 24 & 0x3f));
}

void others_had_the_lock(void)
{
}

int main(void)
{
	/* Parameters */
	struct kvm_smccc_filter filter = nondet_filter();

	/* Assumptions */
	struct model_params made = any_host();
	struct state s = any_state(&made);

	make_vm(&made, true, &s);
	prove(!acts_without_owner(), "in a new VM, each id that is acted on has its owner's bit");
	machine.can_read = nondet_bool();
	machine.filter_has_id = nondet_bool();
	vm.arch.smccc_filter.configured = machine.filter_has_id || nondet_bool();
	vm.arch.smccc_filter_owners = nondet_u64();
	assume(!acts_without_owner());

	/* Operation */
	int ret = machine_set_filter(&filter);

	/* Assertions */
	prove(!acts_without_owner(), "and after each call");
	prove(ret || filter.action < NR_SMCCC_FILTER_ACTIONS, "there are no other actions");
	prove(ret || !s.ran, "and nothing is set once a vCPU has run");
}
