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

#include "cli.h"

/* arch/arm64/include/uapi/asm/kvm.h: the core register at an offset, 64 bits wide */
#define CORE_REG(field)								\
	(KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE |			\
	 offsetof(struct kvm_regs, field) / sizeof(__u32))

extern const char guest_image[], guest_image_end[];

static int vmm_ioctl(int fd, unsigned long request, const char *name, void *arg)
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

static void load_guest(struct vmm *vmm)
{
	struct kvm_userspace_memory_region region = {
		.guest_phys_addr = RAM_BASE,
		.memory_size = RAM_SIZE,
	};

	vmm->ram = mmap(NULL, RAM_SIZE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (vmm->ram == MAP_FAILED)
		die_errno(errno, "mmap of the guest's RAM");

	memcpy(vmm->ram, guest_image, guest_image_end - guest_image);
	region.userspace_addr = (uintptr_t)vmm->ram;
	vmm_ioctl(vmm->vm, KVM_SET_USER_MEMORY_REGION, "KVM_SET_USER_MEMORY_REGION", &region);
}

static void create_vcpu(struct vmm *vmm)
{
	uint64_t pc = RAM_BASE;
	struct kvm_one_reg reg = { .id = CORE_REG(regs.pc), .addr = (uintptr_t)&pc };
	struct kvm_vcpu_init init;
	int size;

	vmm->vcpu = vmm_ioctl(vmm->vm, KVM_CREATE_VCPU, "KVM_CREATE_VCPU", NULL);
	size = vmm_ioctl(vmm->kvm, KVM_GET_VCPU_MMAP_SIZE, "KVM_GET_VCPU_MMAP_SIZE", NULL);
	vmm->run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, vmm->vcpu, 0);
	if (vmm->run == MAP_FAILED)
		die_errno(errno, "mmap of struct kvm_run");

	vmm_ioctl(vmm->vm, KVM_ARM_PREFERRED_TARGET, "KVM_ARM_PREFERRED_TARGET", &init);
	init.features[0] |= 1 << KVM_ARM_VCPU_PSCI_0_2;
	vmm_ioctl(vmm->vcpu, KVM_ARM_VCPU_INIT, "KVM_ARM_VCPU_INIT", &init);
	vmm_ioctl(vmm->vcpu, KVM_SET_ONE_REG, "KVM_SET_ONE_REG of the PC", &reg);
}

/* Give the guest stolen time, if this kernel can: PV_TIME is not served without */
static void set_stolen_time(struct vmm *vmm)
{
	uint64_t ipa = STOLEN_TIME;
	struct kvm_device_attr attr = {
		.group = KVM_ARM_VCPU_PVTIME_CTRL,
		.attr = KVM_ARM_VCPU_PVTIME_IPA,
		.addr = (uintptr_t)&ipa,
	};

	if (!ioctl(vmm->vcpu, KVM_HAS_DEVICE_ATTR, &attr))
		vmm_ioctl(vmm->vcpu, KVM_SET_DEVICE_ATTR, "KVM_SET_DEVICE_ATTR of PVTIME_IPA", &attr);
}

void vmm_create(struct vmm *vmm)
{
	vmm->kvm = vmm_open_kvm();
	vmm->vm = vmm_ioctl(vmm->kvm, KVM_CREATE_VM, "KVM_CREATE_VM", NULL);
	load_guest(vmm);
	create_vcpu(vmm);
	set_stolen_time(vmm);
}

/* A guest that is lost in an exception makes no more calls, and no exits */
#define GUEST_SECONDS	60

static void guest_is_lost(int sig)
{
	(void)sig;
}

void vmm_run(struct vmm *vmm)
{
	struct sigaction action = { .sa_handler = guest_is_lost };

	sigaction(SIGALRM, &action, NULL);
	alarm(GUEST_SECONDS);
	if (ioctl(vmm->vcpu, KVM_RUN, NULL) < 0)
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
