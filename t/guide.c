// SPDX-License-Identifier: BSD-3-Clause
/*
 * What the code of docs/vmm-guide.md needs around it: the VM that any VMM has, and claim().
 * t3200 puts the code of the page, in its order, into page.c.
 *
 * guide COUNT BITMAPS: what the capability counts on this host, 0 if it has none, and how many
 * bitmap registers a new VM lists.
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <linux/kvm.h>

#include "fwregs.h"

#define PAGE		0x10000		/* a page of any host */
#define RAM_BASE	0x80000000ULL
#define PC		(KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE |	\
			 offsetof(struct kvm_regs, regs.pc) / sizeof(__u32))

struct vm {
	int kvm;		/* /dev/kvm */
	int fd;
	int vcpu;
	struct kvm_run *run;
	void *ram;
};

/* What this host has, by the command line */
static int count, bitmaps;

static void claim(int holds, const char *what)
{
	printf("%s %s\n", holds ? "PASS" : "FAIL", what);
}

/* For what any VMM does, and the page is not about */
static int need(int ret, const char *what)
{
	if (ret < 0) {
		printf("FAIL %s: %s\n", what, strerror(errno));
		exit(1);
	}
	return ret;
}

/* @features: bits of struct kvm_vcpu_init's features[0] */
static void init_vcpu(const struct vm *vm, int vcpu, uint32_t features)
{
	struct kvm_vcpu_init init;

	need(ioctl(vm->fd, KVM_ARM_PREFERRED_TARGET, &init), "KVM_ARM_PREFERRED_TARGET");
	init.features[0] |= features | 1 << KVM_ARM_VCPU_PSCI_0_2;
	need(ioctl(vcpu, KVM_ARM_VCPU_INIT, &init), "KVM_ARM_VCPU_INIT");
}

/* A VM with RAM, and no vCPU */
static void new_vm(struct vm *vm)
{
	/* str w0, [x1]; b .-4: x1 is 0, where there is no RAM */
	static const uint32_t guest[] = { 0xb9000020, 0x17ffffff };
	struct kvm_userspace_memory_region region = {
		.guest_phys_addr = RAM_BASE,
		.memory_size = PAGE,
	};

	vm->run = NULL;
	vm->kvm = need(open("/dev/kvm", O_RDWR | O_CLOEXEC), "/dev/kvm");
	vm->fd = need(ioctl(vm->kvm, KVM_CREATE_VM, 0), "KVM_CREATE_VM");
	vm->ram = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	need(vm->ram == MAP_FAILED ? -1 : 0, "mmap of RAM");
	memcpy(vm->ram, guest, sizeof(guest));
	region.userspace_addr = (uintptr_t)vm->ram;
	need(ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &region), "KVM_SET_USER_MEMORY_REGION");
}

/* Its first vCPU, initialised */
static void new_vcpu_with(struct vm *vm, uint32_t features)
{
	vm->vcpu = need(ioctl(vm->fd, KVM_CREATE_VCPU, 0), "KVM_CREATE_VCPU");
	vm->run = mmap(NULL, need(ioctl(vm->kvm, KVM_GET_VCPU_MMAP_SIZE, 0), "its mmap size"),
		       PROT_READ | PROT_WRITE, MAP_SHARED, vm->vcpu, 0);
	need(vm->run == MAP_FAILED ? -1 : 0, "mmap of struct kvm_run");
	init_vcpu(vm, vm->vcpu, features);
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
	uint64_t pc = RAM_BASE;
	struct kvm_one_reg reg = { .id = PC, .addr = (uintptr_t)&pc };

	need(ioctl(vm->vcpu, KVM_SET_ONE_REG, &reg), "KVM_SET_ONE_REG of pc");
	need(ioctl(vm->vcpu, KVM_RUN, 0), "KVM_RUN");
	claim(vm->run->exit_reason == KVM_EXIT_MMIO && vm->run->mmio.is_write,
	      "the guest runs to its MMIO write");
}

static void end_vm(struct vm *vm)
{
	if (vm->run) {
		munmap(vm->run, ioctl(vm->kvm, KVM_GET_VCPU_MMAP_SIZE, 0));
		close(vm->vcpu);
	}
	munmap(vm->ram, PAGE);
	close(vm->fd);
	close(vm->kvm);
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
