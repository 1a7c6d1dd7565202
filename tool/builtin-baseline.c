// SPDX-License-Identifier: BSD-3-Clause
/* fwregs baseline: the largest configuration that all hosts of a fleet accept */
#include <inttypes.h>
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
	    fleet->hosts);
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

/* All that every host accepts: "0.2 to 1.0", "bits 0x3" */
static const char *format_accepted(const struct report_reg *common, char *buf, size_t size)
{
	char first[24], last[24];

	if (fwregs_is_bmap(common->id))
		snprintf(buf, size, "bits 0x%" PRIx64, common->mask);
	else if (common->nr)
		snprintf(buf, size, "%s to %s",
			 format_value(common->id, common->accepted[0], first, sizeof(first)),
			 format_value(common->id, common->accepted[common->nr - 1], last,
				      sizeof(last)));
	else
		snprintf(buf, size, "-");
	return buf;
}

/* What limits a register that is in the baseline, or keeps it out */
static void format_limit(const struct fleet *fleet, const struct fleet_reg *reg, char *buf,
			 size_t size)
{
	if (reg->hosts != fleet->hosts)
		snprintf(buf, size, "%u of %u hosts lack it", fleet->hosts - reg->hosts,
			 fleet->hosts);
	else if (reg->is_limited && reg->limiting > 1)
		snprintf(buf, size, "%s and %u more", reg->release, reg->limiting - 1);
	else if (reg->is_limited)
		snprintf(buf, size, "%s", reg->release);
	else
		snprintf(buf, size, "-");
}

static void print_table(const struct fleet *fleet, const struct fwregs_state *baseline)
{
	char name[FWREGS_NAME_SIZE], value[24], accepted[64], limit[REPORT_TEXT_SIZE + 32];
	const struct fleet_reg *reg;
	unsigned int i;

	printf("%-36s  %-5s  %-10s  %s\n", "REGISTER", "VALUE", "ACCEPTED", "LIMITED BY");
	for (i = 0; i < fleet->nr; i++) {
		reg = &fleet->reg[i];
		if (reg->hosts == fleet->hosts)
			format_value(reg->common.id, value_of(baseline, reg->common.id), value,
				     sizeof(value));
		else
			snprintf(value, sizeof(value), "-");
		format_limit(fleet, reg, limit, sizeof(limit));
		printf("%-36s  %-5s  %-10s  %s\n", fwregs_name(reg->common.id, name), value,
		       format_accepted(&reg->common, accepted, sizeof(accepted)), limit);
	}
}

/* A mitigation level cannot be pinned, so a VM takes along what its host has */
static void print_own(const struct fleet *fleet, const struct fleet_reg *reg)
{
	char name[FWREGS_NAME_SIZE];
	unsigned int i;

	for (i = 0; i < reg->nr_own; i++)
		if (!fleet_accepts_own(fleet, reg, &reg->own[i]))
			printf("not all can move to all: %u host%s, as %s, ha%s 0x%" PRIx64 " in %s, whatever is written\n",
			       reg->own[i].hosts, reg->own[i].hosts > 1 ? "s" : "",
			       reg->own[i].release, reg->own[i].hosts > 1 ? "ve" : "s",
			       reg->own[i].val, fwregs_name(reg->common.id, name));
}

/* The bits of a register that the baseline has on, and a new VM of some host off */
static uint64_t off_in_new_vm(const struct fleet *fleet, const struct fleet_reg *reg, uint64_t val)
{
	return reg->hosts == fleet->hosts && fwregs_is_bmap(reg->common.id) ?
	       val & ~reg->common.val : 0;
}

/* Whoever pins a VM to this shows its guest more than KVM would by itself */
static void print_off(const struct fleet *fleet, const struct fleet_reg *reg, uint64_t val)
{
	uint64_t bits = off_in_new_vm(fleet, reg, val);
	char name[FWREGS_NAME_SIZE];

	if (bits)
		printf("on, and off in a new VM: bits 0x%" PRIx64 " of %s; --reset leaves them off\n",
		       bits, fwregs_name(reg->common.id, name));
}

static void print_advice(const struct fleet *fleet, const struct fwregs_state *baseline)
{
	uint64_t psci = value_of(baseline, FWREGS_PSCI_VERSION);
	unsigned int i;

	printf("%u host%s, %u bitmap register%s visible%s%s\n", fleet->hosts,
	       fleet->hosts > 1 ? "s" : "", fleet->bmaps, fleet->bmaps == 1 ? "" : "s",
	       fleet->is_limited ? ", no more on " : "", fleet->is_limited ? fleet->release : "");
	printf("ceilings, for VMMs that know nothing: kvm.fw_bmap_regs=%u", fleet->bmaps);
	if (psci)
		printf(" kvm.psci_version=%" PRIu64 ".%" PRIu64, psci >> 16, psci & 0xffff);
	printf("\n");
	if (fleet->fixed && fleet->fixed_bmaps > fleet->bmaps)
		printf("not all can be pinned: %u host%s without the capability, with %u bitmap registers on %s\n",
		       fleet->fixed, fleet->fixed > 1 ? "s" : "", fleet->fixed_bmaps,
		       fleet->fixed_release);
	if (fleet->bare && fleet->bare < fleet->hosts)
		printf("not all show the same: %u host%s, as %s, ha%s stolen time and no register for it\n",
		       fleet->bare, fleet->bare > 1 ? "s" : "", fleet->bare_release,
		       fleet->bare > 1 ? "ve" : "s");
	for (i = 0; i < fleet->nr; i++) {
		print_own(fleet, &fleet->reg[i]);
		print_off(fleet, &fleet->reg[i], value_of(baseline, fleet->reg[i].common.id));
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
static void own_to_json(struct json_object *obj, const struct fleet *fleet,
			const struct fleet_reg *reg)
{
	struct json_object *array = json_object_new_array(), *own;
	unsigned int i;

	json_put(obj, "refused", array);
	for (i = 0; i < reg->nr_own; i++) {
		if (fleet_accepts_own(fleet, reg, &reg->own[i]))
			continue;
		own = json_object_new_object();
		json_append(array, own);
		json_put(own, "value", json_new_hex(reg->own[i].val));
		json_put(own, "hosts", json_object_new_int64(reg->own[i].hosts));
		json_put(own, "release", json_object_new_string(reg->own[i].release));
	}
}

static struct json_object *reg_to_json(const struct fleet *fleet, const struct fleet_reg *reg,
				       uint64_t val)
{
	struct json_object *obj = json_object_new_object();
	char name[FWREGS_NAME_SIZE];

	json_put(obj, "id", json_new_hex(reg->common.id));
	json_put(obj, "name", json_object_new_string(fwregs_name(reg->common.id, name)));
	if (reg->hosts == fleet->hosts)
		json_put(obj, "value", json_new_hex(val));
	accepted_to_json(obj, &reg->common);
	json_put(obj, "hosts", json_object_new_int64(reg->hosts));
	if (reg->is_limited) {
		json_put(obj, "limited_by", json_object_new_string(reg->release));
		json_put(obj, "limiting_hosts", json_object_new_int64(reg->limiting));
	}
	if (off_in_new_vm(fleet, reg, val))
		json_put(obj, "off_in_new_vm", json_new_hex(off_in_new_vm(fleet, reg, val)));
	if (reg->nr_own)
		own_to_json(obj, fleet, reg);
	return obj;
}

static void print_json(const struct fleet *fleet, const struct fwregs_state *baseline)
{
	struct json_object *obj = json_object_new_object(), *array = json_object_new_array();
	unsigned int i;

	json_put(obj, "hosts", json_object_new_int64(fleet->hosts));
	json_put(obj, "visible", json_object_new_int64(fleet->bmaps));
	json_put(obj, "cannot_hide", json_object_new_int64(fleet->fixed));
	json_put(obj, "no_registers", json_object_new_int64(fleet->bare));
	json_put(obj, "registers", array);
	for (i = 0; i < fleet->nr; i++)
		json_append(array, reg_to_json(fleet, &fleet->reg[i],
					       value_of(baseline, fleet->reg[i].common.id)));
	printf("%s\n", json_object_to_json_string_ext(obj, JSON_C_TO_STRING_PRETTY |
						      JSON_C_TO_STRING_SPACED |
						      JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(obj);
}

static void write_state(const char *path, const struct fleet *fleet,
			const struct fwregs_state *baseline)
{
	struct state state = { .fw = *baseline };

	snprintf(state.host, sizeof(state.host), "baseline of %u host%s", fleet->hosts,
		 fleet->hosts > 1 ? "s" : "");
	state_write(path, &state);
}

int cmd_baseline(const struct options *options)
{
	struct fwregs_state baseline;
	static struct fleet fleet;
	uint64_t bad;

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
