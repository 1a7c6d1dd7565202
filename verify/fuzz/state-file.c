// SPDX-License-Identifier: BSD-3-Clause
/*
 * Fuzzes the reader of STATE files: it either complains, or reads a state within its limits. It
 * reads each input with its checksum and without.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "vmm/guest/calls.h"
#include "state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_state(const struct state *state)
{
	unsigned int i, j;

	assert(state->fw.nr <= FWREGS_STATE_MAX && state->nr_vcpus <= STATE_VCPUS_MAX);
	assert(state->nr_pages <= STATE_PAGES_MAX);
	assert(strlen(state->host) < STATE_TEXT_SIZE);
	for (i = 0; i < state->fw.nr; i++)
		assert(fwregs_is_bmap(state->fw.reg[i].id) || fwregs_is_level(state->fw.reg[i].id));
	for (i = 0; i < state->nr_vcpus; i++) {
		assert(state->vcpu[i].nr <= STATE_REGS_MAX);
		for (j = 0; j < state->vcpu[i].nr; j++)
			assert(state_reg_size(state->vcpu[i].reg[j].id) <= STATE_REG_BYTES);
	}
	for (i = 0; i < state->nr_pages; i++)
		assert(!(state->page[i].addr % STATE_PAGE) && state->page[i].addr >= RAM_BASE &&
		       state->page[i].addr <= RAM_BASE + RAM_SIZE - STATE_PAGE);
}

static void read_with(int (*parse)(const char *, size_t, struct state *, struct complaint *),
		      const char *text, size_t size)
{
	struct complaint c = { 0 };
	struct state state;

	if (!parse(text, size, &state, &c)) {
		assert(!c.status);
		check_state(&state);
		state_free(&state);
	} else {
		assert(c.status >= STATUS_DAMAGED && c.status <= STATUS_VERSION && c.text[0]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* As file_read() has it: a 0 at the end */
	char *text = malloc(size + 1);

	memcpy(text, data, size);
	text[size] = 0;
	read_with(state_parse, text, size);
	read_with(state_parse_json, text, size);
	free(text);
	return 0;
}
