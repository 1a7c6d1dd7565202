/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The guest of the benchmark: makes one hypercall BATCH times and reports how far the counter
 * advanced. The VMM sets x19, the function id, and x20, its x1.
 */
#include "bench/bench.h"
#include "vmm/guest/layout.h"

	.globl	_start
_start:
	/* KVM skips this instruction when it completes the last write */
	nop
	mov	x21, #BATCH

	/* Start at a tick, so that the same number of instructions has the same number of ticks */
	mrs	x23, cntvct_el0
1:	mrs	x22, cntvct_el0
	cmp	x22, x23
	b.eq	1b

1:	mov	x0, x19
	mov	x1, x20
	mov	x2, #0
	mov	x3, #0
	hvc	#0
	subs	x21, x21, #1
	b.ne	1b
	mrs	x23, cntvct_el0
	sub	x23, x23, x22
	mov	x9, #DOORBELL
	str	x23, [x9]
	b	_start
