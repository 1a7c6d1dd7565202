// SPDX-License-Identifier: BSD-3-Clause
/* fwregs list: the firmware registers of this host */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "cli.h"
#include "fwregs.h"
#include "vmm.h"

#define MAX_REGS	256

/*
 * PSCI versions worth a try, 0.1 to 1.15: the kernel has no way to ask for those
 * that it implements.
 */
#define PSCI_MAX_MINOR	15

/* Tries a value and puts the old one back. Only for a VM that is made for this. */
static int is_accepted(int vcpu, uint64_t id, uint64_t val)
{
	uint64_t old = get_reg(vcpu, id);
	int ret = fwregs_set(vcpu, id, val);

	if (ret && ret != -EINVAL)
		die_reg(-ret, "KVM_SET_ONE_REG", id, &val);
	if (!ret)
		ret = fwregs_set(vcpu, id, old);
	else
		return 0;
	if (ret)
		die_reg(-ret, "KVM_SET_ONE_REG", id, &old);
	return 1;
}

static void accepted_psci(int vcpu, char *buf, size_t size)
{
	unsigned int major, minor, n = 0;

	for (major = 0; major <= 1; major++)
		for (minor = 0; minor <= PSCI_MAX_MINOR; minor++)
			if (is_accepted(vcpu, FWREGS_PSCI_VERSION, major << 16 | minor))
				n += snprintf(buf + n, size - n, "%s%u.%u", n ? " " : "",
					      major, minor);
}

static void accepted_levels(int vcpu, uint64_t id, char *buf, size_t size)
{
	unsigned int level, n = 0;

	/* KVM_REG_FEATURE_LEVEL_MASK has 4 bits */
	for (level = 0; level < 16; level++)
		if (is_accepted(vcpu, id, level))
			n += snprintf(buf + n, size - n, "%s%u", n ? " " : "", level);
}

static void format_accepted(int vcpu, uint64_t id, char *buf, size_t size)
{
	uint64_t mask;
	int ret;

	if (id == FWREGS_PSCI_VERSION) {
		accepted_psci(vcpu, buf, size);
	} else if (fwregs_is_level(id)) {
		accepted_levels(vcpu, id, buf, size);
	} else {
		ret = fwregs_accepted(vcpu, id, &mask);
		if (ret)
			die_reg(-ret, "KVM_SET_ONE_REG", id, NULL);
		snprintf(buf, size, "bits 0x%" PRIx64, mask);
	}
}

static void print_visible(int vcpu, uint64_t id)
{
	char name[FWREGS_NAME_SIZE], accepted[192] = "", value[24];

	snprintf(value, sizeof(value), "0x%" PRIx64, get_reg(vcpu, id));
	format_accepted(vcpu, id, accepted, sizeof(accepted));
	printf("0x%016" PRIx64 "  %-36s  %-8s  %-20s  yes\n", id, fwregs_name(id, name),
	       value, accepted);
}

/* A register that is not in the list: says what KVM answers to a read of it */
static void print_hidden(int vcpu, uint64_t id)
{
	char name[FWREGS_NAME_SIZE];
	uint64_t val;
	int ret = fwregs_get(vcpu, id, &val);

	printf("0x%016" PRIx64 "  %-36s  %-8s  %-20s  no: %s\n", id, fwregs_name(id, name),
	       "-", "-", ret ? strerrorname_np(-ret) : "read, but not listed");
}

static int is_in(const uint64_t *ids, int n, uint64_t id)
{
	int i;

	for (i = 0; i < n; i++)
		if (ids[i] == id)
			return 1;
	return 0;
}

static void print_table(int vcpu)
{
	uint64_t ids[MAX_REGS];
	int nr, i;

	nr = fwregs_list(vcpu, ids, MAX_REGS);
	if (nr < 0)
		die_errno(-nr, "KVM_GET_REG_LIST");
	if (nr > MAX_REGS)
		die("KVM_GET_REG_LIST: %d firmware registers, more than %d", nr, MAX_REGS);

	printf("%-18s  %-36s  %-8s  %-20s  %s\n", "ID", "NAME", "VALUE", "ACCEPTED", "VISIBLE");
	for (i = 0; i < nr; i++)
		print_visible(vcpu, ids[i]);
	for (i = 0; i < FWREGS_NR_NAMED; i++)
		if (!is_in(ids, nr, fwregs_named(i)))
			print_hidden(vcpu, fwregs_named(i));
	printf("firmware registers in KVM_GET_REG_LIST: %d\n", nr);
}

static void print_count(const struct vmm *vmm)
{
	int host = fwregs_count(vmm->kvm);
	int vm = fwregs_count(vmm->vm);

	if (host < 0 || vm < 0)
		die_errno(host < 0 ? -host : -vm, "KVM_CHECK_EXTENSION");

	printf("KVM_CAP_ARM_HVC_FW_REG_BMAP: ");
	if (host || vm)
		printf("%d bitmap registers for a new VM, %d visible in this one\n", host, vm);
	else
		printf("0, so this KVM has no count to ask for and cannot hide a register\n");
}

static void print_parameter(const char *name)
{
	char path[80], value[32];
	FILE *file;

	snprintf(path, sizeof(path), "/sys/module/kvm/parameters/%s", name);
	errno = 0;
	file = fopen(path, "r");
	if (!file && errno == ENOENT)
		printf("kvm.%s: not there, so this KVM has no such ceiling\n", name);
	else if (!file || !fgets(value, sizeof(value), file))
		printf("kvm.%s: could not be read: %s\n", name,
		       errno ? strerror(errno) : "it is empty");
	else
		printf("kvm.%s: %s", name, value);
	if (file)
		fclose(file);
}

int cmd_list(int argc, char **argv)
{
	struct pinning pin = { 0 };
	struct utsname host;
	struct vmm vmm;

	parse_pinning(argc, argv, &pin);

	vmm_create(&vmm);
	pinning_apply(&pin, vmm.vm, vmm.vcpu);

	if (!uname(&host))
		printf("%s %s\n", host.sysname, host.release);
	print_count(&vmm);
	print_parameter("fw_bmap_regs");
	print_parameter("psci_version");
	print_table(vmm.vcpu);

	vmm_destroy(&vmm);
	return finish_output();
}
