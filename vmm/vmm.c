// SPDX-License-Identifier: BSD-3-Clause
#include "vmm/vmm.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

/* Documentation/admin-guide/kernel-parameters.txt */
#define PARAMS		"/sys/module/kvm/parameters/"

int kvm_fd = -1;

static unsigned long vm_type;
static size_t run_size;

int vm_ioctl(int fd, unsigned long request, void *arg)
{
	int ret = ioctl(fd, request, arg);

	return ret < 0 ? -errno : ret;
}

/* By default, a VM has 40 bits of guest-physical addresses: more than some hosts have */
static unsigned long host_vm_type(int fd)
{
	int bits = vm_ioctl(fd, KVM_CHECK_EXTENSION, (void *)KVM_CAP_ARM_VM_IPA_SIZE);

	return bits > 0 && bits < 40 ? KVM_VM_TYPE_ARM_IPA_SIZE(bits) : 0;
}

int kvm_open(void)
{
	int fd, size;

	if (kvm_fd >= 0)
		return 0;
	fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	size = vm_ioctl(fd, KVM_GET_VCPU_MMAP_SIZE, NULL);
	if (size < 0) {
		close(fd);
		return size;
	}
	run_size = size;
	vm_type = host_vm_type(fd);
	kvm_fd = fd;
	return 0;
}

int vm_new(void)
{
	return vm_ioctl(kvm_fd, KVM_CREATE_VM, (void *)vm_type);
}

int vcpu_new(int vm, unsigned long number)
{
	return vm_ioctl(vm, KVM_CREATE_VCPU, (void *)number);
}

int ram_new(void **ram, const void *image, size_t size)
{
	void *new = mmap(NULL, RAM_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			 -1, 0);

	if (new == MAP_FAILED)
		return -errno;
	memcpy(new, image, size);
	*ram = new;
	return 0;
}

int vm_set_ram(int vm, void *ram)
{
	struct kvm_userspace_memory_region region = {
		.guest_phys_addr = RAM_BASE,
		.memory_size = RAM_SIZE,
		.userspace_addr = (uintptr_t)ram,
	};

	return vm_ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region);
}

int vcpu_init(int vm, int vcpu, uint32_t features)
{
	static struct kvm_vcpu_init target = { .target = -1 };
	struct kvm_vcpu_init init;
	int ret;

	if (target.target == (__u32)-1) {
		ret = vm_ioctl(vm, KVM_ARM_PREFERRED_TARGET, &init);
		if (ret)
			return ret;
		target = init;
	}
	init = target;
	init.features[0] |= features;
	return vm_ioctl(vcpu, KVM_ARM_VCPU_INIT, &init);
}

int vcpu_map(struct vcpu *vcpu)
{
	void *run = mmap(NULL, run_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
			 vcpu->fd, 0);

	if (run == MAP_FAILED)
		return -errno;
	vcpu->run = run;
	return 0;
}

int vcpu_set_stolen_time(int vcpu, uint64_t ipa)
{
	struct kvm_device_attr attr = {
		.group = KVM_ARM_VCPU_PVTIME_CTRL,
		.attr = KVM_ARM_VCPU_PVTIME_IPA,
		.addr = (uintptr_t)&ipa,
	};

	return vm_ioctl(vcpu, KVM_SET_DEVICE_ATTR, &attr);
}

int vcpu_get(int vcpu, uint64_t id, void *val)
{
	struct kvm_one_reg reg = { .id = id, .addr = (uintptr_t)val };

	return vm_ioctl(vcpu, KVM_GET_ONE_REG, &reg);
}

int vcpu_set(int vcpu, uint64_t id, const void *val)
{
	struct kvm_one_reg reg = { .id = id, .addr = (uintptr_t)val };

	return vm_ioctl(vcpu, KVM_SET_ONE_REG, &reg);
}

int vcpu_list(int vcpu, struct reg_list *list, uint64_t room)
{
	list->n = room;
	return vm_ioctl(vcpu, KVM_GET_REG_LIST, list);
}

int kvm_count(int fd)
{
	return vm_ioctl(fd, KVM_CHECK_EXTENSION, (void *)KVM_CAP_ARM_HVC_FW_REG_BMAP);
}

int vm_limit(int vm, uint64_t n)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_ARM_HVC_FW_REG_BMAP, .args = { n } };

	return vm_ioctl(vm, KVM_ENABLE_CAP, &cap);
}

int vm_has_filter(int vm)
{
	struct kvm_device_attr attr = { .group = SMCCC_CTRL_GROUP, .attr = SMCCC_FILTER_ATTR };

	return !vm_ioctl(vm, KVM_HAS_DEVICE_ATTR, &attr);
}

int vm_set_filter(int vm, uint32_t base, uint32_t nr, enum smccc_filter_action action)
{
	struct smccc_filter filter = { .base = base, .nr_functions = nr, .action = action };
	struct kvm_device_attr attr = {
		.group = SMCCC_CTRL_GROUP,
		.attr = SMCCC_FILTER_ATTR,
		.addr = (uintptr_t)&filter,
	};

	return vm_ioctl(vm, KVM_SET_DEVICE_ATTR, &attr);
}

int vcpu_run(const struct vcpu *vcpu, uint64_t *addr, uint64_t *val)
{
	const struct kvm_run *run = vcpu->run;
	int ret;

	do
		ret = vm_ioctl(vcpu->fd, KVM_RUN, NULL);
	while (ret == -EINTR);
	if (ret)
		return ret;
	if (run->exit_reason != KVM_EXIT_MMIO || !run->mmio.is_write ||
	    run->mmio.len != sizeof(*val))
		return -EPROTO;
	*addr = run->mmio.phys_addr;
	memcpy(val, run->mmio.data, sizeof(*val));
	return 0;
}

int vcpu_settle(const struct vcpu *vcpu)
{
	int ret;

	vcpu->run->immediate_exit = 1;
	ret = vm_ioctl(vcpu->fd, KVM_RUN, NULL);
	vcpu->run->immediate_exit = 0;
	return ret == -EINTR ? 0 : ret ? ret : -EPROTO;
}

/* The guest's register x @i */
static uint64_t x_reg(unsigned int i)
{
	return CORE_REG(regs.regs) + i * (sizeof(__u64) / sizeof(__u32));
}

int vcpu_load_call(const struct vcpu *vcpu, enum conduit conduit, const uint64_t x[4])
{
	uint64_t by = conduit;
	unsigned int i;
	int ret = vcpu_set(vcpu->fd, x_reg(8), &by);

	for (i = 0; i < 4 && !ret; i++)
		ret = vcpu_set(vcpu->fd, x_reg(i), &x[i]);
	return ret;
}

int vcpu_finish_call(const struct vcpu *vcpu, uint64_t x[4])
{
	uint64_t addr, val;
	unsigned int i;
	int ret = vcpu_run(vcpu, &addr, &val);

	if (!ret && addr != DOORBELL)
		ret = -EFAULT;
	for (i = 0; i < 4 && !ret; i++)
		ret = vcpu_get(vcpu->fd, x_reg(i), &x[i]);
	return ret;
}

int vcpu_call(const struct vcpu *vcpu, enum conduit conduit, uint64_t x[4])
{
	int ret = vcpu_load_call(vcpu, conduit, x);

	return ret ? ret : vcpu_finish_call(vcpu, x);
}

int param_open(const char *name, int flags)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), PARAMS "%s", name);
	fd = open(path, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int param_fd_write(int fd, const char *text)
{
	return pwrite(fd, text, strlen(text), 0) < 0 ? -errno : 0;
}

int param_fd_read(int fd, char *text, size_t size)
{
	ssize_t len = pread(fd, text, size - 1, 0);

	if (len < 0)
		return -errno;
	text[len] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return 0;
}

int param_write(const char *name, const char *text)
{
	int fd = param_open(name, O_WRONLY), ret;

	if (fd < 0)
		return fd;
	ret = param_fd_write(fd, text);
	close(fd);
	return ret;
}

int param_read(const char *name, char *text, size_t size)
{
	int fd = param_open(name, O_RDONLY), ret;

	if (fd < 0)
		return fd;
	ret = param_fd_read(fd, text, size);
	close(fd);
	return ret;
}

int need(int ret, const char *what)
{
	if (ret < 0)
		die_errno(-ret, "%s", what);
	return ret;
}

static void need_kvm(void)
{
	int ret = kvm_open();

	if (ret == -ENOENT)
		die_errno(-ret, "open of /dev/kvm, is KVM enabled on this host?");
	if (ret == -EACCES)
		die_errno(-ret, "open of /dev/kvm, are you root or in the group kvm?");
	/* A file of this name that is not KVM's */
	if (ret == -ENOTTY)
		die_errno(-ret, "KVM_GET_VCPU_MMAP_SIZE");
	need(ret, "open of /dev/kvm");
}

void vm_reset(struct vm *vm)
{
	unsigned int i;

	*vm = (struct vm){ .fd = -1 };
	for (i = 0; i < VM_VCPUS; i++)
		vm->vcpu[i] = (struct vcpu){ .number = i, .fd = -1 };
}

void vm_create(struct vm *vm)
{
	need_kvm();
	vm_reset(vm);
	vm->fd = need(vm_new(), "KVM_CREATE_VM");
}

void vm_load(struct vm *vm, const void *image, size_t size)
{
	vm_create(vm);
	need(ram_new(&vm->ram, image, size), "mmap of the guest's RAM");
	need(vm_set_ram(vm->fd, vm->ram), "KVM_SET_USER_MEMORY_REGION");
}

void vm_prepare_vcpu(struct vm *vm, unsigned int number)
{
	struct vcpu *vcpu = &vm->vcpu[number];
	uint64_t pc = RAM_BASE;

	need(vcpu_map(vcpu), "mmap of struct kvm_run");
	need(vcpu_set(vcpu->fd, CORE_REG(regs.pc), &pc), "KVM_SET_ONE_REG of the PC");
	vcpu->stolen_time_err = -vcpu_set_stolen_time(vcpu->fd, STOLEN_TIME + 64 * number);
	if (vcpu->stolen_time_err && vcpu->stolen_time_err != ENXIO)
		die_errno(vcpu->stolen_time_err, "KVM_SET_DEVICE_ATTR of PVTIME_IPA");
}

void vm_add_vcpu(struct vm *vm, uint32_t features)
{
	struct vcpu *vcpu = &vm->vcpu[vm->nr];

	if (vcpu->fd < 0)
		vcpu->fd = need(vcpu_new(vm->fd, vm->nr), "KVM_CREATE_VCPU");
	need(vcpu_init(vm->fd, vcpu->fd, features), "KVM_ARM_VCPU_INIT");
	vm_prepare_vcpu(vm, vm->nr++);
}

void vm_destroy(struct vm *vm)
{
	unsigned int i;

	for (i = 0; i < VM_VCPUS; i++) {
		if (vm->vcpu[i].run)
			munmap(vm->vcpu[i].run, run_size);
		if (vm->vcpu[i].fd >= 0)
			close(vm->vcpu[i].fd);
	}
	close(vm->fd);
	if (vm->ram)
		munmap(vm->ram, RAM_SIZE);
}
