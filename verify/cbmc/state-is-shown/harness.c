// SPDX-License-Identifier: BSD-3-Clause
/*
 * The state that successful calls of KVM_ENABLE_CAP and SET have led to is what the count
 * and GET say. The other proofs start from states that are made this way.
 */
#include "../any.h"

void others_had_the_lock(void)
{
}

int main(void)
{
	/* Parameters */
	uint64_t val;

	/* Assumptions */
	struct model_params made = any_host();
	struct state s = any_state(&made);

	/* Operation */
	make_vm(&made, true, &s);

	/* Assertions */
	machine.can_write = true;
	prove(machine_check() == s.visible, "the count is what has been made visible");
	prove(machine_get(MODEL_LEVEL_ID(0), &val) == 0 && val == s.psci, "PSCI is what it is");
	for_each_bmap(n) {
		int ret = machine_get(MODEL_BMAP_ID(n), &val);

		prove(ret == (n < s.visible ? 0 : -ENOENT), "GET finds what is visible");
		prove(ret || val == s.bmap[n], "and reads what was written");
	}
}
