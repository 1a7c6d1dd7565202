// SPDX-License-Identifier: BSD-3-Clause
/*
 * KVM_ENABLE_CAP succeeds exactly when the contract says so, and returns exactly the
 * contract's error otherwise: for all arguments, every ceiling, every state, and also if
 * the state is another one when it gets the lock. (arm.c has the test of the flags.)
 */
#include "../any.h"

static struct kvm vm_under_lock;
static bool racing, locked;

void others_had_the_lock(void)
{
	if (!racing)
		return;
	locked = true;
	vm.arch.smccc_feat = vm_under_lock.arch.smccc_feat;
	vm.arch.flags = vm_under_lock.arch.flags;
}

int main(void)
{
	/* Parameters */
	uint64_t args[4] = { nondet_u64(), nondet_u64(), nondet_u64(), nondet_u64() };

	/* Assumptions */
	struct model_params made = any_host();
	struct model_host host = machine_host();
	struct state before = any_state(&made), s = any_state(&made);

	before.psci = s.psci;

	/* Saved state */
	make_vm(&made, true, &s);
	vm_under_lock = vm;
	make_vm(&made, true, &before);

	/* Operation */
	racing = true;
	int ret = machine_enable_cap(args);

	racing = false;

	/* Assertions */
	struct model m = as_model(&host, &made, true, locked ? &s : &before);

	prove(ret == model_enable_cap(&m, 0, args), "ENABLE_CAP returns what the contract says");
	prove(ret || machine_check() == args[0], "that many are visible then");
	prove(is_as(&m), "and what was under the lock is as the contract says");
}
