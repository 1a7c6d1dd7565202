// SPDX-License-Identifier: BSD-3-Clause
/*
 * A SET or KVM_ENABLE_CAP that fails leaves everything as it was. (For writes of parameters,
 * see ceilings.)
 */
#include "../any.h"

void others_had_the_lock(void)
{
}

int main(void)
{
	/* Parameters */
	uint64_t id = nondet_u64(), val = nondet_u64();
	uint64_t args[4] = { nondet_u64(), nondet_u64(), nondet_u64(), nondet_u64() };
	bool psci_0_2 = nondet_bool(), cap = nondet_bool();

	/* Assumptions */
	struct model_params made = any_host();
	struct state s = any_state(&made);

	/* Saved state */
	make_vm(&made, psci_0_2, &s);
	struct kvm saved = vm;

	/* Operation */
	int ret = cap ? machine_enable_cap(args) : machine_set(id, val);

	/* Assertions */
	prove(!ret || same_vm(&vm, &saved), "a failure changes nothing");
}
