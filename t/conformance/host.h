/* SPDX-License-Identifier: BSD-3-Clause */
/* The firmware registers, and which of them the kernel that runs here should have */
#ifndef HOST_H
#define HOST_H

#include <linux/psci.h>

#include "tap.h"

/* Documentation/virt/kvm/api.rst, KVM_GET_ONE_REG: coprocessors 0x14 and 0x16 */
#define LEVEL_ID(n)	(0x6030000000140000ULL + (n))
#define BMAP_ID(n)	(0x6030000000160000ULL + (n))

enum level_reg {
	PSCI,
	WA1,
	WA2,
	WA3,

	NR_LEVEL
};

enum bmap_reg {
	STD,
	STD_HYP,
	VENDOR_HYP,
	VENDOR_HYP_2,

	NR_BMAP
};

/* The bits of VENDOR_HYP_BMAP */
#define FUNC_FEAT	0
#define PTP		1

/* Section 1 of the contract: the rows of the table */
struct bmap {
	const char	*name;
	uint64_t		mask;
	uint64_t		reset;
};

extern const struct bmap bmaps[NR_BMAP];

/* Section 1 of the contract: the columns of the table */
#define MAX_PSCI	5

struct base {
	const char	*release;
	unsigned int	known;
	bool		fw_last;	/* in KVM_GET_REG_LIST */
	unsigned int	nr_psci;
	uint32_t		psci[MAX_PSCI];	/* from 0.2 on, ascending */
};

extern const struct base bases[];
extern const unsigned int nr_bases;
extern const char base_names[];

/* Constant once the options are read */
extern const struct base *base;

/* End the program if there is no such base */
const struct base *find_base(const char *release);
const struct base *running_base(void);

uint32_t psci_latest(void);
bool psci_known(uint64_t version);

/* As "1.1", in a static buffer */
const char *psci_string(uint32_t version);

/* The firmware registers by number: levels, then bitmaps */
uint64_t fw_id(unsigned int i);

bool is_fw_id(uint64_t id);

/* The number of a register in a VM with @count bitmap registers, or -1 */
int fw_index(uint64_t id, unsigned int count);

/* The name of a firmware register, or its id. Good for a few uses in one line. */
const char *reg_name(uint64_t id);

#endif
