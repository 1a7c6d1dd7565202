// SPDX-License-Identifier: BSD-3-Clause
/* Asks this host's KVM for all that a report has, with a scratch VM */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "cli.h"
#include "fwregs.h"
#include "report.h"
#include "pinned.h"

/* PSCI versions are tried, since no call returns those that the kernel implements */
#define PSCI_MAX_MINOR	15

/* Tries a value and puts the old one back */
static int is_accepted(int vcpu, uint64_t id, uint64_t val)
{
	uint64_t old = get_reg(vcpu, id);
	int ret = fwregs_set(vcpu, id, val);

	if (ret && ret != -EINVAL)
		die_reg(-ret, "KVM_SET_ONE_REG", id, &val);
	if (ret)
		return 0;

	ret = fwregs_set(vcpu, id, old);
	if (ret)
		die_reg(-ret, "KVM_SET_ONE_REG", id, &old);
	return 1;
}

static void try_value(int vcpu, struct report_reg *reg, uint64_t val)
{
	if (!is_accepted(vcpu, reg->id, val))
		return;
	if (reg->nr == REPORT_VALUES_MAX)
		die("register 0x%llx accepts more than %d values", (unsigned long long)reg->id,
		    REPORT_VALUES_MAX);
	reg->accepted[reg->nr++] = val;
}

static void probe_level(int vcpu, struct report_reg *reg)
{
	unsigned int major, minor, level;

	if (reg->id == FWREGS_PSCI_VERSION) {
		for (major = 0; major <= 1; major++)
			for (minor = 0; minor <= PSCI_MAX_MINOR; minor++)
				try_value(vcpu, reg, major << 16 | minor);
		return;
	}

	/* KVM_REG_FEATURE_LEVEL_MASK has 4 bits, and SMCCC_ARCH_WORKAROUND_2 has ENABLED besides */
	for (level = 0; level < 32; level++)
		try_value(vcpu, reg, level);
}

static void probe_reg(int vcpu, struct report_reg *reg)
{
	int ret;

	reg->val = get_reg(vcpu, reg->id);
	if (!fwregs_is_bmap(reg->id)) {
		probe_level(vcpu, reg);
		return;
	}

	ret = fwregs_accepted(vcpu, reg->id, &reg->mask);
	if (ret)
		die_reg(-ret, "KVM_SET_ONE_REG", reg->id, NULL);
}

static void probe_regs(int vcpu, struct report *report)
{
	uint64_t ids[REPORT_REGS_MAX];
	int nr = fwregs_list(vcpu, ids, REPORT_REGS_MAX), i;

	if (nr < 0)
		die_errno(-nr, "KVM_GET_REG_LIST");
	if (nr > REPORT_REGS_MAX)
		die("KVM_GET_REG_LIST: %d firmware registers, more than %d", nr, REPORT_REGS_MAX);

	report->nr = nr;
	for (i = 0; i < nr; i++) {
		report->reg[i].id = ids[i];
		probe_reg(vcpu, &report->reg[i]);
	}
}

static void probe_counts(const struct vm *vm, struct report *report)
{
	int host = fwregs_count(kvm_fd), count = fwregs_count(vm->fd);

	if (host < 0 || count < 0)
		die_errno(host < 0 ? -host : -count, "KVM_CHECK_EXTENSION");
	report->ceiling = host;
	report->count = count;
}

/* Leaves @text empty if there is no such parameter */
static void probe_parameter(const char *name, char *buf, size_t size)
{
	int ret = param_read(name, buf, size);

	if (ret && ret != -ENOENT)
		die_errno(-ret, "reading " PARAMETERS "%s", name);
}

void report_probe(struct report *report, const struct pinning *pin)
{
	struct utsname host;
	struct vm vm;

	memset(report, 0, sizeof(*report));
	if (uname(&host))
		die_errno(errno, "uname");
	snprintf(report->host, sizeof(report->host), "%s", host.nodename);
	snprintf(report->system, sizeof(report->system), "%s", host.sysname);
	snprintf(report->release, sizeof(report->release), "%s", host.release);

	vm_create_pinned(&vm, pin);
	probe_counts(&vm, report);
	probe_parameter("fw_bmap_regs", report->fw_bmap_regs, sizeof(report->fw_bmap_regs));
	probe_parameter("psci_version", report->psci_version, sizeof(report->psci_version));
	probe_regs(vm.vcpu[0].fd, report);
	vm_destroy(&vm);
}
