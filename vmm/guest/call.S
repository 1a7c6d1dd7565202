/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The guest of vcpu_call(): makes the call that the VMM puts into x0 to x3, by HVC if x8 is 0
 * and by SMC if not, and writes to DOORBELL. The VMM takes the answer from x0 to x3.
 */
#include "vmm/guest/layout.h"

	.section .text.start, "ax"
	.globl	_start
_start:
	/* If a vCPU that has run is initialised anew, KVM may still step over its last write */
	nop
	adr	x9, vectors
	msr	vbar_el1, x9
	isb
1:	cbnz	x8, 2f
	hvc	#0
	b	3f
2:	smc	#0
3:	mov	x9, #DOORBELL
	str	xzr, [x9]
	b	1b

	/* An exception is not to look like a hang */
	.balign	2048
vectors:
	.rept	16
	.balign	128
	mov	x9, #EXCEPTION
	str	xzr, [x9]
	b	.
	.endr
