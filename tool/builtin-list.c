// SPDX-License-Identifier: BSD-3-Clause
/* fwregs list: the firmware pseudo-registers of this host */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "fwregs.h"
#include "options.h"
#include "report.h"
#include "pinned.h"

static int format_value(const struct report_reg *reg, uint64_t val, char *buf, size_t size)
{
	if (reg->id == FWREGS_PSCI_VERSION)
		return snprintf(buf, size, "%" PRIu64 ".%" PRIu64, val >> 16, val & 0xffff);
	return snprintf(buf, size, "%" PRIu64, val);
}

static void format_accepted(const struct report_reg *reg, char *buf, size_t size)
{
	unsigned int i, n = 0;

	buf[0] = 0;
	if (fwregs_is_bmap(reg->id)) {
		snprintf(buf, size, "mask 0x%" PRIx64, reg->mask);
		return;
	}

	for (i = 0; i < reg->nr && n + 24 < size; i++) {
		n += snprintf(buf + n, size - n, "%s", i ? " " : "");
		n += format_value(reg, reg->accepted[i], buf + n, size - n);
	}
}

static void print_listed(const struct report_reg *reg)
{
	char name[FWREGS_NAME_SIZE], accepted[192], value[24];

	snprintf(value, sizeof(value), "0x%" PRIx64, reg->val);
	format_accepted(reg, accepted, sizeof(accepted));
	printf("0x%016" PRIx64 "  %-36s  %-11s  %-20s  yes\n", reg->id,
	       fwregs_name(reg->id, name), value, accepted);
}

/* A register that is not in the list: prints KVM's answer to a read */
static void print_unlisted(int vcpu, uint64_t id)
{
	char name[FWREGS_NAME_SIZE];
	uint64_t val;
	int ret = fwregs_get(vcpu, id, &val);

	printf("0x%016" PRIx64 "  %-36s  %-11s  %-20s  no: %s\n", id, fwregs_name(id, name),
	       "-", "-", ret ? strerrorname_np(-ret) : "read, but not listed");
}

/* Registers that are not in the report, from another VM that is pinned as its VM was */
static void print_others(const struct report *report, const struct pinning *pin)
{
	struct vm vm;
	int i;

	vm_create_pinned(&vm, pin);
	for (i = 0; i < FWREGS_NR_NAMED; i++)
		if (!report_find(report, fwregs_named(i)))
			print_unlisted(vm.vcpu[0].fd, fwregs_named(i));
	vm_destroy(&vm);
}

static void print_count(const struct report *report)
{
	printf("KVM_CAP_ARM_HVC_FW_REG_BMAP: ");
	if (report_can_limit(report))
		printf("ceiling %u, count of this VM %u\n", report->ceiling, report->count);
	else
		printf("not supported, so the count of a VM cannot be limited\n");
}

static void print_parameters(const struct report *report)
{
	printf("module parameters:");
	if (report->fw_bmap_regs[0])
		printf(" kvm.fw_bmap_regs=%s", report->fw_bmap_regs);
	if (report->psci_version[0])
		printf(" kvm.psci_version=%s", report->psci_version);
	printf("%s\n", report->fw_bmap_regs[0] || report->psci_version[0] ? "" :
	       " none, so this host has no ceilings");
}

static void print_list(const struct report *report, const struct pinning *pin)
{
	unsigned int i;

	printf("%s %s\n", report->system, report->release);
	print_count(report);
	print_parameters(report);
	/* Without --set, the value is the reset value */
	printf("%-18s  %-36s  %-11s  %-20s  %s\n", "ID", "FIRMWARE PSEUDO-REGISTER",
	       pin->nr ? "VALUE" : "RESET VALUE", "ACCEPTED", "LISTED");
	for (i = 0; i < report->nr; i++)
		print_listed(&report->reg[i]);
	print_others(report, pin);
	printf("firmware pseudo-registers in KVM_GET_REG_LIST: %u\n", report->nr);
}

int cmd_list(const struct options *options)
{
	struct report report;
	char *text;

	report_probe(&report, &options->pin);
	if (options->json) {
		text = report_to_json(&report);
		fputs(text, stdout);
		free(text);
	} else {
		print_list(&report, &options->pin);
	}
	return finish_output();
}
