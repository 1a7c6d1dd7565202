// SPDX-License-Identifier: BSD-3-Clause
/* What patches/BASE/base says, through scripts/bases.sh */
#include "bases.h"
#include "host.h"

const struct bmap bmaps[NR_BMAP] = { BITMAPS };

const struct base bases[] = { BASES };

const char base_names[] = BASE_NAMES;
const unsigned int nr_bases = ARRAY_SIZE(bases);
