/* SPDX-License-Identifier: BSD-3-Clause */
/* What the benchmark and its guest have in common */
#ifndef BENCH_H
#define BENCH_H

/*
 * How often a thing is done between two looks at the counter. Under -icount shift=0
 * the clock of QEMU's machine goes on by 1 ns with each instruction, and the counter
 * by 1 tick with each 16 ns (62.5 MHz).
 *
 * 48 hypercalls take the same number of random numbers off the kernel's stock of 12
 * each time, so that a refill is in the cost of each in the same way.
 */
#define INSTRUCTIONS_PER_TICK	16
#define BATCH			48

#endif
