// SPDX-License-Identifier: BSD-3-Clause
/*
 * No sequence of calls leads to a state other than those that make_vm() makes: ceilings,
 * count and accepted values. A new VM is in such a state, and from any such state each
 * operation leads to the one that the contract says: those here, and SET and
 * KVM_ENABLE_CAP in the proofs of their answers. So there is never a bit outside the
 * accepted mask, and a register that the VM does not have is 0. That the state is what the
 * count and GET say is the proof "state-is-shown".
 */
#include "../any.h"

int main(void)
{
	/* Parameters */
	uint64_t id = nondet_u64(), val = nondet_u64(), ids[MAX_LIST];
	uint32_t operation = nondet_u32();
	bool psci_0_2 = nondet_bool(), has_vcpu = nondet_bool();
	struct kvm_smccc_filter filter = nondet_filter();
	unsigned int nr;

	/* Assumptions */
	struct model_params made = any_host();
	struct model_host host = machine_host();
	struct state s = any_state(&made, has_vcpu);
	struct model m;

	make_vm(&made, psci_0_2, &s);
	m = as_model(&host, &made, psci_0_2, &s);
	/* The rest is for a vCPU */
	assume(has_vcpu || operation < 4);

	/* An id that the filter knows nothing of, unless operation 1 tells it */
	machine.filter_id = val;

	/* Operation */
	switch (operation) {
	case 0:
		machine_new_vm();
		model_new_vm(&m, &host, &made, psci_0_2);
		break;
	case 1:
		machine_set_filter(&filter);
		break;
	case 2:
		machine_set_bmaps_param(nondet_bool(), val);
		break;
	case 3:
		machine_set_psci_version_param(val);
		break;
	case 4:
		machine_run();
		m.ran = true;
		break;
	case 5:
		machine_get(id, &val);
		break;
	case 6:
		machine_list(ids, &nr);
		break;
	default:
		machine_hvc(val, nondet_u64());
	}

	/* Assertions */
	prove(is_as(&m), "the state is the one that the contract says");
}
