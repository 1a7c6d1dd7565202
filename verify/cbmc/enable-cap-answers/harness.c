// SPDX-License-Identifier: BSD-3-Clause
/*
 * KVM_ENABLE_CAP succeeds exactly when the contract says so, and returns exactly the
 * contract's error otherwise: for all arguments, every ceiling, every state. A failure
 * changes nothing. (The test of the flags and the lock are in arm.c.)
 */
#include "../any.h"

int main(void)
{
	/* Parameters */
	uint64_t args[4] = { nondet_u64(), nondet_u64(), nondet_u64(), nondet_u64() };

	/* Assumptions */
	struct model_params made = any_host();
	struct model_host host = machine_host();
	struct state s = any_state(&made, nondet_bool());

	make_vm(&made, true, &s);

	/* Operation */
	int ret = machine_enable_cap(args);

	/* Assertions */
	struct model m = as_model(&host, &made, true, &s);

	prove(ret == model_enable_cap(&m, 0, args), "ENABLE_CAP returns what the contract says");
	prove(ret || machine_check() == args[0], "that is the count then");
	prove(is_as(&m), "and the VM is as the contract says");
}
