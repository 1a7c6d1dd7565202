// SPDX-License-Identifier: BSD-3-Clause
#include "host.h"

const struct bmap bmaps[NR_BMAP] = {
	[STD]		= { "STD_BMAP",			0x1, 0x1 },
	[STD_HYP]	= { "STD_HYP_BMAP",		0x1, 0x1 },
	[VENDOR_HYP]	= { "VENDOR_HYP_BMAP",		0x3, 0x3 },
	[VENDOR_HYP_2]	= { "VENDOR_HYP_BMAP_2",	0x3, 0x0 },
};

const struct base bases[] = {
	{ "5.10", 3, false, 2, { PSCI_VERSION(0, 2), PSCI_VERSION(1, 0) } },
	{ "6.1",  3, false, 3, { PSCI_VERSION(0, 2), PSCI_VERSION(1, 0),
				  PSCI_VERSION(1, 1) } },
	{ "6.12", 3, true,  3, { PSCI_VERSION(0, 2), PSCI_VERSION(1, 0),
				  PSCI_VERSION(1, 1) } },
	{ "7.3",  4, true,  5, { PSCI_VERSION(0, 2), PSCI_VERSION(1, 0),
				  PSCI_VERSION(1, 1), PSCI_VERSION(1, 2),
				  PSCI_VERSION(1, 3) } },
};

const char base_names[] = "5.10, 6.1, 6.12, 7.3";
const unsigned int nr_bases = ARRAY_SIZE(bases);
