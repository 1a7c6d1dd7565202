// SPDX-License-Identifier: BSD-3-Clause
/*
 * Fuzzes the reader of REPORT files: it either complains, or reads a report that is the same after
 * it is written and read again.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fwregs.h"
#include "report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Section 1 of the contract: n is dense from 0. A host has level registers. */
static void check_registers(const struct report *report)
{
	unsigned int i;

	assert(report_bmaps(report) < report->nr);
	for (i = 0; i < report_bmaps(report); i++)
		assert(report_find(report, FWREGS_BMAP(i)));
}

static void check_again(const struct report *report)
{
	char *json = report_to_json(report);
	struct complaint c = { 0 };
	struct report again;

	assert(!report_parse(json, strlen(json), &again, &c));
	assert(!memcmp(report, &again, sizeof(again)));
	free(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct complaint c = { 0 };
	struct report report;
	char *text = malloc(size + 1);

	memcpy(text, data, size);
	text[size] = 0;
	memset(&report, 0, sizeof(report));
	if (!report_parse(text, size, &report, &c)) {
		assert(!c.status);
		check_registers(&report);
		check_again(&report);
	} else {
		assert(c.status >= STATUS_DAMAGED && c.status <= STATUS_VERSION && c.text[0]);
	}
	free(text);
	return 0;
}
