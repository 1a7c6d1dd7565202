/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The guest of the stress test: makes one call of each kind, reports with one MMIO write what was
 * served, and starts again. It has no stack, and keeps its values in x19 to x21 during a call.
 */
#include "verify/stress/report.h"
#include "vmm/guest/layout.h"

/*
 * Sets @bit of the report if KVM serves the call. If not, x1 to x3, which had arguments, have to be
 * zero. Keeps x0.
 */
	.macro	call bit, id, arg
	ldr	x0, =\id
	ldr	x1, =\arg
	mov	x2, #0x2222
	mov	x3, #0x3333
	hvc	#0
	cmn	x0, #1
	b.eq	1f
	orr	x19, x19, #1 << \bit
	b	2f
1:	orr	x1, x1, x2
	orr	x1, x1, x3
	cbz	x1, 2f
	orr	x19, x19, #1 << REPORT_REST
2:
	.endm

	.globl	_start
_start:
	mov	x19, #0
	call	REPORT_FEATURES, 0x86000000, 0x1111
	and	x20, x0, #0xffff
	call	REPORT_UID, 0x8600ff01, 0x1111
	call	REPORT_TRNG_VERSION, 0x84000050, 0x1111
	call	REPORT_TRNG_RND64, 0xc4000053, 64
	call	REPORT_PV_TIME, 0xc5000020, 0xc5000021
	call	REPORT_PTP, 0x86000001, 0
	call	REPORT_ARCH_PV_TIME, 0x80000001, 0xc5000020
	call	REPORT_PSCI, 0x84000000, 0x1111
	mov	w0, w0
	orr	x19, x19, x20, lsl #REPORT_FEATURES_SHIFT
	orr	x19, x19, x0, lsl #REPORT_PSCI_SHIFT
	ldr	x9, =DOORBELL
	str	x19, [x9]
	b	_start

	.ltorg
