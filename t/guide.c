// SPDX-License-Identifier: BSD-3-Clause
/*
 * What the code of docs/vmm-guide.md needs around it: the VM that any VMM has, and claim().
 * t3200 puts the code of the page, in its order, into page.c.
 *
 * guide COUNT BITMAPS: what the capability counts on this host, 0 if it has none, and how many
 * bitmap registers a new VM lists.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "fwregs.h"

/* The page has a struct vm of its own */
#define vm	vmm
#include "vmm/vmm.h"
#undef vm

struct vm {
	int kvm;		/* /dev/kvm */
	int fd;
	int vcpu;
	struct vmm vmm;
};

/* What this host has, by the command line */
static int count, bitmaps;

static void claim(int holds, const char *what)
{
	printf("%s %s\n", holds ? "PASS" : "FAIL", what);
}

/* For what any VMM does. The page also asks need() about ioctl(), so the error is in errno. */
void die_errno(int err, const char *fmt, ...)
{
	va_list ap;

	(void)err;
	va_start(ap, fmt);
	printf("FAIL ");
	vprintf(fmt, ap);
	printf(": %s\n", strerror(errno));
	va_end(ap);
	exit(1);
}

/* @features: bits of struct kvm_vcpu_init's features[0] */
static void init_vcpu(const struct vm *vm, int vcpu, uint32_t features)
{
	need(vcpu_init(vm->fd, vcpu, features | VCPU_PSCI), "KVM_ARM_VCPU_INIT");
}

/* A VM with RAM, and no vCPU */
static void new_vm(struct vm *vm)
{
	/* str x0, [x1]; b .-4: x1 is 0, where there is no RAM */
	static const uint32_t guest[] = { 0xf9000020, 0x17ffffff };

	vm_load(&vm->vmm, guest, sizeof(guest));
	vm->kvm = kvm_fd;
	vm->fd = vm->vmm.fd;
}

/* Its first vCPU, initialised */
static void new_vcpu_with(struct vm *vm, uint32_t features)
{
	vm_add_vcpu(&vm->vmm, features | VCPU_PSCI);
	vm->vcpu = vm->vmm.vcpu[0].fd;
}

static void new_vcpu(struct vm *vm)
{
	new_vcpu_with(vm, 0);
}

static void finalize_sve(const struct vm *vm)
{
	int feature = KVM_ARM_VCPU_SVE;

	need(ioctl(vm->vcpu, KVM_ARM_VCPU_FINALIZE, &feature), "KVM_ARM_VCPU_FINALIZE");
}

static void run(struct vm *vm)
{
	uint64_t pc = RAM_BASE, addr, val;

	need(vcpu_set(vm->vcpu, CORE_REG(regs.pc), &pc), "KVM_SET_ONE_REG of pc");
	claim(!vcpu_run(&vm->vmm.vcpu[0], &addr, &val), "the guest runs to its MMIO write");
}

static void end_vm(struct vm *vm)
{
	vm_destroy(&vm->vmm);
}

static int same_state(const struct fwregs_state *a, const struct fwregs_state *b)
{
	return a->nr == b->nr && !memcmp(a->reg, b->reg, a->nr * sizeof(a->reg[0]));
}

#include "page.c"

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	count = atoi(argv[1]);
	bitmaps = atoi(argv[2]);

	at_start();
	at_create();
	at_create_with_sve();
	at_save_and_restore();
	at_restore_of_id_registers();
	at_refusal();
	at_run_and_reset();
	with_unknown_registers();
	with_more_vcpus();
	puts("END");
	return 0;
}
