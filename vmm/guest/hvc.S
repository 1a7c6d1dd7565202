/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * void hvc(struct result *res, uint64_t func_id, uint64_t x1, uint64_t x2, uint64_t x3).
 * Only PSCI calls have arguments in x2 and x3. Pass values there that are in no answer.
 */
	.text
	.globl	hvc
hvc:
	mov	x9, x0
	mov	x0, x1
	mov	x1, x2
	mov	x2, x3
	mov	x3, x4
	hvc	#0
	stp	x0, x1, [x9]
	stp	x2, x3, [x9, #16]
	ret
