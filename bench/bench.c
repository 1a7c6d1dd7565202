// SPDX-License-Identifier: BSD-3-Clause
/*
 * bench: instructions that KVM takes for a hypercall and for the ioctls of a VMM, on an
 * emulated host that counts them. Each figure is the least of many, which leaves out the
 * interrupts of the host. One line for each: what, and the instructions.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/kvm.h>

#include "../fwregs/cli.h"
#include "../fwregs/fwregs.h"
#include "../fwregs/vmm.h"
#include "bench.h"

/* Looks at each figure */
#define ROUNDS	100

/* Function ids that nobody serves: in the range of PSCI, of TRNG, of vendors, of none */
static const uint32_t unknown[] = { 0x8400001f, 0x8400005f, 0x86000002, 0x12345678 };

static uint64_t min(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}
