/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The calls that guests make to see what firmware they have.
 *
 * Function ids: include/linux/arm-smccc.h and include/uapi/linux/psci.h.
 */
#ifndef FWREGS_CALLS_H
#define FWREGS_CALLS_H

#include <stdint.h>

#include "layout.h"

/* x0 to x3 after a call */
struct result {
	uint64_t x[4];
};

/* No bitmap register controls the call */
#define NONE	-1

static const struct call {
	const char *name;
	uint32_t func_id;	/* x0 */
	uint32_t x1;
	int reg;		/* number of the bitmap register that controls it, or NONE */
	int bit;		/* the bit in it */
} calls[] = {
	{ "SMCCC_VERSION",			0x80000000, 0, NONE, 0 },
	{ "SMCCC_ARCH_FEATURES(WA_1)",		0x80000001, 0x80008000, NONE, 0 },
	{ "SMCCC_ARCH_FEATURES(WA_2)",		0x80000001, 0x80007fff, NONE, 0 },
	{ "SMCCC_ARCH_FEATURES(WA_3)",		0x80000001, 0x80003fff, NONE, 0 },
	{ "PSCI_VERSION",			0x84000000, 0, NONE, 0 },
	{ "TRNG_VERSION",			0x84000050, 0, 0, 0 },
	{ "TRNG_FEATURES(RND64)",		0x84000051, 0xc4000053, 0, 0 },
	{ "TRNG_GET_UUID",			0x84000052, 0, 0, 0 },
	{ "TRNG_RND32",				0x84000053, 32, 0, 0 },
	{ "TRNG_RND64",				0xc4000053, 64, 0, 0 },
	{ "SMCCC_ARCH_FEATURES(PV_TIME)",	0x80000001, 0xc5000020, 1, 0 },
	{ "PV_TIME_FEATURES(PV_TIME_ST)",	0xc5000020, 0xc5000021, 1, 0 },
	{ "PV_TIME_ST",				0xc5000021, 0, 1, 0 },
	{ "VENDOR_HYP_CALL_UID",		0x8600ff01, 0, 2, 0 },
	{ "VENDOR_HYP_KVM_FEATURES",		0x86000000, 0, 2, 0 },
	{ "VENDOR_HYP_KVM_PTP(virtual)",	0x86000001, 0, 2, 1 },
	{ "VENDOR_HYP_KVM_PTP(physical)",	0x86000001, 1, 2, 1 },
	{ "VENDOR_HYP_KVM_DISCOVER_IMPL_VER",	0xc6000040, 0, 3, 0 },
	{ "VENDOR_HYP_KVM_DISCOVER_IMPL_CPUS",	0xc6000041, 0, 3, 1 },
};

#define NR_CALLS	(sizeof(calls) / sizeof(calls[0]))

/* A time or a random number: answers differ, so only whether it is served can be compared */
static inline int call_varies(const struct call *call)
{
	switch (call->func_id) {
	case 0x84000053:	/* TRNG_RND32 */
	case 0xc4000053:	/* TRNG_RND64 */
	case 0x86000001:	/* VENDOR_HYP_KVM_PTP */
		return 1;
	default:
		return 0;
	}
}

#endif
