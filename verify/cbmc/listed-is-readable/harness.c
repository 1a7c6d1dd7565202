// SPDX-License-Identifier: BSD-3-Clause
/*
 * Every register that is listed is listed once, can be read, and can be written with what
 * was read, at any time.
 */
#include "../any.h"

void others_had_the_lock(void)
{
}

int main(void)
{
	/* Parameters */
	uint64_t ids[MAX_LIST], val, again;
	unsigned int nr;
	bool psci_0_2 = nondet_bool();

	/* Assumptions */
	struct model_params made = any_host();
	struct state s = any_state(&made);

	make_vm(&made, psci_0_2, &s);
	machine.can_read = machine.can_write = machine.is_user_address = true;
	machine.list_writable = MAX_LIST;

	/* Operation */
	assume(machine_list(ids, &nr) == 0);

	/* Assertions */
	struct kvm saved = vm;
	uint32_t i = nondet_u32(), j = nondet_u32();

	assume(i < nr && j < nr);
	prove(i == j || ids[i] != ids[j], "it is listed once");
	prove(machine_get(ids[i], &val) == 0, "it can be read");
	prove(machine_set(ids[i], val) == 0, "it can be written with what was read");
	prove(machine_get(ids[i], &again) == 0 && again == val, "and is the same then");
	prove(!psci_0_2 || same_vm(&vm, &saved), "so is everything else");
}
