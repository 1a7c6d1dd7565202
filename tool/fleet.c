// SPDX-License-Identifier: BSD-3-Clause
#include "fleet.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "json.h"

/* Reading */

struct reader {
	const char *path;
	FILE *file;
	struct json_tokener *tokener;
	unsigned int nr;	/* reports so far in this file */
	size_t size;		/* bytes of the one that is being read */
	void (*each)(const struct report *report, void *arg);
	void *arg;
	unsigned int *total;
};

__attribute__((noreturn))
static void die_in_file(const struct reader *reader, const struct complaint *c)
{
	if (reader->nr)
		die_status(c->status, "%s, report %u: %s", reader->path, reader->nr + 1, c->text);
	die_status(c->status, "%s: %s", reader->path, c->text);
}

static void take_report(struct reader *reader, struct json_object *obj)
{
	struct complaint c = { 0 };
	static struct report report;

	if (!json_object_is_type(obj, json_type_object))
		complain(&c, STATUS_DAMAGED, "it is not a JSON object");
	else
		report_from_json(obj, &report, &c);
	json_object_put(obj);
	if (c.status)
		die_in_file(reader, &c);

	reader->nr++;
	reader->size = 0;
	++*reader->total;
	reader->each(&report, reader->arg);
}

/* Takes the part of @text that belongs to one report, or the space before it. Returns its size. */
static size_t take_some(struct reader *reader, const char *text, size_t size)
{
	struct complaint c = { 0 };
	struct json_object *obj;
	enum json_tokener_error err;
	size_t used;

	if (!reader->size) {
		used = strspn(text, " \t\r\n");
		if (used)
			return used < size ? used : size;
	}

	obj = json_tokener_parse_ex(reader->tokener, text, size);
	err = json_tokener_get_error(reader->tokener);
	used = json_tokener_get_parse_end(reader->tokener);
	reader->size += err == json_tokener_continue ? size : used;
	if (err != json_tokener_continue && err != json_tokener_success)
		complain(&c, STATUS_DAMAGED, "it is not JSON: %s at byte %zu of it",
			 json_tokener_error_desc(err), reader->size);
	else if (reader->size > REPORT_SIZE_MAX)
		complain(&c, STATUS_DAMAGED, "a report of more than %d bytes", REPORT_SIZE_MAX);
	if (c.status)
		die_in_file(reader, &c);
	if (err == json_tokener_continue)
		return size;

	take_report(reader, obj);
	json_tokener_reset(reader->tokener);
	return used;
}

/* Reads up to the end of a character: json-c refuses one in two halves */
static size_t read_some(FILE *file, char *text, size_t size)
{
	size_t n = fread(text, 1, size - 3, file), max = n == size - 3 ? size : n;
	int c;

	while (n < max && (c = getc(file)) != EOF) {
		if ((c & 0xc0) != 0x80) {
			ungetc(c, file);
			break;
		}
		text[n++] = c;
	}
	return n;
}

static void read_stream(struct reader *reader)
{
	struct complaint c = { 0 };
	char text[65537];
	size_t size, at;

	while ((size = read_some(reader->file, text, sizeof(text) - 1))) {
		/* strspn() stops here. A 0 in the text is not JSON. */
		text[size] = 0;
		for (at = 0; at < size; )
			at += take_some(reader, text + at, size - at);
	}

	if (ferror(reader->file))
		die_errno(errno, "reading %s", reader->path);
	if (reader->size)
		complain(&c, STATUS_CUT_OFF, "it ends in the middle of its JSON");
	else if (!reader->nr)
		complain(&c, STATUS_CUT_OFF, "it is empty");
	if (c.status)
		die_in_file(reader, &c);
}

static void read_file(struct reader reader, const char *path)
{
	reader.path = path;
	reader.file = strcmp(path, "-") ? fopen(path, "re") : stdin;
	if (!reader.file)
		die_errno(errno, "open of %s", path);
	reader.tokener = json_tokener_new();
	if (!reader.tokener)
		die_errno(ENOMEM, "reading %s", path);
	json_tokener_set_flags(reader.tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8 |
			       JSON_TOKENER_ALLOW_TRAILING_CHARS);

	read_stream(&reader);

	json_tokener_free(reader.tokener);
	if (reader.file != stdin)
		fclose(reader.file);
}

static int is_report_name(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return entry->d_name[0] != '.' && len > 5 && !strcmp(entry->d_name + len - 5, ".json");
}

/* In the order of their names, so that the output depends on the names only */
static void read_directory(const struct reader *reader, const char *path)
{
	struct dirent **entry;
	int nr = scandir(path, &entry, is_report_name, alphasort), i;
	char *file;

	if (nr < 0)
		die_errno(errno, "reading the directory %s", path);
	if (!nr)
		die_status(STATUS_USAGE, "there is no *.json in the directory %s", path);

	for (i = 0; i < nr; i++) {
		if (asprintf(&file, "%s/%s", path, entry[i]->d_name) < 0)
			die_errno(ENOMEM, "reading the directory %s", path);
		read_file(*reader, file);
		free(file);
		free(entry[i]);
	}
	free(entry);
}

void fleet_read(int nr, char *const *paths, void (*each)(const struct report *report, void *arg),
		void *arg)
{
	unsigned int total = 0;
	struct reader reader = { .each = each, .arg = arg, .total = &total };
	struct stat st;
	int i;

	for (i = 0; i < nr; i++) {
		if (strcmp(paths[i], "-") && !stat(paths[i], &st) && S_ISDIR(st.st_mode))
			read_directory(&reader, paths[i]);
		else
			read_file(reader, paths[i]);
	}
}

/* Groups */

/* Sets the host to name, if there is none yet */
static void set_first(struct group *group, const struct report *report)
{
	if (group->nr)
		return;
	snprintf(group->host, sizeof(group->host), "%s", report->host);
	snprintf(group->release, sizeof(group->release), "%s", report->release);
}

static char *grow(struct group *group, size_t size)
{
	char *names = realloc(group->names, group->size + size);

	if (!names)
		die_errno(ENOMEM, "names of hosts");
	group->names = names;
	group->size += size;
	return names + group->size - size;
}

void group_add(struct group *group, const struct report *report, int keep_names)
{
	size_t len = strlen(report->host);
	char *end;

	set_first(group, report);
	group->nr++;
	if (!keep_names)
		return;
	end = grow(group, len + 1);
	memcpy(end, report->host, len);
	end[len] = '\n';
}

static void group_clear(struct group *group)
{
	free(group->names);
	memset(group, 0, sizeof(*group));
}

static void group_copy(struct group *to, const struct group *from)
{
	*to = *from;
	to->names = NULL;
	to->size = 0;
	if (from->size)
		memcpy(grow(to, from->size), from->names, from->size);
}

const char *group_describe(const struct group *group, char buf[GROUP_SIZE])
{
	if (group->nr == 1)
		snprintf(buf, GROUP_SIZE, "host %s, %s", group->host, group->release);
	else
		snprintf(buf, GROUP_SIZE, "%u hosts, as %s", group->nr, group->release);
	return buf;
}

void group_print_names(FILE *out, const struct group *group)
{
	const char *name = group->names, *end;

	for (; group->nr > 1 && name && name < group->names + group->size; name = end + 1) {
		end = strchr(name, '\n');
		fprintf(out, "        %.*s\n", (int)(end - name), name);
	}
}

void group_put_names(struct json_object *obj, const char *key, const struct group *group)
{
	struct json_object *array;
	const char *name = group->names, *end;

	if (group->nr != 1 && !group->names)
		return;
	array = json_object_new_array();
	json_put(obj, key, array);
	if (group->nr == 1)
		json_append(array, json_object_new_string(group->host));
	for (; group->nr > 1 && name < group->names + group->size; name = end + 1) {
		end = strchr(name, '\n');
		json_append(array, json_object_new_string_len(name, end - name));
	}
}

/* What all accept */

static struct fleet_reg *find(struct fleet *fleet, uint64_t id)
{
	unsigned int i;

	for (i = 0; i < fleet->nr; i++)
		if (fleet->reg[i].common.id == id)
			return &fleet->reg[i];
	return NULL;
}

/* All hosts before this one lack it */
static struct fleet_reg *add_reg(struct fleet *fleet, const struct report_reg *reg,
				 const struct report *report)
{
	unsigned int at;

	if (fleet->nr == REPORT_REGS_MAX)
		die("the hosts have more than %d different registers", REPORT_REGS_MAX);
	for (at = fleet->nr; at && fleet->reg[at - 1].common.id > reg->id; at--)
		fleet->reg[at] = fleet->reg[at - 1];
	fleet->nr++;

	fleet->reg[at] = (struct fleet_reg) { .common = *reg };
	group_copy(&fleet->reg[at].lacking, &fleet->all);
	group_add(&fleet->reg[at].limiting, report, fleet->keep_names);
	return &fleet->reg[at];
}

/* Leaves in @common what @reg accepts as well */
static void intersect(struct report_reg *common, const struct report_reg *reg)
{
	unsigned int i, n = 0;

	common->mask &= reg->mask;
	common->val &= reg->val;
	for (i = 0; i < common->nr; i++)
		if (report_accepts(reg, common->accepted[i]))
			common->accepted[n++] = common->accepted[i];
	common->nr = n;
}

static int accepts_same(const struct report_reg *a, const struct report_reg *b)
{
	return a->mask == b->mask && a->nr == b->nr &&
		!memcmp(a->accepted, b->accepted, a->nr * sizeof(a->accepted[0]));
}

static void merge(struct fleet_reg *into, const struct report_reg *reg,
		  const struct report *report, int keep_names)
{
	struct report_reg before = into->common;

	intersect(&into->common, reg);
	if (!accepts_same(&into->common, reg) || !accepts_same(&into->common, &before))
		into->is_limited = 1;
	/* Fewer than before: this host limits, alone or together with an earlier one */
	if (!accepts_same(&into->common, &before)) {
		group_clear(&into->limiting);
		set_first(&into->limiting, report);
	}
	if (accepts_same(&into->common, reg))
		group_add(&into->limiting, report, keep_names);
}

static void count_bmaps(struct fleet *fleet, const struct report *report)
{
	unsigned int n = report_bmaps(report);

	if (fleet->all.nr && n != fleet->bmaps)
		fleet->is_limited = 1;
	if (!fleet->all.nr || n < fleet->bmaps) {
		fleet->bmaps = n;
		group_clear(&fleet->fewest);
	}
	if (n == fleet->bmaps)
		group_add(&fleet->fewest, report, fleet->keep_names);

	if (report_lacks_bmaps(report))
		group_add(&fleet->no_bmaps, report, fleet->keep_names);
	if (report_can_limit(report))
		return;
	if (n > fleet->fixed_bmaps)
		fleet->fixed_bmaps = n;
	group_add(&fleet->fixed, report, fleet->keep_names);
}

/* A value that a host has, whatever is written */
static void add_value(struct fleet_reg *reg, uint64_t val, const struct report *report,
		      int keep_names)
{
	unsigned int i;

	for (i = 0; i < reg->nr_values && reg->value[i].val != val; i++)
		;
	if (i == REPORT_VALUES_MAX)
		die("the hosts have more than %d different values in register 0x%llx",
		    REPORT_VALUES_MAX, (unsigned long long)reg->common.id);
	if (i == reg->nr_values)
		reg->value[reg->nr_values++].val = val;
	group_add(&reg->value[i].hosts, report, keep_names);
}

int fleet_accepts(const struct fleet_reg *reg, const struct fleet_value *value)
{
	return !reg->lacking.nr && report_accepts(&reg->common, value->val);
}

void fleet_add(struct fleet *fleet, const struct report *report)
{
	struct fleet_reg *reg;
	unsigned int i;

	count_bmaps(fleet, report);
	for (i = 0; i < fleet->nr; i++)
		if (!report_find(report, fleet->reg[i].common.id))
			group_add(&fleet->reg[i].lacking, report, fleet->keep_names);
	for (i = 0; i < report->nr; i++) {
		reg = find(fleet, report->reg[i].id);
		if (reg)
			merge(reg, &report->reg[i], report, fleet->keep_names);
		else
			reg = add_reg(fleet, &report->reg[i], report);
		if (!report_is_kept(reg->common.id))
			add_value(reg, report->reg[i].val, report, fleet->keep_names);
	}
	group_add(&fleet->all, report, fleet->keep_names);
}

/*
 * The greatest level that all accept. For a mitigation, the least that a host has, if all accept
 * that: KVM also accepts greater ones with the same meaning, as UNKNOWN for NOT_AVAIL.
 */
static uint64_t common_level(const struct fleet_reg *reg)
{
	uint64_t least = UINT64_MAX;
	unsigned int i;

	for (i = 0; i < reg->nr_values; i++)
		if (reg->value[i].val < least)
			least = reg->value[i].val;
	if (reg->nr_values && report_accepts(&reg->common, least))
		return least;
	return reg->common.accepted[reg->common.nr - 1];
}

uint64_t fleet_baseline(const struct fleet *fleet, int reset, struct fwregs_state *baseline)
{
	unsigned int i;

	_Static_assert(REPORT_REGS_MAX <= FWREGS_STATE_MAX, "FWREGS_STATE_MAX");
	baseline->nr = 0;
	for (i = 0; i < fleet->nr; i++) {
		const struct report_reg *common = &fleet->reg[i].common;
		uint64_t val;

		/* Numbers are dense, so the bitmap registers that all have are the first ones */
		if (fleet->reg[i].lacking.nr)
			continue;
		if (fwregs_is_bmap(common->id))
			val = reset ? common->mask & common->val : common->mask;
		else if (common->nr)
			val = common_level(&fleet->reg[i]);
		else
			return common->id;
		baseline->reg[baseline->nr].id = common->id;
		baseline->reg[baseline->nr++].val = val;
	}
	return 0;
}
