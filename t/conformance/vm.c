// SPDX-License-Identifier: BSD-3-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host.h"
#include "uapi.h"
#include "vm.h"

/* include/uapi/linux/kvm.h of kernels that have protected VMs */
#define VM_TYPE_PROTECTED	BIT(31)

int kvm_fd;

/*
 * The guest calls, and then stores to where there is no memory, which ends
 * KVM_RUN. Arguments and answers are in the vCPU's registers and not in memory:
 * with the MMU off, the guest's accesses do not hit in the caches, so that on a
 * host without FEAT_S2FWB guest and host could see different things.
 *
 * It begins with a nop, as KVM may still have to step over the store when a vCPU
 * that has run is initialised anew.
 */
#define GUEST_BASE	0x40000000ULL
#define GUEST_SIZE	0x20000ULL
#define GUEST_VECTORS	0x0
#define GUEST_ENTRY	0x800

#define MMIO_ANSWERED	0x10000000ULL
#define MMIO_EXCEPTION	0x10000008ULL

#define REG_CONDUIT	8
#define REG_ANSWERED	9
#define REG_EXCEPTION	10

static const __u32 guest_code[] = {
	0xd503201f,	/* 0:	nop			*/
	0xb5000068,	/*	cbnz	x8, 1f		*/
	0xd4000002,	/*	hvc	#0		*/
	0x14000002,	/*	b	2f		*/
	0xd4000003,	/* 1:	smc	#0		*/
	0xf900013f,	/* 2:	str	xzr, [x9]	*/
	0x17fffffa,	/*	b	0b		*/
};

/* In each of the 16 vectors, for an exception to be told from a hang */
static const __u32 guest_vector[] = {
	0xf900015f,	/*	str	xzr, [x10]	*/
	0x14000000,	/*	b	.		*/
};

const char * const conduit_names[] = { "HVC", "SMC" };

static __u64 user_addr(const void *p)
{
	return (unsigned long)p;
}

int __get_reg(const struct vcpu *vcpu, __u64 id, void *val)
{
	struct kvm_one_reg reg = { .id = id, .addr = user_addr(val) };

	return ioctl(vcpu->fd, KVM_GET_ONE_REG, &reg) ? errno : 0;
}

int __set_reg_from(const struct vcpu *vcpu, __u64 id, const void *addr)
{
	struct kvm_one_reg reg = { .id = id, .addr = user_addr(addr) };

	return ioctl(vcpu->fd, KVM_SET_ONE_REG, &reg) ? errno : 0;
}

int __set_reg(const struct vcpu *vcpu, __u64 id, __u64 val)
{
	return __set_reg_from(vcpu, id, &val);
}

__u64 get_reg(const struct vcpu *vcpu, __u64 id)
{
	__u64 val;
	int err = __get_reg(vcpu, id, &val);

	if (err)
		die("GET of %s: expected success, got %s", reg_name(id), err_name(err));

	return val;
}

void set_reg(const struct vcpu *vcpu, __u64 id, __u64 val)
{
	int err = __set_reg(vcpu, id, val);

	if (err)
		die("SET of %s to 0x%llx: expected success, got %s", reg_name(id), val,
		    err_name(err));
}

static __u64 core_id(size_t offset)
{
	return KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE | offset / sizeof(__u32);
}

static __u64 x_id(unsigned int i)
{
	return core_id(offsetof(struct kvm_regs, regs.regs) + i * sizeof(__u64));
}

static int __vcpu_init(const struct vcpu *vcpu, bool psci)
{
	struct kvm_vcpu_init init = {};

	if (ioctl(vcpu->vm->fd, KVM_ARM_PREFERRED_TARGET, &init))
		return errno;
	if (psci)
		init.features[0] |= BIT(KVM_ARM_VCPU_PSCI_0_2);

	return ioctl(vcpu->fd, KVM_ARM_VCPU_INIT, &init) ? errno : 0;
}

/* Stolen time needs a host that accounts for it, and few tests need stolen time. */
static int __vcpu_set_pvtime(const struct vcpu *vcpu)
{
	__u64 ipa = PVTIME_BASE + vcpu->index * PVTIME_SIZE;
	struct kvm_device_attr attr = {
		.group	= KVM_ARM_VCPU_PVTIME_CTRL,
		.attr	= KVM_ARM_VCPU_PVTIME_IPA,
		.addr	= user_addr(&ipa),
	};

	return ioctl(vcpu->fd, KVM_SET_DEVICE_ATTR, &attr) ? errno : 0;
}

static void vcpu_start(const struct vcpu *vcpu)
{
	set_reg(vcpu, core_id(offsetof(struct kvm_regs, regs.pc)), GUEST_BASE + GUEST_ENTRY);
	set_reg(vcpu, ARM64_SYS_REG(3, 0, 12, 0, 0), GUEST_BASE + GUEST_VECTORS);
	set_reg(vcpu, x_id(REG_ANSWERED), MMIO_ANSWERED);
	set_reg(vcpu, x_id(REG_EXCEPTION), MMIO_EXCEPTION);
}

void vcpu_init(struct vcpu *vcpu, bool psci)
{
	int err = __vcpu_init(vcpu, psci);

	if (err)
		die("KVM_ARM_VCPU_INIT: %s", err_name(err));

	vcpu_start(vcpu);
}

struct vcpu *vcpu_create(struct vm *vm)
{
	struct vcpu *vcpu = &vm->vcpu[vm->nr_vcpus];
	int size = ioctl(kvm_fd, KVM_GET_VCPU_MMAP_SIZE, 0);

	vcpu->vm = vm;
	vcpu->index = vm->nr_vcpus++;
	vcpu->fd = ioctl(vm->fd, KVM_CREATE_VCPU, vcpu->index);
	if (vcpu->fd < 0)
		die("KVM_CREATE_VCPU: %s", err_name(errno));

	vcpu->run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu->fd, 0);
	if (vcpu->run == MAP_FAILED)
		die("mmap of a vCPU: %s", err_name(errno));

	return vcpu;
}

struct vcpu *vcpu_add(struct vm *vm)
{
	struct vcpu *vcpu = vcpu_create(vm);

	vcpu_init(vcpu, true);
	vcpu->pvtime_err = __vcpu_set_pvtime(vcpu);
	return vcpu;
}

static void guest_load(char *mem)
{
	unsigned int i;

	for (i = 0; i < 16; i++)
		memcpy(mem + GUEST_VECTORS + i * 0x80, guest_vector, sizeof(guest_vector));
	memcpy(mem + GUEST_ENTRY, guest_code, sizeof(guest_code));
}

static void vm_add_memory(struct vm *vm)
{
	struct kvm_userspace_memory_region slot = {
		.guest_phys_addr	= GUEST_BASE,
		.memory_size		= GUEST_SIZE,
	};

	vm->mem = mmap(NULL, GUEST_SIZE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (vm->mem == MAP_FAILED)
		die("mmap of guest memory: %s", err_name(errno));

	guest_load(vm->mem);
	slot.userspace_addr = user_addr(vm->mem);
	if (ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &slot))
		die("KVM_SET_USER_MEMORY_REGION: %s", err_name(errno));
}

struct vm *vm_new_empty(void)
{
	struct vm *vm = calloc(1, sizeof(*vm));

	if (!vm)
		die("out of memory");

	vm->fd = ioctl(kvm_fd, KVM_CREATE_VM, 0);
	if (vm->fd < 0)
		die("KVM_CREATE_VM: %s", err_name(errno));

	vm_add_memory(vm);
	return vm;
}

struct vm *vm_new(unsigned int nr_vcpus)
{
	struct vm *vm = vm_new_empty();

	while (vm->nr_vcpus < nr_vcpus)
		vcpu_add(vm);

	return vm;
}

void vm_free(struct vm *vm)
{
	int size = ioctl(kvm_fd, KVM_GET_VCPU_MMAP_SIZE, 0);
	unsigned int i;

	for (i = 0; i < vm->nr_vcpus; i++) {
		munmap(vm->vcpu[i].run, size);
		close(vm->vcpu[i].fd);
	}
	close(vm->fd);
	munmap(vm->mem, GUEST_SIZE);
	free(vm);
}

static const struct kvm_device_attr filter_attr = {
	.group	= SMCCC_CTRL_GROUP,
	.attr	= SMCCC_FILTER_ATTR,
};

static bool vm_has_filter(const struct vm *vm)
{
	return !ioctl(vm->fd, KVM_HAS_DEVICE_ATTR, &filter_attr);
}

void need_filter(const struct vm *vm)
{
	if (!vm_has_filter(vm))
		skip("this kernel has no SMCCC filter");
}

void vm_filter(const struct vm *vm, __u32 func, __u8 action)
{
	struct smccc_filter filter = { .base = func, .nr_functions = 1, .action = action };
	struct kvm_device_attr attr = filter_attr;

	attr.addr = user_addr(&filter);
	if (ioctl(vm->fd, KVM_SET_DEVICE_ATTR, &attr))
		die("SMCCC filter for 0x%x: expected success, got %s", func, err_name(errno));
}

/* Kernels that serve calls by SMC are those that have the filter. */
void need_conduit(const struct vm *vm, enum conduit conduit)
{
	if (conduit == SMC && !vm_has_filter(vm))
		skip("this kernel does not serve calls by SMC");
}

void vcpu_load_call(const struct vcpu *vcpu, enum conduit conduit, const __u64 x[4])
{
	unsigned int i;

	for (i = 0; i < 4; i++)
		set_reg(vcpu, x_id(i), x[i]);
	set_reg(vcpu, x_id(REG_CONDUIT), conduit);
}

void set_x0(const struct vcpu *vcpu, __u64 val)
{
	set_reg(vcpu, x_id(0), val);
}

void vcpu_run(const struct vcpu *vcpu)
{
	while (ioctl(vcpu->fd, KVM_RUN, 0))
		if (errno != EINTR)
			die("KVM_RUN of vCPU %u: %s", vcpu->index, err_name(errno));
}

void vcpu_get_answer(const struct vcpu *vcpu, __u64 x[4])
{
	const struct kvm_run *run = vcpu->run;
	unsigned int i;

	if (run->exit_reason != KVM_EXIT_MMIO)
		die("vCPU %u: expected an answer from KVM, got exit reason %u",
		    vcpu->index, run->exit_reason);
	if (run->mmio.phys_addr != MMIO_ANSWERED)
		die("vCPU %u: the guest took an exception", vcpu->index);

	for (i = 0; i < 4; i++)
		x[i] = get_reg(vcpu, x_id(i));
}

void guest_call(const struct vcpu *vcpu, enum conduit conduit, __u64 x[4])
{
	vcpu_load_call(vcpu, conduit, x);
	vcpu_run(vcpu);
	vcpu_get_answer(vcpu, x);
}

__u64 guest_ask(const struct vcpu *vcpu, __u32 func, __u64 arg)
{
	__u64 x[4] = { func, arg };

	guest_call(vcpu, HVC, x);
	return x[0];
}

void guest_run(const struct vcpu *vcpu)
{
	guest_ask(vcpu, PSCI_0_2_FN_PSCI_VERSION, 0);
}

struct vm *vm_new_ran(unsigned int nr_vcpus)
{
	struct vm *vm = vm_new(nr_vcpus);

	guest_run(&vm->vcpu[0]);
	return vm;
}

int __enable_cap(const struct vm *vm, const struct kvm_enable_cap *cap)
{
	return ioctl(vm->fd, KVM_ENABLE_CAP, cap) ? errno : 0;
}

int __limit(const struct vm *vm, __u64 n)
{
	struct kvm_enable_cap cap = {
		.cap	= KVM_CAP_ARM_HVC_FW_REG_BMAP,
		.args	= { n },
	};

	return __enable_cap(vm, &cap);
}

void limit(const struct vm *vm, __u64 n)
{
	int err = __limit(vm, n);

	if (err)
		die("KVM_ENABLE_CAP with n = %llu: expected success, got %s", n,
		    err_name(err));
}

struct vm *vm_new_limited(unsigned int n, unsigned int nr_vcpus)
{
	struct vm *vm = vm_new_empty();

	limit(vm, n);
	while (vm->nr_vcpus < nr_vcpus)
		vcpu_add(vm);

	return vm;
}

void expect_limit(const struct vm *vm, __u64 n, int want)
{
	expect_err(__limit(vm, n), want, "KVM_ENABLE_CAP with n = 0x%llx", n);
}

int check_extension(int fd)
{
	int ret = ioctl(fd, KVM_CHECK_EXTENSION, KVM_CAP_ARM_HVC_FW_REG_BMAP);

	return ret < 0 ? -errno : ret;
}

void expect_count(int fd, int want, const char *what)
{
	int got = check_extension(fd);

	if (got != want)
		fail("KVM_CHECK_EXTENSION on %s: expected %d, got %d", what, want, got);
}

int __get_list(const struct vcpu *vcpu, struct reg_list *list, __u64 n)
{
	unsigned int i;

	list->n = n;
	for (i = 0; i < MAX_REGS; i++)
		list->reg[i] = POISON;

	return ioctl(vcpu->fd, KVM_GET_REG_LIST, list) ? errno : 0;
}

void get_list(const struct vcpu *vcpu, struct reg_list *list)
{
	int err = __get_list(vcpu, list, MAX_REGS);

	if (err)
		die("KVM_GET_REG_LIST: expected success, got %s", err_name(err));
}

struct vm *vm_new_protected(void)
{
	struct vm *vm = calloc(1, sizeof(*vm));

	if (!vm)
		die("out of memory");
	vm->fd = ioctl(kvm_fd, KVM_CREATE_VM, VM_TYPE_PROTECTED);
	if (vm->fd < 0)
		skip("this host has no protected VMs, KVM_CREATE_VM: %s", err_name(errno));

	return vm;
}

struct vcpu *protected_vcpu(struct vm *vm)
{
	struct vcpu *vcpu = vcpu_create(vm);
	int err = __vcpu_init(vcpu, true);

	if (err)
		die("KVM_ARM_VCPU_INIT in a protected VM: %s", err_name(err));

	return vcpu;
}
