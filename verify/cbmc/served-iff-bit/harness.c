// SPDX-License-Identifier: BSD-3-Clause
/*
 * A call is served if and only if its bit is on: every one of the 2^32 function ids, in
 * every state, with an SMCCC filter or without. One that is not served returns
 * NOT_SUPPORTED in x0 and 0 in x1 to x3, and nothing else happens.
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

/*
 * Arm DEN0022: 0 to 0x1f of the owner 4; and those of v0.1, which are KVM's. Whether the
 * other bits of an id are those of a function, psci.c says.
 */
static bool is_psci(uint32_t func)
{
	return ((func >> 24 & 0x3f) == 4 && (func & 0xffff) <= 0x1f) ||
	       (func >= 0x95c1ba5e && func <= 0x95c1ba61);
}

/* VERSION and ARCH_FEATURES have an answer always */
static bool is_arch(uint32_t func)
{
	return func == 0x80000000 || func == ARCH_FEATURES;
}

/* The filter has an entry for this id, as KVM_ARM_VM_SMCCC_FILTER makes them */
static void set_filter(uint32_t func, uint8_t action)
{
	vm.arch.smccc_filter.configured = true;
	machine.filter_id = func;
	machine.filter_has_id = true;
	machine.filter_action = action;
	vm.arch.smccc_filter_owners = nondet_u64();
	if (action != KVM_SMCCC_FILTER_HANDLE)
		assume(vm.arch.smccc_filter_owners & BIT(func >> 24 & 0x3f));
}

void others_had_the_lock(void)
{
}

int main(void)
{
	/* Parameters */
	uint64_t x0 = nondet_u64(), x1 = nondet_u64();
	uint32_t func = x0;

	/* Assumptions */
	struct model_params made = any_host();
	struct model_host host = machine_host();
	struct state s = any_state(&made);
	uint8_t action = nondet_u32();
	bool filter = nondet_bool();

	make_vm(&made, true, &s);
	assume(action < NR_SMCCC_FILTER_ACTIONS);
	if (filter)
		set_filter(func, action);
	if (!filter)
		action = KVM_SMCCC_FILTER_HANDLE;
	/* For what depends on the clock, and on the guest's memory */
	machine.snapshot.cs_id = CSID_ARM_ARCH_COUNTER;

	/* Operation */
	int ret = machine_hvc(x0, x1);

	/* Assertions */
	struct model m = as_model(&host, &made, true, &s);
	const struct rule *rule = find_rule(func);
	bool on = rule ? model_serves(&m, rule->needs) : false;
	bool refused = vcpu.x[0] == ~0ULL && !vcpu.x[1] && !vcpu.x[2] && !vcpu.x[3];

	if (action == KVM_SMCCC_FILTER_FWD_TO_USER) {
		prove(ret == 0 && vcpu.run->exit_reason == KVM_EXIT_HYPERCALL &&
		      vcpu.run->hypercall.nr == func, "the filter gives it to userspace");
		prove(machine.served == SERVED_BY_NO_STUB, "and KVM does nothing");
		return 0;
	}
	prove(ret == 1, "the guest goes on");
	if (action == KVM_SMCCC_FILTER_DENY) {
		prove(refused && machine.served == SERVED_BY_NO_STUB, "the filter denies it");
		return 0;
	}
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

	if (func == VENDOR_FEATURES && on)
		prove(vcpu.x[0] == s.bmap[2] && !vcpu.x[1] && !vcpu.x[3], "FEATURES is the register");
	if (func == VENDOR_UID && on)
		prove(vcpu.x[0] == 0xb66fb428 && vcpu.x[1] == 0xe911c52e &&
		      vcpu.x[2] == 0x564bcaa9 && vcpu.x[3] == 0x743a004d, "UID is KVM's");
	if (func == ARCH_FEATURES && (uint32_t)x1 == PV_TIME_FEATURES)
		prove(vcpu.x[0] == (model_serves(&m, MODEL_PV_TIME) ? 0 : ~0ULL),
		      "ARCH_FEATURES agrees with the register");
}
