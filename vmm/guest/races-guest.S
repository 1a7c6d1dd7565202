/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The guest of the race tests: makes a call of each service, reports with one write which of them
 * were served, and starts again. One pass is one KVM_RUN.
 */
#include "verify/races/races.h"
#include "vmm/guest/layout.h"

	/* call LOW, HIGH, X1_LOW, X1_HIGH, BIT: sets the bit in x19 if it is served */
	.macro	call low, high, x1_low, x1_high, bit
	mov	x0, #\low
	movk	x0, #\high, lsl #16
	mov	x1, #\x1_low
	movk	x1, #\x1_high, lsl #16
	hvc	#0
	cmn	x0, #1
	cset	x9, ne
	orr	x19, x19, x9, lsl #\bit
	.endm

	.globl	_start
_start:
	mov	x19, #0
	call	0x0000, 0x8600, 0, 0, SAW_FEATURES
	and	x10, x0, #0xff
	mul	x10, x10, x9
	orr	x19, x19, x10, lsl #SAW_FEATURES_SHIFT
	call	0xff01, 0x8600, 0, 0, SAW_UID
	call	0x0050, 0x8400, 0, 0, SAW_TRNG
	call	0x0020, 0xc500, 0x0021, 0xc500, SAW_PV_TIME
	call	0x0001, 0x8600, 0, 0, SAW_PTP

	mov	x0, #0x84000000
	hvc	#0
	orr	x19, x19, x0, lsl #SAW_PSCI_SHIFT

	mov	x9, #DOORBELL
	str	x19, [x9]
	b	_start
