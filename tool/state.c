// SPDX-License-Identifier: BSD-3-Clause
#include "state.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "file.h"
#include "vmm/guest/calls.h"
#include "json.h"

/* include/uapi/linux/kvm.h: log2 of a register's bytes is in its id */
#define REG_SIZE_SHIFT	52
#define REG_SIZE_MASK	0xfULL

/* Values in the JSON: full arrays, three members in each entry, and room for unknown members */
#define ENTRIES_MAX	(FWREGS_STATE_MAX + STATE_VCPUS_MAX * STATE_REGS_MAX + STATE_PAGES_MAX)
#define VALUES_MAX	(4 * ENTRIES_MAX + 10000)

/*
 * The first lines, in the same layout in all versions: version, bytes of the file, and a CRC-32 of
 * all bytes but its own digits. The CRC covers the true size, so an altered size is found. The size
 * has a fixed width, since it counts its own digits.
 */
#define HEADER		"{\n  \"format\": \"" STATE_FORMAT "\",\n  \"version\": %u,\n" \
			"  \"size\": %8zu,\n  \"crc32\": \""
#define CRC_DIGITS	8
#define HEADER_MAX	128

/* Files of version 1 have a line before their JSON that starts like this */
#define VERSION_1	STATE_FORMAT " 1 "

size_t state_reg_size(uint64_t id)
{
	return (size_t)1 << (id >> REG_SIZE_SHIFT & REG_SIZE_MASK);
}

/*
 * Documentation/virt/kvm/api.rst: the ids of 64-bit system registers end in op0, op1, CRn, CRm
 * and op2. ID registers have 3, 0, 0, 1 to 7, and any.
 */
static int is_id_reg(uint64_t id)
{
	return id >= 0x603000000013c008ULL && id <= 0x603000000013c03fULL;
}

int state_has_id_regs(const struct state *state)
{
	unsigned int v, i;

	for (v = 0; v < state->nr_vcpus; v++)
		for (i = 0; i < state->vcpu[v].nr; i++)
			if (is_id_reg(state->vcpu[v].reg[i].id))
				return 1;
	return 0;
}

void state_free(struct state *state)
{
	unsigned int i;

	for (i = 0; i < state->nr_vcpus; i++)
		free(state->vcpu[i].reg);
	free(state->page);
	memset(state, 0, sizeof(*state));
}

/* @rest: what follows the digits of the checksum */
static uint32_t checksum(unsigned int version, size_t file_size, const char *rest, size_t size)
{
	char header[HEADER_MAX];
	int len = snprintf(header, sizeof(header), HEADER, version, file_size);
	uLong crc = crc32(0, NULL, 0);

	crc = crc32(crc, (const Bytef *)header, len);
	return crc32_z(crc, (const Bytef *)rest, size);
}

/* Writing */

static struct json_object *new_text(const char *text)
{
	return json_object_new_string(text);
}

static struct json_object *new_bytes(const unsigned char *bytes, size_t size)
{
	struct json_object *text;
	char *hex = malloc(2 * size + 1);
	size_t i;

	if (!hex)
		die_errno(ENOMEM, "JSON");
	for (i = 0; i < size; i++)
		sprintf(hex + 2 * i, "%02x", bytes[i]);
	text = json_object_new_string_len(hex, 2 * size);
	free(hex);
	return text;
}

static struct json_object *new_firmware(const struct fwregs_state *fw)
{
	struct json_object *array = json_object_new_array(), *reg;
	char name[FWREGS_NAME_SIZE];
	unsigned int i;

	for (i = 0; i < fw->nr; i++) {
		reg = json_object_new_object();
		json_append(array, reg);
		json_put(reg, "id", json_new_hex(fw->reg[i].id));
		json_put(reg, "name", new_text(fwregs_name(fw->reg[i].id, name)));
		json_put(reg, "value", json_new_hex(fw->reg[i].val));
	}
	return array;
}

static struct json_object *new_vcpu(const struct state_vcpu *vcpu)
{
	struct json_object *obj = json_object_new_object(), *array = json_object_new_array();
	struct json_object *row;
	unsigned int i;

	json_put(obj, "mp_state", json_object_new_int64(vcpu->mp_state));
	json_put(obj, "registers", array);
	for (i = 0; i < vcpu->nr; i++) {
		const struct state_reg *reg = &vcpu->reg[i];

		row = json_object_new_object();
		json_append(array, row);
		json_put(row, "id", json_new_hex(reg->id));
		json_put(row, "value", new_bytes(reg->val, state_reg_size(reg->id)));
		json_put(row, "reset", new_bytes(reg->reset, state_reg_size(reg->id)));
	}
	return obj;
}

static struct json_object *new_vcpus(const struct state *state)
{
	struct json_object *array = json_object_new_array();
	unsigned int i;

	for (i = 0; i < state->nr_vcpus; i++)
		json_append(array, new_vcpu(&state->vcpu[i]));
	return array;
}

static struct json_object *new_memory(const struct state *state)
{
	struct json_object *array = json_object_new_array(), *page;
	unsigned int i;

	for (i = 0; i < state->nr_pages; i++) {
		page = json_object_new_object();
		json_append(array, page);
		json_put(page, "addr", json_new_hex(state->page[i].addr));
		json_put(page, "data", new_bytes(state->page[i].data, STATE_PAGE));
	}
	return array;
}

/* All members after those of HEADER */
static struct json_object *new_state(const struct state *state)
{
	struct json_object *obj = json_object_new_object();

	json_put(obj, "host", new_text(state->host));
	json_put(obj, "firmware", new_firmware(&state->fw));
	if (state->nr_vcpus) {
		json_put(obj, "vcpus", new_vcpus(state));
		json_put(obj, "memory", new_memory(state));
	}
	return obj;
}

/* HEADER, and the JSON of @obj without its first brace */
static int print_state(char **all, const char *rest, size_t size)
{
	size_t file_size = snprintf(NULL, 0, HEADER, STATE_VERSION, size) + CRC_DIGITS + size;

	return asprintf(all, HEADER "%08" PRIx32 "%s", STATE_VERSION, file_size,
			checksum(STATE_VERSION, file_size, rest, size), rest);
}

void state_write(const char *path, const struct state *state)
{
	struct json_object *obj = new_state(state);
	char *rest, *all;
	int size, len;

	size = asprintf(&rest, "\",%s\n", json_string(obj) + strlen("{"));
	len = size < 0 ? -1 : print_state(&all, rest, size);
	if (len < 0)
		die_errno(ENOMEM, "JSON");

	file_write(path, all, len);
	free(all);
	free(rest);
	json_object_put(obj);
}

/* Reading */

static int parse_bytes(struct json_object *obj, const char *key, unsigned char *bytes,
		       size_t size, struct complaint *c)
{
	struct json_object *text = json_member(obj, key, json_type_string, c);
	const char *hex;
	size_t i;

	if (!text)
		return -1;

	hex = json_object_get_string(text);
	if ((size_t)json_object_get_string_len(text) != 2 * size ||
	    strspn(hex, "0123456789abcdef") != 2 * size)
		return complain(c, STATUS_DAMAGED, "'%s' is not %zu bytes in hexadecimal", key, size);

	for (i = 0; i < size; i++)
		sscanf(hex + 2 * i, "%2hhx", &bytes[i]);
	return 0;
}

/* An array of at most @max, NULL: see @c */
static struct json_object *parse_array(struct json_object *obj, const char *key, size_t max,
				       struct complaint *c)
{
	struct json_object *array = json_member(obj, key, json_type_array, c);

	if (array && json_object_array_length(array) > max) {
		complain(c, STATUS_DAMAGED, "'%s' has %zu entries, which is more than %zu", key,
			 json_object_array_length(array), max);
		return NULL;
	}
	return array;
}

/* Entry @i, which has to be an object */
static struct json_object *parse_entry(struct json_object *array, const char *key, size_t i,
				       struct complaint *c)
{
	struct json_object *obj = json_object_array_get_idx(array, i);

	if (!json_object_is_type(obj, json_type_object)) {
		complain(c, STATUS_DAMAGED, "entry %zu of '%s' is not an object", i, key);
		return NULL;
	}
	return obj;
}

static int check_firmware(const struct fwregs_state *fw, struct complaint *c)
{
	unsigned int i, j, bmaps = 0;
	uint64_t seen = 0;

	for (i = 0; i < fw->nr; i++) {
		uint64_t id = fw->reg[i].id;

		if (!fwregs_is_bmap(id) && !fwregs_is_level(id))
			return complain(c, STATUS_DAMAGED,
					"0x%" PRIx64 " is not a firmware register", id);
		for (j = 0; j < i; j++)
			if (fw->reg[j].id == id)
				return complain(c, STATUS_DAMAGED,
						"register 0x%" PRIx64 " is there twice", id);
		if (!fwregs_is_bmap(id))
			continue;
		bmaps++;
		if ((id & 0xffff) < FWREGS_STATE_MAX)
			seen |= 1ULL << (id & 0xffff);
	}

	/* Numbers are dense, see section 1 of the ABI: n registers are the first n */
	if (seen != (bmaps < 64 ? (1ULL << bmaps) - 1 : ~0ULL))
		return complain(c, STATUS_DAMAGED, "it has a bitmap register but not all before it");
	return 0;
}

static int parse_firmware(struct json_object *obj, struct fwregs_state *fw, struct complaint *c)
{
	struct json_object *array = parse_array(obj, "firmware", FWREGS_STATE_MAX, c), *reg;
	size_t i;

	if (!array)
		return -1;

	fw->nr = json_object_array_length(array);
	for (i = 0; i < fw->nr; i++) {
		reg = parse_entry(array, "firmware", i, c);
		if (!reg || json_hex(reg, "id", &fw->reg[i].id, c) ||
		    json_hex(reg, "value", &fw->reg[i].val, c))
			return -1;
	}
	return check_firmware(fw, c);
}

static int parse_reg(struct json_object *row, struct state_reg *reg, struct complaint *c)
{
	size_t size;

	if (!row || json_hex(row, "id", &reg->id, c))
		return -1;

	size = state_reg_size(reg->id);
	if (size > STATE_REG_BYTES)
		return complain(c, STATUS_DAMAGED, "register 0x%" PRIx64 " has no size that KVM knows",
				reg->id);
	if (fwregs_is_bmap(reg->id) || fwregs_is_level(reg->id))
		return complain(c, STATUS_DAMAGED,
				"firmware register 0x%" PRIx64 " is among those of a vCPU", reg->id);
	return parse_bytes(row, "value", reg->val, size, c) ||
	       parse_bytes(row, "reset", reg->reset, size, c) ? -1 : 0;
}

static int by_id(const void *a, const void *b)
{
	const struct state_reg *const *x = a, *const *y = b;

	return (*x)->id < (*y)->id ? -1 : (*x)->id > (*y)->id;
}

static int check_twice(const struct state_vcpu *vcpu, struct complaint *c)
{
	const struct state_reg **sorted = calloc(vcpu->nr + 1, sizeof(*sorted));
	unsigned int i;
	int bad = 0;

	if (!sorted)
		return complain(c, STATUS_SYSTEM, "there is not enough memory for it");

	for (i = 0; i < vcpu->nr; i++)
		sorted[i] = &vcpu->reg[i];
	qsort(sorted, vcpu->nr, sizeof(*sorted), by_id);
	for (i = 1; i < vcpu->nr && !bad; i++)
		if (sorted[i]->id == sorted[i - 1]->id)
			bad = complain(c, STATUS_DAMAGED,
				       "register 0x%" PRIx64 " of a vCPU is there twice",
				       sorted[i]->id);
	free(sorted);
	return bad;
}

static int parse_vcpu(struct json_object *obj, struct state_vcpu *vcpu, struct complaint *c)
{
	struct json_object *array;
	int64_t mp_state;
	size_t i, nr;

	if (json_int(obj, "mp_state", 0, UINT32_MAX, &mp_state, c))
		return -1;
	array = parse_array(obj, "registers", STATE_REGS_MAX, c);
	if (!array)
		return -1;

	nr = json_object_array_length(array);
	vcpu->mp_state = mp_state;
	vcpu->reg = calloc(nr + 1, sizeof(*vcpu->reg));
	if (!vcpu->reg)
		return complain(c, STATUS_SYSTEM, "there is not enough memory for it");
	vcpu->nr = nr;
	for (i = 0; i < nr; i++)
		if (parse_reg(parse_entry(array, "registers", i, c), &vcpu->reg[i], c))
			return -1;
	return check_twice(vcpu, c);
}

static int parse_vcpus(struct json_object *obj, struct state *state, struct complaint *c)
{
	struct json_object *array = parse_array(obj, "vcpus", STATE_VCPUS_MAX, c), *vcpu;
	size_t i, nr;

	if (!array)
		return -1;

	nr = json_object_array_length(array);
	if (!nr)
		return complain(c, STATUS_DAMAGED, "'vcpus' has no entry");
	for (i = 0; i < nr; i++) {
		vcpu = parse_entry(array, "vcpus", i, c);
		if (!vcpu)
			return -1;
		state->nr_vcpus++;
		if (parse_vcpu(vcpu, &state->vcpu[i], c))
			return -1;
	}
	return 0;
}

static int parse_memory(struct json_object *obj, struct state *state, struct complaint *c)
{
	struct json_object *array = parse_array(obj, "memory", STATE_PAGES_MAX, c), *page;
	size_t i, nr;

	if (!array)
		return -1;

	nr = json_object_array_length(array);
	state->page = calloc(nr + 1, sizeof(*state->page));
	if (!state->page)
		return complain(c, STATUS_SYSTEM, "there is not enough memory for it");
	for (i = 0; i < nr; i++) {
		page = parse_entry(array, "memory", i, c);
		if (!page || json_hex(page, "addr", &state->page[i].addr, c) ||
		    parse_bytes(page, "data", state->page[i].data, STATE_PAGE, c))
			return -1;
		/* Ascending, so no page is there twice */
		if (state->page[i].addr % STATE_PAGE ||
		    (i && state->page[i].addr <= state->page[i - 1].addr))
			return complain(c, STATUS_DAMAGED, "page 0x%" PRIx64 " is out of order",
					state->page[i].addr);
		if (state->page[i].addr < RAM_BASE || state->page[i].addr >= RAM_BASE + RAM_SIZE)
			return complain(c, STATUS_DAMAGED,
					"page 0x%" PRIx64 " is outside of the guest's memory",
					state->page[i].addr);
	}
	state->nr_pages = nr;
	return 0;
}

static int parse_members(struct json_object *obj, struct state *state, struct complaint *c)
{
	struct json_object *vcpus;
	char format[32];
	int64_t version;

	if (json_text(obj, "format", format, sizeof(format), c) ||
	    json_int(obj, "version", 0, INT32_MAX, &version, c))
		return -1;
	if (strcmp(format, STATE_FORMAT) || version != STATE_VERSION)
		return complain(c, STATUS_DAMAGED,
				"its 'format' or 'version' is not that of its first lines");
	if (json_text(obj, "host", state->host, sizeof(state->host), c) ||
	    parse_firmware(obj, &state->fw, c) ||
	    json_maybe(obj, "vcpus", json_type_array, &vcpus, c))
		return -1;
	if (!vcpus)
		return 0;
	return parse_vcpus(obj, state, c) || parse_memory(obj, state, c) ? -1 : 0;
}

int state_parse_json(const char *json, size_t size, struct state *state, struct complaint *c)
{
	struct json_object *obj = json_parse(json, size, VALUES_MAX, c);
	int bad;

	memset(state, 0, sizeof(*state));
	if (!obj)
		return -1;

	bad = parse_members(obj, state, c);
	if (bad)
		state_free(state);
	json_object_put(obj);
	return bad;
}

/* Says what is wrong with a file without HEADER: cut off, version 1, or something else */
static int complain_no_header(const char *data, size_t size, struct complaint *c)
{
	char header[HEADER_MAX];
	size_t len = strcspn(HEADER, "%");

	snprintf(header, sizeof(header), HEADER, STATE_VERSION, size);
	if (!strncmp(data, VERSION_1, strlen(VERSION_1)))
		return complain(c, STATUS_VERSION,
				"it is of version 1, and this fwregs reads version %u",
				STATE_VERSION);
	if (size < strlen(header) + CRC_DIGITS && !strncmp(data, header, size < len ? size : len))
		return complain(c, STATUS_CUT_OFF, "it ends within its first lines");
	return complain(c, STATUS_DAMAGED, "it does not start as a STATE of fwregs does");
}

/* Reads the first lines, which have exactly one form. *len: bytes up to the checksum's end. */
static int parse_header(const char *data, unsigned int *version, size_t *bytes, uint32_t *crc,
			size_t *len)
{
	char again[HEADER_MAX];

	if (sscanf(data, HEADER "%8" SCNx32, version, bytes, crc) != 3)
		return -1;

	*len = snprintf(again, sizeof(again), HEADER "%08" PRIx32, *version, *bytes, *crc);
	return strncmp(data, again, *len) ? -1 : 0;
}

/* Checks the file against its first lines. The size may have been altered, too. */
static int check_sum(unsigned int version, size_t bytes, uint32_t crc, const char *rest,
		     size_t rest_size, size_t size, struct complaint *c)
{
	int same = crc == checksum(version, size, rest, rest_size);

	if (same && bytes == size)
		return 0;
	if (same || bytes == size)
		return complain(c, STATUS_DAMAGED,
				"it has been altered, its checksum is not %08" PRIx32, crc);
	if (size < bytes)
		return complain(c, STATUS_CUT_OFF, "it ends %zu bytes too early", bytes - size);
	return complain(c, STATUS_DAMAGED, "it has %zu bytes more than it should", size - bytes);
}

int state_parse(const char *data, size_t size, struct state *state, struct complaint *c)
{
	unsigned int version;
	size_t bytes, len;
	uint32_t crc;

	memset(state, 0, sizeof(*state));
	if (parse_header(data, &version, &bytes, &crc, &len))
		return complain_no_header(data, size, c);
	if (check_sum(version, bytes, crc, data + len, size - len, size, c))
		return -1;
	if (version > STATE_VERSION)
		return complain(c, STATUS_VERSION,
				"it is of version %u, and this fwregs reads version %u", version,
				STATE_VERSION);
	if (version < STATE_VERSION)
		return complain(c, STATUS_DAMAGED, "there is no version %u", version);
	return state_parse_json(data, size, state, c);
}

void state_read(const char *path, struct state *state)
{
	struct complaint c = { 0 };
	size_t size;
	char *data = file_read(path, STATE_SIZE_MAX, &size, &c);

	if (data)
		state_parse(data, size, state, &c);
	if (c.status)
		die_status(c.status, "%s: %s", path, c.text);
	free(data);
}
