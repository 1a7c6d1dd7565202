// SPDX-License-Identifier: BSD-3-Clause
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "host.h"
#include "vm.h"

/* include/uapi/linux/kvm.h of kernels that have protected VMs */
#define VM_TYPE_PROTECTED	BIT(31)

extern const char guest_image[], guest_image_end[];

const char * const conduit_names[NR_CONDUITS] = { "HVC", "SMC" };

/* The functions of vmm.h that end a program end a test here. */
void die_errno(int err, const char *fmt, ...)
{
	char what[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	die("%s: expected success, got %s", what, err_name(err));
}

static struct vm *alloc_vm(void)
{
	struct vm *vm = calloc(1, sizeof(*vm));

	if (!vm)
		die("out of memory");
	return vm;
}

struct vm *new_empty_vm(void)
{
	struct vm *vm = alloc_vm();

	vm_load(vm, guest_image, guest_image_end - guest_image);
	return vm;
}

static struct vm *add_vcpus(struct vm *vm, unsigned int nr)
{
	while (vm->nr < nr)
		add_vcpu(vm);
	return vm;
}

struct vm *new_vm(unsigned int nr)
{
	return add_vcpus(new_empty_vm(), nr);
}

struct vm *new_limited_vm(unsigned int n, unsigned int nr)
{
	struct vm *vm = new_empty_vm();

	limit(vm, n);
	return add_vcpus(vm, nr);
}

struct vm *new_vm_that_ran(void)
{
	struct vm *vm = new_vm(1);

	guest_run(&vm->vcpu[0]);
	return vm;
}

void free_vm(struct vm *vm)
{
	vm_destroy(vm);
	free(vm);
}

struct vcpu *create_vcpu(struct vm *vm)
{
	struct vcpu *vcpu = &vm->vcpu[vm->nr];

	vcpu->fd = need(vcpu_new(vm->fd, vm->nr), "KVM_CREATE_VCPU");
	return vcpu;
}

struct vcpu *add_vcpu(struct vm *vm)
{
	vm_add_vcpu(vm, VCPU_PSCI);
	return &vm->vcpu[vm->nr - 1];
}

struct vcpu *add_vcpu_psci_0_1(struct vm *vm)
{
	vm_add_vcpu(vm, 0);
	return &vm->vcpu[vm->nr - 1];
}

struct vm *new_protected_vm(void)
{
	struct vm *vm = alloc_vm();

	vm_reset(vm);
	vm->fd = vm_ioctl(kvm_fd, KVM_CREATE_VM, (void *)VM_TYPE_PROTECTED);
	if (vm->fd < 0)
		skip("this host has no protected VMs, KVM_CREATE_VM: %s", err_name(-vm->fd));

	return vm;
}

struct vcpu *add_protected_vcpu(struct vm *vm)
{
	struct vcpu *vcpu = create_vcpu(vm);

	need(vcpu_init(vm->fd, vcpu->fd, VCPU_PSCI), "KVM_ARM_VCPU_INIT in a protected VM");
	return vcpu;
}

int __get_reg(const struct vcpu *vcpu, uint64_t id, void *val)
{
	return -vcpu_get(vcpu->fd, id, val);
}

int __set_reg_from(const struct vcpu *vcpu, uint64_t id, const void *addr)
{
	return -vcpu_set(vcpu->fd, id, addr);
}

int __set_reg(const struct vcpu *vcpu, uint64_t id, uint64_t val)
{
	return __set_reg_from(vcpu, id, &val);
}

uint64_t get_reg(const struct vcpu *vcpu, uint64_t id)
{
	uint64_t val;
	int err = __get_reg(vcpu, id, &val);

	if (err)
		die_errno(err, "GET of %s", reg_name(id));
	return val;
}

void set_reg(const struct vcpu *vcpu, uint64_t id, uint64_t val)
{
	int err = __set_reg(vcpu, id, val);

	if (err)
		die_errno(err, "SET of %s to 0x%lx", reg_name(id), val);
}

int __get_list(const struct vcpu *vcpu, struct reg_list *list, uint64_t n)
{
	unsigned int i;

	for (i = 0; i < REGS_MAX; i++)
		list->reg[i] = POISON;
	return -vcpu_list(vcpu->fd, list, n);
}

void get_list(const struct vcpu *vcpu, struct reg_list *list)
{
	need(-__get_list(vcpu, list, REGS_MAX), "KVM_GET_REG_LIST");
}

void limit(const struct vm *vm, uint64_t n)
{
	int ret = vm_limit(vm->fd, n);

	if (ret)
		die_errno(-ret, "KVM_ENABLE_CAP with n = %lu", n);
}

void expect_limit(const struct vm *vm, uint64_t n, int want)
{
	expect_err(-vm_limit(vm->fd, n), want, "KVM_ENABLE_CAP with n = 0x%lx", n);
}

void expect_count(int fd, int want, const char *what)
{
	int got = kvm_count(fd);

	if (got != want)
		fail("KVM_CHECK_EXTENSION on %s: expected %d, got %d", what, want, got);
}

/* Kernels that serve calls by SMC are those that have the filter. */
void need_conduit(const struct vm *vm, enum conduit conduit)
{
	if (conduit == SMC && !vm_has_filter(vm->fd))
		skip("this kernel does not serve calls by SMC");
}

void need_filter(const struct vm *vm)
{
	if (!vm_has_filter(vm->fd))
		skip("this kernel has no SMCCC filter");
}

void load_call(const struct vcpu *vcpu, enum conduit conduit, const uint64_t x[4])
{
	need(vcpu_load_call(vcpu, conduit, x), "SET of the registers of a call");
}

void finish_call(const struct vcpu *vcpu, uint64_t x[4])
{
	int ret = vcpu_finish_call(vcpu, x);

	if (ret == -EPROTO)
		die("vCPU %u: expected an answer from KVM, got exit reason %u", vcpu->number,
		    vcpu->run->exit_reason);
	if (ret == -EFAULT)
		die("vCPU %u: the guest took an exception", vcpu->number);
	if (ret)
		die_errno(-ret, "KVM_RUN of vCPU %u", vcpu->number);
}

void guest_call(const struct vcpu *vcpu, enum conduit conduit, uint64_t x[4])
{
	load_call(vcpu, conduit, x);
	finish_call(vcpu, x);
}

uint64_t guest_ask(const struct vcpu *vcpu, uint32_t func, uint64_t arg)
{
	uint64_t x[4] = { func, arg };

	guest_call(vcpu, HVC, x);
	return x[0];
}

void guest_run(const struct vcpu *vcpu)
{
	guest_ask(vcpu, PSCI_0_2_FN_PSCI_VERSION, 0);
}
