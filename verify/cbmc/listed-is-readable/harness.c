// SPDX-License-Identifier: BSD-3-Clause
/*
 * Every register that is listed is listed once, can be read, and can be written with what
 * was read, at any time.
 */
#include "../any.h"

int main(void)
{
	/* Parameters */
	uint64_t ids[MAX_LIST], val, again;
	unsigned int nr;
	bool psci_0_2 = nondet_bool();

	/* Assumptions */
	struct model_params made = any_host();
	struct model_host host = machine_host();
	struct state s = any_state(&made, true);
	struct model m = as_model(&host, &made, psci_0_2, &s);

	make_vm(&made, psci_0_2, &s);
	machine.can_read = machine.can_write = machine.is_user_address = true;
	machine.list_writable = MAX_LIST;

	/* Operation */
	assume(machine_list(ids, &nr) == 0);

	/* Assertions */
	uint32_t i = nondet_u32(), j = nondet_u32();

	assume(i < nr && j < nr);
	prove(i == j || ids[i] != ids[j], "it is listed once");
	prove(machine_get(ids[i], &val) == 0, "it can be read");
	prove(machine_set(ids[i], val) == 0, "it can be written with what was read");
	prove(machine_get(ids[i], &again) == 0 && again == val, "and is the same then");
	prove(is_as(&m), "so is everything else");
}
