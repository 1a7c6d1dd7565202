/* SPDX-License-Identifier: BSD-3-Clause */
/* What the guest of the stress test writes to DOORBELL, 64 bits */
#ifndef STRESS_REPORT_H
#define STRESS_REPORT_H

/* Bits: the call is served */
#define REPORT_FEATURES		0
#define REPORT_UID		1
#define REPORT_TRNG_VERSION	2
#define REPORT_TRNG_RND64	3
#define REPORT_PV_TIME		4
#define REPORT_PTP		5
#define REPORT_ARCH_PV_TIME	6
#define REPORT_PSCI		7
/* A call that was not served left something in x1 to x3 */
#define REPORT_REST		15

/* 16 bits of what FEATURES returned, and 32 of what PSCI_VERSION did */
#define REPORT_FEATURES_SHIFT	16
#define REPORT_PSCI_SHIFT	32

#endif
