// SPDX-License-Identifier: BSD-3-Clause
/*
 * The count, the list and ENOENT agree, for every id there is.
 */
#include "../any.h"

int main(void)
{
	/* Parameters */
	uint64_t id = nondet_u64(), val = nondet_u64(), ids[MAX_LIST];
	unsigned int nr, found = 0;

	/* Assumptions */
	struct model_params made = any_host();
	struct state s = any_state(&made, true);

	make_vm(&made, nondet_bool(), &s);

	/* Operation */
	int ret = machine_list(ids, &nr);

	/* Assertions */
	uint64_t n = id - MODEL_BMAP_ID(0);
	bool level = id - MODEL_LEVEL_ID(0) < MODEL_LEVELS;

	bool can_write = machine.is_user_address && nr <= machine.list_writable;

	prove(ret == (can_write ? 0 : -EFAULT), "the list comes if it can be written");
	assume(ret == 0);
	for (unsigned int i = 0; i < nr; i++)
		found += ids[i] == id;
	prove(found == (level || n < machine_check()), "the list has what the count says");
	prove(nr == MODEL_LEVELS + machine_check(), "and nothing else");
	machine.can_read = true;
	prove((machine_get(id, &val) == -ENOENT) == !found, "GET has ENOENT for the others only");
	prove((machine_set(id, val) == -ENOENT) == !found, "so has SET");
}
