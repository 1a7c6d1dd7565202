// SPDX-License-Identifier: BSD-3-Clause
/*
 * A call is served if and only if its bit is on: every one of the 2^32 function ids, in
 * every state, with an SMCCC filter or without. One that is not served returns
 * NOT_SUPPORTED in x0 and 0 in x1 to x3, and nothing else happens. What hypercalls.c
 * answers by itself is what it should be.
 */
#include "../any.h"

#define VENDOR_FEATURES		0x86000000
#define VENDOR_PTP		0x86000001
#define VENDOR_UID		0x8600ff01
#define ARCH_FEATURES		0x80000001
#define PV_TIME_FEATURES	0xc5000020
#define PV_TIME_ST		0xc5000021

/* Section 3 of the contract, and who serves it. Function ids: Arm DEN0098, DEN0057. */
static const struct rule {
	uint32_t func;
	struct model_service needs;
	enum served by;
} rules[] = {
	{ 0x84000050, MODEL_TRNG, SERVED_TRNG },	/* VERSION */
	{ 0x84000051, MODEL_TRNG, SERVED_TRNG },	/* FEATURES */
	{ 0x84000052, MODEL_TRNG, SERVED_TRNG },	/* GET_UUID */
	{ 0x84000053, MODEL_TRNG, SERVED_TRNG },	/* RND, 32 bits */
	{ 0xc4000053, MODEL_TRNG, SERVED_TRNG },	/* RND, 64 bits */
	{ PV_TIME_FEATURES, MODEL_PV_TIME, SERVED_PV_TIME_FEATURES },
	{ PV_TIME_ST, MODEL_PV_TIME, SERVED_PV_TIME_ST },
	{ VENDOR_UID, MODEL_FUNC_FEAT, SERVED_BY_NO_STUB },
	{ VENDOR_FEATURES, MODEL_FUNC_FEAT, SERVED_BY_NO_STUB },
	{ VENDOR_PTP, MODEL_PTP, SERVED_PTP },
};

static const struct rule *find_rule(uint32_t func)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(rules); i++)
		if (rules[i].func == func)
			return &rules[i];
	return NULL;
}

/* VERSION and ARCH_FEATURES have an answer always */
static bool is_arch(uint32_t func)
{
	return func == 0x80000000 || func == ARCH_FEATURES;
}

/*
 * Arm DEN0022: 0 to 0x1f of the owner 4; and those of v0.1, which are KVM's. Whether the
 * other bits of an id are those of a function, psci.c says.
 */
static bool is_psci(uint32_t func)
{
	return ((func >> 24 & 0x3f) == 4 && (func & 0xffff) <= 0x1f) ||
	       (func >= 0x95c1ba5e && func <= 0x95c1ba61);
}

/* There is a filter, and it may have an entry for this id */
static void set_filter(uint32_t func, uint8_t *action)
{
	vm.arch.smccc_filter.configured = true;
	machine.filter_id = func;
	machine.filter_has_id = nondet_bool();
	machine.filter_action = *action;
	if (!machine.filter_has_id)
		*action = KVM_SMCCC_FILTER_HANDLE;
}

static bool answers(uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x3)
{
	return vcpu.x[0] == x0 && vcpu.x[1] == x1 && vcpu.x[2] == x2 && vcpu.x[3] == x3;
}

/* Arm DEN0028, chapter 7: NOT_SUPPORTED, or 0 or more, or -2 if it is not required */
static uint64_t arch_feature(const struct model *m, uint32_t feature)
{
	static const uint64_t workaround[] = { ~0ULL, 0, 1 };

	switch (feature) {
	case 0x80008000:
		return workaround[m->host->wa[1]];
	case 0x80007fff:
		return m->host->wa[2] == 3 ? -2ULL : ~0ULL;
	case 0x80003fff:
		return workaround[m->host->wa[3]];
	case PV_TIME_FEATURES:
		return model_serves(m, MODEL_PV_TIME) ? 0 : ~0ULL;
	}
	return ~0ULL;
}

/* Time and counter, 32 bits a register, if the clock is the counter that was asked for */
static bool is_ptp(uint32_t counter)
{
	uint64_t offset = counter ? vm.arch.timer_data.poffset : vm.arch.timer_data.voffset;
	uint64_t cycles = machine.snapshot.cycles - offset, time = machine.snapshot.real;

	if (machine.snapshot.cs_id != CSID_ARM_ARCH_COUNTER || counter > 1)
		return answers(~0ULL, 0, 0, 0);
	return answers(time >> 32, (uint32_t)time, cycles >> 32, (uint32_t)cycles);
}

int main(void)
{
	/* Parameters */
	uint64_t x0 = nondet_u64(), x1 = nondet_u64();
	uint32_t func = x0;

	/* Assumptions */
	struct model_params made = any_host();
	struct model_host host = machine_host();
	struct state s = any_state(&made, true);
	uint8_t action = nondet_u32();
	bool filter = MACHINE_HAS_FILTER && nondet_bool();

	make_vm(&made, nondet_bool(), &s);
	assume(action < NR_SMCCC_FILTER_ACTIONS);
	if (filter)
		set_filter(func, &action);
	else
		action = KVM_SMCCC_FILTER_HANDLE;
	vm.arch.timer_data.voffset = nondet_u64();
	vm.arch.timer_data.poffset = MACHINE_HAS_POFFSET ? nondet_u64() : 0;
	vcpu.x[2] = nondet_u64();
	vcpu.x[3] = nondet_u64();

	/* Saved state */
	uint64_t x2 = vcpu.x[2], x3 = vcpu.x[3];

	/* Operation */
	int ret = machine_hvc(x0, x1);

	/* Assertions */
	struct model m = as_model(&host, &made, true, &s);
	const struct rule *rule = find_rule(func);
	bool on = rule ? model_serves(&m, rule->needs) : false;
	bool refused = answers(~0ULL, 0, 0, 0);

#ifdef SHIM_FILTER
	if (action == KVM_SMCCC_FILTER_FWD_TO_USER) {
		prove(ret == 0 && vcpu.run->exit_reason == KVM_EXIT_HYPERCALL &&
		      vcpu.run->hypercall.nr == func, "the filter gives it to userspace");
		prove(machine.served == SERVED_BY_NO_STUB && answers(x0, x1, x2, x3),
		      "and KVM does nothing");
		return 0;
	}
	if (action == KVM_SMCCC_FILTER_DENY) {
		prove(ret == 1 && refused && machine.served == SERVED_BY_NO_STUB,
		      "the filter denies it");
		return 0;
	}
#endif
	prove(ret == 1, "the guest goes on");
	if (rule) {
		prove(on || refused, "a service that is off returns NOT_SUPPORTED");
		prove(on || machine.served == SERVED_BY_NO_STUB, "and does nothing");
		prove(!on || machine.served == rule->by, "a service that is on is served");
	} else if (is_psci(func)) {
		prove(machine.served == SERVED_PSCI, "PSCI is served whatever the registers");
	} else {
		prove(machine.served == SERVED_BY_NO_STUB, "no service has another id");
		prove(is_arch(func) || refused, "what there is not returns NOT_SUPPORTED");
	}

	if (func == 0x80000000)
		prove(answers(0x10001, 0, 0, 0), "VERSION is 1.1");
	if (func == ARCH_FEATURES)
		prove(answers(arch_feature(&m, x1), 0, 0, 0),
		      "ARCH_FEATURES agrees with the registers");
	if (!on)
		return 0;
	/* The second word of FEATURES is register 3, where there is one */
	if (func == VENDOR_FEATURES)
		prove(answers(m.bmap[2], 0, CONTRACT_BMAPS > 3 ? m.bmap[3] : 0, 0),
		      "FEATURES is the registers");
	if (func == VENDOR_UID)
		prove(answers(0xb66fb428, 0xe911c52e, 0x564bcaa9, 0x743a004d), "UID is KVM's");
	if (func == PV_TIME_ST)
		prove(answers(machine.stolen_time, 0, 0, 0), "stolen time is where it is");
	if (func == VENDOR_PTP)
		prove(is_ptp(x1), "PTP has the time and the counter");
}
