/* SPDX-License-Identifier: BSD-3-Clause */
/* Entry point of the bare-metal guest: EL1, MMU and caches off, all in RAM. */

	.section .text.start, "ax"
	.globl	_start
_start:
	adr	x0, stack_top
	mov	sp, x0
	b	guest_main

/* void hvc(struct result *res, uint64_t func_id, uint64_t x1) */
	.text
	.globl	hvc
hvc:
	mov	x9, x0
	mov	x0, x1
	mov	x1, x2
	/* SMCCC arguments that no call here has, and that no answer should look like */
	mov	x2, #0x2222
	mov	x3, #0x3333
	hvc	#0
	stp	x0, x1, [x9]
	stp	x2, x3, [x9, #16]
	ret

	.bss
	.balign	16
	.skip	4096
stack_top:
