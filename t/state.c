// SPDX-License-Identifier: BSD-3-Clause
/*
 * Unit test of STATE files: what is written is read back, and no file that has been cut
 * off, or that has another byte somewhere, is. Exits at the first failure. The argument is
 * a directory to write to.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "state.h"
#include "check.h"

static void make_state(struct state *state)
{
	static const uint64_t ids[] = {
		FWREGS_PSCI_VERSION, FWREGS_WORKAROUND_1, FWREGS_BMAP(0), FWREGS_BMAP(1),
	};
	unsigned int i, v;

	memset(state, 0, sizeof(*state));
	strcpy(state->host, "Linux \"7.3\"");
	for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		state->fw.reg[i].id = ids[i];
		state->fw.reg[i].val = ~0ULL - i;
	}
	state->fw.nr = i;

	state->nr_vcpus = 2;
	for (v = 0; v < 2; v++) {
		state->vcpu[v].mp_state = v * 3;
		state->vcpu[v].nr = 9;
		state->vcpu[v].reg = calloc(9, sizeof(struct state_reg));
		/* 1 to 256 bytes */
		for (i = 0; i < 9; i++) {
			struct state_reg *reg = &state->vcpu[v].reg[i];

			reg->id = 0x6000000000130000ULL | (uint64_t)i << 52 | i;
			memset(reg->val, 0xa0 + i + v, state_reg_size(reg->id));
			memset(reg->reset, 0x10 + i, state_reg_size(reg->id));
		}
	}

	state->nr_pages = 1;
	state->page = calloc(1, sizeof(*state->page));
	state->page[0].addr = 0x40001000;
	for (i = 0; i < STATE_PAGE; i++)
		state->page[0].data[i] = i * 7;
}

static int same_vcpu(const struct state_vcpu *a, const struct state_vcpu *b)
{
	return a->mp_state == b->mp_state && a->nr == b->nr &&
		!memcmp(a->reg, b->reg, a->nr * sizeof(*a->reg));
}

static int same(const struct state *a, const struct state *b)
{
	unsigned int i;

	for (i = 0; i < a->nr_vcpus && i < b->nr_vcpus; i++)
		if (!same_vcpu(&a->vcpu[i], &b->vcpu[i]))
			return 0;
	return !strcmp(a->host, b->host) && a->fw.nr == b->fw.nr &&
		!memcmp(a->fw.reg, b->fw.reg, a->fw.nr * sizeof(a->fw.reg[0])) &&
		a->nr_vcpus == b->nr_vcpus && a->nr_pages == b->nr_pages &&
		!memcmp(a->page, b->page, a->nr_pages * sizeof(*a->page));
}

/* The status that reading these bytes ends with */
static int status_of(const char *data, size_t size)
{
	struct complaint c = { 0 };
	struct state state;
	char *copy = malloc(size + 1);

	/* So that the sanitizer sees a byte too far */
	memcpy(copy, data, size);
	copy[size] = 0;
	if (!state_parse(copy, size, &state, &c)) {
		CHECK(!c.status);
		state_free(&state);
	} else {
		CHECK(c.status && c.text[0] && !state.vcpu[0].reg && !state.page);
	}
	free(copy);
	return c.status;
}

static void test_damage(char *data, size_t size)
{
	size_t i, first_line = strchr(data, '\n') - data;
	int bit, status;

	CHECK(!status_of(data, size));
	for (i = 0; i < size; i += i < 200 || i + 200 > size ? 1 : 97)
		CHECK(status_of(data, i) == STATUS_CUT_OFF);
	for (i = 0; i < size; i += i < 200 || i + 200 > size ? 1 : 97) {
		for (bit = 0; bit < 8; bit++) {
			data[i] ^= 1 << bit;
			status = status_of(data, size);
			data[i] ^= 1 << bit;
			CHECK(status == STATUS_DAMAGED);
		}
	}
	CHECK(status_of(data, size + 1) == STATUS_DAMAGED);	/* has a 0 at its end */
	data[first_line] = ' ';
	CHECK(status_of(data, size) == STATUS_DAMAGED);
	data[first_line] = '\n';
	CHECK(!status_of(data, size));
}

/* Reads a file that somebody else has made: t0040-state.sh has what the status should be */
static int read_file(const char *path)
{
	struct state state;

	state_read(path, &state);
	printf("%u firmware registers, %u vCPUs, %u pages\n", state.fw.nr, state.nr_vcpus,
	       state.nr_pages);
	state_free(&state);
	return 0;
}

int main(int argc, char **argv)
{
	struct complaint c = { 0 };
	struct state state, again;
	char path[4096];
	size_t size;
	char *data;

	if (argc == 3 && !strcmp(argv[1], "--read"))
		return read_file(argv[2]);

	snprintf(path, sizeof(path), "%s/state", argc > 1 ? argv[1] : ".");
	make_state(&state);
	state_write(path, &state);
	state_read(path, &again);
	CHECK(same(&state, &again));

	/* Written once more, it is the same file, which has been replaced */
	state_write(path, &again);
	data = file_read(path, STATE_SIZE_MAX, &size, &c);
	CHECK(data && !c.status);
	test_damage(data, size);
	free(data);
	state_free(&again);

	state.nr_vcpus = 0;
	state_write(path, &state);
	state_read(path, &again);
	CHECK(!again.nr_vcpus && !again.nr_pages && again.fw.nr == state.fw.nr);
	state_free(&again);
	state.nr_vcpus = 2;
	state_free(&state);
	return 0;
}
