// SPDX-License-Identifier: BSD-3-Clause
#include "vmm.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <linux/kvm.h>

/* arch/arm64/include/uapi/asm/kvm.h: the core register at an offset, 64 bits wide */
#define CORE_REG(offset)							\
	(KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE | (offset) / sizeof(__u32))

extern const char guest_image[], guest_image_end[];

int vmm_ioctl(int fd, unsigned long request, const char *name, void *arg)
{
	int ret = ioctl(fd, request, arg);

	if (ret < 0)
		die_errno(errno, "%s", name);
	return ret;
}

int vmm_open_kvm(void)
{
	int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		die_errno(errno, "open of /dev/kvm, is KVM enabled on this host?");
	if (fd < 0 && errno == EACCES)
		die_errno(errno, "open of /dev/kvm, are you root or in the group kvm?");
	if (fd < 0)
		die_errno(errno, "open of /dev/kvm");
	return fd;
}

static void load_image(struct vmm *vmm, const char *image, size_t size)
{
	struct kvm_userspace_memory_region region = {
		.guest_phys_addr = RAM_BASE,
		.memory_size = RAM_SIZE,
	};

	vmm->ram = mmap(NULL, RAM_SIZE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (vmm->ram == MAP_FAILED)
		die_errno(errno, "mmap of the guest's RAM");

	memcpy(vmm->ram, image, size);
	region.userspace_addr = (uintptr_t)vmm->ram;
	vmm_ioctl(vmm->vm, KVM_SET_USER_MEMORY_REGION, "KVM_SET_USER_MEMORY_REGION", &region);
}

/* By default, a VM has 40 bits of guest-physical addresses: more than some hosts have */
static unsigned long vm_type(int kvm)
{
	int bits = ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_ARM_VM_IPA_SIZE);

	return bits > 0 && bits < 40 ? KVM_VM_TYPE_ARM_IPA_SIZE(bits) : 0;
}

void vmm_create_vm(struct vmm *vmm, const char *image, size_t size)
{
	vmm->kvm = vmm_open_kvm();
	vmm->vm = vmm_ioctl(vmm->kvm, KVM_CREATE_VM, "KVM_CREATE_VM",
			    (void *)vm_type(vmm->kvm));
	load_image(vmm, image, size);
}

int vmm_create_vcpu(const struct vmm *vmm, unsigned int index, uint32_t features,
		    struct kvm_run **run)
{
	struct kvm_vcpu_init init;
	int vcpu, size;

	vcpu = vmm_ioctl(vmm->vm, KVM_CREATE_VCPU, "KVM_CREATE_VCPU", (void *)(uintptr_t)index);
	size = vmm_ioctl(vmm->kvm, KVM_GET_VCPU_MMAP_SIZE, "KVM_GET_VCPU_MMAP_SIZE", NULL);
	*run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
	if (*run == MAP_FAILED)
		die_errno(errno, "mmap of struct kvm_run");

	vmm_ioctl(vmm->vm, KVM_ARM_PREFERRED_TARGET, "KVM_ARM_PREFERRED_TARGET", &init);
	init.features[0] |= features;
	vmm_ioctl(vcpu, KVM_ARM_VCPU_INIT, "KVM_ARM_VCPU_INIT", &init);
	return vcpu;
}

void vmm_set_core(int vcpu, size_t offset, uint64_t val)
{
	struct kvm_one_reg reg = { .id = CORE_REG(offset), .addr = (uintptr_t)&val };

	vmm_ioctl(vcpu, KVM_SET_ONE_REG, "KVM_SET_ONE_REG of a core register", &reg);
}

void vmm_set_stolen_time(int vcpu, uint64_t ipa)
{
	struct kvm_device_attr attr = {
		.group = KVM_ARM_VCPU_PVTIME_CTRL,
		.attr = KVM_ARM_VCPU_PVTIME_IPA,
		.addr = (uintptr_t)&ipa,
	};

	if (!ioctl(vcpu, KVM_HAS_DEVICE_ATTR, &attr))
		vmm_ioctl(vcpu, KVM_SET_DEVICE_ATTR, "KVM_SET_DEVICE_ATTR of PVTIME_IPA", &attr);
}

void vmm_create(struct vmm *vmm)
{
	static const struct pinning none;

	vmm_create_pinned(vmm, &none);
}

void vmm_create_pinned(struct vmm *vmm, const struct pinning *pin)
{
	vmm_create_vm(vmm, guest_image, guest_image_end - guest_image);
	pinning_limit_vm(pin, vmm->vm);
	vmm->vcpu = vmm_create_vcpu(vmm, 0, 1 << KVM_ARM_VCPU_PSCI_0_2, &vmm->run);
	vmm_set_core(vmm->vcpu, offsetof(struct kvm_regs, regs.pc), RAM_BASE);
	vmm_set_stolen_time(vmm->vcpu, STOLEN_TIME);
	pinning_set_regs(pin, vmm->vcpu);
}

/* A guest that is lost in an exception makes no more calls, and no exits */
#define GUEST_SECONDS	60

static volatile sig_atomic_t is_lost;

static void guest_is_lost(int sig)
{
	(void)sig;
	is_lost = 1;
}

/* Another signal, as one that stops and continues the program, is no reason to give up */
static int run_until_exit(int vcpu)
{
	int ret;

	do
		ret = ioctl(vcpu, KVM_RUN, NULL);
	while (ret < 0 && errno == EINTR && !is_lost);
	return ret;
}

void vmm_run(struct vmm *vmm)
{
	struct sigaction action = { .sa_handler = guest_is_lost };

	sigaction(SIGALRM, &action, NULL);
	alarm(GUEST_SECONDS);
	if (run_until_exit(vmm->vcpu) < 0)
		die_errno(errno, errno == EINTR ? "KVM_RUN, no answer from the guest" : "KVM_RUN");
	alarm(0);
	if (vmm->run->exit_reason != KVM_EXIT_MMIO || !vmm->run->mmio.is_write)
		die("KVM_RUN: the guest ended with exit reason %u instead of an answer",
		    vmm->run->exit_reason);
}

void vmm_run_guest(struct vmm *vmm, struct result answers[NR_CALLS])
{
	size_t size = NR_CALLS * sizeof(*answers);
	uint64_t offset;

	memset(answers, 0, size);
	for (vmm_run(vmm); vmm->run->mmio.phys_addr != DOORBELL; vmm_run(vmm)) {
		offset = vmm->run->mmio.phys_addr - ANSWERS;
		if (offset > size - sizeof(uint64_t) || vmm->run->mmio.len != sizeof(uint64_t))
			die("KVM_RUN: the guest wrote %u bytes to 0x%llx", vmm->run->mmio.len,
			    vmm->run->mmio.phys_addr);
		memcpy((char *)answers + offset, vmm->run->mmio.data, sizeof(uint64_t));
	}
}

void vmm_destroy(struct vmm *vmm)
{
	int size = ioctl(vmm->kvm, KVM_GET_VCPU_MMAP_SIZE, NULL);

	munmap(vmm->run, size);
	munmap(vmm->ram, RAM_SIZE);
	close(vmm->vcpu);
	close(vmm->vm);
	close(vmm->kvm);
}
