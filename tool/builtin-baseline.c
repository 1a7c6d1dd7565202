// SPDX-License-Identifier: BSD-3-Clause
/* fwregs baseline: the largest configuration that all hosts of a fleet accept */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "file.h"
#include "fleet.h"
#include "json.h"
#include "options.h"
#include "state.h"

static void add_report(const struct report *report, void *fleet)
{
	fleet_add(fleet, report);
}

static void die_no_value(const struct fleet *fleet, uint64_t id)
{
	char name[FWREGS_NAME_SIZE];

	die("there is no value of %s that all %u hosts accept", fwregs_name(id, name),
	    fleet->all.nr);
}

/* "1.1", or what it is in figures */
static const char *format_value(uint64_t id, uint64_t val, char *buf, size_t size)
{
	if (id == FWREGS_PSCI_VERSION)
		snprintf(buf, size, "%" PRIu64 ".%" PRIu64, val >> 16, val & 0xffff);
	else
		snprintf(buf, size, "0x%" PRIx64, val);
	return buf;
}

static uint64_t value_of(const struct fwregs_state *state, uint64_t id)
{
	unsigned int i;

	for (i = 0; i < state->nr; i++)
		if (state->reg[i].id == id)
			return state->reg[i].val;
	return 0;
}

/* All that every host accepts: "0.2 to 1.0", "mask 0x3" */
static const char *format_accepted(const struct report_reg *common, char *buf, size_t size)
{
	char first[24], last[24];

	if (fwregs_is_bmap(common->id))
		snprintf(buf, size, "mask 0x%" PRIx64, common->mask);
	else if (common->nr)
		snprintf(buf, size, "%s to %s",
			 format_value(common->id, common->accepted[0], first, sizeof(first)),
			 format_value(common->id, common->accepted[common->nr - 1], last,
				      sizeof(last)));
	else
		snprintf(buf, size, "-");
	return buf;
}

/* What limits a register that is in the baseline, or keeps it out. Returns the hosts. */
static const struct group *format_limit(const struct fleet *fleet, const struct fleet_reg *reg,
					char *buf, size_t size)
{
	const struct group *hosts = reg->lacking.nr ? &reg->lacking : &reg->limiting;

	if (hosts == &reg->lacking && hosts->nr > 1)
		snprintf(buf, size, "%u of %u hosts lack it", hosts->nr, fleet->all.nr);
	else if (hosts == &reg->lacking)
		snprintf(buf, size, "host %s lacks it", hosts->host);
	else if (!reg->is_limited)
		snprintf(buf, size, "-");
	else if (hosts->nr == 1)
		snprintf(buf, size, "%s %s", hosts->host, hosts->release);
	else if (hosts->nr)
		snprintf(buf, size, "%s and %u more", hosts->release, hosts->nr - 1);
	else
		snprintf(buf, size, "%s", hosts->release);
	return reg->lacking.nr || reg->is_limited ? hosts : NULL;
}

static void print_table(const struct fleet *fleet, const struct fwregs_state *baseline)
{
	char name[FWREGS_NAME_SIZE], value[24], accepted[64], limit[GROUP_SIZE];
	const struct fleet_reg *reg;
	const struct group *hosts;
	unsigned int i;

	printf("%-36s  %-5s  %-10s  %s\n", "REGISTER", "VALUE", "ACCEPTED", "LIMITED BY");
	for (i = 0; i < fleet->nr; i++) {
		reg = &fleet->reg[i];
		if (!reg->lacking.nr)
			format_value(reg->common.id, value_of(baseline, reg->common.id), value,
				     sizeof(value));
		else
			snprintf(value, sizeof(value), "-");
		hosts = format_limit(fleet, reg, limit, sizeof(limit));
		printf("%-36s  %-5s  %-10s  %s\n", fwregs_name(reg->common.id, name), value,
		       format_accepted(&reg->common, accepted, sizeof(accepted)), limit);
		if (hosts)
			group_print_names(stdout, hosts);
	}
}

/* "not all can move to all: host a, 6.12.1, has 0x2 in ..." and the names of several hosts */
__attribute__((format(printf, 3, 4)))
static void print_group(const char *what, const struct group *hosts, const char *fmt, ...)
{
	char text[GROUP_SIZE];
	va_list ap;

	printf("%s: %s, %s ", what, group_describe(hosts, text), hosts->nr == 1 ? "has" : "have");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	group_print_names(stdout, hosts);
}

/* A mitigation level cannot be pinned, so a VM takes along what its host has */
static void print_values(const struct fleet_reg *reg)
{
	char name[FWREGS_NAME_SIZE];
	unsigned int i;

	for (i = 0; i < reg->nr_values; i++)
		if (!fleet_accepts(reg, &reg->value[i]))
			print_group("not all can move to all", &reg->value[i].hosts,
				    "0x%" PRIx64 " in %s, whatever is written", reg->value[i].val,
				    fwregs_name(reg->common.id, name));
}

/* The bits of a register that the baseline has on, and a new VM of some host off */
static uint64_t off_in_new_vm(const struct fleet_reg *reg, uint64_t val)
{
	return !reg->lacking.nr && fwregs_is_bmap(reg->common.id) ?
	       val & ~reg->common.val : 0;
}

/* Whoever pins a VM to this shows its guest more than KVM would by itself */
static void print_off(const struct fleet_reg *reg, uint64_t val)
{
	uint64_t bits = off_in_new_vm(reg, val);
	char name[FWREGS_NAME_SIZE];

	if (bits)
		printf("on, and off in a new VM: bits 0x%" PRIx64 " of %s; --reset leaves them off\n",
		       bits, fwregs_name(reg->common.id, name));
}

static void print_limit(const struct fleet *fleet)
{
	const struct group *fewest = &fleet->fewest;

	printf("%u host%s; limit VMs to %u bitmap register%s", fleet->all.nr,
	       fleet->all.nr > 1 ? "s" : "", fleet->bmaps, fleet->bmaps == 1 ? "" : "s");
	if (fleet->is_limited && fewest->nr == 1)
		printf(", no more on host %s, %s", fewest->host, fewest->release);
	else if (fleet->is_limited)
		printf(", no more on %s", fewest->release);
	printf("\n");
	if (fleet->is_limited)
		group_print_names(stdout, fewest);
}

static void print_advice(const struct fleet *fleet, const struct fwregs_state *baseline)
{
	uint64_t psci = value_of(baseline, FWREGS_PSCI_VERSION);
	unsigned int i;

	print_limit(fleet);
	printf("ceilings, for VMMs that set no limit: kvm.fw_bmap_regs=%u", fleet->bmaps);
	if (psci)
		printf(" kvm.psci_version=%" PRIu64 ".%" PRIu64, psci >> 16, psci & 0xffff);
	printf("\n");
	if (fleet->fixed.nr && fleet->fixed_bmaps > fleet->bmaps)
		print_group("not all can be pinned", &fleet->fixed,
			    "%s%u bitmap registers and not the capability",
			    fleet->fixed.nr > 1 ? "up to " : "", fleet->fixed_bmaps);
	if (fleet->no_bmaps.nr && fleet->no_bmaps.nr < fleet->all.nr)
		print_group("not all show the same", &fleet->no_bmaps,
			    "stolen time and no register for it");
	for (i = 0; i < fleet->nr; i++) {
		print_values(&fleet->reg[i]);
		print_off(&fleet->reg[i], value_of(baseline, fleet->reg[i].common.id));
	}
}

/* The same in JSON, as a report has it */
static void accepted_to_json(struct json_object *obj, const struct report_reg *common)
{
	struct json_object *accepted;
	unsigned int i;

	if (fwregs_is_bmap(common->id)) {
		json_put(obj, "mask", json_new_hex(common->mask));
		return;
	}
	accepted = json_object_new_array();
	json_put(obj, "accepted", accepted);
	for (i = 0; i < common->nr; i++)
		json_append(accepted, json_new_hex(common->accepted[i]));
}

/* Values that hosts have whatever is written, and not all accept */
static void values_to_json(struct json_object *obj, const struct fleet_reg *reg)
{
	struct json_object *array = json_object_new_array(), *value;
	unsigned int i;

	json_put(obj, "refused", array);
	for (i = 0; i < reg->nr_values; i++) {
		const struct group *hosts = &reg->value[i].hosts;

		if (fleet_accepts(reg, &reg->value[i]))
			continue;
		value = json_object_new_object();
		json_append(array, value);
		json_put(value, "value", json_new_hex(reg->value[i].val));
		json_put(value, "hosts", json_object_new_int64(hosts->nr));
		json_put(value, "release", json_object_new_string(hosts->release));
		group_put_names(value, "names", hosts);
	}
}

static struct json_object *reg_to_json(const struct fleet *fleet, const struct fleet_reg *reg,
				       uint64_t val)
{
	struct json_object *obj = json_object_new_object();
	char name[FWREGS_NAME_SIZE];

	json_put(obj, "id", json_new_hex(reg->common.id));
	json_put(obj, "name", json_object_new_string(fwregs_name(reg->common.id, name)));
	if (!reg->lacking.nr)
		json_put(obj, "value", json_new_hex(val));
	accepted_to_json(obj, &reg->common);
	json_put(obj, "hosts", json_object_new_int64(fleet->all.nr - reg->lacking.nr));
	group_put_names(obj, "lacking_names", &reg->lacking);
	if (reg->is_limited) {
		json_put(obj, "limited_by", json_object_new_string(reg->limiting.release));
		json_put(obj, "limiting_hosts", json_object_new_int64(reg->limiting.nr));
		group_put_names(obj, "limiting_names", &reg->limiting);
	}
	if (off_in_new_vm(reg, val))
		json_put(obj, "off_in_new_vm", json_new_hex(off_in_new_vm(reg, val)));
	if (reg->nr_values)
		values_to_json(obj, reg);
	return obj;
}

static void print_json(const struct fleet *fleet, const struct fwregs_state *baseline)
{
	struct json_object *obj = json_object_new_object(), *array = json_object_new_array();
	unsigned int i;

	json_put(obj, "hosts", json_object_new_int64(fleet->all.nr));
	json_put(obj, "limit", json_object_new_int64(fleet->bmaps));
	if (fleet->is_limited)
		group_put_names(obj, "limiting_names", &fleet->fewest);
	json_put(obj, "cannot_limit", json_object_new_int64(fleet->fixed.nr));
	group_put_names(obj, "cannot_limit_names", &fleet->fixed);
	json_put(obj, "no_registers", json_object_new_int64(fleet->no_bmaps.nr));
	group_put_names(obj, "no_registers_names", &fleet->no_bmaps);
	json_put(obj, "registers", array);
	for (i = 0; i < fleet->nr; i++)
		json_append(array, reg_to_json(fleet, &fleet->reg[i],
					       value_of(baseline, fleet->reg[i].common.id)));
	json_print(obj);
}

static void write_state(const char *path, const struct fleet *fleet,
			const struct fwregs_state *baseline)
{
	struct state state = { .fw = *baseline };

	snprintf(state.host, sizeof(state.host), "baseline of %u host%s", fleet->all.nr,
		 fleet->all.nr > 1 ? "s" : "");
	state_write(path, &state);
}

int cmd_baseline(const struct options *options)
{
	struct fwregs_state baseline;
	static struct fleet fleet;
	uint64_t bad;

	fleet.keep_names = options->hosts;
	fleet_read(options->nr, options->operand, add_report, &fleet);
	bad = fleet_baseline(&fleet, options->reset, &baseline);
	if (bad)
		die_no_value(&fleet, bad);

	if (options->output)
		write_state(options->output, &fleet, &baseline);
	/* With the state on stdout, there is nothing else */
	if (options->output && file_is_stdout(options->output))
		return finish_output();
	if (options->json) {
		print_json(&fleet, &baseline);
	} else {
		print_table(&fleet, &baseline);
		print_advice(&fleet, &baseline);
	}
	return finish_output();
}
