/* SPDX-License-Identifier: BSD-3-Clause */
/* The firmware registers in KVM_GET_REG_LIST, as bits: level registers, then bitmap registers */
#ifndef VERIFY_LIST_H
#define VERIFY_LIST_H

#include "model.h"

/* A firmware register that is listed twice, or one that the model does not know */
#define LIST_STRANGE	(1ULL << 63)

static inline uint64_t list_bit(uint64_t id)
{
	uint64_t level = id - MODEL_LEVEL_ID(0), n = id - MODEL_BMAP_ID(0);

	return level < MODEL_LEVELS ? 1ULL << level :
	       n < MODEL_BMAPS ? 1ULL << (MODEL_LEVELS + n) : LIST_STRANGE;
}

/* @room: how many ids fit. @n: how many KVM reports. @seen: bits. Returns 0 or -errno. */
int vcpu_list_firmware(int vcpu, uint64_t room, uint64_t *n, uint64_t *seen);

#endif
