/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the proofs start from: any host, and a VM in any state.
 *
 * A state is made with the ioctls, in a way that leads to every combination of ceiling,
 * visible registers and accepted values. That there are no other states, whatever the
 * sequence of calls, is what the proof "no-other-state" shows.
 */
#ifndef ANY_H
#define ANY_H

#include "../shim/contract.h"
#include "../shim/machine.h"

#include <kvm/arm_hypercalls.h>

#define assume(cond)	__CPROVER_assume(cond)
#define prove(cond, what)	__CPROVER_assert(cond, what)

struct machine nondet_machine(void);
struct kvm_smccc_filter nondet_filter(void);
uint64_t nondet_u64(void);
uint32_t nondet_u32(void);

/* The state of the VM, apart from what never changes after its creation */
struct state {
	unsigned int visible;
	uint64_t bmap[CONTRACT_BMAPS];
	uint64_t psci;
	bool ran;
};

/* Section 1 of the contract */
static const uint64_t accepted[MODEL_BMAPS] = { 0x1, 0x1, 0x3, 0x3 };

/* For an array index that is a constant, which is far easier to prove something about */
#define for_each_bmap(n)	for (unsigned int n = 0; n < CONTRACT_BMAPS; n++)

static struct state any_state(const struct model_params *made)
{
	struct state s = {
		.visible = nondet_u32(),
		.psci = nondet_u64(),
		.ran = nondet_bool(),
	};

	assume(s.visible <= made->bmaps);
	assume(model_is_psci(s.psci, made->psci));
	for_each_bmap(n) {
		s.bmap[n] = nondet_u64();
		assume(!(s.bmap[n] & ~accepted[n]));
	}
	return s;
}

static bool is_mitigation(enum mitigation_state state)
{
	return state == SPECTRE_UNAFFECTED || state == SPECTRE_MITIGATED ||
	       state == SPECTRE_VULNERABLE;
}

/* Any host, with any ceilings */
static struct model_params any_host(void)
{
	struct model_params made = { .bmaps = nondet_u32(), .psci = nondet_u64() };

	machine = nondet_machine();
	assume(is_mitigation(machine.v2) && is_mitigation(machine.v4) &&
	       is_mitigation(machine.bhb));
	assume(made.bmaps <= CONTRACT_BMAPS);
	assume(model_is_psci(made.psci, CONTRACT_PSCI));
	return made;
}

/*
 * A state that could not be made would be one of which nothing is proven. state-is-shown
 * proves that each can be made, and so the others may take it for granted.
 */
#ifdef PROVE_STATES
#define made_with(cond, what)	prove(cond, what)
#else
#define made_with(cond, what)	assume(cond)
#endif

/* Makes a VM in this state. Leaves user memory as it was. */
static void make_vm(const struct model_params *made, bool psci_0_2, const struct state *s)
{
	bool can_read = machine.can_read;

	machine.can_read = true;
	made_with(machine_set_bmaps_param(true, made->bmaps) == 0, "there is a VM with any ceiling");
	made_with(machine_set_psci_version_param(made->psci) == 0, "and of any PSCI version");
	machine_new_vm(psci_0_2);
	made_with(!psci_0_2 || machine_set(MODEL_LEVEL_ID(0), s->psci) == 0, "with a lower one, too");
	made_with(machine_enable_cap((uint64_t[4]){ s->visible }) == 0, "so many can be visible");
	for_each_bmap(n)
		made_with(n >= s->visible || machine_set(MODEL_BMAP_ID(n), s->bmap[n]) == 0,
			  "and have any accepted value");
	if (s->ran)
		machine_run();
	machine.can_read = can_read;
}

/* The same as a model */
static struct model as_model(const struct model_host *host, const struct model_params *made,
			     bool psci_0_2, const struct state *s)
{
	struct model m = {
		.host = host,
		.made = *made,
		.psci_0_2 = psci_0_2,
		.ran = s->ran,
		.visible = s->visible,
		.psci = psci_0_2 ? s->psci : MODEL_PSCI(0, 1),
	};

	for_each_bmap(n)
		m.bmap[n] = n < s->visible ? s->bmap[n] : 0;
	return m;
}

/* Is the VM the same as another one, to the bit? */
static bool same_vm(const struct kvm *a, const struct kvm *b)
{
	const struct kvm_smccc_features *f = &a->arch.smccc_feat, *g = &b->arch.smccc_feat;

	for_each_bmap(n)
		if (f->bmap[n] != g->bmap[n])
			return false;
	return f->nr_offered == g->nr_offered && f->nr_visible == g->nr_visible &&
	       a->arch.psci_version == b->arch.psci_version &&
	       a->arch.psci_version_max == b->arch.psci_version_max &&
	       a->arch.flags == b->arch.flags &&
	       a->arch.smccc_filter.configured == b->arch.smccc_filter.configured &&
	       a->arch.smccc_filter_owners == b->arch.smccc_filter_owners;
}

/* Is the VM in the state of the model? Leaves another VM, in that state. */
static bool is_as(const struct model *m)
{
	struct state s = { .visible = m->visible, .psci = m->psci, .ran = m->ran };
	struct kvm is = vm;

	for_each_bmap(n)
		s.bmap[n] = m->bmap[n];
	make_vm(&m->made, m->psci_0_2, &s);
	if (!m->psci_0_2)	/* such a vCPU has v0.1, whatever is written down */
		is.arch.psci_version = vm.arch.psci_version;
	/* Of the filter, there are other proofs */
	is.arch.smccc_filter = vm.arch.smccc_filter;
	is.arch.smccc_filter_owners = vm.arch.smccc_filter_owners;
	return same_vm(&is, &vm);
}

#endif
