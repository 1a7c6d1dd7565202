/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Addresses that every VM of vmm.h has, guest-physical. A guest runs with MMU and caches off,
 * so that what it writes to RAM need not be what the VMM reads there, unless the CPU has
 * S2FWB: it tells the VMM something by a write to where there is no RAM, which ends KVM_RUN.
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
