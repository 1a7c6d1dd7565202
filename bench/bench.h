/* SPDX-License-Identifier: BSD-3-Clause */
/* What the benchmark and its guest have in common */
#ifndef BENCH_H
#define BENCH_H

/*
 * How many calls are made between two reads of the counter. Under -icount shift=0, the clock of
 * QEMU's machine advances by 1 ns with each instruction, and the counter by 1 tick with each 16 ns
 * (62.5 MHz).
 *
 * The kernel keeps a stock of 12 random numbers. 48 calls use up a whole number of stocks, so each
 * batch has the same number of refills.
 */
#define INSTRUCTIONS_PER_TICK	16
#define BATCH			48

#endif
