/* SPDX-License-Identifier: BSD-3-Clause */
/* The services behind the bitmap registers, and what a guest must get from them */
#ifndef SERVICES_H
#define SERVICES_H

#include "host.h"
#include "vm.h"

/* include/linux/arm-smccc.h */
#define SMCCC_VERSION			0x80000000
#define SMCCC_ARCH_FEATURES		0x80000001
#define SMCCC_ARCH_WORKAROUND_1		0x80008000
#define SMCCC_ARCH_WORKAROUND_2		0x80007fff
#define SMCCC_ARCH_WORKAROUND_3		0x80003fff
#define TRNG_VERSION			0x84000050
#define TRNG_FEATURES			0x84000051
#define TRNG_GET_UUID			0x84000052
#define TRNG_RND32			0x84000053
#define TRNG_RND64			0xc4000053
#define PV_TIME_FEATURES		0xc5000020
#define PV_TIME_ST			0xc5000021
#define VENDOR_HYP_CALL_UID		0x8600ff01
#define VENDOR_HYP_FEATURES		0x86000000
#define VENDOR_HYP_PTP			0x86000001
#define NOT_SUPPORTED			((uint64_t)-1)

struct service {
	const char	*name;
	uint32_t		func;
	uint64_t		arg;
	bool		fixed_arg;	/* without @arg, it is another service */
	unsigned int	reg;
	unsigned int	bit;
	void		(*served)(const struct vcpu *vcpu, enum conduit conduit);
};

#define NR_SERVICES	11

extern const struct service services[NR_SERVICES];

/* Expectations of a call with @arg in x1: x0, and zero in x1 to x3 */
void expect_x0(const struct vcpu *vcpu, enum conduit conduit, uint32_t func, uint64_t arg,
	       uint64_t want);

/* The vendor's FEATURES call must agree with the registers. */
void vendor_features_served(const struct vcpu *vcpu, enum conduit conduit);

void expect_off(const struct vcpu *vcpu, enum conduit conduit, const struct service *s);

/* The guest must have the services that the registers have on, and no other. */
void expect_guest_agrees(const struct vm *vm, enum conduit conduit);

/* Calls that no bitmap register decides about must have the same answers in both VMs. */
void expect_same_answers(const struct vm *a, const struct vm *b);

#endif
