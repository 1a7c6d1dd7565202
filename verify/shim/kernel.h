/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The part of the kernel with which arch/arm64/kvm/hypercalls.c can be compiled, unmodified, in
 * user space. Include this header before all others: it defines the include guards of the
 * kernel's big headers, so that they are empty, and declares what hypercalls.c needs of them.
 * Small headers with facts are the base's own: the UAPI, arm-smccc.h, kvm/arm_hypercalls.h,
 * kvm/arm_psci.h, and, through extracted.h, the firmware registers in asm/kvm_host.h.
 *
 * docs/verification.md lists what macros and stubs do instead of the kernel's.
 */
#ifndef SHIM_KERNEL_H
#define SHIM_KERNEL_H

#define __KERNEL__

/* linux/types.h and asm/types.h */
#define _LINUX_TYPES_H
#define _UAPI_LINUX_TYPES_H

typedef unsigned char		__u8, u8;
typedef unsigned short		__u16, u16;
typedef unsigned int		__u32, u32;
typedef unsigned long long	__u64, u64;
typedef signed char		__s8, s8;
typedef short			__s16, s16;
typedef int			__s32, s32;
typedef long long		__s64, s64;
typedef unsigned __int128	__u128;
typedef __u64			__le64, gpa_t, phys_addr_t;
typedef __u32			__le32;
typedef __u16			__le16;
typedef __SIZE_TYPE__		size_t;
typedef _Bool			bool;
typedef __u64			__attribute__((aligned(8))) __aligned_u64;

enum { false, true };

#define NULL			((void *)0)
#define __bitwise

/* linux/compiler.h and what it brings */
#define __LINUX_COMPILER_H
#define __LINUX_COMPILER_TYPES_H
#define __LINUX_COMPILER_ATTRIBUTES_H

#define __user
#define __force
#define __must_check
#define noinline		__attribute__((noinline))
#define __always_inline		inline __attribute__((always_inline))
#define __attribute_const__	__attribute__((const))
#define fallthrough		__attribute__((fallthrough))
#define likely(x)		__builtin_expect(!!(x), 1)
#define unlikely(x)		__builtin_expect(!!(x), 0)
#define READ_ONCE(x)		(*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, val)	(*(volatile __typeof__(x) *)&(x) = (val))

/* Headers of which only the declarations below are used */
#define _LINUX_BUILD_BUG_H
#define _LINUX_INIT_H
#define _LINUX_IOCTL_H
#define _LINUX_LINKAGE_H
#define _LINUX_STRING_H_
#define _UAPI_LINUX_STRING_H_
#define _LINUX_KSTRTOX_H
#define _LINUX_MODULE_PARAMS_H
#define __KVM_HOST_H
#define __KVM_TYPES_H__
#define __ARM64_KVM_HOST_H__
#define __ARM64_KVM_EMULATE_H__

#define __init
#define asmlinkage
#define KVM_STATS_NAME_SIZE	48

/* linux/bits.h, linux/bitops.h, linux/kernel.h */
#define BITS_PER_LONG		64
#define BIT(nr)			(1UL << (nr))
#define GENMASK(h, l)		((~0UL << (l)) & (~0UL >> (BITS_PER_LONG - 1 - (h))))
#define GENMASK_ULL(h, l)	GENMASK(h, l)
#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))
#define upper_32_bits(n)	((u32)((n) >> 32))
#define lower_32_bits(n)	((u32)(n))
#define static_assert(expr, ...)	_Static_assert(expr, #expr)

int sprintf(char *buf, const char *format, ...);
void *memcpy(void *to, const void *from, size_t size);
int memcmp(const void *a, const void *b, size_t size);

/* Errors, asm-generic/errno-base.h */
#define ENOENT			2
#define ENXIO			6
#define ENOMEM			12
#define EFAULT			14
#define EBUSY			16
#define EEXIST			17
#define EINVAL			22
#define ERANGE			34

/* A warning is a failure */
#define WARN_ON_ONCE(cond)	({ bool __cond = (cond); shim_assert(!__cond); __cond; })
#define WARN_RATELIMIT(cond, ...)	WARN_ON_ONCE(cond)

#include "extracted.h"

/* linux/mutex.h: see machine.c */
struct mutex {
	bool	held;
};

void mutex_lock(struct mutex *lock);
void mutex_unlock(struct mutex *lock);

#define lockdep_assert_held(lock)	shim_assert((lock)->held)

/* linux/maple_tree.h: one range with an action, and one more, see machine.c */
struct maple_tree {
	bool	configured;
};

#define GFP_KERNEL_ACCOUNT	0
#define xa_mk_value(val)	((void *)((val) << 1 | 1UL))
#define xa_to_value(entry)	((unsigned long)(entry) >> 1)

void mt_init(struct maple_tree *tree);
bool mtree_empty(const struct maple_tree *tree);
int mtree_insert_range(struct maple_tree *tree, unsigned long first, unsigned long last,
		       void *entry, int gfp);
void *mt_find(struct maple_tree *tree, unsigned long *index, unsigned long max);
void mtree_destroy(struct maple_tree *tree);

/* linux/timekeeping.h */
#define CSID_ARM_ARCH_COUNTER	1

struct system_time_snapshot {
	u64	cycles;
	union {
		s64	real;
		s64	systime;	/* in later kernels, of the clock that is asked for */
	};
	int	cs_id;
};

#define CLOCK_REALTIME		0

void ktime_get_snapshot(struct system_time_snapshot *snapshot);
#define ktime_get_snapshot_id(clock, snapshot)					\
({										\
	shim_assert((clock) == CLOCK_REALTIME);					\
	ktime_get_snapshot(snapshot);						\
})

/* linux/moduleparam.h: the operations of a parameter can be found by its name */
struct kernel_param {
	void	*arg;
};

struct kernel_param_ops {
	int	(*set)(const char *val, const struct kernel_param *kp);
	int	(*get)(char *buf, const struct kernel_param *kp);
};

#define __read_mostly
/* The kernel's build computes this with the compiler */
#define BUILD_BUG_ON(cond)	((void)(cond))

#define module_param_cb(name, ops, arg, perm)					\
	const struct kernel_param_ops *const shim_##name##_ops = ops;		\
	const struct kernel_param shim_##name##_param = { arg }

extern const struct kernel_param_ops *const shim_fw_bmap_regs_ops, *const shim_psci_version_ops;
extern const struct kernel_param shim_fw_bmap_regs_param, shim_psci_version_param;

int param_get_uint(char *buf, const struct kernel_param *kp);
int kstrtouint(const char *s, unsigned int base, unsigned int *res);
int __sysfs_match_string(const char *const *array, size_t n, const char *s);
#define sysfs_match_string(array, s)	__sysfs_match_string(array, ARRAY_SIZE(array), s)

/* Not the UAPI's, which is found first */
#include <../include/linux/uuid.h>

#include <uapi/linux/kvm.h>
#include <uapi/linux/psci.h>

/* The kernel is built with -fno-strict-overflow, and a UUID is put together with shifts */
#ifdef __CPROVER__
#pragma CPROVER check push
#pragma CPROVER check disable "signed-overflow"
#endif
#include <linux/arm-smccc.h>
#ifdef __CPROVER__
#pragma CPROVER check pop
#endif

/* A base without an SMCCC filter: these are only names */
#ifndef SHIM_FILTER
enum kvm_smccc_filter_action {
	KVM_SMCCC_FILTER_HANDLE,
	KVM_SMCCC_FILTER_DENY,
	KVM_SMCCC_FILTER_FWD_TO_USER,
	NR_SMCCC_FILTER_ACTIONS
};

struct kvm_smccc_filter {
	__u32 base;
	__u32 nr_functions;
	__u8 action;
	__u8 pad[15];
};
#endif

/* asm/kvm_host.h, linux/kvm_host.h */
struct kvm_arch {
	struct {
		u64	voffset;
		u64	poffset;
	} timer_data;
	u32				psci_version;
	u32				psci_version_max;
	struct mutex			config_lock;
	unsigned long			flags;
	struct kvm_smccc_features	smccc_feat;
	struct maple_tree		smccc_filter;
};

struct kvm {
	struct mutex	lock;
	int		created_vcpus;
	struct kvm_arch	arch;
};

struct kvm_vcpu {
	struct kvm	*kvm;
	struct kvm_run	*run;
	u64		x[4];
	struct {
		unsigned long	features[1];
	} arch;
};

#define INVALID_GPA		(~(gpa_t)0)
#define GPA_INVALID		INVALID_GPA	/* its name before */

/* asm/cputype.h */
#define MPIDR_HWID_BITMASK	0xff00ffffffUL
#define MPIDR_LEVEL_BITS	8

/* The only features of CPUs and vCPUs that hypercalls.c asks for */
#define kvm_has_feat(kvm, reg, field, value)	shim_has_ssbs()
#define cpus_have_final_cap(cap)		shim_has_ssbs()
#define cpus_have_const_cap(cap)		shim_has_ssbs()
#define vcpu_has_feature(vcpu, feature)		test_bit(feature, (vcpu)->arch.features)

bool shim_has_ssbs(void);

bool shim_is_protected(void);
#define kvm_vm_is_protected(kvm)		((void)(kvm), shim_is_protected())

/* The virtual counter's offset on older kernels, where the physical counter has none */
#define CNTVOFF_EL2				0
#define vcpu_read_sys_reg(vcpu, reg)		((void)(reg), (vcpu)->kvm->arch.timer_data.voffset)
#define __vcpu_sys_reg(vcpu, reg)		vcpu_read_sys_reg(vcpu, reg)

/* "Has run" may be read under the lock only, see machine.c */
#ifdef SHIM_CONFIG_LOCK
#define shim_run_lock		vm.arch.config_lock
#else
#define shim_run_lock		vm.lock
#endif

bool test_bit(unsigned int nr, const unsigned long *addr);

#define kvm_vm_has_ran_once(kvm)						\
	test_bit(KVM_ARCH_FLAG_HAS_RAN_ONCE, &(kvm)->arch.flags)

int kvm_trng_call(struct kvm_vcpu *vcpu);
long kvm_hypercall_pv_features(struct kvm_vcpu *vcpu);
gpa_t kvm_init_stolen_time(struct kvm_vcpu *vcpu);

/* asm/spectre.h */
enum mitigation_state {
	SPECTRE_UNAFFECTED,
	SPECTRE_MITIGATED,
	SPECTRE_VULNERABLE,
};

enum mitigation_state arm64_get_spectre_v2_state(void);
enum mitigation_state arm64_get_spectre_v4_state(void);
enum mitigation_state arm64_get_spectre_bhb_state(void);

/* asm/kvm_emulate.h */
#define ESR_ELx_EC(esr)		((esr) >> 26 & 0x3f)
#define ESR_ELx_EC_SMC32	0x13
#define ESR_ELx_EC_SMC64	0x17

u64 kvm_vcpu_get_esr(const struct kvm_vcpu *vcpu);
bool kvm_vcpu_trap_il_is32bit(const struct kvm_vcpu *vcpu);

static inline unsigned long vcpu_get_reg(const struct kvm_vcpu *vcpu, u8 num)
{
	return vcpu->x[num];
}

static inline void vcpu_set_reg(struct kvm_vcpu *vcpu, u8 num, unsigned long val)
{
	vcpu->x[num] = val;
}

/* linux/mm.h */
#define ZERO_PAGE(vaddr)	shim_zero_page
#define page_to_virt(page)	((void *)(page))

extern const char shim_zero_page[64];

/* linux/uaccess.h: accesses to the machine's user memory, see machine.c */
size_t copy_from_user(void *to, const void *uaddr, size_t size);
size_t copy_to_user(void *uaddr, const void *from, size_t size);
int shim_put_user(u64 val, u64 *uaddr);

#define put_user(x, uaddr)	shim_put_user(x, uaddr)

/* A broken rule, for a proof and for the fuzzer */
#ifdef __CPROVER__
#define shim_assert(cond)	__CPROVER_assert(cond, #cond)
#elif defined(SHIM_COVERAGE)
/* Coverage counts the kernel's branches only */
#define shim_assert(cond)	((void)(cond))
#else
void shim_failed(const char *what);
#define shim_assert(cond)	((cond) ? (void)0 : shim_failed(#cond))
#endif

#endif
