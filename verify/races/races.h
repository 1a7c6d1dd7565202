/* SPDX-License-Identifier: BSD-3-Clause */
/* What the race tests and their guest have in common */
#ifndef RACES_H
#define RACES_H

/* What the guest writes to DOORBELL: which calls were served, and two of the answers */
#define SAW_FEATURES		0
#define SAW_UID			1
#define SAW_TRNG		2
#define SAW_PV_TIME		3
#define SAW_PTP			4
#define SAW_FEATURES_SHIFT	8	/* 8 bits, what FEATURES returned if it was served */
#define SAW_PSCI_SHIFT		32	/* 32 bits, what PSCI_VERSION returned */

#endif
