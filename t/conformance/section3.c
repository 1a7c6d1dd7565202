// SPDX-License-Identifier: BSD-3-Clause
/* Section 3 of the contract: what the guest sees */
#include <errno.h>

#include "test.h"

/* @i is a service and a conduit */
static const struct service *nth_service(unsigned int i)
{
	return &services[i / NR_CONDUITS];
}

static enum conduit nth_conduit(unsigned int i)
{
	return i % NR_CONDUITS;
}

/*
 * Write the bit although it is on by default: a kernel that lacks the register fails, even if
 * it has the service.
 */
static void test_service_on(unsigned int i)
{
	const struct vm *vm = new_vm(2);
	const struct service *s = nth_service(i);

	need_conduit(vm, nth_conduit(i));
	set_reg(&vm->vcpu[0], BMAP_ID(s->reg), bmaps[s->reg].mask);
	s->served(&vm->vcpu[0], nth_conduit(i));
	s->served(&vm->vcpu[1], nth_conduit(i));
}

static void test_service_off(unsigned int i)
{
	const struct vm *vm = new_vm(2);
	const struct service *s = nth_service(i);

	need_conduit(vm, nth_conduit(i));
	set_reg(&vm->vcpu[1], BMAP_ID(s->reg), bmaps[s->reg].mask & ~BIT(s->bit));
	expect_off(&vm->vcpu[0], nth_conduit(i), s);
	expect_off(&vm->vcpu[1], nth_conduit(i), s);
	expect_guest_agrees(vm, nth_conduit(i));
}

static void test_service_only(unsigned int i)
{
	const struct vm *vm = new_vm(2);
	const struct service *s = nth_service(i);
	unsigned int n;

	need_conduit(vm, nth_conduit(i));
	for (n = 0; n < base->known; n++)
		set_reg(&vm->vcpu[0], BMAP_ID(n), n == s->reg ? BIT(s->bit) : 0);
	s->served(&vm->vcpu[0], nth_conduit(i));
	s->served(&vm->vcpu[1], nth_conduit(i));
	expect_guest_agrees(vm, nth_conduit(i));
}

static void test_service_hidden(unsigned int i)
{
	const struct service *s = nth_service(i);
	const struct vm *vm = new_limited_vm(s->reg, 2);

	need_conduit(vm, nth_conduit(i));
	expect_off(&vm->vcpu[0], nth_conduit(i), s);
	expect_off(&vm->vcpu[1], nth_conduit(i), s);
	expect_guest_agrees(vm, nth_conduit(i));
}

/* @vendor_2 is for bases that have the second register */
static void expect_features(uint64_t vendor, uint64_t vendor_2)
{
	struct vm *vm = new_vm(1);

	set_reg(&vm->vcpu[0], BMAP_ID(VENDOR_HYP), vendor);
	if (base->known > VENDOR_HYP_2)
		set_reg(&vm->vcpu[0], BMAP_ID(VENDOR_HYP_2), vendor_2);
	if (vendor & BIT(FUNC_FEAT))
		vendor_features_served(&vm->vcpu[0], HVC);
	else
		expect_x0(&vm->vcpu[0], HVC, VENDOR_HYP_FEATURES, 0, NOT_SUPPORTED);
	free_vm(vm);
}

static void test_features_agree(void)
{
	uint64_t max_2 = base->known > VENDOR_HYP_2 ? bmaps[VENDOR_HYP_2].mask : 0;
	uint64_t vendor, vendor_2;

	for (vendor = 0; vendor <= bmaps[VENDOR_HYP].mask; vendor++)
		for (vendor_2 = 0; vendor_2 <= max_2; vendor_2++)
			expect_features(vendor, vendor_2);
}

static void filter_service(const struct vm *vm, const struct service *s,
			   enum smccc_filter_action action)
{
	need_filter(vm);
	if (s->fixed_arg)
		skip("the filter leaves the architecture's range alone");
	need(vm_set_filter(vm->fd, s->func, 1, action), "SMCCC filter");
}

static void test_filter_deny(unsigned int i)
{
	const struct vm *vm = new_vm(2);
	const struct service *s = nth_service(i);

	filter_service(vm, s, FILTER_DENY);
	expect_off(&vm->vcpu[0], nth_conduit(i), s);
	expect_off(&vm->vcpu[1], nth_conduit(i), s);
	expect_reset_values(&vm->vcpu[0], s->reg, s->reg + 1);
}

static void expect_forwarded(const struct vcpu *vcpu, enum conduit conduit,
			     const struct service *s)
{
	const uint64_t call[4] = { s->func, s->arg };
	uint64_t x[4], addr, val;

	load_call(vcpu, conduit, call);
	if (vcpu_run(vcpu, &addr, &val) != -EPROTO || vcpu->run->exit_reason != KVM_EXIT_HYPERCALL)
		die("0x%x by %s: expected KVM_EXIT_HYPERCALL, got exit reason %u", s->func,
		    conduit_names[conduit], vcpu->run->exit_reason);
	expect_val(vcpu->run->hypercall.nr, s->func, "function that was forwarded");

	/* The answer is up to the VMM. */
	set_reg(vcpu, CORE_REG(regs.regs[0]), 0x5a5a);
	finish_call(vcpu, x);
	expect_val(x[0], 0x5a5a, "0x%x: the VMM's answer", s->func);
}

static void test_filter_forward_off(unsigned int i)
{
	const struct vm *vm = new_vm(2);
	const struct service *s = nth_service(i);

	filter_service(vm, s, FILTER_FWD_TO_USER);
	set_reg(&vm->vcpu[0], BMAP_ID(s->reg), bmaps[s->reg].mask & ~BIT(s->bit));
	expect_forwarded(&vm->vcpu[0], nth_conduit(i), s);
	expect_forwarded(&vm->vcpu[1], nth_conduit(i), s);
}

static void test_filter_forward_hidden(unsigned int i)
{
	const struct service *s = nth_service(i);
	const struct vm *vm = new_limited_vm(s->reg, 1);

	filter_service(vm, s, FILTER_FWD_TO_USER);
	expect_forwarded(&vm->vcpu[0], nth_conduit(i), s);
}

/* FILTER_HANDLE is what KVM does without a filter: the registers decide */
static void test_filter_handle_off(void)
{
	const struct vm *vm = new_vm(1);
	unsigned int i;

	for (i = 0; i < NR_SERVICES; i++)
		if (!services[i].fixed_arg)
			filter_service(vm, &services[i], FILTER_HANDLE);
	for (i = 0; i < base->known; i++)
		set_reg(&vm->vcpu[0], BMAP_ID(i), 0);
	for (i = 0; i < NR_SERVICES; i++)
		expect_off(&vm->vcpu[0], HVC, &services[i]);
}

/* The services, all of PSCI, and SMCCC_VERSION, which EL2 answers itself */
static bool may_be_known(uint32_t func)
{
	unsigned int i;

	for (i = 0; i < NR_SERVICES; i++)
		if (services[i].func == func)
			return true;

	return func == SMCCC_VERSION || ((func >> 24 & 0x3f) == 4 && (func & 0xffff) <= 0x1f);
}

/* Functions of all owners whose number is that of a known function, or next to it */
static void test_unknown_functions(void)
{
	static const uint32_t numbers[] = {
		0, 1, 2, 0x1f, 0x20, 0x21, 0x22, 0x40, 0x41, 0x4f, 0x50, 0x51, 0x52, 0x53,
		0x54, 0xff00, 0xff01, 0xff02, 0xffff, 0x10001, 0x10020, 0x10050, 0x1ff01
	};
	const struct vm *vm = new_vm(1);
	unsigned int block, i;
	uint32_t func;

	for (block = 0; block < 256; block++) {
		for (i = 0; i < ARRAY_SIZE(numbers); i++) {
			func = block << 24 | numbers[i];
			if (!may_be_known(func))
				expect_x0(&vm->vcpu[0], HVC, func, 0, NOT_SUPPORTED);
		}
	}
}

#define NO_SUCH_CPU	0xffffffULL
#define INVALID_PARAMS	((uint64_t)PSCI_RET_INVALID_PARAMS)

/* Calls functions that do nothing if there is no such CPU */
static void expect_psci_served(const struct vcpu *vcpu, uint32_t version)
{
	const uint32_t funcs[] = {
		PSCI_0_2_FN_CPU_ON, PSCI_0_2_FN64_CPU_ON, PSCI_0_2_FN_AFFINITY_INFO,
		PSCI_0_2_FN64_AFFINITY_INFO
	};
	const uint64_t has_features = version < PSCI_VERSION(1, 0) ? NOT_SUPPORTED : 0;
	const uint64_t has_reset2 = version < PSCI_VERSION(1, 1) ? NOT_SUPPORTED : INVALID_PARAMS;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(funcs); i++)
		expect_x0(vcpu, HVC, funcs[i], NO_SUCH_CPU, INVALID_PARAMS);
	expect_x0(vcpu, HVC, PSCI_1_0_FN_PSCI_FEATURES, PSCI_0_2_FN64_CPU_ON, has_features);
	/* Neither PSCI nor a vendor has a reset of type 1. */
	expect_x0(vcpu, HVC, PSCI_1_1_FN_SYSTEM_RESET2, 1, has_reset2);
	expect_x0(vcpu, HVC, PSCI_1_1_FN64_SYSTEM_RESET2, 1, has_reset2);
	expect_x0(vcpu, HVC, KVM_PSCI_FN_CPU_ON, NO_SUCH_CPU, NOT_SUPPORTED);
}

static void test_psci_served(unsigned int i)
{
	const struct vm *vm = new_vm(1), *none = new_limited_vm(0, 1);

	set_reg(&vm->vcpu[0], LEVEL_ID(PSCI), base->psci[i]);
	expect_psci_served(&vm->vcpu[0], base->psci[i]);
	set_reg(&none->vcpu[0], LEVEL_ID(PSCI), base->psci[i]);
	expect_psci_served(&none->vcpu[0], base->psci[i]);
}

/* PSCI 0.1 has function IDs of its own. */
static void test_psci_0_1_served(void)
{
	struct vm *vm = new_empty_vm();
	const struct vcpu *vcpu = add_vcpu_psci_0_1(vm);

	expect_x0(vcpu, HVC, KVM_PSCI_FN_CPU_ON, NO_SUCH_CPU, INVALID_PARAMS);
	expect_x0(vcpu, HVC, KVM_PSCI_FN_MIGRATE, 0, NOT_SUPPORTED);
	expect_x0(vcpu, HVC, KVM_PSCI_FN(-1), 0, NOT_SUPPORTED);
	expect_x0(vcpu, HVC, KVM_PSCI_FN(4), 0, NOT_SUPPORTED);
	expect_x0(vcpu, HVC, PSCI_0_2_FN_PSCI_VERSION, 0, NOT_SUPPORTED);
	expect_x0(vcpu, HVC, PSCI_0_2_FN_CPU_ON, NO_SUCH_CPU, NOT_SUPPORTED);
}

static void test_others(void)
{
	const struct vm *vm = new_vm(1), *none = new_limited_vm(0, 1), *full = new_vm(1);
	unsigned int n;

	for (n = 0; n < base->known; n++)
		set_reg(&vm->vcpu[0], BMAP_ID(n), 0);
	expect_same_answers(vm, full);
	expect_same_answers(none, full);
}

const struct test section3_tests[] = {
	RULES("bit on: served", PER_SERVICE, test_service_on),
	RULES("only this bit on: served, and no other service is", PER_SERVICE, test_service_only),
	RULES("bit off: NOT_SUPPORTED, x1 to x3 zero, other services on", PER_SERVICE,
	      test_service_off),
	RULES("register hidden: NOT_SUPPORTED, x1 to x3 zero", PER_SERVICE, test_service_hidden),
	RULE("vendor FEATURES agrees with the registers", test_features_agree),
	RULE("functions that there are not, of all owners", test_unknown_functions),
	RULES("SMCCC filter denies what is on", PER_SERVICE, test_filter_deny),
	RULES("SMCCC filter forwards what is off", PER_SERVICE, test_filter_forward_off),
	RULES("SMCCC filter forwards what is hidden", PER_SERVICE, test_filter_forward_hidden),
	RULE("SMCCC filter that handles does not turn on what is off", test_filter_handle_off),
	RULES("PSCI is served, whatever the count", PER_PSCI, test_psci_served),
	RULE("PSCI 0.1 is served by functions of its own", test_psci_0_1_served),
	RULE("PSCI and architecture calls do not depend on bitmaps", test_others),
	{}
};
