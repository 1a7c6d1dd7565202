/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the contract says about each base: the bitmap registers in its section 1, and the
 * latest PSCI version, which is the reset value in its section 7.
 */
#ifndef SHIM_CONTRACT_H
#define SHIM_CONTRACT_H

#include "../model.h"

#if defined(BASE_5_10)
#define CONTRACT_BMAPS	3
#define CONTRACT_PSCI	MODEL_PSCI(1, 0)
#elif defined(BASE_6_1) || defined(BASE_6_12)
#define CONTRACT_BMAPS	3
#define CONTRACT_PSCI	MODEL_PSCI(1, 1)
#elif defined(BASE_7_3)
#define CONTRACT_BMAPS	4
#define CONTRACT_PSCI	MODEL_PSCI(1, 3)
#else
#error "the contract does not know this base"
#endif

#endif
