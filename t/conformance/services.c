// SPDX-License-Identifier: BSD-3-Clause
#include <time.h>

#include "services.h"

/* Arm DEN0098, the TRNG's own error code */
#define TRNG_INVALID_PARAMETER		((uint64_t)-2)

/* include/linux/arm-smccc.h: which counter the PTP service reads */
#define KVM_PTP_VIRT_COUNTER		0
#define KVM_PTP_PHYS_COUNTER		1

static void expect_answer(const struct vcpu *vcpu, enum conduit conduit, uint32_t func,
			  uint64_t arg, const uint64_t want[4])
{
	uint64_t x[4] = { func, arg, 0x1111, 0x2222 };
	unsigned int i;

	guest_call(vcpu, conduit, x);
	for (i = 0; i < 4; i++)
		expect_val(x[i], want[i], "vCPU %u, %s of 0x%x with x1 = 0x%lx: x%u",
			   vcpu->number, conduit_names[conduit], func, arg, i);
}

void expect_x0(const struct vcpu *vcpu, enum conduit conduit, uint32_t func, uint64_t arg,
	       uint64_t want)
{
	const uint64_t x[4] = { want };

	expect_answer(vcpu, conduit, func, arg, x);
}

static void trng_version_served(const struct vcpu *vcpu, enum conduit conduit)
{
	expect_x0(vcpu, conduit, TRNG_VERSION, 0, 0x10000);
}

static void trng_features_served(const struct vcpu *vcpu, enum conduit conduit)
{
	const uint32_t funcs[] = {
		TRNG_VERSION, TRNG_FEATURES, TRNG_GET_UUID, TRNG_RND32, TRNG_RND64
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(funcs); i++)
		expect_x0(vcpu, conduit, TRNG_FEATURES, funcs[i], 0);
	expect_x0(vcpu, conduit, TRNG_FEATURES, TRNG_RND32 + 1, NOT_SUPPORTED);
}

/* 0d21e000-4384-11eb-8070-5244554e5a4c: four bytes in a register, the first one lowest */
static void trng_uuid_served(const struct vcpu *vcpu, enum conduit conduit)
{
	const uint64_t uuid[4] = { 0x00e0210d, 0xeb118443, 0x44527080, 0x4c5a4e55 };

	expect_answer(vcpu, conduit, TRNG_GET_UUID, 0, uuid);
}

/* The low bits are in x3. A register holds @width bits. Bits not asked for are 0. */
static void expect_random(const struct vcpu *vcpu, enum conduit conduit, uint32_t func,
			  unsigned int width, unsigned int bits)
{
	uint64_t x[4] = { func, bits, ~0ULL, ~0ULL };
	unsigned int i, left = bits, here;

	guest_call(vcpu, conduit, x);
	expect_val(x[0], 0, "0x%x for %u bits: x0", func, bits);
	for (i = 3; i >= 1; i--) {
		here = left < width ? left : width;
		if (here < 64 && x[i] >> here)
			fail("0x%x for %u bits: x%u has more than %u bits: 0x%lx", func,
			     bits, i, here, x[i]);
		left -= here;
	}
	/* This fails by chance once in 2^96 calls. */
	if (bits == 3 * width && !(x[1] | x[2] | x[3]))
		fail("0x%x for %u bits: not a single bit is set", func, bits);
}

static void trng_rnd_served(const struct vcpu *vcpu, enum conduit conduit, uint32_t func,
			    unsigned int width)
{
	const unsigned int bits[] = { 1, width - 1, width, width + 1, 3 * width };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bits); i++)
		expect_random(vcpu, conduit, func, width, bits[i]);
	expect_x0(vcpu, conduit, func, 3 * width + 1, TRNG_INVALID_PARAMETER);
}

static void trng_rnd32_served(const struct vcpu *vcpu, enum conduit conduit)
{
	trng_rnd_served(vcpu, conduit, TRNG_RND32, 32);
}

static void trng_rnd64_served(const struct vcpu *vcpu, enum conduit conduit)
{
	trng_rnd_served(vcpu, conduit, TRNG_RND64, 64);
}

/* KVM serves PV_TIME only to a vCPU that has a place for stolen time. */
static void need_stolen_time(const struct vcpu *vcpu)
{
	if (vcpu->stolen_time_err)
		skip("this host has no stolen time: %s", err_name(vcpu->stolen_time_err));
}

static void pv_time_features_served(const struct vcpu *vcpu, enum conduit conduit)
{
	need_stolen_time(vcpu);
	expect_x0(vcpu, conduit, PV_TIME_FEATURES, PV_TIME_FEATURES, 0);
	expect_x0(vcpu, conduit, PV_TIME_FEATURES, PV_TIME_ST, 0);
}

static void pv_time_st_served(const struct vcpu *vcpu, enum conduit conduit)
{
	need_stolen_time(vcpu);
	expect_x0(vcpu, conduit, PV_TIME_ST, 0, STOLEN_TIME + 64 * vcpu->number);
}

static void arch_features_served(const struct vcpu *vcpu, enum conduit conduit)
{
	expect_x0(vcpu, conduit, SMCCC_ARCH_FEATURES, PV_TIME_FEATURES, 0);
}

/* include/linux/arm-smccc.h, ARM_SMCCC_VENDOR_HYP_UID_KVM_REG_0 to _3 */
static void vendor_uid_served(const struct vcpu *vcpu, enum conduit conduit)
{
	const uint64_t uid[4] = { 0xb66fb428, 0xe911c52e, 0x564bcaa9, 0x743a004d };

	expect_answer(vcpu, conduit, VENDOR_HYP_CALL_UID, 0, uid);
}

/* A bitmap of functions, 32 in a register. Those of VENDOR_HYP_BMAP_2 begin at 64. */
void vendor_features_served(const struct vcpu *vcpu, enum conduit conduit)
{
	uint64_t features[4] = { get_reg(vcpu, BMAP_ID(VENDOR_HYP)) };

	if (__get_reg(vcpu, BMAP_ID(VENDOR_HYP_2), &features[2]))
		features[2] = 0;
	expect_answer(vcpu, conduit, VENDOR_HYP_FEATURES, 0, features);
}

static uint64_t realtime_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/* x0 and x1 are the host's time, which KVM may round. */
static void expect_ptp(const struct vcpu *vcpu, enum conduit conduit, uint64_t counter)
{
	uint64_t x[4] = { VENDOR_HYP_PTP, counter, 0x1111, 0x2222 };
	const uint64_t rounding = 1000;
	uint64_t before, after, now;

	before = realtime_ns();
	guest_call(vcpu, conduit, x);
	after = realtime_ns();

	now = x[0] << 32 | x[1];
	if ((int64_t)x[0] < 0)
		fail("PTP with counter %lu: expected x0 >= 0, got %ld", counter, x[0]);
	else if (now + rounding < before || now > after + rounding)
		fail("PTP with counter %lu: expected a time from %lu to %lu, got %lu",
		     counter, before, after, now);
	if (x[2] >> 32 || x[3] >> 32)
		fail("PTP with counter %lu: x2 or x3 has more than 32 bits: 0x%lx 0x%lx",
		     counter, x[2], x[3]);
}

static void vendor_ptp_served(const struct vcpu *vcpu, enum conduit conduit)
{
	expect_ptp(vcpu, conduit, KVM_PTP_VIRT_COUNTER);
	expect_ptp(vcpu, conduit, KVM_PTP_PHYS_COUNTER);
}

const struct service services[NR_SERVICES] = {
	{ "TRNG_VERSION", TRNG_VERSION, 0, false, STD, 0, trng_version_served },
	{ "TRNG_FEATURES", TRNG_FEATURES, TRNG_RND32, false, STD, 0, trng_features_served },
	{ "TRNG_GET_UUID", TRNG_GET_UUID, 0, false, STD, 0, trng_uuid_served },
	{ "TRNG_RND32", TRNG_RND32, 32, false, STD, 0, trng_rnd32_served },
	{ "TRNG_RND64", TRNG_RND64, 64, false, STD, 0, trng_rnd64_served },
	{ "PV_TIME_FEATURES", PV_TIME_FEATURES, PV_TIME_ST, false, STD_HYP, 0,
	  pv_time_features_served },
	{ "PV_TIME_ST", PV_TIME_ST, 0, false, STD_HYP, 0, pv_time_st_served },
	{ "SMCCC_ARCH_FEATURES of PV_TIME", SMCCC_ARCH_FEATURES, PV_TIME_FEATURES, true,
	  STD_HYP, 0, arch_features_served },
	{ "vendor UID", VENDOR_HYP_CALL_UID, 0, false, VENDOR_HYP, FUNC_FEAT,
	  vendor_uid_served },
	{ "vendor FEATURES", VENDOR_HYP_FEATURES, 0, false, VENDOR_HYP, FUNC_FEAT,
	  vendor_features_served },
	{ "vendor PTP", VENDOR_HYP_PTP, KVM_PTP_VIRT_COUNTER, false, VENDOR_HYP, PTP,
	  vendor_ptp_served },
};

/* The answer must not depend on x1 to x3, nor return them. */
void expect_off(const struct vcpu *vcpu, enum conduit conduit, const struct service *s)
{
	const uint64_t args[] = { s->arg, 0x5555555555555555ULL };
	unsigned int i, reg;

	for (i = 0; i < (s->fixed_arg ? 1 : ARRAY_SIZE(args)); i++) {
		uint64_t x[4] = { s->func, args[i], ~0ULL, 0xaaaaaaaaaaaaaaaaULL };

		guest_call(vcpu, conduit, x);
		for (reg = 0; reg < 4; reg++)
			expect_val(x[reg], reg ? 0 : NOT_SUPPORTED,
				   "vCPU %u, %s of %s, off: x%u", vcpu->number,
				   conduit_names[conduit], s->name, reg);
	}
}

static bool service_is_on(const struct vcpu *vcpu, const struct service *s)
{
	uint64_t val;

	return !__get_reg(vcpu, BMAP_ID(s->reg), &val) && val & BIT(s->bit);
}

void expect_guest_agrees(const struct vm *vm, enum conduit conduit)
{
	const struct vcpu *vcpu;
	unsigned int i, j;

	for (i = 0; i < vm->nr; i++) {
		vcpu = &vm->vcpu[i];
		for (j = 0; j < NR_SERVICES; j++) {
			if (service_is_on(vcpu, &services[j]))
				services[j].served(vcpu, conduit);
			else
				expect_off(vcpu, conduit, &services[j]);
		}
	}
}

void expect_same_answers(const struct vm *a, const struct vm *b)
{
	const struct { uint32_t func, arg; } calls[] = {
		{ SMCCC_VERSION, 0 },
		{ SMCCC_ARCH_FEATURES, SMCCC_ARCH_WORKAROUND_1 },
		{ SMCCC_ARCH_FEATURES, SMCCC_ARCH_WORKAROUND_2 },
		{ SMCCC_ARCH_FEATURES, SMCCC_ARCH_WORKAROUND_3 },
		{ PSCI_0_2_FN_PSCI_VERSION, 0 },
		{ PSCI_1_0_FN_PSCI_FEATURES, PSCI_0_2_FN_PSCI_VERSION },
		{ PSCI_1_0_FN_PSCI_FEATURES, SMCCC_VERSION },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(calls); i++)
		expect_val(guest_ask(&a->vcpu[0], calls[i].func, calls[i].arg),
			   guest_ask(&b->vcpu[0], calls[i].func, calls[i].arg),
			   "answer to 0x%x with 0x%x", calls[i].func, calls[i].arg);
	expect_val(guest_ask(&a->vcpu[0], PSCI_0_2_FN_PSCI_VERSION, 0), psci_latest(),
		   "PSCI_VERSION");
	if (guest_ask(&a->vcpu[0], SMCCC_VERSION, 0) < 0x10001)
		fail("SMCCC_VERSION: expected 1.1 or higher");
}
