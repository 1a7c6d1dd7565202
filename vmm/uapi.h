/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The SMCCC filter, in the words of the kernels that have it: the headers that a
 * program is compiled with may be older. Source: arch/arm64/include/uapi/asm/kvm.h.
 */
#ifndef FWREGS_UAPI_H
#define FWREGS_UAPI_H

#include <linux/types.h>

#define SMCCC_CTRL_GROUP		0	/* KVM_ARM_VM_SMCCC_CTRL */
#define SMCCC_FILTER_ATTR		0	/* KVM_ARM_VM_SMCCC_FILTER */

enum smccc_filter_action {
	FILTER_HANDLE,
	FILTER_DENY,
	FILTER_FWD_TO_USER,
};

struct smccc_filter {
	__u32	base;		/* first function id */
	__u32	nr_functions;
	__u8	action;		/* enum smccc_filter_action */
	__u8	pad[15];	/* 0 */
};

#endif
