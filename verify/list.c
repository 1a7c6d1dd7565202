// SPDX-License-Identifier: BSD-3-Clause
#include "list.h"

#include "vmm/vmm.h"

#define COPROC(id)	((id) & 0x0fff0000ULL)

static bool is_firmware(uint64_t id)
{
	return COPROC(id) == COPROC(MODEL_LEVEL_ID(0)) || COPROC(id) == COPROC(MODEL_BMAP_ID(0));
}

int vcpu_list_firmware(int vcpu, uint64_t room, uint64_t *n, uint64_t *seen)
{
	static _Thread_local struct reg_list list;
	int ret = vcpu_list(vcpu, &list, room);
	uint64_t i, bit;

	*n = list.n;
	*seen = 0;
	for (i = 0; !ret && i < list.n; i++) {
		if (!is_firmware(list.reg[i]))
			continue;
		bit = list_bit(list.reg[i]);
		*seen |= *seen & bit ? LIST_STRANGE : bit;
	}
	return ret;
}
