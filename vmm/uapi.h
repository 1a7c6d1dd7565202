/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The capability of the series and the SMCCC filter, with the kernel's names. The headers that a
 * program is compiled with may be older. Sources:
 * include/uapi/linux/kvm.h, arch/arm64/include/uapi/asm/kvm.h.
 */
#ifndef VMM_UAPI_H
#define VMM_UAPI_H

#include <linux/types.h>

#ifndef KVM_CAP_ARM_HVC_FW_REG_BMAP
#define KVM_CAP_ARM_HVC_FW_REG_BMAP	10207
#endif

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
