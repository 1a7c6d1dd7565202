// SPDX-License-Identifier: BSD-3-Clause
/* Sends the messages of the guest that moves to the VMM of fwregs, see MESSAGE() in move.h */
#include "move.h"

void tell(uint64_t vcpu, enum move_message kind, uint64_t what)
{
	*(volatile uint64_t *)MESSAGE(vcpu, kind) = what;
}
