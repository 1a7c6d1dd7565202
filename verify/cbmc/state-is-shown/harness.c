// SPDX-License-Identifier: BSD-3-Clause
/*
 * Every state can be made by calls that succeed, and what they have led to is what the
 * count and GET say. The other proofs start from states that are made this way.
 */
#define PROVE_STATES
#include "../any.h"

int main(void)
{
	/* Parameters */
	uint64_t val;
	bool psci_0_2 = nondet_bool();

	/* Assumptions */
	struct model_params made = any_host();
	struct state s = any_state(&made, true);

	/* Operation */
	make_vm(&made, psci_0_2, &s);

	/* Assertions */
	machine.can_write = true;
	prove(machine_check() == s.count, "the count is what was asked for");
	prove(machine_get(MODEL_LEVEL_ID(0), &val) == 0 &&
	      val == (psci_0_2 ? s.psci : MODEL_PSCI(0, 1)), "so is the PSCI version");
	for_each_bmap(n) {
		int ret = machine_get(MODEL_BMAP_ID(n), &val);

		prove(ret == (n < s.count ? 0 : -ENOENT), "GET finds what the VM has");
		prove(ret || val == s.bmap[n], "and reads what was written");
	}
}
