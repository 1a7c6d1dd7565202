// SPDX-License-Identifier: BSD-3-Clause
/* What the guest that moves finds goes to the VMM of fwregs, see MESSAGE() in move.h */
#include "move.h"

void tell(uint64_t vcpu, enum move_message kind, uint64_t what)
{
	*(volatile uint64_t *)MESSAGE(vcpu, kind) = what;
}
