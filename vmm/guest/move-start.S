/* SPDX-License-Identifier: BSD-3-Clause */
/* Entry points of the guest that moves: EL1, in RAM, MMU and caches off. */
#include "move.h"

/* Arm ARM, D19.2: MAIR_EL1, TCR_EL1, SCTLR_EL1, CPACR_EL1 */
#define MAIR		0x00ff			/* 0: normal, write-back. 1: device */
#define TCR		(25 | 1 << 8 | 1 << 10 | 3 << 12 | 1 << 23)
#define SCTLR_ON	(1 << 0 | 1 << 2 | 1 << 12)	/* M, C, I */
#define CPACR_FPEN	(3 << 20)

	.section .text.start, "ax"
	.globl	_start, secondary_start
_start:
	mov	x20, x0			/* number of vCPUs */
	mov	x19, #0
	b	common
secondary_start:
	mov	x19, x0			/* which vCPU */
	mov	x20, #0
common:
	ldr	x1, =MAIR
	msr	mair_el1, x1
	ldr	x1, =TCR
	msr	tcr_el1, x1
	adr	x1, table
	msr	ttbr0_el1, x1
	adr	x1, vectors
	msr	vbar_el1, x1
	mov	x1, #CPACR_FPEN
	msr	cpacr_el1, x1
	isb
	tlbi	vmalle1
	dsb	nsh
	isb
	mrs	x1, sctlr_el1
	ldr	x2, =SCTLR_ON
	orr	x1, x1, x2
	msr	sctlr_el1, x1
	isb
	ldr	x1, =MOVE_STACK_TOP(0)
	add	x1, x1, x19, lsl #12
	mov	sp, x1
	mov	x0, x19
	mov	x1, x20
	b	move_main

/*
 * void fill_registers(uint64_t seed): gives a unique value to each register that no C code here
 * uses: FP registers, thread pointers, FPSR, PAR_EL1, CONTEXTIDR_EL1.
 */
	.text
	.globl	fill_registers
fill_registers:
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	add	x1, x0, #\n
	dup	v\n\().2d, x1
	.endr
	.irp	n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	add	x1, x0, #\n
	dup	v\n\().2d, x1
	.endr
	msr	tpidr_el0, x0
	add	x1, x0, #1
	msr	tpidr_el1, x1
	add	x1, x0, #2
	msr	tpidrro_el0, x1
	add	w1, w0, #3
	msr	contextidr_el1, x1
	mov	x1, #0x10		/* IXC */
	msr	fpsr, x1
	isb
	ret

/* uint64_t check_registers(uint64_t seed): 0, or 1 + the number of a register without its value */
	.globl	check_registers
check_registers:
	mov	x3, #0
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	add	x3, x3, #1
	add	x1, x0, #\n
	umov	x2, v\n\().d[0]
	cmp	x1, x2
	b.ne	1f
	umov	x2, v\n\().d[1]
	cmp	x1, x2
	b.ne	1f
	.endr
	.irp	reg, tpidr_el0, tpidr_el1, tpidrro_el0
	add	x3, x3, #1
	mrs	x2, \reg
	cmp	x0, x2
	b.ne	1f
	add	x0, x0, #1
	.endr
	add	x3, x3, #1
	mrs	x2, contextidr_el1
	cmp	w0, w2
	b.ne	1f
	add	x3, x3, #1
	mrs	x2, fpsr
	cmp	x2, #0x10
	b.ne	1f
	mov	x3, #0
1:	mov	x0, x3
	ret

/* Any exception sends MOVE_EXCEPTION and ends the guest */
	.balign	2048
vectors:
	.rept	16
	.balign	128
	b	exception
	.endr
exception:
	mrs	x0, mpidr_el1
	and	x0, x0, #0xff
	ldr	x1, =MOVE_EXCEPTIONS
	add	x1, x1, x0, lsl #12
	mrs	x0, esr_el1
1:	str	x0, [x1]
	b	1b

/* 1 GiB of device from 0, 1 GiB of normal memory from RAM_BASE; see Arm ARM, D8.3 */
	.section .rodata
	.balign	4096
table:
	.quad	0x0060000000000405
	.quad	RAM_BASE + 0x0040000000000701
	.skip	4096 - 16
