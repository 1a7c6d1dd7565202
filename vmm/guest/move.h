/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the VMM and the guest that moves between hosts have in common. This guest runs
 * with MMU and caches on, so that the VMM finds its memory where it expects it.
 *
 * The first vCPU starts at RAM_BASE with the number of vCPUs in x0, and turns the others
 * on by PSCI. Each of them counts rounds. In a round, it makes every call of calls.h, compares
 * the answers with those of its first round, and checks its memory and registers. It reports by
 * a write of 64 bits to MESSAGE().
 */
#ifndef FWREGS_MOVE_H
#define FWREGS_MOVE_H

#include "layout.h"

#define MOVE_VCPUS_MAX	8

#define MOVE_AREA(vcpu)		(RAM_BASE + 0x8000 + (vcpu) * 0x1000)
#define MOVE_STACK_TOP(vcpu)	(RAM_BASE + 0x18000 + ((vcpu) + 1) * 0x1000)

/* Addresses of messages, and those that move-start.S uses */
#define MESSAGE(vcpu, kind)	(IPA(0x0b000000) + (vcpu) * 0x1000 + (kind) * 8)
#define MOVE_EXCEPTIONS		MESSAGE(0, 7)

#ifndef __ASSEMBLER__

#include "calls.h"

/* What a vCPU keeps in memory, at MOVE_AREA(vCPU) */
struct move_area {
	uint64_t rounds;
	uint64_t sum;		/* of 1 to rounds, to notice a lost round */
	uint64_t time;		/* CNTVCT_EL0 of the last round */
	struct result first[NR_CALLS];
};

/* Messages: values in the order in which they are sent, and what is written */
enum move_message {
	MOVE_ROUND,		/* number of rounds so far */
	MOVE_CALL,		/* number of a call whose answer has changed */
	MOVE_WAS,		/* the first register that differs, in round 1 */
	MOVE_IS,		/* and now: the end of these three */
	MOVE_MEMORY,		/* rounds and sum disagree: rounds */
	MOVE_REGISTERS,		/* a register has lost its value: its number, see move-start.S */
	MOVE_TIME,		/* the virtual counter went back: by how much */
	MOVE_EXCEPTION,		/* ESR_EL1 */
	MOVE_NO_CPU,		/* PSCI CPU_ON failed: what it returned */
};

/* In the guest: message.c, or console.c for other VMMs than ours */
void tell(uint64_t vcpu, enum move_message kind, uint64_t what);

_Static_assert(MOVE_EXCEPTIONS == MESSAGE(0, MOVE_EXCEPTION), "MOVE_EXCEPTIONS");

#endif /* __ASSEMBLER__ */

#endif
