// SPDX-License-Identifier: BSD-3-Clause
/*
 * bench hvc|ioctl: counts the instructions of hypercalls and ioctls. Runs on an emulated host
 * under -icount shift=0,sleep=off with one CPU, see bench.h. On other hosts, the numbers mean
 * nothing.
 *
 * Each line is "what <tab> in which state <tab> instructions". The work is the same on patched and
 * unpatched kernels, so that their lines can be compared. On a kernel that lacks something, its
 * lines are missing.
 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/kvm.h>

#include "cli.h"
#include "fwregs.h"
#include "vmm/guest/calls.h"
#include "vmm/vmm.h"
#include "bench.h"

/* vmm/guest/bench-guest.S */
extern const char guest_image[], guest_image_end[];

/* The result is the least of so many rounds, since interrupts of the host only add */
#define ROUNDS		12

/* The number of rounds for a median */
#define TIMES		201

/* The most firmware registers of any kernel: 4 levels, 4 bitmaps */
#define MAX_REGS	8

/* SMCCC_ARCH_FEATURES: a filter cannot cover it */
#define ARCH_FEATURES	0x80000001

#define NR(array)	(sizeof(array) / sizeof((array)[0]))

/* Instructions of one call of a batch */
static uint64_t instructions(uint64_t ticks, unsigned int batch)
{
	return (ticks * INSTRUCTIONS_PER_TICK + batch / 2) / batch;
}

static void report(const char *what, const char *state, uint64_t count)
{
	printf("%s\t%s\t%llu\n", what, state, (unsigned long long)count);
}

/*
 * Hypercalls
 */

/*
 * Some functions of PSCI, and unknown functions of each owner and next to known ones: the series
 * may not make any of them slower.
 */
static const struct call more_calls[] = {
	{ "PSCI_FEATURES(AFFINITY_INFO)",	0x8400000a, 0xc4000004, NONE, 0 },
	{ "PSCI_MIGRATE_INFO_TYPE",		0x84000006, 0, NONE, 0 },
	{ "PSCI_AFFINITY_INFO",			0xc4000004, 0, NONE, 0 },
	{ "PSCI, unknown",			0x8400001f, 0, NONE, 0 },
	{ "PSCI 0.1, unknown",			0x95c1ba60, 0, NONE, 0 },
	{ "architecture, unknown",		0x80000002, 0, NONE, 0 },
	{ "CPU, unknown",			0x81000000, 0, NONE, 0 },
	{ "SiP, unknown",			0x82000000, 0, NONE, 0 },
	{ "OEM, unknown",			0x83000000, 0, NONE, 0 },
	{ "standard, after PSCI",		0x84000020, 0, NONE, 0 },
	{ "standard, after TRNG",		0x84000054, 0, NONE, 0 },
	{ "TRNG_VERSION as SMC64",		0xc4000050, 0, NONE, 0 },
	{ "standard hypervisor, after PV_TIME",	0xc5000022, 0, NONE, 0 },
	{ "PV_TIME_ST as SMC32",		0x85000021, 0, NONE, 0 },
	{ "vendor, after PTP",			0x86000002, 0, NONE, 0 },
	{ "vendor, last",			0x8600ffff, 0, NONE, 0 },
	{ "trusted OS, unknown",		0xbf00ff01, 0, NONE, 0 },
	{ "yielding",				0x02000000, 0, NONE, 0 },
	{ "zero",				0x00000000, 0, NONE, 0 },
	{ "all ones",				0xffffffff, 0, NONE, 0 },
};

static void set_core(const struct vcpu *vcpu, uint64_t id, uint64_t val)
{
	need(vcpu_set(vcpu->fd, id, &val), "KVM_SET_ONE_REG of a core register");
}

/* The least number of instructions from one HVC of this kind to the next */
static uint64_t hvc_cost(const struct vm *vm, const struct call *call)
{
	const struct vcpu *vcpu = &vm->vcpu[0];
	uint64_t least = UINT64_MAX, addr, ticks;
	unsigned int i;

	for (i = 0; i < ROUNDS; i++) {
		set_core(vcpu, CORE_REG(regs.pc), RAM_BASE);
		set_core(vcpu, CORE_REG(regs.regs[19]), call->func_id);
		set_core(vcpu, CORE_REG(regs.regs[20]), call->x1);
		need(vcpu_run(vcpu, &addr, &ticks), "KVM_RUN");
		if (ticks < least)
			least = ticks;
	}
	return instructions(least, BATCH);
}

static void report_hvc(struct vm *vm, const struct call *call, const char *state)
{
	char what[64];

	snprintf(what, sizeof(what), "0x%08x %s", call->func_id, call->name);
	report(what, state, hvc_cost(vm, call));
}

static void report_services(struct vm *vm, const char *state)
{
	unsigned int i;

	for (i = 0; i < NR_CALLS; i++)
		if (calls[i].reg != NONE)
			report_hvc(vm, &calls[i], state);
}

static void report_others(struct vm *vm, const char *state)
{
	unsigned int i;

	for (i = 0; i < NR_CALLS; i++)
		if (calls[i].reg == NONE)
			report_hvc(vm, &calls[i], state);
	for (i = 0; i < NR(more_calls); i++)
		report_hvc(vm, &more_calls[i], state);
}

/* Switches the services of every bitmap register off, by their bits */
static void switch_off(struct vm *vm)
{
	uint64_t id;

	for (id = FWREGS_BMAP(0); !fwregs_set(vm->vcpu[0].fd, id, 0); id++)
		;
}

/* Makes KVM deny a range of functions. Returns 0 if this kernel has no filter. */
static int deny(struct vm *vm, uint32_t func_id, uint32_t nr)
{
	if (!vm_has_filter(vm->fd))
		return 0;
	need(vm_set_filter(vm->fd, func_id, nr, FILTER_DENY),
	     "KVM_SET_DEVICE_ATTR of the SMCCC filter");
	return 1;
}

enum { SERVED, OFF, ABSENT };

static const char *const states[] = {
	[SERVED] = "served",
	[OFF] = "off",
	[ABSENT] = "register absent",
};

/* Makes a VM with all its services in a state. Returns 0 if this kernel has no such state. */
static int create_vm(struct vm *vm, int state)
{
	int ret = 0;

	vm_load(vm, guest_image, guest_image_end - guest_image);
	if (state == ABSENT)
		ret = fwregs_limit(vm->fd, 0);
	vm_add_vcpu(vm, VCPU_PSCI);
	if (state == OFF)
		switch_off(vm);
	return !ret;
}

static void bench_state(int state)
{
	struct vm vm;

	if (create_vm(&vm, state))
		report_services(&vm, states[state]);
	vm_destroy(&vm);
}

/* A filter for functions that are not called: each call has to search it */
static void bench_with_filter(void)
{
	struct vm vm;

	create_vm(&vm, SERVED);
	if (deny(&vm, 0x83001000, 0x100))
		report_services(&vm, "served, with a filter");
	vm_destroy(&vm);
}

/* Calls that no register controls */
static void bench_others(void)
{
	struct vm vm;

	create_vm(&vm, SERVED);
	report_others(&vm, "no register");
	vm_destroy(&vm);
}

/* Makes the filter deny the functions of all services, except for one that it cannot cover */
static int deny_by_filter(struct vm *vm)
{
	unsigned int i;

	for (i = 0; i < NR_CALLS; i++) {
		if (calls[i].reg == NONE || calls[i].func_id == ARCH_FEATURES)
			continue;
		if (i && calls[i].func_id == calls[i - 1].func_id)
			continue;
		if (!deny(vm, calls[i].func_id, 1))
			return 0;
	}
	return 1;
}

static void bench_denied_by_filter(void)
{
	struct vm vm;

	create_vm(&vm, SERVED);
	if (deny_by_filter(&vm))
		report_services(&vm, "denied by a filter");
	vm_destroy(&vm);
}

static void bench_hvc(void)
{
	bench_state(SERVED);
	bench_state(OFF);
	bench_state(ABSENT);
	bench_others();
	bench_with_filter();
	bench_denied_by_filter();
}

/*
 * Ioctls
 */

static uint64_t counter(void)
{
	uint64_t ticks;

	asm volatile("mrs %0, cntvct_el0" : "=r" (ticks) : : "memory");
	return ticks;
}

static uint64_t next_tick(void)
{
	uint64_t was = counter(), now;

	do
		now = counter();
	while (now == was);
	return now;
}

static uint64_t least_ticks(void (*fn)(void *arg), void *arg, unsigned int batch)
{
	uint64_t least = UINT64_MAX, start, ticks;
	unsigned int i, j;

	for (i = 0; i < ROUNDS; i++) {
		start = next_tick();
		for (j = 0; j < batch; j++)
			fn(arg);
		ticks = counter() - start;
		if (ticks < least)
			least = ticks;
	}
	return least;
}

static int compare_ticks(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void nothing(void *arg)
{
	(void)arg;
}

/* The number of instructions of @fn, without those of the call */
static uint64_t cost(void (*fn)(void *arg), void *arg)
{
	return instructions(least_ticks(fn, arg, BATCH) - least_ticks(nothing, NULL, BATCH), BATCH);
}

/*
 * The same for long work, which allocates memory, wakes other threads, and meets interrupts: the
 * median of single counts.
 */
static uint64_t median_cost(void (*fn)(void *arg), void *arg)
{
	uint64_t ticks[TIMES], start;
	unsigned int i;

	for (i = 0; i < TIMES; i++) {
		start = next_tick();
		fn(arg);
		ticks[i] = counter() - start;
	}
	qsort(ticks, TIMES, sizeof(ticks[0]), compare_ticks);
	return instructions(ticks[TIMES / 2], 1);
}

/* Fixed places, since the count of the kernel's copies depends on the address */
#define ALIGNED		__attribute__((aligned(16)))

/* One ioctl, or two that undo each other */
struct op {
	int fd;
	unsigned long request[2];
	void *arg[2];
};

static void do_op(void *arg)
{
	struct op *op = arg;

	ioctl(op->fd, op->request[0], op->arg[0]);
	if (op->request[1])
		ioctl(op->fd, op->request[1], op->arg[1]);
}

static uint64_t ioctl_cost(int fd, unsigned long request, void *arg)
{
	struct op op = { .fd = fd, .request = { request }, .arg = { arg } };

	return cost(do_op, &op);
}

static uint64_t two_ioctls_cost(int fd, unsigned long request, void *arg1, void *arg2)
{
	struct op op = { .fd = fd, .request = { request, request }, .arg = { arg1, arg2 } };

	return cost(do_op, &op);
}

/* KVM writes the length there, so it has to be set before each call */
static void list_length(void *arg)
{
	struct kvm_reg_list probe = { .n = 0 };

	ioctl(*(int *)arg, KVM_GET_REG_LIST, &probe);
}

static void bench_list(struct vm *vm)
{
	static struct reg_list list = { .n = REGS_MAX };

	report("KVM_GET_REG_LIST", "length only", cost(list_length, &vm->vcpu[0].fd));
	report("KVM_GET_REG_LIST", "whole", ioctl_cost(vm->vcpu[0].fd, KVM_GET_REG_LIST, &list));
}

static void bench_get_set(struct vm *vm, uint64_t id, const char *name)
{
	uint64_t val = 0, off = 0;
	struct kvm_one_reg reg ALIGNED = { .id = id, .addr = (uintptr_t)&val };
	struct kvm_one_reg reg_off ALIGNED = { .id = id, .addr = (uintptr_t)&off };

	report("KVM_GET_ONE_REG", name, ioctl_cost(vm->vcpu[0].fd, KVM_GET_ONE_REG, &reg));
	report("KVM_SET_ONE_REG", name, ioctl_cost(vm->vcpu[0].fd, KVM_SET_ONE_REG, &reg));
	if (fwregs_is_bmap(id) && val)
		report("KVM_SET_ONE_REG, off and on", name,
		       two_ioctls_cost(vm->vcpu[0].fd, KVM_SET_ONE_REG, &reg_off, &reg));
}

static void bench_all_get_set(struct vm *vm)
{
	static const uint64_t strange[] = {
		FWREGS_LEVEL(4), FWREGS_BMAP(0xff), FWREGS_BMAP(0xffff)
	};
	uint64_t ids[MAX_REGS], val = ~0ULL;
	struct kvm_one_reg bad ALIGNED = { .id = FWREGS_STD_BMAP, .addr = (uintptr_t)&val };
	char name[FWREGS_NAME_SIZE];
	int nr, i;

	nr = fwregs_list(vm->vcpu[0].fd, ids, MAX_REGS);
	if (nr < 0 || nr > MAX_REGS)
		die("%d firmware registers", nr);

	for (i = 0; i < nr; i++)
		bench_get_set(vm, ids[i], fwregs_name(ids[i], name));
	for (i = 0; i < (int)NR(strange); i++)
		bench_get_set(vm, strange[i], fwregs_name(strange[i], name));
	report("KVM_SET_ONE_REG", "a bad value", ioctl_cost(vm->vcpu[0].fd, KVM_SET_ONE_REG, &bad));
}

static void bench_caps(struct vm *vm)
{
	static const struct {
		const char *name;
		unsigned long cap;
	} caps[] = {
		{ "KVM_CAP_ARM_HVC_FW_REG_BMAP", FWREGS_CAP_ARM_HVC_FW_REG_BMAP },
		{ "KVM_CAP_ARM_PSCI_0_2", KVM_CAP_ARM_PSCI_0_2 },
		{ "KVM_CAP_ONE_REG", KVM_CAP_ONE_REG },
		{ "KVM_CAP_STEAL_TIME", KVM_CAP_STEAL_TIME },
		{ "unknown", 10206 },
	};
	unsigned int i;
	uint64_t count;

	for (i = 0; i < NR(caps); i++) {
		count = ioctl_cost(kvm_fd, KVM_CHECK_EXTENSION, (void *)caps[i].cap);
		report("KVM_CHECK_EXTENSION of /dev/kvm", caps[i].name, count);
		count = ioctl_cost(vm->fd, KVM_CHECK_EXTENSION, (void *)caps[i].cap);
		report("KVM_CHECK_EXTENSION of a VM", caps[i].name, count);
	}
}

/*
 * The capabilities of the base, to which the series adds one in the same switch. For the new one,
 * the comparison is with the error of the unpatched kernel.
 */
static void bench_enable_cap(struct vm *vm)
{
	struct kvm_enable_cap nisv ALIGNED = { .cap = KVM_CAP_ARM_NISV_TO_USER };
	struct kvm_enable_cap unknown ALIGNED = { .cap = 10206 };
	struct kvm_enable_cap cap ALIGNED = {
		.cap = FWREGS_CAP_ARM_HVC_FW_REG_BMAP,
		.args = { fwregs_count(vm->fd) },
	};

	report("KVM_ENABLE_CAP", "KVM_CAP_ARM_NISV_TO_USER",
	       ioctl_cost(vm->fd, KVM_ENABLE_CAP, &nisv));
	report("KVM_ENABLE_CAP", "unknown", ioctl_cost(vm->fd, KVM_ENABLE_CAP, &unknown));

	report("KVM_ENABLE_CAP", "KVM_CAP_ARM_HVC_FW_REG_BMAP, as it is",
	       ioctl_cost(vm->fd, KVM_ENABLE_CAP, &cap));
}

static void create_and_close(void *arg)
{
	int vm = ioctl(*(int *)arg, KVM_CREATE_VM, NULL);

	if (vm < 0)
		die_errno(errno, "KVM_CREATE_VM");
	close(vm);
}

static void bench_ioctl(void)
{
	struct vm vm;

	create_vm(&vm, SERVED);
	bench_list(&vm);
	bench_all_get_set(&vm);
	bench_caps(&vm);
	bench_enable_cap(&vm);
	report("KVM_CREATE_VM and close()", "no vCPU", median_cost(create_and_close, &kvm_fd));
	vm_destroy(&vm);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} parts[] = {
		{ "hvc", bench_hvc },
		{ "ioctl", bench_ioctl },
	};
	unsigned int i;

	for (i = 0; argc == 2 && i < NR(parts); i++) {
		if (!strcmp(argv[1], parts[i].name)) {
			parts[i].run();
			return finish_output();
		}
	}

	die("usage: bench hvc|ioctl");
}
