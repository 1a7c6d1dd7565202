/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the proofs start from: any host, and a VM in any state.
 *
 * A sequence of ioctls leads to each combination of ceilings, count and accepted values. The
 * proof "no-other-state" shows that no sequence of calls leads to another state.
 */
#ifndef ANY_H
#define ANY_H

#include "../shim/machine.h"

#include <kvm/arm_hypercalls.h>

#define assume(cond)	__CPROVER_assume(cond)
#define prove(cond, what)	__CPROVER_assert(cond, what)

struct machine nondet_machine(void);
struct kvm_smccc_filter nondet_filter(void);
uint64_t nondet_u64(void);
uint32_t nondet_u32(void);

/* The state of the VM, without what is constant after its creation */
struct state {
	bool has_vcpu;
	unsigned int count;
	uint64_t bmap[CONTRACT_BMAPS];
	uint64_t psci;
	bool ran;
};

/* Section 1 of the contract: accepted masks and reset values */
static const uint64_t accepted[MODEL_BMAPS] = { 0x1, 0x1, 0x3, 0x3 };
static const uint64_t reset[MODEL_BMAPS] = { 0x1, 0x1, 0x3, 0x0 };

/* The bound is a constant, so indices are constants once unrolled: far easier to prove */
#define for_each_bmap(n)	for (unsigned int n = 0; n < CONTRACT_BMAPS; n++)

/* A VM without a vCPU has its reset values, as no register can be written */
static struct state any_state(const struct model_params *made, bool has_vcpu)
{
	struct state s = {
		.has_vcpu = has_vcpu,
		.count = nondet_u32(),
		.psci = has_vcpu ? nondet_u64() : made->psci,
		.ran = has_vcpu && nondet_bool(),
	};

	assume(s.count <= made->bmaps);
	assume(model_is_psci(s.psci, made->psci));
	for_each_bmap(n) {
		s.bmap[n] = has_vcpu ? nondet_u64() : reset[n];
		assume(!(s.bmap[n] & ~accepted[n]));
	}
	return s;
}

static bool is_mitigation(enum mitigation_state state)
{
	return state == SPECTRE_UNAFFECTED || state == SPECTRE_MITIGATED ||
	       state == SPECTRE_VULNERABLE;
}

/* Any host, with any ceilings. (For those of a protected VM, see ceilings.) */
static struct model_params any_host(void)
{
	struct model_params made = { .bmaps = nondet_u32(), .psci = nondet_u64() };

	machine = nondet_machine();
	assume(is_mitigation(machine.v2) && is_mitigation(machine.v4) &&
	       is_mitigation(machine.bhb));
	assume(!machine.is_protected);
	assume(made.bmaps <= CONTRACT_BMAPS);
	assume(model_is_psci(made.psci, CONTRACT_PSCI));
	return made;
}

/*
 * If a state could not be made, the proofs would say nothing about it. state-is-shown proves that
 * each can be made, so the other proofs assume it.
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

	made_with(machine_set_bmaps_param(true, made->bmaps) == 0, "there is a VM with any ceiling");
	made_with(machine_set_psci_version_param(made->psci) == 0, "and of any PSCI version");
	machine_new_vm();
	made_with(machine_enable_cap((uint64_t[4]){ s->count }) == 0, "it can have any count");
	if (!s->has_vcpu)
		return;
	machine_new_vcpu(psci_0_2);
	vm.created_vcpus = nondet_u32() >> 1;
	assume(vm.created_vcpus);
	machine.can_read = true;
	made_with(!psci_0_2 || machine_set(MODEL_LEVEL_ID(0), s->psci) == 0, "with a lower one, too");
	for_each_bmap(n)
		made_with(n >= s->count || machine_set(MODEL_BMAP_ID(n), s->bmap[n]) == 0,
			  "and have any accepted value");
	if (s->ran)
		machine_run();
	machine.can_read = can_read;
}

/* The same state, in the model */
static struct model as_model(const struct model_host *host, const struct model_params *made,
			     bool psci_0_2, const struct state *s)
{
	struct model m = {
		.host = host,
		.psci_0_2 = psci_0_2,
		.has_vcpu = s->has_vcpu,
		.ran = s->ran,
		.count = s->count,
		.psci = psci_0_2 ? s->psci : MODEL_PSCI(0, 1),
		.psci_max = made->psci,
	};

	for_each_bmap(n)
		m.bmap[n] = n < s->count ? s->bmap[n] : 0;
	return m;
}

/* Is the VM in the state of the model? (Other proofs are about the filter.) */
static bool is_as(const struct model *m)
{
	for_each_bmap(n)
		if (machine_bmap(&vm.arch.smccc_feat, n) != m->bmap[n])
			return false;
	return vm.arch.smccc_feat.nr_bmaps == m->count &&
	       vm.arch.psci_version_max == m->psci_max &&
	       /* 0 is the latest. A vCPU without PSCI v0.2 has v0.1 in any case. */
	       (!m->psci_0_2 || (vm.arch.psci_version ?: CONTRACT_PSCI) == m->psci) &&
	       vm.arch.flags == (m->ran ? BIT(KVM_ARCH_FLAG_HAS_RAN_ONCE) : 0);
}

#ifndef OTHERS_HAD_THE_LOCK
void others_had_the_lock(void)
{
}
#endif

#endif
