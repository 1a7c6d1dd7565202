// SPDX-License-Identifier: BSD-3-Clause
/*
 * The bare-metal guest: makes every call of calls.h, tells the answers and rings the
 * doorbell.
 */
#include "calls.h"

void hvc(struct result *res, uint64_t func_id, uint64_t x1, uint64_t x2, uint64_t x3);
void guest_main(void);

static void tell(unsigned int call, const struct result *res)
{
	volatile struct result *answers = (volatile struct result *)ANSWERS;
	unsigned int i;

	for (i = 0; i < 4; i++)
		answers[call].x[i] = res->x[i];
}

void guest_main(void)
{
	volatile uint32_t *doorbell = (volatile uint32_t *)DOORBELL;
	struct result res;
	unsigned int i;

	for (i = 0; i < NR_CALLS; i++) {
		hvc(&res, calls[i].func_id, calls[i].x1, 0x2222, 0x3333);
		tell(i, &res);
	}

	for (;;)
		*doorbell = 1;
}
