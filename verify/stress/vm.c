// SPDX-License-Identifier: BSD-3-Clause
#include "vm.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const char guest_image[], guest_image_end[];

void die_errno(int err, const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, ": %s\n", strerror(err));
	exit(1);
}

void stress_vm(struct vm *vm)
{
	static void *ram;

	if (!ram)
		need(ram_new(&ram, guest_image, guest_image_end - guest_image),
		     "mmap of the guest's RAM");
	vm_create(vm);
	need(vm_set_ram(vm->fd, ram), "KVM_SET_USER_MEMORY_REGION");
}

void stress_vm_with_vcpu(struct vm *vm)
{
	stress_vm(vm);
	vm_add_vcpu(vm, VCPU_PSCI);
}

int vcpu_report(const struct vcpu *vcpu, uint64_t *report)
{
	uint64_t addr;
	int ret = vcpu_run(vcpu, &addr, report);

	if (!ret && addr != DOORBELL)
		ret = -EPROTO;
	if (ret == -EPROTO)
		*report = vcpu->run->exit_reason;
	return ret;
}

/* The highest of each that a parameter takes is what there is */
static void probe_params(struct model_host *host)
{
	char text[16];
	int n, minor;

	for (n = MODEL_BMAPS; n; n--) {
		snprintf(text, sizeof(text), "%d", n);
		if (!param_write("fw_bmap_regs", text))
			break;
	}
	host->known = n;
	for (minor = 9; minor >= 0; minor--) {
		snprintf(text, sizeof(text), "1.%d", minor);
		if (!param_write("psci_version", text))
			break;
	}
	host->psci_latest = minor < 0 ? MODEL_PSCI(0, 2) : MODEL_PSCI(1, minor);
}

void probe_host(struct model_host *host)
{
	uint64_t psci = 0;
	struct vm vm;
	int n;

	probe_params(host);
	stress_vm_with_vcpu(&vm);
	for (n = 1; n < MODEL_LEVELS; n++)
		need(vcpu_get(vm.vcpu[0].fd, MODEL_LEVEL_ID(n), &host->wa[n]),
		     "KVM_GET_ONE_REG of a level");
	if (vcpu_get(vm.vcpu[0].fd, MODEL_LEVEL_ID(0), &psci) || psci != host->psci_latest)
		die_errno(EPROTO, "a new VM has PSCI 0x%llx, the parameter takes 0x%llx",
			  (unsigned long long)psci, (unsigned long long)host->psci_latest);
	if (kvm_count(kvm_fd) != (int)host->known)
		die_errno(EPROTO, "KVM offers %d bitmap registers, the parameter takes %u",
			  kvm_count(kvm_fd), host->known);
	vm_destroy(&vm);
}
