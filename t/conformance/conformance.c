// SPDX-License-Identifier: BSD-3-Clause
/*
 * conformance - does the kernel that runs here keep the ABI contract?
 *
 * Tests the sections 2 to 6 of the contract with bare KVM ioctls and a guest of a
 * few instructions. The same binary runs on every base; what it expects of which
 * base is the table bases[]. The output is TAP. A description begins with the
 * section of the contract that has the rule.
 *
 * What an unpatched kernel lacks is a failure. A test is skipped only if the
 * machine or the base cannot have what the test needs.
 *
 * Each test is a process of its own, so that it may fail, crash or hang without a
 * consequence for the others. For that reason hardly anything is cleaned up here.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdnoreturn.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

#include <linux/kvm.h>
#include <linux/psci.h>

#include "bases.h"
#include "uapi.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define BIT(n)		(1ULL << (n))
#define ATTR(...)	__attribute__((__VA_ARGS__))
#define PRINTF(a, b)	ATTR(format(printf, a, b))

/* The contract, section 4 */
#define KVM_CAP_ARM_HVC_FW_REG_BMAP	10207

/* include/linux/arm-smccc.h */
#define SMCCC_VERSION			0x80000000
#define SMCCC_ARCH_FEATURES		0x80000001
#define SMCCC_ARCH_WORKAROUND_1		0x80008000
#define SMCCC_ARCH_WORKAROUND_2		0x80007fff
#define SMCCC_ARCH_WORKAROUND_3		0x80003fff
#define TRNG_VERSION			0x84000050
#define TRNG_FEATURES			0x84000051
#define TRNG_GET_UUID			0x84000052
#define TRNG_RND32			0x84000053
#define TRNG_RND64			0xc4000053
#define PV_TIME_FEATURES		0xc5000020
#define PV_TIME_ST			0xc5000021
#define VENDOR_HYP_CALL_UID		0x8600ff01
#define VENDOR_HYP_FEATURES		0x86000000
#define VENDOR_HYP_PTP			0x86000001
#define NOT_SUPPORTED			((__u64)-1)

/* Arm DEN0098, the TRNG's own error code */
#define TRNG_INVALID_PARAMETER		((__u64)-2)

/* include/linux/arm-smccc.h, which counter an answer of the PTP service has */
#define KVM_PTP_VIRT_COUNTER		0
#define KVM_PTP_PHYS_COUNTER		1

/* include/uapi/linux/kvm.h of kernels that have protected VMs */
#define VM_TYPE_PROTECTED	BIT(31)

/* Documentation/virt/kvm/api.rst, KVM_GET_ONE_REG: coprocessors 0x14 and 0x16 */
#define LEVEL_ID(n)	(0x6030000000140000ULL + (n))
#define BMAP_ID(n)	(0x6030000000160000ULL + (n))
#define COPROC(id)	((id) & 0x0fff0000ULL)
#define SIZE_SHIFT	52
#define SIZE_U64	3

enum level_reg {
	PSCI,
	WA1,
	WA2,
	WA3,

	NR_LEVEL
};

enum bmap_reg {
	STD,
	STD_HYP,
	VENDOR_HYP,
	VENDOR_HYP_2,

	NR_BMAP
};

static const char * const level_names[NR_LEVEL] = {
	[PSCI]	= "PSCI_VERSION",
	[WA1]	= "SMCCC_ARCH_WORKAROUND_1",
	[WA2]	= "SMCCC_ARCH_WORKAROUND_2",
	[WA3]	= "SMCCC_ARCH_WORKAROUND_3",
};

/* The contract, section 1: the rows of the table */
static const struct bmap {
	const char	*name;
	__u64		mask;
	__u64		reset;
} bmaps[NR_BMAP] = { BITMAPS };

/* The bits of VENDOR_HYP_BMAP */
#define FUNC_FEAT	0
#define PTP		1

#define MAX_PSCI	5

/* The contract, section 1: the columns of the table */
static const struct base {
	const char	*release;
	unsigned int	known;
	bool		fw_last;	/* in KVM_GET_REG_LIST */
	unsigned int	nr_psci;
	__u32		psci[MAX_PSCI];	/* from 0.2 on, ascending */
} bases[] = { BASES };

/* Constant once the options are read */
static const struct base *base;
static int kvm_fd;

static __u32 psci_latest(void)
{
	return base->psci[base->nr_psci - 1];
}

static bool psci_known(__u64 version)
{
	unsigned int i;

	for (i = 0; i < base->nr_psci; i++)
		if (base->psci[i] == version)
			return true;

	return false;
}

/*
 * How a test reports. It runs in a child, whose report goes through a pipe: lines
 * for the TAP output if it fails, the reason if it is skipped.
 */
enum child_status {
	CHILD_OK,
	CHILD_FAILED,
	CHILD_SKIPPED,
};

#define MAX_FAILURES	20

static int report_fd;
static atomic_uint nr_failures;

static void vreport(const char *prefix, const char *fmt, va_list ap)
{
	char line[400];

	vsnprintf(line, sizeof(line), fmt, ap);
	dprintf(report_fd, "%s%s\n", prefix, line);
}

/* Says what is wrong, and goes on with the test */
static PRINTF(1, 2) void fail(const char *fmt, ...)
{
	va_list ap;

	if (nr_failures++ >= MAX_FAILURES)
		return;

	va_start(ap, fmt);
	vreport("# ", fmt, ap);
	va_end(ap);
}

/* Says what is wrong where the test makes no sense after it */
static noreturn PRINTF(1, 2) void die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vreport("# ", fmt, ap);
	va_end(ap);
	_exit(CHILD_FAILED);
}

static noreturn PRINTF(1, 2) void skip(const char *fmt, ...)
{
	va_list ap;

	/* A failure is no less one for what could not be tested after it. */
	if (nr_failures)
		_exit(CHILD_FAILED);

	va_start(ap, fmt);
	vreport("", fmt, ap);
	va_end(ap);
	_exit(CHILD_SKIPPED);
}

static const char *err_name(int err)
{
	const char *name = err ? strerrorname_np(err) : "success";

	return name ? name : "an unknown errno";
}

static PRINTF(3, 4) void expect_err(int got, int want, const char *fmt, ...)
{
	char what[200];
	va_list ap;

	if (got == want)
		return;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	fail("%s: expected %s, got %s", what, err_name(want), err_name(got));
}

static PRINTF(3, 4) void expect_val(__u64 got, __u64 want, const char *fmt, ...)
{
	char what[200];
	va_list ap;

	if (got == want)
		return;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	fail("%s: expected 0x%llx, got 0x%llx", what, want, got);
}

/* The name of a firmware register, or its id. Good for a few uses in one line. */
static const char *reg_name(__u64 id)
{
	static thread_local char buf[4][24];
	static thread_local unsigned int next;
	__u64 n = id & 0xffff;
	char *s;

	if (id == LEVEL_ID(n) && n < NR_LEVEL)
		return level_names[n];
	if (id == BMAP_ID(n) && n < base->known)
		return bmaps[n].name;

	s = buf[next++ % ARRAY_SIZE(buf)];
	snprintf(s, sizeof(buf[0]), "0x%llx", id);
	return s;
}

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
#define PVTIME_BASE	(GUEST_BASE + 0x10000)
#define PVTIME_SIZE	64

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

enum conduit {
	HVC,
	SMC,

	NR_CONDUITS
};

static const char * const conduit_names[] = { "HVC", "SMC" };

#define MAX_VCPUS	8

struct vcpu {
	struct vm	*vm;
	unsigned int	index;
	int		fd;
	int		pvtime_err;	/* of giving it a place for stolen time */
	struct kvm_run	*run;
};

struct vm {
	int		fd;
	void		*mem;
	unsigned int	nr_vcpus;
	struct vcpu	vcpu[MAX_VCPUS];
};

static __u64 user_addr(const void *p)
{
	return (unsigned long)p;
}

/* Like all functions here that begin with __, returns an errno and decides nothing */
static int __get_reg(const struct vcpu *vcpu, __u64 id, __u64 *val)
{
	struct kvm_one_reg reg = { .id = id, .addr = user_addr(val) };

	return ioctl(vcpu->fd, KVM_GET_ONE_REG, &reg) ? errno : 0;
}

static int __set_reg_from(const struct vcpu *vcpu, __u64 id, const void *addr)
{
	struct kvm_one_reg reg = { .id = id, .addr = user_addr(addr) };

	return ioctl(vcpu->fd, KVM_SET_ONE_REG, &reg) ? errno : 0;
}

static int __set_reg(const struct vcpu *vcpu, __u64 id, __u64 val)
{
	return __set_reg_from(vcpu, id, &val);
}

static __u64 get_reg(const struct vcpu *vcpu, __u64 id)
{
	__u64 val;
	int err = __get_reg(vcpu, id, &val);

	if (err)
		die("GET of %s: expected success, got %s", reg_name(id), err_name(err));

	return val;
}

static void set_reg(const struct vcpu *vcpu, __u64 id, __u64 val)
{
	int err = __set_reg(vcpu, id, val);

	if (err)
		die("SET of %s to 0x%llx: expected success, got %s", reg_name(id), val,
		    err_name(err));
}

static void expect_reg(const struct vcpu *vcpu, __u64 id, __u64 want, const char *when)
{
	expect_val(get_reg(vcpu, id), want, "GET of %s %s", reg_name(id), when);
}

static void expect_set(const struct vcpu *vcpu, __u64 id, __u64 val, int want)
{
	expect_err(__set_reg(vcpu, id, val), want, "SET of %s to 0x%llx through vCPU %u",
		   reg_name(id), val, vcpu->index);
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

static void vcpu_init(struct vcpu *vcpu, bool psci)
{
	int err = __vcpu_init(vcpu, psci);

	if (err)
		die("KVM_ARM_VCPU_INIT: %s", err_name(err));

	vcpu_start(vcpu);
}

/* A vCPU that cannot run, as KVM_ARM_VCPU_INIT has still to come */
static struct vcpu *vcpu_create(struct vm *vm)
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

static struct vcpu *vcpu_add(struct vm *vm)
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

static struct vm *vm_new_empty(void)
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

static struct vm *vm_new(unsigned int nr_vcpus)
{
	struct vm *vm = vm_new_empty();

	while (vm->nr_vcpus < nr_vcpus)
		vcpu_add(vm);

	return vm;
}

/* For tests that make many */
static void vm_free(struct vm *vm)
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

static bool vm_has_filter(const struct vm *vm)
{
	struct kvm_device_attr attr = {
		.group	= SMCCC_CTRL_GROUP,
		.attr	= SMCCC_FILTER_ATTR,
	};

	return !ioctl(vm->fd, KVM_HAS_DEVICE_ATTR, &attr);
}

/* The kernels that have the filter are those that take an SMC for a call. */
static void need_conduit(const struct vm *vm, enum conduit conduit)
{
	if (conduit == SMC && !vm_has_filter(vm))
		skip("this kernel does not serve calls by SMC");
}

static void vcpu_load_call(const struct vcpu *vcpu, enum conduit conduit, const __u64 x[4])
{
	unsigned int i;

	for (i = 0; i < 4; i++)
		set_reg(vcpu, x_id(i), x[i]);
	set_reg(vcpu, x_id(REG_CONDUIT), conduit);
}

static void vcpu_run(const struct vcpu *vcpu)
{
	while (ioctl(vcpu->fd, KVM_RUN, 0))
		if (errno != EINTR)
			die("KVM_RUN of vCPU %u: %s", vcpu->index, err_name(errno));
}

static void vcpu_get_answer(const struct vcpu *vcpu, __u64 x[4])
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

/* Calls with x[] and has the answer in it */
static void guest_call(const struct vcpu *vcpu, enum conduit conduit, __u64 x[4])
{
	vcpu_load_call(vcpu, conduit, x);
	vcpu_run(vcpu);
	vcpu_get_answer(vcpu, x);
}

/* x0 of the answer to a call with one argument */
static __u64 guest_ask(const struct vcpu *vcpu, __u32 func, __u64 arg)
{
	__u64 x[4] = { func, arg };

	guest_call(vcpu, HVC, x);
	return x[0];
}

/* Any call will do for a vCPU to have run. */
static void guest_run(const struct vcpu *vcpu)
{
	guest_ask(vcpu, SMCCC_VERSION, 0);
}

static struct vm *vm_new_ran(unsigned int nr_vcpus)
{
	struct vm *vm = vm_new(nr_vcpus);

	guest_run(&vm->vcpu[0]);
	return vm;
}

/* KVM_CAP_ARM_HVC_FW_REG_BMAP */
static int __enable_cap(const struct vm *vm, const struct kvm_enable_cap *cap)
{
	return ioctl(vm->fd, KVM_ENABLE_CAP, cap) ? errno : 0;
}

static int __limit(const struct vm *vm, __u64 n)
{
	struct kvm_enable_cap cap = {
		.cap	= KVM_CAP_ARM_HVC_FW_REG_BMAP,
		.args	= { n },
	};

	return __enable_cap(vm, &cap);
}

static void limit(const struct vm *vm, __u64 n)
{
	int err = __limit(vm, n);

	if (err)
		die("KVM_ENABLE_CAP with n = %llu: expected success, got %s", n,
		    err_name(err));
}

static struct vm *vm_new_limited(unsigned int n, unsigned int nr_vcpus)
{
	struct vm *vm = vm_new_empty();

	limit(vm, n);
	while (vm->nr_vcpus < nr_vcpus)
		vcpu_add(vm);

	return vm;
}

static void expect_limit(const struct vm *vm, __u64 n, int want)
{
	expect_err(__limit(vm, n), want, "KVM_ENABLE_CAP with n = 0x%llx", n);
}

static int check_extension(int fd)
{
	int ret = ioctl(fd, KVM_CHECK_EXTENSION, KVM_CAP_ARM_HVC_FW_REG_BMAP);

	return ret < 0 ? -errno : ret;
}

static void expect_count(int fd, int want, const char *what)
{
	int got = check_extension(fd);

	if (got != want)
		fail("KVM_CHECK_EXTENSION on %s: expected %d, got %d", what, want, got);
}

/* KVM_GET_REG_LIST. Has the layout of struct kvm_reg_list. */
#define MAX_REGS	4096
#define POISON		0xdeadbeefdeadbeefULL

struct reg_list {
	__u64	n;
	__u64	reg[MAX_REGS];
};

static int __get_list(const struct vcpu *vcpu, struct reg_list *list, __u64 n)
{
	unsigned int i;

	list->n = n;
	for (i = 0; i < MAX_REGS; i++)
		list->reg[i] = POISON;

	return ioctl(vcpu->fd, KVM_GET_REG_LIST, list) ? errno : 0;
}

static void get_list(const struct vcpu *vcpu, struct reg_list *list)
{
	int err = __get_list(vcpu, list, MAX_REGS);

	if (err)
		die("KVM_GET_REG_LIST: expected success, got %s", err_name(err));
}

static bool is_fw_id(__u64 id)
{
	return COPROC(id) == COPROC(LEVEL_ID(0)) || COPROC(id) == COPROC(BMAP_ID(0));
}

/* Which of the ids of a VM with @count bitmap registers this is, or -1 */
static int fw_index(__u64 id, unsigned int count)
{
	__u64 n = id & 0xffff;

	if (id == LEVEL_ID(n) && n < NR_LEVEL)
		return n;
	if (id == BMAP_ID(n) && n < count)
		return NR_LEVEL + n;

	return -1;
}

static __u64 fw_id(unsigned int i)
{
	return i < NR_LEVEL ? LEVEL_ID(i) : BMAP_ID(i - NR_LEVEL);
}

/* Lists the level registers and @count bitmap registers, each exactly once? */
static void expect_list(const struct vcpu *vcpu, unsigned int count)
{
	unsigned int seen[NR_LEVEL + NR_BMAP] = {};
	struct reg_list list;
	unsigned int i;
	int index;

	get_list(vcpu, &list);
	for (i = 0; i < list.n; i++) {
		if (!is_fw_id(list.reg[i]))
			continue;
		index = fw_index(list.reg[i], count);
		if (index < 0)
			fail("%s is listed in a VM with %u bitmap registers",
			     reg_name(list.reg[i]), count);
		else
			seen[index]++;
	}
	for (i = 0; i < NR_LEVEL + count; i++)
		if (seen[i] != 1)
			fail("%s: expected once in the list, got %u times",
			     reg_name(fw_id(i)), seen[i]);
}

static void expect_gone(const struct vcpu *vcpu, unsigned int n)
{
	const __u64 vals[] = { bmaps[n].reset, 0, bmaps[n].mask, ~0ULL };
	__u64 id = BMAP_ID(n), val;
	unsigned int i;

	expect_err(__get_reg(vcpu, id, &val), ENOENT, "GET of hidden %s", reg_name(id));
	for (i = 0; i < ARRAY_SIZE(vals); i++)
		expect_err(__set_reg(vcpu, id, vals[i]), ENOENT,
			   "SET of hidden %s to 0x%llx", reg_name(id), vals[i]);
}

/* Has this VM @n bitmap registers, whatever is in them? */
static void expect_has(const struct vm *vm, unsigned int n)
{
	const struct vcpu *vcpu = &vm->vcpu[0];
	unsigned int i;

	expect_count(vm->fd, n, "the VM");
	expect_list(vcpu, n);
	for (i = 0; i < n; i++)
		get_reg(vcpu, BMAP_ID(i));
	for (i = n; i < base->known; i++)
		expect_gone(vcpu, i);
}

static void expect_reset_values(const struct vcpu *vcpu, unsigned int from, unsigned int to)
{
	unsigned int n;

	for (n = from; n < to; n++)
		expect_reg(vcpu, BMAP_ID(n), bmaps[n].reset, "that should have its reset value");
}

/* A value other than @val that the register may hold */
static __u64 other_value(unsigned int n, __u64 val)
{
	return val ^ (bmaps[n].mask & -bmaps[n].mask);
}

/* Values that no register has by itself */
static void set_other_values(const struct vcpu *vcpu, unsigned int nr)
{
	unsigned int n;

	for (n = 0; n < nr; n++)
		set_reg(vcpu, BMAP_ID(n), other_value(n, bmaps[n].reset));
}

static void expect_other_values(const struct vcpu *vcpu, unsigned int nr)
{
	unsigned int n;

	for (n = 0; n < nr; n++)
		expect_reg(vcpu, BMAP_ID(n), other_value(n, bmaps[n].reset),
			   "that should have kept its value");
}

/* The services, and what a guest gets that has them */
struct service {
	const char	*name;
	__u32		func;
	__u64		arg;
	bool		fixed_arg;	/* without @arg, it is another service */
	unsigned int	reg;
	unsigned int	bit;
	void		(*served)(const struct vcpu *vcpu, enum conduit conduit);
};

static void expect_answer(const struct vcpu *vcpu, enum conduit conduit, __u32 func,
			  __u64 arg, const __u64 want[4])
{
	__u64 x[4] = { func, arg, 0x1111, 0x2222 };
	unsigned int i;

	guest_call(vcpu, conduit, x);
	for (i = 0; i < 4; i++)
		expect_val(x[i], want[i], "vCPU %u, %s of 0x%x with x1 = 0x%llx: x%u",
			   vcpu->index, conduit_names[conduit], func, arg, i);
}

static void expect_x0(const struct vcpu *vcpu, enum conduit conduit, __u32 func,
		      __u64 arg, __u64 want)
{
	const __u64 x[4] = { want };

	expect_answer(vcpu, conduit, func, arg, x);
}

static void trng_version_served(const struct vcpu *vcpu, enum conduit conduit)
{
	expect_x0(vcpu, conduit, TRNG_VERSION, 0, 0x10000);
}

static void trng_features_served(const struct vcpu *vcpu, enum conduit conduit)
{
	const __u32 funcs[] = {
		TRNG_VERSION, TRNG_FEATURES, TRNG_GET_UUID, TRNG_RND32, TRNG_RND64
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(funcs); i++)
		expect_x0(vcpu, conduit, TRNG_FEATURES, funcs[i], 0);
	expect_x0(vcpu, conduit, TRNG_FEATURES, TRNG_RND32 + 1, NOT_SUPPORTED);
}

/* 0d21e000-4384-11eb-8070-5244554e5a4c, four bytes a register, the first lowest */
static void trng_uuid_served(const struct vcpu *vcpu, enum conduit conduit)
{
	const __u64 uuid[4] = { 0x00e0210d, 0xeb118443, 0x44527080, 0x4c5a4e55 };

	expect_answer(vcpu, conduit, TRNG_GET_UUID, 0, uuid);
}

/* The low bits are in x3. A register holds @width, and unasked ones are 0. */
static void expect_random(const struct vcpu *vcpu, enum conduit conduit, __u32 func,
			  unsigned int width, unsigned int bits)
{
	__u64 x[4] = { func, bits, ~0ULL, ~0ULL };
	unsigned int i, left = bits, here;

	guest_call(vcpu, conduit, x);
	expect_val(x[0], 0, "0x%x for %u bits: x0", func, bits);
	for (i = 3; i >= 1; i--) {
		here = left < width ? left : width;
		if (here < 64 && x[i] >> here)
			fail("0x%x for %u bits: x%u has more than %u bits: 0x%llx", func,
			     bits, i, here, x[i]);
		left -= here;
	}
	/* Chance makes this fail once in 2^96 */
	if (bits == 3 * width && !(x[1] | x[2] | x[3]))
		fail("0x%x for %u bits: not a single bit is set", func, bits);
}

static void trng_rnd_served(const struct vcpu *vcpu, enum conduit conduit, __u32 func,
			    unsigned int width)
{
	const unsigned int bits[] = { 1, width - 1, width, width + 1, 3 * width };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bits); i++)
		expect_random(vcpu, conduit, func, width, bits[i]);
	expect_x0(vcpu, conduit, func, 3 * width + 1, TRNG_INVALID_PARAMETER);
}

static void trng_rnd32_served(const struct vcpu *vcpu, enum conduit conduit)
{
	trng_rnd_served(vcpu, conduit, TRNG_RND32, 32);
}

static void trng_rnd64_served(const struct vcpu *vcpu, enum conduit conduit)
{
	trng_rnd_served(vcpu, conduit, TRNG_RND64, 64);
}

/* Without a place for stolen time, there is none, and nothing to see. */
static void need_stolen_time(const struct vcpu *vcpu)
{
	if (vcpu->pvtime_err)
		skip("this host has no stolen time: %s", err_name(vcpu->pvtime_err));
}

static void pv_time_features_served(const struct vcpu *vcpu, enum conduit conduit)
{
	need_stolen_time(vcpu);
	expect_x0(vcpu, conduit, PV_TIME_FEATURES, PV_TIME_FEATURES, 0);
	expect_x0(vcpu, conduit, PV_TIME_FEATURES, PV_TIME_ST, 0);
}

static void pv_time_st_served(const struct vcpu *vcpu, enum conduit conduit)
{
	__u64 ipa = PVTIME_BASE + vcpu->index * PVTIME_SIZE;

	need_stolen_time(vcpu);
	expect_x0(vcpu, conduit, PV_TIME_ST, 0, ipa);
}

static void arch_features_served(const struct vcpu *vcpu, enum conduit conduit)
{
	expect_x0(vcpu, conduit, SMCCC_ARCH_FEATURES, PV_TIME_FEATURES, 0);
}

/* include/linux/arm-smccc.h, ARM_SMCCC_VENDOR_HYP_UID_KVM_REG_0 to _3 */
static void vendor_uid_served(const struct vcpu *vcpu, enum conduit conduit)
{
	const __u64 uid[4] = { 0xb66fb428, 0xe911c52e, 0x564bcaa9, 0x743a004d };

	expect_answer(vcpu, conduit, VENDOR_HYP_CALL_UID, 0, uid);
}

/*
 * Says which functions there are, 32 in a register. Those behind VENDOR_HYP_BMAP_2
 * have the numbers from 64 on.
 */
static void vendor_features_served(const struct vcpu *vcpu, enum conduit conduit)
{
	__u64 features[4] = { get_reg(vcpu, BMAP_ID(VENDOR_HYP)) };

	if (__get_reg(vcpu, BMAP_ID(VENDOR_HYP_2), &features[2]))
		features[2] = 0;
	expect_answer(vcpu, conduit, VENDOR_HYP_FEATURES, 0, features);
}

static __u64 realtime_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/* Answers the host's time in x0 and x1. Rounding may make a difference to ours. */
static void expect_ptp(const struct vcpu *vcpu, enum conduit conduit, __u64 counter)
{
	__u64 x[4] = { VENDOR_HYP_PTP, counter, 0x1111, 0x2222 };
	const __u64 rounding = 1000;
	__u64 before, after, now;

	before = realtime_ns();
	guest_call(vcpu, conduit, x);
	after = realtime_ns();

	now = x[0] << 32 | x[1];
	if ((__s64)x[0] < 0)
		fail("PTP with counter %llu: expected x0 >= 0, got %lld", counter, x[0]);
	else if (now + rounding < before || now > after + rounding)
		fail("PTP with counter %llu: expected a time from %llu to %llu, got %llu",
		     counter, before, after, now);
	if (x[2] >> 32 || x[3] >> 32)
		fail("PTP with counter %llu: x2 or x3 has more than 32 bits: 0x%llx 0x%llx",
		     counter, x[2], x[3]);
}

static void vendor_ptp_served(const struct vcpu *vcpu, enum conduit conduit)
{
	expect_ptp(vcpu, conduit, KVM_PTP_VIRT_COUNTER);
	expect_ptp(vcpu, conduit, KVM_PTP_PHYS_COUNTER);
}

static const struct service services[] = {
	{ "TRNG_VERSION", TRNG_VERSION, 0, false, STD, 0, trng_version_served },
	{ "TRNG_FEATURES", TRNG_FEATURES, TRNG_RND32, false, STD, 0, trng_features_served },
	{ "TRNG_GET_UUID", TRNG_GET_UUID, 0, false, STD, 0, trng_uuid_served },
	{ "TRNG_RND32", TRNG_RND32, 32, false, STD, 0, trng_rnd32_served },
	{ "TRNG_RND64", TRNG_RND64, 64, false, STD, 0, trng_rnd64_served },
	{ "PV_TIME_FEATURES", PV_TIME_FEATURES, PV_TIME_ST, false, STD_HYP, 0,
	  pv_time_features_served },
	{ "PV_TIME_ST", PV_TIME_ST, 0, false, STD_HYP, 0, pv_time_st_served },
	{ "SMCCC_ARCH_FEATURES of PV_TIME", SMCCC_ARCH_FEATURES, PV_TIME_FEATURES, true,
	  STD_HYP, 0, arch_features_served },
	{ "vendor UID", VENDOR_HYP_CALL_UID, 0, false, VENDOR_HYP, FUNC_FEAT,
	  vendor_uid_served },
	{ "vendor FEATURES", VENDOR_HYP_FEATURES, 0, false, VENDOR_HYP, FUNC_FEAT,
	  vendor_features_served },
	{ "vendor PTP", VENDOR_HYP_PTP, KVM_PTP_VIRT_COUNTER, false, VENDOR_HYP, PTP,
	  vendor_ptp_served },
};

/* What the guest has in x1 to x3 must not matter, nor come back. */
static void expect_off(const struct vcpu *vcpu, enum conduit conduit,
		       const struct service *s)
{
	const __u64 args[] = { s->arg, 0x5555555555555555ULL };
	unsigned int i, reg;

	for (i = 0; i < (s->fixed_arg ? 1 : ARRAY_SIZE(args)); i++) {
		__u64 x[4] = { s->func, args[i], ~0ULL, 0xaaaaaaaaaaaaaaaaULL };

		guest_call(vcpu, conduit, x);
		for (reg = 0; reg < 4; reg++)
			expect_val(x[reg], reg ? 0 : NOT_SUPPORTED,
				   "vCPU %u, %s of %s, off: x%u", vcpu->index,
				   conduit_names[conduit], s->name, reg);
	}
}

static bool service_is_on(const struct vcpu *vcpu, const struct service *s)
{
	__u64 val;

	return !__get_reg(vcpu, BMAP_ID(s->reg), &val) && val & BIT(s->bit);
}

/* Has the guest the services that the registers say, and no other? */
static void expect_guest_agrees(const struct vm *vm, enum conduit conduit)
{
	const struct vcpu *vcpu;
	unsigned int i, j;

	for (i = 0; i < vm->nr_vcpus; i++) {
		vcpu = &vm->vcpu[i];
		for (j = 0; j < ARRAY_SIZE(services); j++) {
			if (service_is_on(vcpu, &services[j]))
				services[j].served(vcpu, conduit);
			else
				expect_off(vcpu, conduit, &services[j]);
		}
	}
}

/* Section 2: errors of GET and SET. @i is a firmware register, see fw_id(). */

static void test_wrong_size(unsigned int i)
{
	__u64 room[4096] = {}, size, id;

	const struct vm *vm = vm_new(1);

	/* The value of the largest has 32 KiB. */
	for (size = 0; size < 16; size++) {
		if (size == SIZE_U64)
			continue;
		id = (fw_id(i) & ~KVM_REG_SIZE_MASK) | size << SIZE_SHIFT;
		expect_err(__get_reg(&vm->vcpu[0], id, room), ENOENT, "GET of %s",
			   reg_name(id));
		expect_err(__set_reg_from(&vm->vcpu[0], id, room), ENOENT, "SET of %s",
			   reg_name(id));
	}
}

static void expect_unknown(const struct vcpu *vcpu, __u64 id)
{
	__u64 val;

	expect_err(__get_reg(vcpu, id, &val), ENOENT, "GET of %s", reg_name(id));
	expect_err(__set_reg(vcpu, id, 0), ENOENT, "SET of %s to 0", reg_name(id));
	expect_err(__set_reg(vcpu, id, ~0ULL), ENOENT, "SET of %s to ~0", reg_name(id));
}

static void expect_all_unknown(const struct vcpu *vcpu)
{
	const unsigned int far[] = { 31, 32, 63, 64, 255, 256, 0x1000, 0x7fff, 0x8000, 0xffff };
	unsigned int i;

	for (i = 0; i < 4; i++) {
		expect_unknown(vcpu, LEVEL_ID(NR_LEVEL + i));
		expect_unknown(vcpu, BMAP_ID(base->known + i));
	}
	for (i = 0; i < ARRAY_SIZE(far); i++) {
		expect_unknown(vcpu, LEVEL_ID(far[i]));
		expect_unknown(vcpu, BMAP_ID(far[i]));
	}
}

static void test_unknown_id(void)
{
	const struct vm *vm = vm_new(1);

	expect_all_unknown(&vm->vcpu[0]);
	guest_run(&vm->vcpu[0]);
	expect_all_unknown(&vm->vcpu[0]);
}

static void *map_page(int prot)
{
	void *p = mmap(NULL, sysconf(_SC_PAGESIZE), prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		die("mmap of a page: %s", err_name(errno));

	return p;
}

static void test_get_efault(unsigned int i)
{
	const struct vm *vm = vm_new(1);
	const struct vcpu *vcpu = &vm->vcpu[0];
	__u64 id = fw_id(i);

	expect_err(__get_reg(vcpu, id, map_page(PROT_READ)), EFAULT,
		   "GET of %s to read-only memory", reg_name(id));
	expect_err(__get_reg(vcpu, id, map_page(PROT_NONE)), EFAULT,
		   "GET of %s to inaccessible memory", reg_name(id));
	expect_err(__get_reg(vcpu, id, NULL), EFAULT, "GET of %s to NULL", reg_name(id));
}

static void test_set_efault(unsigned int i)
{
	const struct vm *vm = vm_new(1);
	const struct vcpu *vcpu = &vm->vcpu[0];
	__u64 id = fw_id(i), val = get_reg(vcpu, id);

	expect_err(__set_reg_from(vcpu, id, map_page(PROT_NONE)), EFAULT,
		   "SET of %s from inaccessible memory", reg_name(id));
	expect_err(__set_reg_from(vcpu, id, NULL), EFAULT, "SET of %s from NULL",
		   reg_name(id));
	expect_reg(vcpu, id, val, "after SETs that failed");
}

/* Section 2: rules of the bitmap registers. @n is one of them. */

static void expect_bits_refused(const struct vcpu *vcpu, unsigned int n)
{
	unsigned int bit;

	for (bit = 0; bit < 64; bit++) {
		if (bmaps[n].mask & BIT(bit))
			continue;
		expect_set(vcpu, BMAP_ID(n), BIT(bit), EINVAL);
		expect_set(vcpu, BMAP_ID(n), BIT(bit) | bmaps[n].mask, EINVAL);
	}
	expect_set(vcpu, BMAP_ID(n), ~0ULL, EINVAL);
	expect_reset_values(vcpu, n, n + 1);
}

static void test_bit_outside_mask(unsigned int n)
{
	const struct vm *vm = vm_new(1);

	expect_bits_refused(&vm->vcpu[0], n);
	guest_run(&vm->vcpu[0]);
	expect_bits_refused(&vm->vcpu[0], n);
}

/* All values that the register may hold, but for the one that it has */
static void expect_frozen(const struct vm *vm, unsigned int n, __u64 present)
{
	unsigned int i;
	__u64 val;

	for (i = 0; i < vm->nr_vcpus; i++) {
		for (val = 0; val <= bmaps[n].mask; val++)
			if (!(val & ~bmaps[n].mask) && val != present)
				expect_set(&vm->vcpu[i], BMAP_ID(n), val, EBUSY);
		expect_set(&vm->vcpu[i], BMAP_ID(n), present, 0);
		expect_reg(&vm->vcpu[i], BMAP_ID(n), present, "after a run");
	}
}

static void test_ebusy(unsigned int n)
{
	const struct vm *vm = vm_new(2);
	__u64 val = other_value(n, bmaps[n].reset);

	set_reg(&vm->vcpu[0], BMAP_ID(n), val);
	guest_run(&vm->vcpu[1]);
	expect_frozen(vm, n, val);
}

static void test_ebusy_immediate_exit(unsigned int n)
{
	const struct vm *vm = vm_new(2);
	struct kvm_run *run = vm->vcpu[1].run;

	run->immediate_exit = 1;
	if (!ioctl(vm->vcpu[1].fd, KVM_RUN, 0) || errno != EINTR)
		die("KVM_RUN with immediate_exit: expected EINTR");

	expect_frozen(vm, n, bmaps[n].reset);
}

/* Has to be refused by KVM_RUN, as it has never seen KVM_ARM_VCPU_INIT */
static void run_uninitialised(struct vm *vm)
{
	struct vcpu *vcpu = vcpu_create(vm);

	if (!ioctl(vcpu->fd, KVM_RUN, 0) || errno != ENOEXEC)
		die("KVM_RUN of a vCPU that is not initialised: expected ENOEXEC");
}

static void test_refused_run(unsigned int n)
{
	struct vm *vm = vm_new(1);
	__u64 val = other_value(n, bmaps[n].reset);

	run_uninitialised(vm);
	expect_set(&vm->vcpu[0], BMAP_ID(n), val, 0);
	expect_reg(&vm->vcpu[0], BMAP_ID(n), val, "after a SET");
}

/* As VMMs do on a reset of the guest: vCPUs are initialised anew, registers rewritten */
static void test_present_value(unsigned int n)
{
	struct vm *vm = vm_new(2);
	__u64 val = other_value(n, bmaps[n].reset);
	unsigned int i;

	expect_set(&vm->vcpu[0], BMAP_ID(n), bmaps[n].reset, 0);
	set_reg(&vm->vcpu[0], BMAP_ID(n), val);
	expect_set(&vm->vcpu[1], BMAP_ID(n), val, 0);
	guest_run(&vm->vcpu[0]);

	for (i = 0; i < 2; i++) {
		expect_set(&vm->vcpu[i], BMAP_ID(n), val, 0);
		vcpu_init(&vm->vcpu[i], true);
		expect_set(&vm->vcpu[i], BMAP_ID(n), val, 0);
		expect_set(&vm->vcpu[i], BMAP_ID(n), bmaps[n].reset, EBUSY);
	}
	guest_run(&vm->vcpu[0]);
	expect_set(&vm->vcpu[0], BMAP_ID(n), val, 0);
}

static void expect_failures_change_nothing(const struct vcpu *vcpu, unsigned int n,
					   __u64 val, int err)
{
	__u64 other = other_value(n, val);

	expect_set(vcpu, BMAP_ID(n), other | BIT(63), EINVAL);
	expect_reg(vcpu, BMAP_ID(n), val, "after a SET that failed with EINVAL");
	expect_err(__set_reg_from(vcpu, BMAP_ID(n), NULL), EFAULT, "SET of %s from NULL",
		   bmaps[n].name);
	expect_reg(vcpu, BMAP_ID(n), val, "after a SET that failed with EFAULT");
	if (!err)
		return;
	expect_set(vcpu, BMAP_ID(n), other, err);
	expect_reg(vcpu, BMAP_ID(n), val, "after a SET that failed with EBUSY");
}

static void test_failure_changes_nothing(unsigned int n)
{
	const struct vm *vm = vm_new(1);
	__u64 val = other_value(n, bmaps[n].reset);

	expect_failures_change_nothing(&vm->vcpu[0], n, bmaps[n].reset, 0);
	set_reg(&vm->vcpu[0], BMAP_ID(n), val);
	expect_failures_change_nothing(&vm->vcpu[0], n, val, 0);
	guest_run(&vm->vcpu[0]);
	expect_failures_change_nothing(&vm->vcpu[0], n, val, EBUSY);
	expect_guest_agrees(vm, HVC);
}

static void test_every_value(unsigned int n)
{
	const struct vm *vm = vm_new(1);
	unsigned int round;
	__u64 val;

	/* Up, down, and each twice */
	for (round = 0; round < 2; round++) {
		for (val = 0; val <= bmaps[n].mask; val++) {
			__u64 v = (round ? bmaps[n].mask - val : val) & bmaps[n].mask;

			expect_set(&vm->vcpu[0], BMAP_ID(n), v, 0);
			expect_set(&vm->vcpu[0], BMAP_ID(n), v, 0);
			expect_reg(&vm->vcpu[0], BMAP_ID(n), v, "after a SET");
		}
	}
}

static void expect_order_free(const struct vm *vm, bool backwards)
{
	unsigned int i, n;

	for (i = 0; i < base->known; i++) {
		n = backwards ? base->known - 1 - i : i;
		expect_set(&vm->vcpu[i % 2], BMAP_ID(n), 0, 0);
	}
	for (i = 0; i < base->known; i++) {
		n = backwards ? i : base->known - 1 - i;
		expect_set(&vm->vcpu[i % 2], BMAP_ID(n), bmaps[n].mask, 0);
	}
	for (n = 0; n < base->known; n++)
		expect_reg(&vm->vcpu[0], BMAP_ID(n), bmaps[n].mask, "after SETs of all");
}

static void test_write_order(void)
{
	const struct vm *vm = vm_new(2);

	expect_order_free(vm, false);
	expect_order_free(vm, true);
	expect_order_free(vm, false);
}

static void test_vm_wide(unsigned int n)
{
	struct vm *vm = vm_new(2);
	__u64 val = other_value(n, bmaps[n].reset);
	const struct vcpu *late;

	set_reg(&vm->vcpu[1], BMAP_ID(n), val);
	expect_reg(&vm->vcpu[0], BMAP_ID(n), val, "through vCPU 0 after a SET through vCPU 1");

	late = vcpu_add(vm);
	expect_reg(late, BMAP_ID(n), val, "through a vCPU that is newer than the value");
	set_reg(late, BMAP_ID(n), bmaps[n].reset);
	expect_reset_values(&vm->vcpu[0], n, n + 1);
}

static void test_reset_value(unsigned int n)
{
	const struct vm *vm = vm_new(2);

	expect_reset_values(&vm->vcpu[0], n, n + 1);
	expect_reset_values(&vm->vcpu[1], n, n + 1);
	guest_run(&vm->vcpu[0]);
	expect_reset_values(&vm->vcpu[0], n, n + 1);
}

static void test_all_on(void)
{
	const struct vm *vm = vm_new(2);
	unsigned int i, j;

	for (i = 0; i < 2; i++)
		for (j = 0; j < ARRAY_SIZE(services); j++)
			services[j].served(&vm->vcpu[i], HVC);
}

/* Section 2: the list */

/* There are VMMs that restore in it, and level registers may depend on ID registers. */
static void test_list_order(void)
{
	const struct vm *vm = vm_new(1);
	struct reg_list list;
	unsigned int i;
	__u64 last = 0;

	get_list(&vm->vcpu[0], &list);
	for (i = 0; i < list.n; i++) {
		if (!is_fw_id(list.reg[i])) {
			if (last && base->fw_last)
				fail("0x%llx is listed after %s", list.reg[i], reg_name(last));
			continue;
		}
		if (list.reg[i] <= last)
			fail("%s is listed after %s", reg_name(list.reg[i]), reg_name(last));
		last = list.reg[i];
	}
	expect_val(last, BMAP_ID(base->known - 1), "last firmware register in the list");
}

static unsigned int rewrite_listed(const struct vcpu *vcpu)
{
	struct reg_list list;
	unsigned int i, nr = 0;
	__u64 val;
	int err;

	get_list(vcpu, &list);
	for (i = 0; i < list.n; i++) {
		if (!is_fw_id(list.reg[i]))
			continue;
		err = __get_reg(vcpu, list.reg[i], &val);
		expect_err(err, 0, "GET of %s", reg_name(list.reg[i]));
		if (!err)
			expect_set(vcpu, list.reg[i], val, 0);
		nr++;
	}
	return nr;
}

static void test_list(void)
{
	const struct vm *vm = vm_new(2);
	unsigned int i, nr = NR_LEVEL + base->known;

	for (i = 0; i < 2; i++) {
		expect_list(&vm->vcpu[0], base->known);
		expect_list(&vm->vcpu[1], base->known);
		expect_val(rewrite_listed(&vm->vcpu[0]), nr, "number of firmware registers");
		expect_val(rewrite_listed(&vm->vcpu[1]), nr, "number of firmware registers");
		guest_run(&vm->vcpu[0]);
	}
}

static void expect_e2big(const struct vcpu *vcpu, __u64 room, __u64 needed)
{
	struct reg_list list;

	expect_err(__get_list(vcpu, &list, room), E2BIG, "KVM_GET_REG_LIST with n = %llu of %llu",
		   room, needed);
	expect_val(list.n, needed, "n of a list that is too short");
	expect_val(list.reg[0], POISON, "first entry of a list that is too short");
}

static void expect_exact_list(const struct vcpu *vcpu, __u64 needed)
{
	struct reg_list list;

	expect_err(__get_list(vcpu, &list, needed), 0, "KVM_GET_REG_LIST with n = %llu", needed);
	expect_val(list.n, needed, "n of a list");
	if (list.reg[needed - 1] == POISON)
		fail("the last entry of the list was not written");
	expect_val(list.reg[needed], POISON, "the entry after the last");
}

static void test_list_size(void)
{
	const struct vm *vm = vm_new(1);
	const struct vcpu *vcpu = &vm->vcpu[0];
	struct reg_list list;

	get_list(vcpu, &list);
	expect_list(vcpu, base->known);
	expect_e2big(vcpu, 0, list.n);
	expect_e2big(vcpu, list.n - 1, list.n);
	expect_exact_list(vcpu, list.n);
}

/* Whichever is the first entry that has no room */
static void test_list_efault(void)
{
	size_t page = sysconf(_SC_PAGESIZE), room = sizeof(struct reg_list) / page * page + page;
	const struct vm *vm = vm_new(1);
	struct reg_list list, *l;
	unsigned int i;
	char *end;

	get_list(&vm->vcpu[0], &list);
	end = mmap(NULL, room + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (end == MAP_FAILED || mprotect(end += room, page, PROT_NONE))
		die("memory for a list: %s", err_name(errno));

	for (i = 0; i < list.n; i++) {
		l = (void *)(end - offsetof(struct reg_list, reg[i]));
		l->n = list.n;
		expect_err(ioctl(vm->vcpu[0].fd, KVM_GET_REG_LIST, l) ? errno : 0, EFAULT,
			   "KVM_GET_REG_LIST with room for %u of %llu, then %s", i, list.n,
			   reg_name(list.reg[i]));
	}
}

/* Section 2: the level registers, by upstream's rules */

static void test_psci_default(void)
{
	const struct vm *vm = vm_new(2);

	expect_reg(&vm->vcpu[0], LEVEL_ID(PSCI), psci_latest(), "in a new VM");
	expect_reg(&vm->vcpu[1], LEVEL_ID(PSCI), psci_latest(), "in a new VM");
	expect_val(guest_ask(&vm->vcpu[0], PSCI_0_2_FN_PSCI_VERSION, 0), psci_latest(),
		   "the guest's PSCI_VERSION");
}

static void test_psci_accepted(unsigned int i)
{
	const struct vm *vm = vm_new(2);
	__u32 version = base->psci[i];

	expect_set(&vm->vcpu[0], LEVEL_ID(PSCI), version, 0);
	expect_reg(&vm->vcpu[0], LEVEL_ID(PSCI), version, "after a SET");
	expect_reg(&vm->vcpu[1], LEVEL_ID(PSCI), version, "through the other vCPU");
	expect_val(guest_ask(&vm->vcpu[1], PSCI_0_2_FN_PSCI_VERSION, 0), version,
		   "the guest's PSCI_VERSION");
	expect_set(&vm->vcpu[0], LEVEL_ID(PSCI), version, 0);
}

static void test_psci_refused(void)
{
	const struct vm *vm = vm_new(1);
	const struct vcpu *vcpu = &vm->vcpu[0];
	__u64 major, minor;

	for (major = 0; major < 4; major++)
		for (minor = 0; minor < 10; minor++)
			if (!psci_known(PSCI_VERSION(major, minor)))
				expect_set(vcpu, LEVEL_ID(PSCI), PSCI_VERSION(major, minor),
					   EINVAL);
	expect_set(vcpu, LEVEL_ID(PSCI), BIT(32) | psci_latest(), EINVAL);
	expect_set(vcpu, LEVEL_ID(PSCI), BIT(63) | psci_latest(), EINVAL);
	expect_set(vcpu, LEVEL_ID(PSCI), ~0ULL, EINVAL);
	expect_reg(vcpu, LEVEL_ID(PSCI), psci_latest(), "after SETs that failed");
}

static void test_psci_0_1(void)
{
	struct vm *vm = vm_new_empty();
	struct vcpu *vcpu = vcpu_create(vm);
	unsigned int i;

	vcpu_init(vcpu, false);
	expect_reg(vcpu, LEVEL_ID(PSCI), PSCI_VERSION(0, 1), "without the vCPU feature");
	for (i = 0; i < base->nr_psci; i++)
		expect_set(vcpu, LEVEL_ID(PSCI), base->psci[i], EINVAL);
	expect_set(vcpu, LEVEL_ID(PSCI), PSCI_VERSION(0, 1), 0);
	expect_list(vcpu, base->known);
}

static void expect_high_bits_refused(const struct vcpu *vcpu, __u64 id, unsigned int from)
{
	__u64 val = get_reg(vcpu, id);
	unsigned int bit;

	for (bit = from; bit < 64; bit++) {
		expect_set(vcpu, id, BIT(bit), EINVAL);
		expect_set(vcpu, id, BIT(bit) | val, EINVAL);
	}
	expect_reg(vcpu, id, val, "after SETs that failed");
}

/* WORKAROUND_1 and _3: 0 NOT_AVAIL, 1 AVAIL, 2 NOT_REQUIRED, ever better */
static void expect_wa_levels(const struct vcpu *vcpu, __u64 id)
{
	__u64 level = get_reg(vcpu, id), val;

	if (level > 2)
		fail("%s: expected 0 to 2, got %llu", reg_name(id), level);
	for (val = 0; val < 16; val++)
		expect_set(vcpu, id, val, val <= level ? 0 : EINVAL);
	expect_high_bits_refused(vcpu, id, 4);
}

static void test_wa1_wa3(void)
{
	const struct vm *vm = vm_new(1);

	expect_wa_levels(&vm->vcpu[0], LEVEL_ID(WA1));
	expect_wa_levels(&vm->vcpu[0], LEVEL_ID(WA3));
	guest_run(&vm->vcpu[0]);
	expect_wa_levels(&vm->vcpu[0], LEVEL_ID(WA1));
	expect_wa_levels(&vm->vcpu[0], LEVEL_ID(WA3));
}

/*
 * WORKAROUND_2: 0 NOT_AVAIL, 1 UNKNOWN, 2 AVAIL, 3 NOT_REQUIRED. KVM has either 0,
 * which does for 0 and 1, or 3, which does for all. 1 << 4 is ENABLED, with AVAIL
 * only.
 */
static bool wa2_accepted(__u64 val, __u64 present)
{
	__u64 level = val & 0xf;

	if (level > 3 || (val & BIT(4) && level != 2))
		return false;

	return level <= 1 || present == 3;
}

static void test_wa2(void)
{
	const struct vm *vm = vm_new(1);
	__u64 id = LEVEL_ID(WA2), present = get_reg(&vm->vcpu[0], id), val;

	if (present != 0 && present != 3)
		fail("%s: expected 0 or 3, got %llu", reg_name(id), present);
	for (val = 0; val < 32; val++)
		expect_set(&vm->vcpu[0], id, val, wa2_accepted(val, present) ? 0 : EINVAL);
	expect_high_bits_refused(&vm->vcpu[0], id, 5);
}

/* Section 2: races of SET with the first KVM_RUN, and with SET */

/* A register that is set to one value and the other, and a call whose x0 tells which */
struct race_kind {
	__u64	id;
	__u64	val[2];
	__u32	func;
	__u64	answer[2];
};

/* How many VMs race in one test. An option, as no number finds every race. */
static unsigned int nr_races = 10;

/*
 * An ioctl of a vCPU waits while the vCPU runs. One thread does that, and the others
 * have vCPUs that never run. They also keep each other waiting for what protects the
 * registers, which makes wide any gap between check and use.
 */
#define MAX_RUNNERS	4
#define NR_CHANGERS	3

struct race {
	const struct race_kind	*kind;
	pthread_barrier_t	start;
	atomic_uint		running;	/* vCPUs that have no answer yet */
};

struct racer {
	struct race	*race;
	struct vcpu	*vcpu;
	pthread_t	thread;
	__u64		answer[4];	/* of a vCPU that runs */
	int		err;		/* of the last change */
};

static void *runner_main(void *arg)
{
	struct racer *racer = arg;

	pthread_barrier_wait(&racer->race->start);
	vcpu_run(racer->vcpu);
	vcpu_get_answer(racer->vcpu, racer->answer);
	atomic_fetch_sub(&racer->race->running, 1);
	return NULL;
}

/*
 * Changes from one state to the other and back until this is refused. After the run,
 * that may take a second try: another thread can have set the same state before.
 */
static void *changer_main(void *arg)
{
	struct racer *racer = arg;
	unsigned int state = 0, late = 0;

	pthread_barrier_wait(&racer->race->start);
	do {
		late += !racer->race->running;
		state = !state;
		racer->err = __set_reg(racer->vcpu, racer->race->kind->id,
				       racer->race->kind->val[state]);
	} while (!racer->err && late < 3);
	return NULL;
}

static void thread_start(pthread_t *thread, void *(*fn)(void *arg), void *arg)
{
	int err = pthread_create(thread, NULL, fn, arg);

	if (err)
		die("pthread_create: %s", err_name(err));
}

static void racer_start(struct racer *racer, struct race *race, struct vcpu *vcpu,
			void *(*fn)(void *arg))
{
	racer->race = race;
	racer->vcpu = vcpu;
	thread_start(&racer->thread, fn, racer);
}

/* All changes were made before the first instruction, so every vCPU has the last. */
static void expect_race_result(const struct race_kind *kind, const struct vm *vm,
			       const struct racer *runner, unsigned int nr_runners)
{
	__u64 val = get_reg(&vm->vcpu[0], kind->id);
	unsigned int i;

	if (val != kind->val[0] && val != kind->val[1])
		fail("%s: 0x%llx was never set", reg_name(kind->id), val);
	for (i = 0; i < nr_runners; i++)
		expect_val(runner[i].answer[0], kind->answer[val == kind->val[1]],
			   "%s: the first answer to vCPU %u of %u", reg_name(kind->id), i,
			   nr_runners);
}

static void race_once(const struct race_kind *kind, unsigned int nr_runners)
{
	struct vm *vm = vm_new(nr_runners + NR_CHANGERS - 1);
	struct race race = { .kind = kind, .running = nr_runners };
	struct racer runner[MAX_RUNNERS] = {}, changer[NR_CHANGERS] = {};
	const __u64 call[4] = { kind->func };
	unsigned int i;

	for (i = 0; i < nr_runners; i++)
		vcpu_load_call(&vm->vcpu[i], HVC, call);

	pthread_barrier_init(&race.start, NULL, nr_runners + NR_CHANGERS);
	for (i = 0; i < nr_runners; i++)
		racer_start(&runner[i], &race, &vm->vcpu[i], runner_main);
	for (i = 0; i < NR_CHANGERS; i++)
		racer_start(&changer[i], &race, &vm->vcpu[nr_runners - 1 + i], changer_main);

	for (i = 0; i < nr_runners; i++)
		pthread_join(runner[i].thread, NULL);
	for (i = 0; i < NR_CHANGERS; i++) {
		pthread_join(changer[i].thread, NULL);
		expect_err(changer[i].err, EBUSY, "the last SET of %s",
			   reg_name(kind->id));
	}
	expect_race_result(kind, vm, runner, nr_runners);
	vm_free(vm);
}

static void race_with_run(const struct race_kind *kind, unsigned int nr_runners)
{
	unsigned int i;

	for (i = 0; i < nr_races; i++)
		race_once(kind, nr_runners);
}

static void test_race_trng(unsigned int nr_runners)
{
	const struct race_kind kind = {
		BMAP_ID(STD), { 1, 0 }, TRNG_VERSION, { 0x10000, NOT_SUPPORTED }
	};

	race_with_run(&kind, nr_runners);
}

static void test_race_vendor(unsigned int nr_runners)
{
	const __u64 on = BIT(FUNC_FEAT) | BIT(PTP), less = BIT(FUNC_FEAT);
	const struct race_kind kind = {
		BMAP_ID(VENDOR_HYP), { on, less }, VENDOR_HYP_FEATURES, { on, less }
	};

	race_with_run(&kind, nr_runners);
}

#define SET_ROUNDS	500

struct setter {
	const struct vcpu	*vcpu;
	pthread_barrier_t	*start;
	unsigned int		n;
	pthread_t		thread;
};

/* No other thread writes this register. */
static void *setter_main(void *arg)
{
	struct setter *s = arg;
	__u64 val = bmaps[s->n].reset;
	unsigned int i;

	pthread_barrier_wait(s->start);
	for (i = 0; i < SET_ROUNDS; i++) {
		val = other_value(s->n, val);
		expect_set(s->vcpu, BMAP_ID(s->n), val, 0);
		expect_reg(s->vcpu, BMAP_ID(s->n), val, "in a race");
	}
	return NULL;
}

/* SETs of different registers do not disturb each other. */
static void test_race_set(void)
{
	const struct vm *vm = vm_new(base->known);
	struct setter setter[NR_BMAP];
	pthread_barrier_t start;
	unsigned int n;

	pthread_barrier_init(&start, NULL, base->known);
	for (n = 0; n < base->known; n++) {
		setter[n] = (struct setter) { .vcpu = &vm->vcpu[n], .start = &start, .n = n };
		thread_start(&setter[n].thread, setter_main, &setter[n]);
	}
	for (n = 0; n < base->known; n++)
		pthread_join(setter[n].thread, NULL);
	expect_reset_values(&vm->vcpu[0], 0, base->known);
	expect_guest_agrees(vm, HVC);
}

/* Section 3: what the guest sees. @i is a service and a conduit. */

static const struct service *nth_service(unsigned int i)
{
	return &services[i / NR_CONDUITS];
}

static enum conduit nth_conduit(unsigned int i)
{
	return i % NR_CONDUITS;
}

/*
 * The bit is set here, though it is by default: a kernel without the register may
 * have the service, but then there is no saying that it shall.
 */
static void test_service_on(unsigned int i)
{
	const struct vm *vm = vm_new(2);
	const struct service *s = nth_service(i);

	need_conduit(vm, nth_conduit(i));
	set_reg(&vm->vcpu[0], BMAP_ID(s->reg), bmaps[s->reg].mask);
	s->served(&vm->vcpu[0], nth_conduit(i));
	s->served(&vm->vcpu[1], nth_conduit(i));
}

static void test_service_off(unsigned int i)
{
	const struct vm *vm = vm_new(2);
	const struct service *s = nth_service(i);

	need_conduit(vm, nth_conduit(i));
	set_reg(&vm->vcpu[1], BMAP_ID(s->reg), bmaps[s->reg].mask & ~BIT(s->bit));
	expect_off(&vm->vcpu[0], nth_conduit(i), s);
	expect_off(&vm->vcpu[1], nth_conduit(i), s);
	expect_guest_agrees(vm, nth_conduit(i));
}

static void test_service_only(unsigned int i)
{
	const struct vm *vm = vm_new(2);
	const struct service *s = nth_service(i);
	unsigned int n;

	need_conduit(vm, nth_conduit(i));
	for (n = 0; n < base->known; n++)
		set_reg(&vm->vcpu[0], BMAP_ID(n), n == s->reg ? BIT(s->bit) : 0);
	s->served(&vm->vcpu[0], nth_conduit(i));
	s->served(&vm->vcpu[1], nth_conduit(i));
	expect_guest_agrees(vm, nth_conduit(i));
}

static void test_service_hidden(unsigned int i)
{
	const struct service *s = nth_service(i);
	const struct vm *vm = vm_new_limited(s->reg, 2);

	need_conduit(vm, nth_conduit(i));
	expect_off(&vm->vcpu[0], nth_conduit(i), s);
	expect_off(&vm->vcpu[1], nth_conduit(i), s);
	expect_guest_agrees(vm, nth_conduit(i));
}

/* Both registers that it tells about, if there are two, with any value */
static void expect_features(__u64 vendor, __u64 vendor_2)
{
	struct vm *vm = vm_new(1);

	set_reg(&vm->vcpu[0], BMAP_ID(VENDOR_HYP), vendor);
	if (base->known > VENDOR_HYP_2)
		set_reg(&vm->vcpu[0], BMAP_ID(VENDOR_HYP_2), vendor_2);
	if (vendor & BIT(FUNC_FEAT))
		vendor_features_served(&vm->vcpu[0], HVC);
	else
		expect_x0(&vm->vcpu[0], HVC, VENDOR_HYP_FEATURES, 0, NOT_SUPPORTED);
	vm_free(vm);
}

static void test_features_agree(void)
{
	__u64 max_2 = base->known > VENDOR_HYP_2 ? bmaps[VENDOR_HYP_2].mask : 0;
	__u64 vendor, vendor_2;

	for (vendor = 0; vendor <= bmaps[VENDOR_HYP].mask; vendor++)
		for (vendor_2 = 0; vendor_2 <= max_2; vendor_2++)
			expect_features(vendor, vendor_2);
}

static void filter_service(const struct vm *vm, const struct service *s,
			   enum smccc_filter_action action)
{
	struct smccc_filter filter = { .base = s->func, .nr_functions = 1, .action = action };
	struct kvm_device_attr attr = {
		.group	= SMCCC_CTRL_GROUP,
		.attr	= SMCCC_FILTER_ATTR,
		.addr	= user_addr(&filter),
	};

	if (!vm_has_filter(vm))
		skip("this kernel has no SMCCC filter");
	if (s->fixed_arg)
		skip("the filter leaves the architecture's range alone");
	if (ioctl(vm->fd, KVM_SET_DEVICE_ATTR, &attr))
		die("SMCCC filter for %s: expected success, got %s", s->name, err_name(errno));
}

static void test_filter_deny(unsigned int i)
{
	const struct vm *vm = vm_new(2);
	const struct service *s = nth_service(i);

	filter_service(vm, s, FILTER_DENY);
	expect_off(&vm->vcpu[0], nth_conduit(i), s);
	expect_off(&vm->vcpu[1], nth_conduit(i), s);
	expect_reset_values(&vm->vcpu[0], s->reg, s->reg + 1);
}

static void expect_forwarded(const struct vcpu *vcpu, enum conduit conduit,
			     const struct service *s)
{
	const __u64 call[4] = { s->func, s->arg };
	__u64 x[4];

	vcpu_load_call(vcpu, conduit, call);
	vcpu_run(vcpu);
	if (vcpu->run->exit_reason != KVM_EXIT_HYPERCALL)
		die("0x%x by %s: expected KVM_EXIT_HYPERCALL, got exit reason %u", s->func,
		    conduit_names[conduit], vcpu->run->exit_reason);
	expect_val(vcpu->run->hypercall.nr, s->func, "function that was forwarded");

	/* The answer is up to the VMM. */
	set_reg(vcpu, x_id(0), 0x5a5a);
	vcpu_run(vcpu);
	vcpu_get_answer(vcpu, x);
	expect_val(x[0], 0x5a5a, "0x%x: the VMM's answer", s->func);
}

static void test_filter_forward_off(unsigned int i)
{
	const struct vm *vm = vm_new(2);
	const struct service *s = nth_service(i);

	filter_service(vm, s, FILTER_FWD_TO_USER);
	set_reg(&vm->vcpu[0], BMAP_ID(s->reg), bmaps[s->reg].mask & ~BIT(s->bit));
	expect_forwarded(&vm->vcpu[0], nth_conduit(i), s);
	expect_forwarded(&vm->vcpu[1], nth_conduit(i), s);
}

static void test_filter_forward_hidden(unsigned int i)
{
	const struct service *s = nth_service(i);
	const struct vm *vm = vm_new_limited(s->reg, 1);

	filter_service(vm, s, FILTER_FWD_TO_USER);
	expect_forwarded(&vm->vcpu[0], nth_conduit(i), s);
}

/* To handle a call is what KVM does without a filter: ask the registers */
static void test_filter_handle_off(void)
{
	const struct vm *vm = vm_new(1);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(services); i++)
		if (!services[i].fixed_arg)
			filter_service(vm, &services[i], FILTER_HANDLE);
	for (i = 0; i < base->known; i++)
		set_reg(&vm->vcpu[0], BMAP_ID(i), 0);
	for (i = 0; i < ARRAY_SIZE(services); i++)
		expect_off(&vm->vcpu[0], HVC, &services[i]);
}

/* Whether KVM knows a function, or may know it: all of PSCI, and what EL2 answers itself */
static bool may_be_known(__u32 func)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(services); i++)
		if (services[i].func == func)
			return true;

	return func == SMCCC_VERSION || ((func >> 24 & 0x3f) == 4 && (func & 0xffff) <= 0x1f);
}

/*
 * With everything on, the functions of all owners that have the number of one that there
 * is, or a number next to it, in their own block or in another.
 */
static void test_unknown_functions(void)
{
	static const __u32 numbers[] = {
		0, 1, 2, 0x1f, 0x20, 0x21, 0x22, 0x40, 0x41, 0x4f, 0x50, 0x51, 0x52, 0x53,
		0x54, 0xff00, 0xff01, 0xff02, 0xffff, 0x10001, 0x10020, 0x10050, 0x1ff01
	};
	const struct vm *vm = vm_new(1);
	unsigned int block, i;
	__u32 func;

	for (block = 0; block < 256; block++) {
		for (i = 0; i < ARRAY_SIZE(numbers); i++) {
			func = block << 24 | numbers[i];
			if (!may_be_known(func))
				expect_x0(&vm->vcpu[0], HVC, func, 0, NOT_SUPPORTED);
		}
	}
}

/* Calls that no bitmap register decides about */
static void expect_same_answers(const struct vm *a, const struct vm *b)
{
	const struct { __u32 func, arg; } calls[] = {
		{ SMCCC_VERSION, 0 },
		{ SMCCC_ARCH_FEATURES, SMCCC_ARCH_WORKAROUND_1 },
		{ SMCCC_ARCH_FEATURES, SMCCC_ARCH_WORKAROUND_2 },
		{ SMCCC_ARCH_FEATURES, SMCCC_ARCH_WORKAROUND_3 },
		{ PSCI_0_2_FN_PSCI_VERSION, 0 },
		{ PSCI_1_0_FN_PSCI_FEATURES, PSCI_0_2_FN_PSCI_VERSION },
		{ PSCI_1_0_FN_PSCI_FEATURES, SMCCC_VERSION },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(calls); i++)
		expect_val(guest_ask(&a->vcpu[0], calls[i].func, calls[i].arg),
			   guest_ask(&b->vcpu[0], calls[i].func, calls[i].arg),
			   "answer to 0x%x with 0x%x", calls[i].func, calls[i].arg);
	expect_val(guest_ask(&a->vcpu[0], PSCI_0_2_FN_PSCI_VERSION, 0), psci_latest(),
		   "PSCI_VERSION");
	if (guest_ask(&a->vcpu[0], SMCCC_VERSION, 0) < 0x10001)
		fail("SMCCC_VERSION: expected 1.1 or higher");
}

#define NO_SUCH_CPU	0xffffffULL
#define INVALID_PARAMS	((__u64)PSCI_RET_INVALID_PARAMS)

/* Of the functions, those that do nothing if there is no such CPU */
static void expect_psci_served(const struct vcpu *vcpu, __u32 version)
{
	const __u32 funcs[] = {
		PSCI_0_2_FN_CPU_ON, PSCI_0_2_FN64_CPU_ON, PSCI_0_2_FN_AFFINITY_INFO,
		PSCI_0_2_FN64_AFFINITY_INFO
	};
	const __u64 has_features = version < PSCI_VERSION(1, 0) ? NOT_SUPPORTED : 0;
	const __u64 has_reset2 = version < PSCI_VERSION(1, 1) ? NOT_SUPPORTED : INVALID_PARAMS;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(funcs); i++)
		expect_x0(vcpu, HVC, funcs[i], NO_SUCH_CPU, INVALID_PARAMS);
	expect_x0(vcpu, HVC, PSCI_1_0_FN_PSCI_FEATURES, PSCI_0_2_FN64_CPU_ON, has_features);
	/* 1 is neither a type of reset that PSCI has nor one of a vendor. */
	expect_x0(vcpu, HVC, PSCI_1_1_FN_SYSTEM_RESET2, 1, has_reset2);
	expect_x0(vcpu, HVC, PSCI_1_1_FN64_SYSTEM_RESET2, 1, has_reset2);
	expect_x0(vcpu, HVC, KVM_PSCI_FN_CPU_ON, NO_SUCH_CPU, NOT_SUPPORTED);
}

static void test_psci_served(unsigned int i)
{
	const struct vm *vm = vm_new(1), *none = vm_new_limited(0, 1);

	set_reg(&vm->vcpu[0], LEVEL_ID(PSCI), base->psci[i]);
	expect_psci_served(&vm->vcpu[0], base->psci[i]);
	set_reg(&none->vcpu[0], LEVEL_ID(PSCI), base->psci[i]);
	expect_psci_served(&none->vcpu[0], base->psci[i]);
}

/* Its functions have numbers of their own. */
static void test_psci_0_1_served(void)
{
	struct vm *vm = vm_new_empty();
	struct vcpu *vcpu = vcpu_create(vm);

	vcpu_init(vcpu, false);
	expect_x0(vcpu, HVC, KVM_PSCI_FN_CPU_ON, NO_SUCH_CPU, INVALID_PARAMS);
	expect_x0(vcpu, HVC, KVM_PSCI_FN_MIGRATE, 0, NOT_SUPPORTED);
	expect_x0(vcpu, HVC, KVM_PSCI_FN(-1), 0, NOT_SUPPORTED);
	expect_x0(vcpu, HVC, KVM_PSCI_FN(4), 0, NOT_SUPPORTED);
	expect_x0(vcpu, HVC, PSCI_0_2_FN_PSCI_VERSION, 0, NOT_SUPPORTED);
	expect_x0(vcpu, HVC, PSCI_0_2_FN_CPU_ON, NO_SUCH_CPU, NOT_SUPPORTED);
}

static void test_others(void)
{
	const struct vm *vm = vm_new(1), *none = vm_new_limited(0, 1), *full = vm_new(1);
	unsigned int n;

	for (n = 0; n < base->known; n++)
		set_reg(&vm->vcpu[0], BMAP_ID(n), 0);
	expect_same_answers(vm, full);
	expect_same_answers(none, full);
}

/* Section 4: the capability */

static void test_count(void)
{
	const struct vm *vm = vm_new(1);

	expect_count(kvm_fd, base->known, "/dev/kvm");
	expect_count(vm->fd, base->known, "a new VM");
	guest_run(&vm->vcpu[0]);
	expect_count(vm->fd, base->known, "a VM that has run");
}

static void test_count_follows(unsigned int n)
{
	const struct vm *vm = vm_new_limited(n, 1), *other = vm_new(1);

	expect_count(vm->fd, n, "the VM");
	expect_count(other->fd, base->known, "another VM");
	expect_count(kvm_fd, base->known, "/dev/kvm");
	guest_run(&vm->vcpu[0]);
	expect_count(vm->fd, n, "the VM after a run");
}

/* Section 5: a limit. @n is how many bitmap registers the VM keeps. */

static void test_limit(unsigned int n)
{
	struct vm *vm = vm_new_empty();

	expect_count(vm->fd, base->known, "a VM without vCPUs");
	expect_limit(vm, n, 0);
	expect_count(vm->fd, n, "a VM without vCPUs");
	vcpu_add(vm);
	vcpu_add(vm);
	expect_has(vm, n);
	expect_reset_values(&vm->vcpu[1], 0, n);
	guest_run(&vm->vcpu[1]);
	expect_has(vm, n);
	expect_guest_agrees(vm, HVC);
}

/* One by one: never up, and what the VM has already any number of times */
static void test_limit_goes_down(void)
{
	struct vm *vm = vm_new_empty();
	unsigned int n = base->known, more;

	do {
		expect_limit(vm, n, 0);
		expect_limit(vm, n, 0);
		for (more = n + 1; more <= base->known + 1; more++)
			expect_limit(vm, more, EINVAL);
		expect_count(vm->fd, n, "the VM");
	} while (n--);

	vcpu_add(vm);
	expect_has(vm, 0);
	expect_guest_agrees(vm, HVC);
}

static void expect_bad_n_refused(const struct vm *vm, unsigned int count)
{
	const __u64 bad[] = {
		count + 1, base->known + 1, base->known + 2, 63, 64, 0xffff, BIT(31), BIT(32),
		BIT(32) | 1, BIT(63), ~0ULL
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		expect_limit(vm, bad[i], EINVAL);
	expect_count(vm->fd, count, "the VM after calls that failed");
}

static void expect_bad_cap_refused(const struct vm *vm, const struct kvm_enable_cap *cap)
{
	expect_err(__enable_cap(vm, cap), EINVAL,
		   "KVM_ENABLE_CAP with flags 0x%x and arguments %llu %llu %llu %llu",
		   cap->flags, cap->args[0], cap->args[1], cap->args[2], cap->args[3]);
}

static void expect_bad_args_refused(const struct vm *vm, unsigned int n)
{
	const struct kvm_enable_cap good = {
		.cap	= KVM_CAP_ARM_HVC_FW_REG_BMAP,
		.args	= { n },
	};
	int count = check_extension(vm->fd);
	struct kvm_enable_cap bad;
	unsigned int i;

	for (i = 0; i < 32; i++) {
		bad = good;
		bad.flags = BIT(i);
		expect_bad_cap_refused(vm, &bad);
	}
	for (i = 1; i < 4; i++) {
		bad = good;
		bad.args[i] = 1;
		expect_bad_cap_refused(vm, &bad);
		bad.args[i] = BIT(63);
		expect_bad_cap_refused(vm, &bad);
	}
	expect_count(vm->fd, count, "the VM after calls that failed");
}

/* Also with an n that would change nothing, or could not be had any more */
static void expect_einval(const struct vm *vm, unsigned int count)
{
	expect_bad_n_refused(vm, count);
	expect_bad_args_refused(vm, 0);
	expect_bad_args_refused(vm, count);
	expect_bad_args_refused(vm, base->known);
}

static void test_limit_einval(unsigned int n)
{
	struct vm *vm = vm_new_empty();

	limit(vm, n);
	expect_einval(vm, n);
	vcpu_create(vm);
	expect_einval(vm, n);
	vcpu_init(&vm->vcpu[0], true);
	set_other_values(&vm->vcpu[0], n);
	expect_einval(vm, n);
	guest_run(&vm->vcpu[0]);
	expect_einval(vm, n);
	expect_has(vm, n);
	expect_other_values(&vm->vcpu[0], n);
}

static void expect_limit_frozen(const struct vm *vm, unsigned int n)
{
	unsigned int other;

	for (other = 0; other <= base->known; other++)
		expect_limit(vm, other, other == n ? 0 : other < n ? EBUSY : EINVAL);
	expect_count(vm->fd, n, "the VM after calls that failed");
}

static void test_limit_ebusy(unsigned int n)
{
	struct vm *vm = vm_new_empty();

	limit(vm, n);
	vcpu_create(vm);
	expect_limit_frozen(vm, n);
	vcpu_init(&vm->vcpu[0], true);
	set_other_values(&vm->vcpu[0], n);
	expect_limit_frozen(vm, n);
	guest_run(&vm->vcpu[0]);
	expect_limit_frozen(vm, n);
	expect_has(vm, n);
	expect_other_values(&vm->vcpu[0], n);
	expect_guest_agrees(vm, HVC);

	/* The VM keeps a vCPU that nobody has a handle of. */
	close(vm->vcpu[0].fd);
	expect_limit_frozen(vm, n);
}

static void test_limit_failed_create(void)
{
	struct vm *vm = vm_new_empty();

	if (ioctl(vm->fd, KVM_CREATE_VCPU, 1 << 20) >= 0 || errno != EINVAL)
		die("KVM_CREATE_VCPU with an id that is too large: expected EINVAL");
	expect_limit(vm, 0, 0);
	vcpu_add(vm);
	expect_has(vm, 0);
}

/* Errors of accesses to a register, of each size: the first that applies counts */
#define NR_ACCESSES	5
#define NR_SIZES	16

struct access_errors {
	int	err[NR_SIZES][NR_ACCESSES];
};

static void try_accesses(const struct vcpu *vcpu, __u64 id, struct access_errors *e)
{
	__u64 size, room[4096] = {}, sized;
	static __u64 ones[4096];

	memset(ones, 0xff, sizeof(ones));
	for (size = 0; size < NR_SIZES; size++) {
		sized = (id & ~KVM_REG_SIZE_MASK) | size << SIZE_SHIFT;
		e->err[size][0] = __get_reg(vcpu, sized, room);
		e->err[size][1] = __get_reg(vcpu, sized, NULL);
		e->err[size][2] = __set_reg(vcpu, sized, 0);
		e->err[size][3] = __set_reg_from(vcpu, sized, ones);
		e->err[size][4] = __set_reg_from(vcpu, sized, NULL);
	}
}

static void expect_like_unknown(const struct vcpu *vcpu, unsigned int n)
{
	struct access_errors hidden, unknown;
	unsigned int size, i;

	try_accesses(vcpu, BMAP_ID(n), &hidden);
	try_accesses(vcpu, BMAP_ID(0x100), &unknown);
	for (size = 0; size < NR_SIZES; size++)
		for (i = 0; i < NR_ACCESSES; i++)
			expect_err(hidden.err[size][i], unknown.err[size][i],
				   "hidden %s, size %u, access %u as to an unknown one",
				   bmaps[n].name, size, i);
}

static void test_hidden_like_unknown(unsigned int n)
{
	const struct vm *vm = vm_new_limited(n, 1);

	expect_like_unknown(&vm->vcpu[0], n);
	guest_run(&vm->vcpu[0]);
	expect_like_unknown(&vm->vcpu[0], n);
}

struct fw_state {
	unsigned int	nr;
	__u64		id[NR_LEVEL + NR_BMAP];
	__u64		val[NR_LEVEL + NR_BMAP];
};

static void fw_save(const struct vcpu *vcpu, struct fw_state *state)
{
	struct reg_list list;
	unsigned int i;

	state->nr = 0;
	get_list(vcpu, &list);
	for (i = 0; i < list.n; i++) {
		if (!is_fw_id(list.reg[i]))
			continue;
		if (state->nr == ARRAY_SIZE(state->id))
			die("more firmware registers are listed than there are");
		state->id[state->nr] = list.reg[i];
		state->val[state->nr++] = get_reg(vcpu, list.reg[i]);
	}
}

static void fw_restore(const struct vcpu *vcpu, const struct fw_state *state)
{
	unsigned int i;

	for (i = 0; i < state->nr; i++)
		expect_set(vcpu, state->id[i], state->val[i], 0);
	for (i = 0; i < state->nr; i++)
		expect_reg(vcpu, state->id[i], state->val[i], "after it was restored");
}

static void test_save_restore(unsigned int n)
{
	const struct vm *source = vm_new_limited(n, 1), *same = vm_new_limited(n, 1);
	const struct vm *full = vm_new(1), *less;
	struct fw_state state;

	set_other_values(&source->vcpu[0], n);
	guest_run(&source->vcpu[0]);
	fw_save(&source->vcpu[0], &state);
	expect_val(state.nr, NR_LEVEL + n, "number of registers saved");

	fw_restore(&same->vcpu[0], &state);
	expect_has(same, n);
	expect_guest_agrees(same, HVC);

	/* It has services of its own for what the state has not got. */
	fw_restore(&full->vcpu[0], &state);
	expect_reset_values(&full->vcpu[0], n, base->known);
	expect_guest_agrees(full, HVC);

	/* The one that the target does not have, and no other, makes it fail. */
	if (!n)
		return;
	less = vm_new_limited(n - 1, 1);
	expect_set(&less->vcpu[0], BMAP_ID(n - 1), state.val[state.nr - 1], ENOENT);
	state.nr--;
	fw_restore(&less->vcpu[0], &state);
}

/* The list is that of a VM with all, without the ids that this one does not have. */
static void test_list_follows(unsigned int n)
{
	const struct vm *vm = vm_new_limited(n, 1), *full = vm_new(1);
	struct reg_list all, list;
	unsigned int i, nr = 0;

	get_list(&full->vcpu[0], &all);
	get_list(&vm->vcpu[0], &list);
	for (i = 0; i < all.n; i++)
		if (!is_fw_id(all.reg[i]) || fw_index(all.reg[i], n) >= 0)
			expect_val(list.reg[nr++], all.reg[i], "entry %u of the list", i);
	expect_val(list.n, nr, "n of the list");
	expect_val(list.n, all.n - (base->known - n), "n of the list");
	expect_e2big(&vm->vcpu[0], list.n - 1, list.n);
	expect_exact_list(&vm->vcpu[0], list.n);
}

/* Section 5: races of KVM_ENABLE_CAP. No vCPU is there yet, so the guest is in none. */

struct limiter {
	const struct vm		*vm;
	unsigned int		n;
	pthread_barrier_t	*start;
	pthread_t		thread;
	int			err;
};

static void *limiter_main(void *arg)
{
	struct limiter *l = arg;

	pthread_barrier_wait(l->start);
	l->err = __limit(l->vm, l->n);
	if (!l->err && check_extension(l->vm->fd) > (int)l->n)
		fail("the count is larger than a limit that was set");
	return NULL;
}

static void limiter_start(struct limiter *l, const struct vm *vm, unsigned int n,
			  pthread_barrier_t *start)
{
	*l = (struct limiter) { .vm = vm, .n = n, .start = start };
	thread_start(&l->thread, limiter_main, l);
}

/* Which is first decides, and nobody sees the other outcome. */
static void create_while_limited(void)
{
	struct vm *vm = vm_new_empty();
	pthread_barrier_t start;
	struct limiter l;
	int count;

	pthread_barrier_init(&start, NULL, 2);
	limiter_start(&l, vm, 0, &start);
	pthread_barrier_wait(&start);
	vcpu_add(vm);
	count = check_extension(vm->fd);
	expect_list(&vm->vcpu[0], count);
	pthread_join(l.thread, NULL);
	if (l.err != EBUSY)
		expect_err(l.err, 0, "KVM_ENABLE_CAP in a race with KVM_CREATE_VCPU");
	expect_val(count, l.err ? base->known : 0, "the count once there is a vCPU");
	expect_has(vm, count);
	vm_free(vm);
}

static void test_race_limit_create(void)
{
	unsigned int i;

	for (i = 0; i < 5 * nr_races; i++)
		create_while_limited();
}

static void limit_from_threads(void)
{
	struct vm *vm = vm_new_empty();
	struct limiter l[NR_BMAP];
	pthread_barrier_t start;
	unsigned int n;

	pthread_barrier_init(&start, NULL, base->known);
	for (n = 0; n < base->known; n++)
		limiter_start(&l[n], vm, n, &start);
	for (n = 0; n < base->known; n++) {
		pthread_join(l[n].thread, NULL);
		if (!n || l[n].err != EINVAL)
			expect_err(l[n].err, 0, "KVM_ENABLE_CAP with n = %u in a race", n);
	}
	vcpu_add(vm);
	expect_has(vm, 0);
	vm_free(vm);
}

static void test_race_limit_limit(void)
{
	unsigned int i;

	for (i = 0; i < 5 * nr_races; i++)
		limit_from_threads();
}

/* KVM_CHECK_EXTENSION sees the count go from @known to 0, and nothing else. */
static void count_while_limited(void)
{
	struct vm *vm = vm_new_empty();
	int count, last = base->known;
	pthread_barrier_t start;
	struct limiter l;

	pthread_barrier_init(&start, NULL, 2);
	limiter_start(&l, vm, 0, &start);
	pthread_barrier_wait(&start);
	while (last) {
		count = check_extension(vm->fd);
		if (count != last && count)
			die("the count is %d, after %d", count, last);
		last = count;
	}
	pthread_join(l.thread, NULL);
	expect_err(l.err, 0, "KVM_ENABLE_CAP in a race");
	expect_count(vm->fd, 0, "the VM");
	vm_free(vm);
}

static void test_race_limit_count(void)
{
	unsigned int i;

	for (i = 0; i < 5 * nr_races; i++)
		count_while_limited();
}

/* Section 6: the parameters. The parent puts them back after each test. */

enum param_index {
	PARAM_REGS,
	PARAM_PSCI,

	NR_PARAMS
};

#define PARAM_DIR	"/sys/module/kvm/parameters/"
#define PARAM_LEN	32

static struct param {
	const char	*name;
	const char	*path;
	bool		present;
	char		saved[PARAM_LEN];
} params[NR_PARAMS] = {
	[PARAM_REGS]	= { .name = "fw_bmap_regs", .path = PARAM_DIR "fw_bmap_regs" },
	[PARAM_PSCI]	= { .name = "psci_version", .path = PARAM_DIR "psci_version" },
};

static int __param_read(const struct param *p, char buf[PARAM_LEN])
{
	int fd = open(p->path, O_RDONLY | O_CLOEXEC);
	ssize_t len;
	int err;

	if (fd < 0)
		return errno;

	len = read(fd, buf, PARAM_LEN - 1);
	err = len < 0 ? errno : 0;
	close(fd);
	buf[err ? 0 : len] = '\0';
	return err;
}

/* Called by a signal handler, too */
static int __param_write(const struct param *p, const char *val)
{
	int fd = open(p->path, O_WRONLY | O_CLOEXEC);
	int err;

	if (fd < 0)
		return errno;

	err = write(fd, val, strlen(val)) < 0 ? errno : 0;
	close(fd);
	return err;
}

static void params_save(void)
{
	unsigned int i;

	for (i = 0; i < NR_PARAMS; i++)
		params[i].present = !__param_read(&params[i], params[i].saved);
}

static void params_restore(void)
{
	unsigned int i;

	for (i = 0; i < NR_PARAMS; i++)
		if (params[i].present)
			__param_write(&params[i], params[i].saved);
}

static void need_param(enum param_index i)
{
	if (!params[i].present)
		die("there is no %s", params[i].path);
}

static void need_writable_param(enum param_index i)
{
	need_param(i);
	if (geteuid())
		skip("only root can write %s", params[i].path);
}

static void expect_param(enum param_index i, const char *want)
{
	char got[PARAM_LEN] = "";
	int err = __param_read(&params[i], got);

	expect_err(err, 0, "reading %s", params[i].name);
	if (!err && (strncmp(got, want, strlen(want)) || strcmp(got + strlen(want), "\n")))
		fail("%s: expected '%s' and a newline, got '%.*s'", params[i].name, want,
		     (int)strcspn(got, "\n"), got);
}

/* As 'echo' does: an empty write does not reach the kernel, an empty line does. */
static int param_echo(enum param_index i, const char *val)
{
	char line[PARAM_LEN];

	snprintf(line, sizeof(line), "%s\n", val);
	return __param_write(&params[i], line);
}

static void param_write(enum param_index i, const char *val)
{
	int err = param_echo(i, val);

	if (err)
		die("writing '%s' to %s: expected success, got %s", val, params[i].name,
		    err_name(err));
}

static void expect_bad_value(enum param_index i, const char *val, const char *present)
{
	expect_err(param_echo(i, val), EINVAL, "writing '%s' to %s", val, params[i].name);
	expect_param(i, present);
}

static const char *regs_string(unsigned int nr)
{
	static char buf[12];

	snprintf(buf, sizeof(buf), "%u", nr);
	return buf;
}

static const char *psci_string(__u32 version)
{
	static char buf[16];

	snprintf(buf, sizeof(buf), "%u.%u", version >> 16, version & 0xffff);
	return buf;
}

static void set_ceiling(unsigned int nr)
{
	need_writable_param(PARAM_REGS);
	param_write(PARAM_REGS, regs_string(nr));
}

static void set_psci_ceiling(__u32 version)
{
	need_writable_param(PARAM_PSCI);
	param_write(PARAM_PSCI, psci_string(version));
}

static void test_param_default(void)
{
	need_param(PARAM_REGS);
	need_param(PARAM_PSCI);
	expect_param(PARAM_REGS, regs_string(base->known));
	expect_param(PARAM_PSCI, psci_string(psci_latest()));
}

static void expect_mode(enum param_index i)
{
	struct stat st;

	need_param(i);
	if (stat(params[i].path, &st))
		die("stat of %s: %s", params[i].path, err_name(errno));
	if ((st.st_mode & 07777) != 0644)
		fail("%s: expected mode 0644, got 0%o", params[i].path, st.st_mode & 07777);
}

static void test_param_mode(void)
{
	expect_mode(PARAM_REGS);
	expect_mode(PARAM_PSCI);
}

static void test_param_regs_bad(void)
{
	const char * const bad[] = {
		"-1", "x", "", " ", "1.5", "1x", "x1", "4294967295", "4294967296",
		"4294967297", "18446744073709551616", regs_string(base->known + 1)
	};
	unsigned int i;

	/* A wrong value must neither be taken nor lead back to the default. */
	need_writable_param(PARAM_REGS);
	param_write(PARAM_REGS, "2");
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		expect_bad_value(PARAM_REGS, bad[i], "2");
	expect_count(kvm_fd, 2, "/dev/kvm");
}

static void test_param_psci_bad(void)
{
	const char * const bad[] = {
		"0.1", "0.3", "1.9", "2.0", "1", "1.", ".1", "1.0x", "1.0\n\n", "x1.0", "1.0.0", "",
		"x", " ", "-1.0", "1,0", "65536", "0x10000", "01.0", "1.00"
	};
	unsigned int i;
	__u32 minor;

	need_writable_param(PARAM_PSCI);
	param_write(PARAM_PSCI, "0.2");
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		expect_bad_value(PARAM_PSCI, bad[i], "0.2");
	for (minor = 0; minor < 10; minor++)
		if (!psci_known(PSCI_VERSION(1, minor)))
			expect_bad_value(PARAM_PSCI, psci_string(PSCI_VERSION(1, minor)), "0.2");
}

/* A host whose ceiling is @n, to every VMM like one that knows so many */

static void expect_ceiling(unsigned int n)
{
	const struct vm *vm = vm_new(2);

	expect_param(PARAM_REGS, regs_string(n));
	expect_count(kvm_fd, n, "/dev/kvm");
	expect_has(vm, n);
	expect_reset_values(&vm->vcpu[0], 0, n);
	expect_guest_agrees(vm, HVC);
	expect_has(vm, n);
	expect_list(&vm->vcpu[1], n);
}

static void expect_ceiling_limit(unsigned int n)
{
	struct vm *vm = vm_new_empty();
	unsigned int i;

	for (i = base->known + 1; i > n; i--)
		expect_limit(vm, i, EINVAL);
	for (i = n + 1; i--; ) {
		expect_limit(vm, i, 0);
		expect_count(vm->fd, i, "the VM");
	}
	vcpu_add(vm);
	guest_run(&vm->vcpu[0]);
	expect_has(vm, 0);

	vm = vm_new_ran(1);
	expect_limit(vm, n + 1, EINVAL);
	expect_limit(vm, n, 0);
	expect_has(vm, n);
}

static void test_ceiling(unsigned int n)
{
	set_ceiling(n);
	expect_ceiling(n);
}

static void test_ceiling_limit(unsigned int n)
{
	set_ceiling(n);
	expect_ceiling_limit(n);
}

static void test_ceiling_older_vm(unsigned int n)
{
	struct vm *vm, *other;
	unsigned int i;

	need_writable_param(PARAM_REGS);
	vm = vm_new_empty();
	other = vm_new_empty();
	set_ceiling(n);

	expect_count(kvm_fd, n, "/dev/kvm");
	expect_limit(vm, base->known, 0);
	vcpu_add(vm);
	expect_has(vm, base->known);
	expect_reset_values(&vm->vcpu[0], 0, base->known);
	expect_guest_agrees(vm, HVC);

	for (i = base->known + 1; i--; )
		expect_limit(other, i, 0);
	vcpu_add(other);
	expect_has(other, 0);
}

static void test_ceiling_running_vm(unsigned int n)
{
	const struct vm *vm;

	need_writable_param(PARAM_REGS);
	vm = vm_new(2);
	set_other_values(&vm->vcpu[0], base->known);
	guest_run(&vm->vcpu[0]);
	set_ceiling(n);

	expect_has(vm, base->known);
	expect_other_values(&vm->vcpu[0], base->known);
	expect_limit(vm, base->known, 0);
	expect_guest_agrees(vm, HVC);
}

static void test_ceiling_no_gain(unsigned int n)
{
	struct vm *vm;
	unsigned int i;

	set_ceiling(n);
	vm = vm_new_empty();
	set_ceiling(base->known);

	expect_count(kvm_fd, base->known, "/dev/kvm");
	for (i = n + 1; i <= base->known; i++)
		expect_limit(vm, i, EINVAL);
	expect_limit(vm, n, 0);
	vcpu_add(vm);
	expect_has(vm, n);
	expect_guest_agrees(vm, HVC);
}

/* A host whose highest PSCI version is @version */

static void expect_psci_ceiling(__u32 version)
{
	const struct vm *vm = vm_new(2), *untouched = vm_new(1);
	unsigned int i;

	expect_param(PARAM_PSCI, psci_string(version));
	expect_reg(&vm->vcpu[0], LEVEL_ID(PSCI), version, "in a new VM");
	for (i = 0; i < base->nr_psci; i++)
		if (base->psci[i] > version)
			expect_set(&vm->vcpu[0], LEVEL_ID(PSCI), base->psci[i], EINVAL);
	expect_reg(&vm->vcpu[0], LEVEL_ID(PSCI), version, "after SETs that failed");

	for (i = 0; i < base->nr_psci && base->psci[i] <= version; i++) {
		expect_set(&vm->vcpu[1], LEVEL_ID(PSCI), base->psci[i], 0);
		expect_reg(&vm->vcpu[0], LEVEL_ID(PSCI), base->psci[i], "after a SET");
	}

	expect_val(guest_ask(&untouched->vcpu[0], PSCI_0_2_FN_PSCI_VERSION, 0), version,
		   "the guest's PSCI_VERSION");
}

static void test_psci_ceiling(unsigned int i)
{
	set_psci_ceiling(base->psci[i]);
	expect_psci_ceiling(base->psci[i]);
}

static void test_psci_ceiling_older_vm(unsigned int i)
{
	const struct vm *vm, *running;

	need_writable_param(PARAM_PSCI);
	vm = vm_new(1);
	running = vm_new_ran(1);
	set_psci_ceiling(base->psci[i]);

	expect_reg(&running->vcpu[0], LEVEL_ID(PSCI), psci_latest(), "in a VM that runs");
	expect_val(guest_ask(&running->vcpu[0], PSCI_0_2_FN_PSCI_VERSION, 0), psci_latest(),
		   "PSCI_VERSION in a VM that runs");
	expect_reg(&vm->vcpu[0], LEVEL_ID(PSCI), psci_latest(), "in an older VM");
	expect_set(&vm->vcpu[0], LEVEL_ID(PSCI), PSCI_VERSION(0, 2), 0);
	expect_set(&vm->vcpu[0], LEVEL_ID(PSCI), psci_latest(), 0);
	expect_val(guest_ask(&vm->vcpu[0], PSCI_0_2_FN_PSCI_VERSION, 0), psci_latest(),
		   "PSCI_VERSION in an older VM");
}

static void test_psci_ceiling_no_gain(unsigned int i)
{
	const struct vm *vm;
	unsigned int j;

	set_psci_ceiling(base->psci[i]);
	vm = vm_new(1);
	set_psci_ceiling(psci_latest());

	for (j = i + 1; j < base->nr_psci; j++)
		expect_set(&vm->vcpu[0], LEVEL_ID(PSCI), base->psci[j], EINVAL);
	expect_reg(&vm->vcpu[0], LEVEL_ID(PSCI), base->psci[i], "in a VM made before");
	expect_val(guest_ask(&vm->vcpu[0], PSCI_0_2_FN_PSCI_VERSION, 0), base->psci[i],
		   "PSCI_VERSION in a VM made before");
}

/* The parameter is about versions from 0.2 on, 0.1 is what a VMM asks for. */
static void test_psci_ceiling_0_1(void)
{
	set_psci_ceiling(PSCI_VERSION(0, 2));
	test_psci_0_1();
}

/* Sections 2 and 6: what a VM has without any bitmap register */

static void expect_mitigations(const struct vm *vm, const struct vm *full)
{
	unsigned int n;

	for (n = WA1; n <= WA3; n++)
		expect_reg(&vm->vcpu[0], LEVEL_ID(n), get_reg(&full->vcpu[0], LEVEL_ID(n)),
			   "as in a VM that has all");
	expect_list(&vm->vcpu[0], 0);
	expect_wa_levels(&vm->vcpu[0], LEVEL_ID(WA1));
	expect_wa_levels(&vm->vcpu[0], LEVEL_ID(WA3));
}

static void test_limit_keeps_mitigations(void)
{
	const struct vm *vm = vm_new_limited(0, 1), *full = vm_new(1);

	expect_mitigations(vm, full);
	expect_same_answers(vm, full);
}

static void test_ceiling_keeps_mitigations(void)
{
	const struct vm *full, *vm;

	need_writable_param(PARAM_REGS);
	need_writable_param(PARAM_PSCI);
	full = vm_new(1);
	set_ceiling(0);
	vm = vm_new(1);
	expect_mitigations(vm, full);
	expect_same_answers(vm, full);

	/* PSCI 0.2 cannot tell a guest about SMCCC, but a guest may know. */
	set_psci_ceiling(PSCI_VERSION(0, 2));
	vm = vm_new(1);
	expect_mitigations(vm, full);
}

/* Section 6: races of the parameters with KVM_CREATE_VM, and with themselves */

struct param_toggle {
	enum param_index	param;
	const char		*val[2];
	pthread_t		thread;
	atomic_bool		stop;
	int			err;
};

static void *param_toggle_main(void *arg)
{
	struct param_toggle *t = arg;
	unsigned int i;

	for (i = 0; !t->stop && !t->err; i++) {
		t->err = param_echo(t->param, t->val[i % 2]);
		sched_yield();
	}
	return NULL;
}

static void param_toggle_stop(struct param_toggle *t)
{
	t->stop = true;
	pthread_join(t->thread, NULL);
	expect_err(t->err, 0, "writing %s in a race", params[t->param].name);
}

/* A VM has all or nothing, and keeps it. */
static void expect_either_ceiling(void)
{
	struct vm *vm = vm_new(1);
	int count = check_extension(vm->fd);
	__u64 psci = get_reg(&vm->vcpu[0], LEVEL_ID(PSCI));

	if (count != 0 && count != (int)base->known)
		fail("a VM has %d registers, which was never the ceiling", count);
	else
		expect_has(vm, count);
	if (psci != PSCI_VERSION(0, 2) && psci != psci_latest())
		fail("PSCI version 0x%llx was never the ceiling", psci);
	expect_set(&vm->vcpu[0], LEVEL_ID(PSCI), psci_latest(),
		   psci == psci_latest() ? 0 : EINVAL);
	expect_guest_agrees(vm, HVC);
	vm_free(vm);
}

static void test_race_param_create(void)
{
	struct param_toggle regs = { .param = PARAM_REGS, .val = { "0", regs_string(base->known) } };
	struct param_toggle psci = { .param = PARAM_PSCI,
				     .val = { "0.2", psci_string(psci_latest()) } };
	unsigned int i;

	need_writable_param(PARAM_REGS);
	need_writable_param(PARAM_PSCI);
	thread_start(&regs.thread, param_toggle_main, &regs);
	thread_start(&psci.thread, param_toggle_main, &psci);
	for (i = 0; i < 2 * nr_races; i++)
		expect_either_ceiling();
	param_toggle_stop(&regs);
	param_toggle_stop(&psci);
}

#define PARAM_ROUNDS	500

/* Two threads write a parameter, and who reads it meets one of both values. */
static void race_param(enum param_index param, const char *a, const char *b)
{
	struct param_toggle t[2] = {
		{ .param = param, .val = { a, a } }, { .param = param, .val = { b, b } }
	};
	char got[PARAM_LEN];
	unsigned int i;

	need_writable_param(param);
	param_write(param, a);
	thread_start(&t[0].thread, param_toggle_main, &t[0]);
	thread_start(&t[1].thread, param_toggle_main, &t[1]);
	for (i = 0; i < PARAM_ROUNDS; i++) {
		expect_err(__param_read(&params[param], got), 0, "reading %s", params[param].name);
		got[strcspn(got, "\n")] = '\0';
		if (strcmp(got, a) && strcmp(got, b))
			fail("%s: expected '%s' or '%s', got '%s'", params[param].name, a, b, got);
	}
	param_toggle_stop(&t[0]);
	param_toggle_stop(&t[1]);
}

static void test_race_param_param(void)
{
	race_param(PARAM_REGS, "0", "2");
	race_param(PARAM_PSCI, "0.2", "1.0");
}

/* Sections 4 and 6: protected VMs, which only some hosts have */

static struct vm *vm_new_protected(void)
{
	struct vm *vm = calloc(1, sizeof(*vm));

	if (!vm)
		die("out of memory");
	vm->fd = ioctl(kvm_fd, KVM_CREATE_VM, VM_TYPE_PROTECTED);
	if (vm->fd < 0)
		skip("this host has no protected VMs, KVM_CREATE_VM: %s", err_name(errno));

	return vm;
}

static struct vcpu *protected_vcpu(struct vm *vm)
{
	struct vcpu *vcpu = vcpu_create(vm);
	int err = __vcpu_init(vcpu, true);

	if (err)
		die("KVM_ARM_VCPU_INIT in a protected VM: %s", err_name(err));

	return vcpu;
}

static void test_protected_count(void)
{
	struct vm *vm = vm_new_protected();
	unsigned int n;

	expect_count(kvm_fd, base->known, "/dev/kvm");
	expect_count(vm->fd, 0, "a protected VM");
	for (n = 0; n <= base->known + 1; n++)
		expect_limit(vm, n, EINVAL);
	protected_vcpu(vm);
	expect_count(vm->fd, 0, "a protected VM with a vCPU");
	for (n = 0; n <= base->known + 1; n++)
		expect_limit(vm, n, EINVAL);
}

static void expect_protected_registers(void)
{
	struct vm *vm = vm_new_protected();
	const struct vcpu *vcpu = protected_vcpu(vm);
	unsigned int i;

	expect_list(vcpu, base->known);
	expect_reset_values(vcpu, 0, base->known);
	set_other_values(vcpu, base->known);
	expect_other_values(vcpu, base->known);
	for (i = 0; i < base->known; i++)
		expect_set(vcpu, BMAP_ID(i), bmaps[i].mask | BIT(63), EINVAL);
	expect_reg(vcpu, LEVEL_ID(PSCI), psci_latest(), "in a protected VM");
	for (i = 0; i < base->nr_psci; i++)
		expect_set(vcpu, LEVEL_ID(PSCI), base->psci[i], 0);
	expect_wa_levels(vcpu, LEVEL_ID(WA1));
	expect_wa_levels(vcpu, LEVEL_ID(WA3));
}

static void test_protected_registers(void)
{
	expect_protected_registers();
}

static void test_protected_ceilings(void)
{
	set_ceiling(0);
	set_psci_ceiling(PSCI_VERSION(0, 2));
	expect_protected_registers();
}

/* Section 6: a host that was booted with parameters. Set by options. */
static unsigned int expected_ceiling;
static __u32 expected_psci;

static void test_boot_ceiling(void)
{
	need_param(PARAM_REGS);
	expect_ceiling(expected_ceiling);
	expect_ceiling_limit(expected_ceiling);
}

static void test_boot_psci(void)
{
	need_param(PARAM_PSCI);
	expect_psci_ceiling(expected_psci);
}

/* What a row of the table is done once for */
enum per {
	ONCE,
	PER_FW_REG,
	PER_BITMAP,
	PER_COUNT,	/* of bitmap registers, with 0 */
	PER_PSCI,
	PER_NR_VCPUS,
	PER_SERVICE,	/* and conduit */
};

/* One rule. @once is the test if @per is ONCE, @each if it is anything else. */
struct test {
	const char	*section;
	const char	*name;
	enum per	per;
	void		(*once)(void);
	void		(*each)(unsigned int i);
};

#define RULE(_section, _name, _fn)		{ _section, _name, ONCE, _fn, NULL }
#define RULES(_section, _name, _per, _fn)	{ _section, _name, _per, NULL, _fn }

static const struct test tests[] = {
	RULES("2", "GET and SET of an id with a wrong size: ENOENT", PER_FW_REG,
	      test_wrong_size),
	RULE("2", "GET and SET of an unknown id: ENOENT", test_unknown_id),
	RULES("2", "GET to memory that cannot be written: EFAULT", PER_FW_REG,
	      test_get_efault),
	RULES("2", "SET from memory that cannot be read: EFAULT", PER_FW_REG,
	      test_set_efault),
	RULES("2", "SET of a bit outside the accepted mask: EINVAL, also after KVM_RUN",
	      PER_BITMAP, test_bit_outside_mask),
	RULES("2", "SET of another value after KVM_RUN of any vCPU: EBUSY", PER_BITMAP,
	      test_ebusy),
	RULES("2", "KVM_RUN with immediate_exit counts", PER_BITMAP,
	      test_ebusy_immediate_exit),
	RULES("2", "KVM_RUN of a vCPU that is not initialised does not count", PER_BITMAP,
	      test_refused_run),
	RULES("2", "SET of the present value always succeeds", PER_BITMAP,
	      test_present_value),
	RULES("2", "a failed SET changes nothing", PER_BITMAP, test_failure_changes_nothing),
	RULES("2", "SET of any subset of the accepted mask, any number of times", PER_BITMAP,
	      test_every_value),
	RULE("2", "SETs in any order, through any vCPU", test_write_order),
	RULES("2", "the value is the VM's, the handle a vCPU's", PER_BITMAP, test_vm_wide),
	RULES("2", "reset value", PER_BITMAP, test_reset_value),
	RULE("2", "a VM whose VMM does nothing has all services", test_all_on),
	RULE("2", "KVM_GET_REG_LIST has each firmware register once, and it takes its value",
	     test_list),
	RULE("2", "KVM_GET_REG_LIST keeps the order of the ids, ID registers come first",
	     test_list_order),
	RULE("2", "KVM_GET_REG_LIST without room: E2BIG and what is needed", test_list_size),
	RULE("2", "KVM_GET_REG_LIST to memory that cannot be written: EFAULT",
	     test_list_efault),
	RULE("2", "PSCI_VERSION of a new VM is the latest", test_psci_default),
	RULES("2", "PSCI_VERSION takes what the base implements", PER_PSCI,
	      test_psci_accepted),
	RULE("2", "PSCI_VERSION takes nothing else: EINVAL", test_psci_refused),
	RULE("2", "PSCI_VERSION without the vCPU feature: 0.1 only", test_psci_0_1),
	RULE("2", "SMCCC_ARCH_WORKAROUND_1 and _3 take levels up to the host's", test_wa1_wa3),
	RULE("2", "SMCCC_ARCH_WORKAROUND_2 takes what the host can honour", test_wa2),
	RULE("2", "mitigation registers stay with a count of 0",
	     test_limit_keeps_mitigations),
	RULES("2", "SET that races with the first KVM_RUN, TRNG", PER_NR_VCPUS,
	      test_race_trng),
	RULES("2", "SET that races with the first KVM_RUN, FEATURES", PER_NR_VCPUS,
	      test_race_vendor),
	RULE("2", "SET that races with SET of other registers", test_race_set),

	RULES("3", "bit on: served", PER_SERVICE, test_service_on),
	RULES("3", "only this bit on: served, and no other service is", PER_SERVICE,
	      test_service_only),
	RULES("3", "bit off: NOT_SUPPORTED, x1 to x3 zero, other services on", PER_SERVICE,
	      test_service_off),
	RULES("3", "register hidden: NOT_SUPPORTED, x1 to x3 zero", PER_SERVICE,
	      test_service_hidden),
	RULE("3", "vendor FEATURES agrees with the registers", test_features_agree),
	RULE("3", "functions that there are not, of all owners", test_unknown_functions),
	RULES("3", "SMCCC filter denies what is on", PER_SERVICE, test_filter_deny),
	RULES("3", "SMCCC filter forwards what is off", PER_SERVICE,
	      test_filter_forward_off),
	RULES("3", "SMCCC filter forwards what is hidden", PER_SERVICE,
	      test_filter_forward_hidden),
	RULE("3", "SMCCC filter that handles does not turn on what is off",
	     test_filter_handle_off),
	RULES("3", "PSCI is served, whatever the count", PER_PSCI, test_psci_served),
	RULE("3", "PSCI 0.1 is served by functions of its own", test_psci_0_1_served),
	RULE("3", "PSCI and architecture calls do not depend on bitmaps", test_others),

	RULE("4", "KVM_CHECK_EXTENSION on /dev/kvm and on a new VM: the ceiling", test_count),
	RULES("4", "KVM_CHECK_EXTENSION on a VM: its count", PER_COUNT, test_count_follows),
	RULE("4", "protected VM: the count is 0, enabling is EINVAL", test_protected_count),
	RULE("4", "protected VM: all registers, as on the base", test_protected_registers),

	RULES("5", "the VM keeps the first n registers", PER_COUNT, test_limit),
	RULE("5", "the count goes down only", test_limit_goes_down),
	RULES("5", "n above the count, flags or args[1..3] not zero: EINVAL, at any time",
	      PER_COUNT, test_limit_einval),
	RULES("5", "once there is a vCPU: EBUSY, unless n is the count", PER_COUNT,
	      test_limit_ebusy),
	RULE("5", "KVM_CREATE_VCPU that fails does not count", test_limit_failed_create),
	RULES("5", "the list is as long as the count says", PER_COUNT, test_list_follows),
	RULES("5", "a hidden register is like one that KVM does not know", PER_BITMAP,
	      test_hidden_like_unknown),
	RULES("5", "a saved list restores where the count is no lower", PER_COUNT,
	      test_save_restore),
	RULE("5", "KVM_ENABLE_CAP that races with KVM_CREATE_VCPU", test_race_limit_create),
	RULE("5", "KVM_ENABLE_CAP that races with KVM_ENABLE_CAP", test_race_limit_limit),
	RULE("5", "KVM_ENABLE_CAP that races with KVM_CHECK_EXTENSION",
	     test_race_limit_count),

	RULE("6", "by default, the parameters are all that is known and the latest",
	     test_param_default),
	RULE("6", "the parameters have mode 0644", test_param_mode),
	RULE("6", "kvm.fw_bmap_regs: a bad value is EINVAL and changes nothing",
	     test_param_regs_bad),
	RULE("6", "kvm.psci_version: a bad value is EINVAL and changes nothing",
	     test_param_psci_bad),
	RULES("6", "ceiling: a new VM has so many, and no other services", PER_COUNT,
	      test_ceiling),
	RULES("6", "ceiling: enabling more is EINVAL", PER_COUNT, test_ceiling_limit),
	RULES("6", "ceiling: a VM made before keeps what it has", PER_COUNT,
	      test_ceiling_older_vm),
	RULES("6", "ceiling: a running VM keeps what it has", PER_COUNT,
	      test_ceiling_running_vm),
	RULES("6", "ceiling: raising it gives nothing to a VM made before", PER_COUNT,
	      test_ceiling_no_gain),
	RULES("6", "PSCI ceiling: default and limit of a new VM", PER_PSCI,
	      test_psci_ceiling),
	RULES("6", "PSCI ceiling: a VM made before keeps what it has", PER_PSCI,
	      test_psci_ceiling_older_vm),
	RULES("6", "PSCI ceiling: raising it gives nothing to a VM made before", PER_PSCI,
	      test_psci_ceiling_no_gain),
	RULE("6", "PSCI ceiling: without the vCPU feature still 0.1", test_psci_ceiling_0_1),
	RULE("6", "mitigation registers stay with ceiling 0 and PSCI 0.2",
	     test_ceiling_keeps_mitigations),
	RULE("6", "parameters that race with KVM_CREATE_VM", test_race_param_create),
	RULE("6", "parameters that race with themselves", test_race_param_param),
	RULE("6", "protected VM: ceilings have no effect", test_protected_ceilings),
};

static const struct test boot_ceiling_tests[] = {
	RULE("6", "booted with a ceiling: as one that was written", test_boot_ceiling),
};

static const struct test boot_psci_tests[] = {
	RULE("6", "booted with a PSCI ceiling: as one that was written", test_boot_psci),
};

static unsigned int nr_instances(const struct test *test)
{
	switch (test->per) {
	case PER_FW_REG:
		return NR_LEVEL + base->known;
	case PER_BITMAP:
		return base->known;
	case PER_COUNT:
		return base->known + 1;
	case PER_PSCI:
		return base->nr_psci;
	case PER_NR_VCPUS:
		return MAX_RUNNERS;
	case PER_SERVICE:
		return ARRAY_SIZE(services) * NR_CONDUITS;
	case ONCE:
		break;
	}
	return 1;
}

#define NAME_LEN	160

static void instance_suffix(const struct test *test, unsigned int i, char *buf, size_t len)
{
	buf[0] = '\0';
	switch (test->per) {
	case PER_FW_REG:
		snprintf(buf, len, " (%s)", reg_name(fw_id(i)));
		break;
	case PER_BITMAP:
		snprintf(buf, len, " (%s)", bmaps[i].name);
		break;
	case PER_COUNT:
		snprintf(buf, len, " (n = %u)", i);
		break;
	case PER_PSCI:
		snprintf(buf, len, " (PSCI %s)", psci_string(base->psci[i]));
		break;
	case PER_NR_VCPUS:
		snprintf(buf, len, " (%u vCPU%s)", i + 1, i ? "s" : "");
		break;
	case PER_SERVICE:
		snprintf(buf, len, " (%s, %s)", nth_service(i)->name,
			 conduit_names[nth_conduit(i)]);
		break;
	case ONCE:
		break;
	}
}

static void instance_name(const struct test *test, unsigned int i, char name[NAME_LEN])
{
	char suffix[80];

	instance_suffix(test, i, suffix, sizeof(suffix));
	snprintf(name, NAME_LEN, "%s: %s%s", test->section, test->name, suffix);
}

static void run_instance(const struct test *test, unsigned int i)
{
	if (test->per == ONCE)
		test->once();
	else if (test->per == PER_NR_VCPUS)
		test->each(i + 1);
	else
		test->each(i);
}

static noreturn PRINTF(1, 2) void usage_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("conformance: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(2);
}

/* The parent's side of a test */
#define TIMEOUT_MS	30000

struct child {
	pid_t	pid;
	int	fd;
	char	report[8192];
	size_t	len;
	int	status;
	bool	hung;
};

static noreturn void child_main(const struct test *test, unsigned int i)
{
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	run_instance(test, i);
	if (nr_failures > MAX_FAILURES)
		dprintf(report_fd, "# and %u more\n", nr_failures - MAX_FAILURES);
	_exit(nr_failures ? CHILD_FAILED : CHILD_OK);
}

static void child_start(struct child *c, const struct test *test, unsigned int i)
{
	int fd[2];

	fflush(stdout);
	if (pipe2(fd, O_CLOEXEC))
		usage_error("pipe: %s", strerror(errno));

	c->pid = fork();
	if (c->pid < 0)
		usage_error("fork: %s", strerror(errno));
	if (!c->pid) {
		close(fd[0]);
		report_fd = fd[1];
		child_main(test, i);
	}
	close(fd[1]);
	c->fd = fd[0];
}

static long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000L + ts.tv_nsec / 1000000;
}

/* Reads what the child has to say until it ends. What does not fit is dropped. */
static void child_read(struct child *c)
{
	long end = now_ms() + TIMEOUT_MS, left;
	struct pollfd pfd = { .fd = c->fd, .events = POLLIN };
	char buf[1024];
	ssize_t len;

	for (;;) {
		left = end - now_ms();
		if (left <= 0 || !poll(&pfd, 1, left)) {
			c->hung = true;
			return;
		}
		len = read(c->fd, buf, sizeof(buf));
		if (len <= 0)
			return;
		if (c->len + len < sizeof(c->report)) {
			memcpy(c->report + c->len, buf, len);
			c->len += len;
		}
	}
}

/* A thread that hangs in the kernel may not even be killed. Do not wait for it. */
static void child_reap(struct child *c)
{
	unsigned int tries;

	if (!c->hung) {
		waitpid(c->pid, &c->status, 0);
	} else {
		kill(c->pid, SIGKILL);
		for (tries = 0; tries < 20 && !waitpid(c->pid, &c->status, WNOHANG); tries++)
			usleep(100000);
	}
	close(c->fd);
}

static bool child_exited(const struct child *c, enum child_status status)
{
	return !c->hung && WIFEXITED(c->status) && WEXITSTATUS(c->status) == (int)status;
}

static void print_result(struct child *c, unsigned int number, const char *name)
{
	c->report[c->len] = '\0';
	if (child_exited(c, CHILD_OK)) {
		printf("ok %u - %s\n", number, name);
		return;
	}
	if (child_exited(c, CHILD_SKIPPED)) {
		printf("ok %u - %s # SKIP %s", number, name, c->report);
		return;
	}

	printf("not ok %u - %s\n%s", number, name, c->report);
	if (c->hung)
		printf("# hung for %d seconds\n", TIMEOUT_MS / 1000);
	else if (WIFSIGNALED(c->status))
		printf("# killed by SIG%s\n", sigabbrev_np(WTERMSIG(c->status)));
}

static bool run_test(const struct test *test, unsigned int i, unsigned int number,
		     const char *name)
{
	struct child c = {};

	child_start(&c, test, i);
	child_read(&c);
	child_reap(&c);
	params_restore();
	print_result(&c, number, name);
	return child_exited(&c, CHILD_OK) || child_exited(&c, CHILD_SKIPPED);
}

static void handle_signal(int sig)
{
	params_restore();
	signal(sig, SIG_DFL);
	raise(sig);
}

static const char *only = "";

enum pass {
	COUNT,
	LIST,
	RUN,
};

struct progress {
	unsigned int	number;
	unsigned int	failed;
};

static void walk_one(const struct test *test, unsigned int i, enum pass pass,
		     struct progress *p)
{
	char name[NAME_LEN];

	instance_name(test, i, name);
	if (!strstr(name, only))
		return;

	p->number++;
	if (pass == LIST)
		puts(name);
	else if (pass == RUN && !run_test(test, i, p->number, name))
		p->failed++;
}

static void walk(const struct test *table, size_t nr, enum pass pass, struct progress *p)
{
	unsigned int i;
	size_t t;

	for (t = 0; t < nr; t++)
		for (i = 0; i < nr_instances(&table[t]); i++)
			walk_one(&table[t], i, pass, p);
}

/* Options */
static bool list_only;
static bool boot_ceiling;
static bool boot_psci;

static struct progress walk_selected(enum pass pass)
{
	struct progress p = {};

	if (boot_ceiling)
		walk(boot_ceiling_tests, ARRAY_SIZE(boot_ceiling_tests), pass, &p);
	if (boot_psci)
		walk(boot_psci_tests, ARRAY_SIZE(boot_psci_tests), pass, &p);
	if (!boot_ceiling && !boot_psci)
		walk(tests, ARRAY_SIZE(tests), pass, &p);

	return p;
}

static void print_help(void)
{
	puts("usage: conformance [OPTION]...\n"
	     "Tests the KVM of this host against the contract on firmware registers. TAP output.\n"
	     "  --base=RELEASE      expect what this base has (default: that of uname)\n"
	     "  --only=SUBSTRING    only tests whose description contains it\n"
	     "  --races=N           N VMs in each race with KVM_RUN (default: 10)\n"
	     "  --list              list the descriptions and end\n"
	     "  --expect-ceiling=N  test only that the host was booted with kvm.fw_bmap_regs=N\n"
	     "  --expect-psci=X.Y   test only that it was booted with kvm.psci_version=X.Y\n"
	     "Section 6 needs root. Parameters are put back.\n"
	     "Exit status: 0 if all is ok, 1 if not, 2 if there is nothing to test with.");
}

static const struct base *find_base(const char *release)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bases); i++)
		if (!strcmp(bases[i].release, release))
			return &bases[i];

	usage_error("no base %s, there are " BASE_NAMES ": see --base", release);
}

static const struct base *running_base(void)
{
	unsigned int major, minor;
	struct utsname uts;
	char release[32];

	if (uname(&uts) || sscanf(uts.release, "%u.%u", &major, &minor) != 2)
		usage_error("uname gives no release that could be understood");

	snprintf(release, sizeof(release), "%u.%u", major, minor);
	return find_base(release);
}

static unsigned int parse_number(const char *option, const char *arg, unsigned int max)
{
	char *end;
	unsigned long n = strtoul(arg, &end, 10);

	if (!*arg || *end || n > max)
		usage_error("--%s=%s: must be 0 to %u", option, arg, max);

	return n;
}

static __u32 parse_psci(const char *arg)
{
	unsigned int i;

	for (i = 0; i < base->nr_psci; i++)
		if (!strcmp(arg, psci_string(base->psci[i])))
			return base->psci[i];

	usage_error("--expect-psci=%s: base %s has no such version", arg, base->release);
}

enum option_value {
	OPT_BASE = 1,
	OPT_ONLY,
	OPT_RACES,
	OPT_LIST,
	OPT_CEILING,
	OPT_PSCI,
	OPT_HELP,
};

static const struct option options[] = {
	{ "base",		required_argument,	NULL, OPT_BASE },
	{ "only",		required_argument,	NULL, OPT_ONLY },
	{ "races",		required_argument,	NULL, OPT_RACES },
	{ "list",		no_argument,		NULL, OPT_LIST },
	{ "expect-ceiling",	required_argument,	NULL, OPT_CEILING },
	{ "expect-psci",	required_argument,	NULL, OPT_PSCI },
	{ "help",		no_argument,		NULL, OPT_HELP },
	{}
};

static void parse_options(int argc, char **argv)
{
	const char *ceiling = NULL, *psci = NULL;
	int opt;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (opt) {
		case OPT_BASE:
			base = find_base(optarg);
			break;
		case OPT_ONLY:
			only = optarg;
			break;
		case OPT_RACES:
			nr_races = parse_number("races", optarg, 100000);
			break;
		case OPT_LIST:
			list_only = true;
			break;
		case OPT_CEILING:
			ceiling = optarg;
			break;
		case OPT_PSCI:
			psci = optarg;
			break;
		case OPT_HELP:
			print_help();
			exit(0);
		default:
			exit(2);
		}
	}
	if (optind != argc)
		usage_error("unexpected argument '%s'", argv[optind]);

	/* What these may be depends on the base. */
	if (!base)
		base = running_base();
	boot_ceiling = ceiling;
	boot_psci = psci;
	if (ceiling)
		expected_ceiling = parse_number("expect-ceiling", ceiling, base->known);
	if (psci)
		expected_psci = parse_psci(psci);
}

/* What no test could do without */
static void check_environment(void)
{
	int version, vm;

	kvm_fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (kvm_fd < 0)
		usage_error("/dev/kvm: %s", strerror(errno));

	version = ioctl(kvm_fd, KVM_GET_API_VERSION, 0);
	if (version != KVM_API_VERSION)
		usage_error("KVM_GET_API_VERSION: expected %d, got %d", KVM_API_VERSION,
			    version);

	vm = ioctl(kvm_fd, KVM_CREATE_VM, 0);
	if (vm < 0)
		usage_error("KVM_CREATE_VM: %s", strerror(errno));
	close(vm);

	if (access("/sys/module", X_OK))
		usage_error("/sys/module: %s", strerror(errno));
}

int main(int argc, char **argv)
{
	struct progress p;

	parse_options(argc, argv);
	if (!walk_selected(COUNT).number)
		usage_error("no test has '%s' in its description", only);
	if (list_only) {
		walk_selected(LIST);
		return 0;
	}

	check_environment();
	params_save();
	signal(SIGINT, handle_signal);
	signal(SIGTERM, handle_signal);

	printf("TAP version 13\n1..%u\n", walk_selected(COUNT).number);
	printf("# base %s: %u bitmap registers, PSCI up to %s\n", base->release, base->known,
	       psci_string(psci_latest()));
	p = walk_selected(RUN);
	printf("# %u of %u not ok\n", p.failed, p.number);
	return p.failed ? 1 : 0;
}
