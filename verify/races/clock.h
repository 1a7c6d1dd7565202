/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Time in instructions. On a machine with one CPU under -icount shift=0, an instruction takes
 * 1 ns, and the counter advances by a tick every 16 ns. A point in time is a number of
 * instructions since the counter was 0.
 */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>

#define INSTRUCTIONS_PER_TICK	16

static inline uint64_t counter(void)
{
	uint64_t ticks;

	asm volatile("mrs %0, cntvct_el0" : "=r" (ticks) : : "memory");
	return ticks;
}

static inline uint64_t counter_frequency(void)
{
	uint64_t hz;

	asm volatile("mrs %0, cntfrq_el0" : "=r" (hz));
	return hz;
}

/*
 * A vernier: it reads the counter every 17 instructions. One time in 16, the counter advances by
 * two ticks, the second of them at the very instruction of the read. Returns the time of that
 * instruction. It is a fixed number of instructions ago, whatever the phase at the start.
 */
static inline uint64_t sync_with_tick(void)
{
	uint64_t now, was, step;

	do {
		asm volatile("mrs	%0, cntvct_el0\n"
			     "1:	mov	%1, %0\n"
			     "	.rept	12\n"
			     "	nop\n"
			     "	.endr\n"
			     "	mrs	%0, cntvct_el0\n"
			     "	sub	%2, %0, %1\n"
			     "	cmp	%2, #1\n"
			     "	b.eq	1b\n"
			     "	nop\n"
			     : "=&r" (now), "=&r" (was), "=&r" (step) : : "cc", "memory");
	} while (step != 2);	/* an interrupt */
	return now * INSTRUCTIONS_PER_TICK;
}

/* Takes @n instructions besides those of this function. @n is 8 or more. */
static inline void delay(uint64_t n)
{
	asm volatile("	tbz	%0, #0, 1f\n"
		     "	nop\n"
		     "1:	lsr	%0, %0, #1\n"
		     "2:	subs	%0, %0, #1\n"
		     "	b.ne	2b\n"
		     : "+r" (n) : : "cc", "memory");
}

#endif
