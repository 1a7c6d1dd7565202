// SPDX-License-Identifier: BSD-3-Clause
/* fwregs report: what this host has, for a comparison of hosts */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "file.h"
#include "fwregs.h"
#include "options.h"
#include "report.h"

#define PREFIX	"KVM_REG_ARM_"

static uint64_t greatest(const struct report_reg *reg)
{
	return reg->nr ? reg->accepted[reg->nr - 1] : reg->val;
}

/*
 * Labels for Kubernetes' Node Feature Discovery, a file for its directory features.d. Names and
 * values have letters, digits and - _ . only. NFD accepts labels of the domain before the slash
 * without configuration.
 */
#define NFD	"feature.node.kubernetes.io/fwregs-"

static void print_nfd_reg(FILE *out, const struct report_reg *reg)
{
	unsigned int n = reg->id & 0xffff;

	if (fwregs_is_bmap(reg->id))
		fprintf(out, NFD "bmap-%u=0x%" PRIx64 "\n", n, reg->mask);
	else if (reg->id == FWREGS_PSCI_VERSION)
		fprintf(out, NFD "psci=%" PRIu64 ".%" PRIu64 "\n", greatest(reg) >> 16,
			greatest(reg) & 0xffff);
	else
		fprintf(out, NFD "level-%u=%" PRIu64 "\n", n, greatest(reg));
}

static void print_nfd(FILE *out, const struct report *report)
{
	unsigned int i;

	fprintf(out, NFD "count=%u\n", report->ceiling);
	fprintf(out, NFD "bmaps=%u\n", report_bmaps(report));
	if (report->fw_bmap_regs[0])
		fprintf(out, NFD "ceiling-bmaps=%s\n", report->fw_bmap_regs);
	if (report->psci_version[0])
		fprintf(out, NFD "ceiling-psci=%s\n", report->psci_version);
	for (i = 0; i < report->nr; i++)
		print_nfd_reg(out, &report->reg[i]);
}

/* node_exporter's textfile format: a label's value has \ " and newline escaped */
static void print_label(FILE *out, const char *name, const char *value)
{
	fprintf(out, "%s=\"", name);
	for (; *value; value++) {
		if (*value == '\n')
			fputs("\\n", out);
		else if (*value == '\\' || *value == '"')
			fprintf(out, "\\%c", *value);
		else
			fputc(*value, out);
	}
	fputc('"', out);
}

static void print_metric(FILE *out, const char *name, const char *help)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
}

static void print_reg_metric(FILE *out, const char *metric, const struct report_reg *reg,
			     uint64_t val)
{
	char name[FWREGS_NAME_SIZE];

	fprintf(out, "%s{", metric);
	print_label(out, "register", fwregs_name(reg->id, name) + strlen(PREFIX));
	fprintf(out, ",id=\"0x%" PRIx64 "\"} %" PRIu64 "\n", reg->id, val);
}

static void print_prometheus_regs(FILE *out, const struct report *report)
{
	unsigned int i;

	print_metric(out, "fwregs_register_value", "Value of a firmware register in a new VM.");
	for (i = 0; i < report->nr; i++)
		print_reg_metric(out, "fwregs_register_value", &report->reg[i],
				 report->reg[i].val);

	print_metric(out, "fwregs_register_accepted_mask",
		     "Bits that KVM accepts in a bitmap register.");
	for (i = 0; i < report->nr; i++)
		if (fwregs_is_bmap(report->reg[i].id))
			print_reg_metric(out, "fwregs_register_accepted_mask", &report->reg[i],
					 report->reg[i].mask);

	print_metric(out, "fwregs_register_accepted_max",
		     "Greatest value that KVM accepts in a level register.");
	for (i = 0; i < report->nr; i++)
		if (!fwregs_is_bmap(report->reg[i].id))
			print_reg_metric(out, "fwregs_register_accepted_max", &report->reg[i],
					 greatest(&report->reg[i]));
}

static void print_prometheus(FILE *out, const struct report *report)
{
	print_metric(out, "fwregs_info", "Kernel, and ceilings for new VMs.");
	fputs("fwregs_info{", out);
	print_label(out, "system", report->system);
	fputc(',', out);
	print_label(out, "release", report->release);
	fputc(',', out);
	print_label(out, "fw_bmap_regs", report->fw_bmap_regs);
	fputc(',', out);
	print_label(out, "psci_version", report->psci_version);
	fputs("} 1\n", out);

	print_metric(out, "fwregs_capability_count",
		     "KVM_CAP_ARM_HVC_FW_REG_BMAP of /dev/kvm, 0 without the capability or with a ceiling of 0.");
	fprintf(out, "fwregs_capability_count %u\n", report->ceiling);
	print_metric(out, "fwregs_bitmap_registers", "Bitmap firmware registers of a new VM.");
	fprintf(out, "fwregs_bitmap_registers %u\n", report_bmaps(report));
	print_prometheus_regs(out, report);
}

static void print_json(FILE *out, const struct report *report)
{
	char *text = report_to_json(report);

	fputs(text, out);
	free(text);
}

static void (*const print[NR_FORMATS])(FILE *out, const struct report *report) = {
	[FORMAT_JSON] = print_json,
	[FORMAT_NFD] = print_nfd,
	[FORMAT_PROMETHEUS] = print_prometheus,
};

static void write_report(const char *path, enum report_format format,
			 const struct report *report)
{
	size_t size;
	char *text;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		die_errno(errno, "the report");
	print[format](out, report);
	if (fclose(out))
		die_errno(errno, "the report");
	file_write(path, text, size);
	free(text);
}

int cmd_report(const struct options *options)
{
	static const struct pinning none;
	struct report report;

	report_probe(&report, &none);
	write_report(options->output ? options->output : "-", options->format, &report);
	return finish_output();
}
