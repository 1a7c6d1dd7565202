/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Guest-physical addresses of each VM of vmm.h. A guest runs with MMU and caches off, so the VMM
 * may not see what it writes to RAM, unless the CPU has S2FWB. So a guest reports by a write to an
 * address without RAM, which ends KVM_RUN.
 */
#ifndef VMM_LAYOUT_H
#define VMM_LAYOUT_H

#ifdef __ASSEMBLER__
#define IPA(n)		n
#else
#define IPA(n)		n##ULL
#endif

#define RAM_BASE	IPA(0x40000000)		/* the guest's image, and its first instruction */
#define RAM_SIZE	IPA(0x00020000)		/* bytes */
#define STOLEN_TIME	(RAM_BASE + 0x10000)	/* for PV_TIME, 64 bytes for each vCPU */

/* No RAM: the guest is done, or has taken an exception (guest/call.S) */
#define DOORBELL	IPA(0x09000000)
#define EXCEPTION	IPA(0x09100000)

#endif
