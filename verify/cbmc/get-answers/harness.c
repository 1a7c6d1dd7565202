// SPDX-License-Identifier: BSD-3-Clause
/*
 * A GET returns what the contract says, and the value that it says: for every id, every
 * host, every state.
 */
#include "../any.h"

int main(void)
{
	/* Parameters */
	uint64_t id = nondet_u64(), val, want;
	bool psci_0_2 = nondet_bool();

	/* Assumptions */
	struct model_params made = any_host();
	struct model_host host = machine_host();
	struct state s = any_state(&made, true);

	make_vm(&made, psci_0_2, &s);

	/* Operation */
	int ret = machine_get(id, &val);

	/* Assertions */
	struct model m = as_model(&host, &made, psci_0_2, &s);

	prove(ret == model_get(&m, id, machine.can_write, &want),
	      "GET returns what the contract says");
	prove(ret || val == want, "and the value that it says");
}
