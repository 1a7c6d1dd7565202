// SPDX-License-Identifier: BSD-3-Clause
/*
 * No function of hypercalls.c that is called from elsewhere has undefined behaviour, gives
 * a lock back that it does not hold, or touches user memory that it was not given: for all
 * arguments and states. (All other proofs have the same checks switched on.)
 */
#include "../any.h"

int main(void)
{
	/* Parameters */
	struct kvm_smccc_filter filter = nondet_filter();
	uint64_t args[4] = { nondet_u64(), nondet_u64(), nondet_u64(), nondet_u64() };
	uint64_t ids[MAX_LIST], val;
	struct kvm_device_attr attr = { .attr = nondet_u64() };
	char buf[16];
	unsigned int nr;

	/* Assumptions */
	struct model_params made = any_host();
	struct state s = any_state(&made, true);

	make_vm(&made, nondet_bool(), &s);

	/* Operation */
	if (nondet_bool())
		machine_set_filter(&filter);
	machine.filter_id = args[0];	/* of which the filter knows nothing, or something */
	switch (nondet_u32()) {
	case 0:
		machine_hvc(args[0], args[1]);
		break;
	case 1:
		machine_set(args[0], args[1]);
		break;
	case 2:
		machine_get(args[0], &val);
		break;
	case 3:
		machine_list(ids, &nr);
		break;
	case 4:
		machine_enable_cap(args);
		break;
#ifdef SHIM_FILTER
	case 5:
		kvm_vm_smccc_has_attr(&vm, &attr);
		break;
	case 6:
		assume(attr.attr != KVM_ARM_VM_SMCCC_FILTER);
		kvm_vm_smccc_set_attr(&vm, &attr);
		break;
	case 7:
		kvm_arm_teardown_hypercalls(&vm);
		break;
#endif
	case 8:
		shim_psci_version_ops->get(buf, &shim_psci_version_param);
		break;
	}

	/* Assertions */
	prove(!vm.arch.config_lock.held, "no lock is kept");
}
