// SPDX-License-Identifier: BSD-3-Clause
/*
 * A SET succeeds exactly when the contract says so, and returns exactly the contract's
 * error otherwise: for every id, every value, every host, every state. A failure changes
 * nothing. If the state is another one when SET gets the lock, it is that one of which
 * this is true, and to which the SET is done.
 */
#define OTHERS_HAD_THE_LOCK
#include "../any.h"

static struct kvm_smccc_features feat_under_lock;
static unsigned long ran_under_lock;
static bool racing, locked;

void others_had_the_lock(void)
{
	if (!racing)
		return;
	locked = true;
	vm.arch.smccc_feat = feat_under_lock;
	vm.arch.flags = ran_under_lock;
}

int main(void)
{
	/* Parameters */
	uint64_t id = nondet_u64(), val = nondet_u64();
	bool psci_0_2 = nondet_bool();

	/* Assumptions */
	struct model_params made = any_host();
	struct model_host host = machine_host();
	struct state before = any_state(&made, true), s = any_state(&made, true);

	/* No lock is about the PSCI version, and nothing changes the count of a VM with a vCPU */
	before.psci = s.psci;
	before.count = s.count;

	/* Saved state */
	make_vm(&made, psci_0_2, &s);
	feat_under_lock = vm.arch.smccc_feat;
	ran_under_lock = vm.arch.flags;
	make_vm(&made, psci_0_2, &before);

	/* Operation */
	racing = true;
	int ret = machine_set(id, val);

	racing = false;

	/* Assertions */
	struct model m = as_model(&host, &made, psci_0_2, locked ? &s : &before);
	int want = model_set(&m, id, machine.can_read, val);

	if (!machine.can_read && want == -ENOENT)
		prove(ret == -ENOENT || ret == -EFAULT,
		      "an id that is not there is refused, readable or not");
	else
		prove(ret == want, "SET returns what the contract says");
	prove(is_as(&m), "and leaves what was under the lock as the contract says");
}
