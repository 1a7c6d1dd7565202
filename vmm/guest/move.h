/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the VMM and the guest that moves between hosts have in common. This guest runs
 * with MMU and caches on, so that the VMM finds its memory where it expects it.
 *
 * The first vCPU starts at RAM_BASE with the number of vCPUs in x0, and turns the others
 * on by PSCI. Each of them counts rounds. In a round, it makes every call of calls.h and
 * compares the answers with those of its first round, and looks at what it has in memory
 * and in registers. What it finds it tells by a write of 64 bits to MESSAGE().
 */
#ifndef FWREGS_MOVE_H
#define FWREGS_MOVE_H

#include "layout.h"

#define MOVE_VCPUS_MAX	8

#define MOVE_AREA(vcpu)		(RAM_BASE + 0x8000 + (vcpu) * 0x1000)
#define MOVE_STACK_TOP(vcpu)	(RAM_BASE + 0x18000 + ((vcpu) + 1) * 0x1000)

/* Where messages go, and those that the assembler sends */
#define MESSAGE(vcpu, kind)	(IPA(0x0b000000) + (vcpu) * 0x1000 + (kind) * 8)
#define MOVE_EXCEPTIONS		MESSAGE(0, 7)

#ifndef __ASSEMBLER__

#include "calls.h"

/* What a vCPU keeps in memory, at MOVE_AREA(vCPU) */
struct move_area {
	uint64_t rounds;
	uint64_t sum;		/* of 1 to rounds: not one of them has been lost */
	uint64_t time;		/* CNTVCT_EL0 of the last round */
	struct result first[NR_CALLS];
};

/* Messages: values in the order in which they are sent, and what is written */
enum move_message {
	MOVE_ROUND,		/* how many rounds there have been */
	MOVE_CALL,		/* number of a call whose answer is another one than before */
	MOVE_WAS,		/* the first register of it that differs, then */
	MOVE_IS,		/* and now: the end of these three */
	MOVE_MEMORY,		/* rounds and sum do not go together: rounds */
	MOVE_REGISTERS,		/* a register lost its value: which, see move-start.S */
	MOVE_TIME,		/* the virtual counter went back, by so much */
	MOVE_EXCEPTION,		/* ESR_EL1 */
	MOVE_NO_CPU,		/* PSCI CPU_ON failed, what it returned */
};

/* In the guest: message.c, or console.c for other VMMs than ours */
void tell(uint64_t vcpu, enum move_message kind, uint64_t what);

_Static_assert(MOVE_EXCEPTIONS == MESSAGE(0, MOVE_EXCEPTION), "MOVE_EXCEPTIONS");

#endif /* __ASSEMBLER__ */

#endif
