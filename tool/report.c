// SPDX-License-Identifier: BSD-3-Clause
#include "report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fwregs.h"
#include "json.h"

const struct report_reg *report_find(const struct report *report, uint64_t id)
{
	unsigned int i;

	for (i = 0; i < report->nr; i++)
		if (report->reg[i].id == id)
			return &report->reg[i];
	return NULL;
}

int report_accepts(const struct report_reg *reg, uint64_t val)
{
	unsigned int i;

	if (fwregs_is_bmap(reg->id))
		return !(val & ~reg->mask);
	for (i = 0; i < reg->nr; i++)
		if (reg->accepted[i] == val)
			return 1;
	return 0;
}

int report_is_kept(uint64_t id)
{
	return fwregs_is_bmap(id) || id == FWREGS_PSCI_VERSION;
}

unsigned int report_bmaps(const struct report *report)
{
	unsigned int i, n = 0;

	for (i = 0; i < report->nr; i++)
		n += fwregs_is_bmap(report->reg[i].id);
	return n;
}

int report_can_limit(const struct report *report)
{
	return report->ceiling || report->fw_bmap_regs[0];
}

int report_lacks_bmaps(const struct report *report)
{
	return !report_can_limit(report) && !report_bmaps(report);
}

/* Writing */

static void put_text(struct json_object *obj, const char *key, const char *text)
{
	json_put(obj, key, json_object_new_string(text));
}

static void put_parameter(struct json_object *parameters, const char *key, const char *value)
{
	if (value[0])
		put_text(parameters, key, value);
	else
		json_object_object_add(parameters, key, NULL);
}

static struct json_object *new_reg(const struct report_reg *reg)
{
	struct json_object *obj = json_object_new_object(), *accepted;
	char name[FWREGS_NAME_SIZE];
	unsigned int i;

	json_put(obj, "id", json_new_hex(reg->id));
	put_text(obj, "name", fwregs_name(reg->id, name));
	json_put(obj, "value", json_new_hex(reg->val));
	if (fwregs_is_bmap(reg->id)) {
		json_put(obj, "mask", json_new_hex(reg->mask));
		return obj;
	}

	accepted = json_object_new_array();
	json_put(obj, "accepted", accepted);
	for (i = 0; i < reg->nr; i++)
		json_append(accepted, json_new_hex(reg->accepted[i]));
	return obj;
}

static struct json_object *new_report(const struct report *report)
{
	struct json_object *obj = json_object_new_object(), *parameters, *regs;
	unsigned int i;

	put_text(obj, "format", REPORT_FORMAT);
	json_put(obj, "version", json_object_new_int(REPORT_VERSION));
	put_text(obj, "host", report->host);
	put_text(obj, "system", report->system);
	put_text(obj, "release", report->release);
	json_put(obj, "ceiling", json_object_new_int(report->ceiling));
	json_put(obj, "count", json_object_new_int(report->count));

	parameters = json_object_new_object();
	json_put(obj, "parameters", parameters);
	put_parameter(parameters, "fw_bmap_regs", report->fw_bmap_regs);
	put_parameter(parameters, "psci_version", report->psci_version);

	regs = json_object_new_array();
	json_put(obj, "registers", regs);
	for (i = 0; i < report->nr; i++)
		json_append(regs, new_reg(&report->reg[i]));
	return obj;
}

char *report_to_json(const struct report *report)
{
	struct json_object *obj = new_report(report);
	char *text;

	if (asprintf(&text, "%s\n", json_string(obj)) < 0)
		die_errno(ENOMEM, "JSON");
	json_object_put(obj);
	return text;
}

/* Reading */

static int parse_accepted(struct json_object *obj, struct report_reg *reg, struct complaint *c)
{
	struct json_object *array = json_member(obj, "accepted", json_type_array, c);
	unsigned int i;

	if (!array)
		return -1;
	if (json_object_array_length(array) > REPORT_VALUES_MAX)
		return complain(c, STATUS_DAMAGED, "'accepted' has more than %d values",
				REPORT_VALUES_MAX);

	reg->nr = json_object_array_length(array);
	for (i = 0; i < reg->nr; i++) {
		if (json_hex_value(json_object_array_get_idx(array, i), "accepted",
				   &reg->accepted[i], c))
			return -1;
		if (i && reg->accepted[i] <= reg->accepted[i - 1])
			return complain(c, STATUS_DAMAGED, "'accepted' is not in ascending order");
	}
	return 0;
}

static int parse_reg(struct json_object *obj, struct report_reg *reg, struct complaint *c)
{
	if (!json_object_is_type(obj, json_type_object))
		return complain(c, STATUS_DAMAGED, "an entry of 'registers' is not an object");
	if (json_hex(obj, "id", &reg->id, c) || json_hex(obj, "value", &reg->val, c))
		return -1;

	if (fwregs_is_bmap(reg->id)) {
		if (json_hex(obj, "mask", &reg->mask, c))
			return -1;
	} else if (fwregs_is_level(reg->id)) {
		if (parse_accepted(obj, reg, c))
			return -1;
	} else {
		return complain(c, STATUS_DAMAGED, "0x%" PRIx64 " is not a firmware register",
				reg->id);
	}

	/* KVM accepts each value that it has returned */
	if (!report_accepts(reg, reg->val))
		return complain(c, STATUS_DAMAGED,
				"the value 0x%" PRIx64 " of register 0x%" PRIx64
				" is not one that it accepts", reg->val, reg->id);
	return 0;
}

static int parse_regs(struct json_object *obj, struct report *report, struct complaint *c)
{
	struct json_object *array = json_member(obj, "registers", json_type_array, c);
	struct report_reg *reg;
	size_t i, nr;

	if (!array)
		return -1;
	nr = json_object_array_length(array);
	if (nr > REPORT_REGS_MAX)
		return complain(c, STATUS_DAMAGED, "'registers' has more than %d entries",
				REPORT_REGS_MAX);

	for (i = 0; i < nr; i++) {
		reg = &report->reg[i];
		if (parse_reg(json_object_array_get_idx(array, i), reg, c))
			return -1;
		if (report_find(report, reg->id))
			return complain(c, STATUS_DAMAGED, "register 0x%" PRIx64 " is there twice",
					reg->id);
		report->nr++;
	}
	return 0;
}

/* Every KVM/arm64 has level registers, so a report without them is not from a host */
static int check_level(const struct report *report, struct complaint *c)
{
	unsigned int i;

	for (i = 0; i < report->nr; i++)
		if (fwregs_is_level(report->reg[i].id))
			return 0;
	return complain(c, STATUS_DAMAGED, "'registers' has no level register");
}

/* Section 1 of the contract: n is dense from 0 */
static int check_dense(const struct report *report, struct complaint *c)
{
	unsigned int n = report_bmaps(report), i;

	for (i = 0; i < n; i++)
		if (!report_find(report, FWREGS_BMAP(i)))
			return complain(c, STATUS_DAMAGED,
					"there is a bitmap register, but not all before it");
	if (report->ceiling && report->count > report->ceiling)
		return complain(c, STATUS_DAMAGED, "'count' is %u, and 'ceiling' %u",
				report->count, report->ceiling);
	if (report->ceiling && report->count != n)
		return complain(c, STATUS_DAMAGED,
				"'count' is %u, and %u bitmap registers are listed",
				report->count, n);
	return 0;
}

static int parse_parameter(struct json_object *parameters, const char *key, char *buf,
			   size_t size, struct complaint *c)
{
	struct json_object *text;

	if (json_maybe(parameters, key, json_type_string, &text, c))
		return -1;
	return text ? json_text(parameters, key, buf, size, c) : 0;
}

static int parse_parameters(struct json_object *obj, struct report *report, struct complaint *c)
{
	struct json_object *parameters = json_member(obj, "parameters", json_type_object, c);

	if (!parameters)
		return -1;
	return parse_parameter(parameters, "fw_bmap_regs", report->fw_bmap_regs,
			       sizeof(report->fw_bmap_regs), c) ||
	       parse_parameter(parameters, "psci_version", report->psci_version,
			       sizeof(report->psci_version), c) ? -1 : 0;
}

static int parse_count(struct json_object *obj, const char *key, unsigned int *val,
		       struct complaint *c)
{
	int64_t n;

	if (json_int(obj, key, 0, REPORT_REGS_MAX, &n, c))
		return -1;
	*val = n;
	return 0;
}

static int parse_version(struct json_object *obj, struct complaint *c)
{
	char format[32];
	int64_t version;

	if (json_text(obj, "format", format, sizeof(format), c))
		return -1;
	if (strcmp(format, REPORT_FORMAT))
		return complain(c, STATUS_DAMAGED, "its format is '%s', not '%s'", format,
				REPORT_FORMAT);
	if (json_int(obj, "version", 1, INT32_MAX, &version, c))
		return -1;
	if (version != REPORT_VERSION)
		return complain(c, STATUS_VERSION,
				"it is of version %" PRId64 ", and this fwregs reads version %d",
				version, REPORT_VERSION);
	return 0;
}

int report_from_json(struct json_object *obj, struct report *report, struct complaint *c)
{
	memset(report, 0, sizeof(*report));
	if (parse_version(obj, c) ||
	    json_text(obj, "host", report->host, sizeof(report->host), c) ||
	    json_text(obj, "system", report->system, sizeof(report->system), c) ||
	    json_text(obj, "release", report->release, sizeof(report->release), c) ||
	    parse_count(obj, "ceiling", &report->ceiling, c) ||
	    parse_count(obj, "count", &report->count, c) ||
	    parse_parameters(obj, report, c) || parse_regs(obj, report, c) ||
	    check_level(report, c))
		return -1;
	return check_dense(report, c);
}

int report_parse(const char *text, size_t size, struct report *report, struct complaint *c)
{
	struct json_object *obj = json_parse(text, size, REPORT_SIZE_MAX, c);
	int bad;

	if (!obj)
		return -1;
	bad = report_from_json(obj, report, c);
	json_object_put(obj);
	return bad;
}
