// SPDX-License-Identifier: BSD-3-Clause
/*
 * No sequence of calls leads to a state other than those that make_vm() makes: ceiling,
 * number of visible registers and accepted values. A new VM is in such a state, and from
 * any such state each operation leads to the one that the contract says. So there is never
 * a visible bit outside the accepted mask, and a hidden register always is as hidden as
 * KVM_ENABLE_CAP has made it, whose services are off (served-iff-bit). That the state is
 * what the count and GET say is the proof "state-is-shown".
 */
#include "../any.h"

void others_had_the_lock(void)
{
}

int main(void)
{
	/* Parameters */
	uint64_t id = nondet_u64(), val = nondet_u64(), ids[MAX_LIST];
	uint64_t args[4] = { nondet_u64(), nondet_u64(), nondet_u64(), nondet_u64() };
	uint32_t operation = nondet_u32();
	bool psci_0_2 = nondet_bool();
	struct kvm_smccc_filter filter = nondet_filter();
	unsigned int nr;

	/* Assumptions */
	struct model_params made = any_host();
	struct model_host host = machine_host();
	struct state s = any_state(&made);
	struct model m;

	make_vm(&made, psci_0_2, &s);
	m = as_model(&host, &made, psci_0_2, &s);

	/* An id that the filter knows nothing of, unless operation 6 tells it */
	machine.filter_id = val;

	/* Operation */
	switch (operation) {
	case 0:
		machine_new_vm(psci_0_2);
		model_new_vm(&m, &host, &made, psci_0_2);
		break;
	case 1:
		machine_set(id, val);
		model_set(&m, id, machine.can_read, val);
		break;
	case 2:
		machine_enable_cap(args);
		model_enable_cap(&m, 0, args);
		break;
	case 3:
		machine_run();
		m.ran = true;
		break;
	case 4:
		machine_get(id, &val);
		break;
	case 5:
		machine_list(ids, &nr);
		break;
	case 6:
		machine_set_filter(&filter);
		break;
	case 7:
		machine_set_bmaps_param(nondet_bool(), val);
		break;
	case 8:
		machine_set_psci_version_param(val);
		break;
	default:
		machine_hvc(val, nondet_u64());
	}

	/* Assertions */
	prove(is_as(&m), "the state is the one that the contract says");
}
