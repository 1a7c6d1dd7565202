// SPDX-License-Identifier: BSD-3-Clause
/*
 * KVM_ARM_VM_SMCCC_FILTER does what it is asked for, for every id, or nothing: whether
 * there was memory or not. The functions of the architecture are KVM's as soon as there is
 * a filter, and there are no other actions than those of the ABI.
 */
#include "../any.h"

static bool acts(void)
{
	return machine.filter_has_id && machine.filter_action != KVM_SMCCC_FILTER_HANDLE;
}

/* SMCCC 32 and 64 bit fast calls of the owner 0 */
static bool is_arch(uint32_t func)
{
	return (func & ~0x4000ffffU) == 0x80000000;
}

static bool is_kept(void)
{
	bool configured = vm.arch.smccc_filter.configured;

	return (!machine.filter_has_id || configured) &&
	       (!machine.filter_has_id || machine.filter_action < NR_SMCCC_FILTER_ACTIONS) &&
	       (!is_arch(machine.filter_id) || machine.filter_has_id == configured) &&
	       (!is_arch(machine.filter_id) || !acts());
}

int main(void)
{
	/* Parameters */
	struct kvm_smccc_filter filter = nondet_filter();

	/* Assumptions */
	struct model_params made = any_host();
	struct state s = any_state(&made, nondet_bool());

	make_vm(&made, true, &s);
	prove(is_kept(), "a new VM keeps the rules");
	machine.filter_has_id = nondet_bool();
	machine.filter_action = nondet_u32();
	vm.arch.smccc_filter.configured = nondet_bool();
	assume(is_kept());

	/* Saved state */
	bool acted = acts();

	/* Operation */
	int ret = machine_set_filter(&filter);

	/* Assertions */
	bool inside = machine.filter_id - filter.base < filter.nr_functions;

	prove(is_kept(), "each call keeps the rules");
	prove(ret || !s.ran, "nothing is set once a vCPU has run");
	prove(ret || filter.action == KVM_SMCCC_FILTER_HANDLE || acts() == (acted || inside),
	      "a success acts on its range, and on nothing else");
	prove(!ret || acts() == acted, "a failure acts on nothing more");

	kvm_arm_teardown_hypercalls(&vm);
	prove(!vm.arch.smccc_filter.configured, "nothing of it outlives the VM");
}
