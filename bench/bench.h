/* SPDX-License-Identifier: BSD-3-Clause */
/* What the benchmark and its guest have in common */
#ifndef BENCH_H
#define BENCH_H

/*
 * Calls between two looks at the counter. With -icount shift=0, QEMU's counter is at
 * 62.5 MHz of a clock that makes 1 ns of an instruction: 1 tick is 16 instructions, and
 * the ticks of 16 calls are the instructions of one.
 */
#define BATCH		16

#define DOORBELL_HIGH	0x0900	/* of DOORBELL in ../fwregs/guest/calls.h */

#endif
