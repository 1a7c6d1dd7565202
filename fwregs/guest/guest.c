// SPDX-License-Identifier: BSD-3-Clause
/*
 * The bare-metal guest: makes every call of calls.h, leaves the answers in memory
 * and rings the doorbell.
 */
#include "calls.h"

void hvc(struct result *res, uint64_t func_id, uint64_t x1);
void guest_main(void);

void guest_main(void)
{
	struct result *results = (struct result *)RESULTS;
	volatile uint32_t *doorbell = (volatile uint32_t *)DOORBELL;
	unsigned int i;

	for (i = 0; i < NR_CALLS; i++)
		hvc(&results[i], calls[i].func_id, calls[i].x1);

	for (;;)
		*doorbell = 1;
}
