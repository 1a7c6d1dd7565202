/* SPDX-License-Identifier: BSD-3-Clause */
/* Entry point of the bare-metal guest: EL1, MMU and caches off, all in RAM. */

	.section .text.start, "ax"
	.globl	_start
_start:
	adr	x0, stack_top
	mov	sp, x0
	b	guest_main

	.bss
	.balign	16
	.skip	4096
stack_top:
