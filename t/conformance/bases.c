// SPDX-License-Identifier: BSD-3-Clause
#include "host.h"

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

const unsigned int nr_bases = ARRAY_SIZE(bases);
