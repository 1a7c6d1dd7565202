// SPDX-License-Identifier: BSD-3-Clause
/* The stubs, each named by the function of the kernel that it stands for */
#include "machine.h"

#include <kvm/arm_hypercalls.h>
#include <kvm/arm_psci.h>

struct machine machine;
struct kvm vm;
static struct kvm_run run;
struct kvm_vcpu vcpu = { .kvm = &vm, .run = &run };

/* User memory: where a value is, a list, or a filter */
static u64 user_word, user_list[MAX_LIST];
static unsigned int user_list_room;

/* What may be written now: the value, by GET, and a list of the announced length */
static bool word_is_writable;

/* The registers when the lock was last released */
static struct kvm_smccc_features at_unlock;
static bool was_locked;
static struct kvm_smccc_filter user_filter;

const char shim_zero_page[64];

/*
 * Locks. There is one thread, so a lock only records whether it is held. Taking it twice, or
 * releasing it if it is not held, is an error.
 */

void mutex_lock(struct mutex *lock)
{
	shim_assert(!lock->held);
	lock->held = true;
	was_locked = true;
	others_had_the_lock();
}

void mutex_unlock(struct mutex *lock)
{
	shim_assert(lock->held);
	lock->held = false;
	at_unlock = vm.arch.smccc_feat;
}

/* A VM's flags may be read with the lock only, its bitmaps without */
bool test_bit(unsigned int nr, const unsigned long *addr)
{
	shim_assert(addr != &vm.arch.flags || shim_run_lock.held);
	return *addr >> nr & 1;
}

bool machine_same_features(const struct kvm_smccc_features *a, const struct kvm_smccc_features *b)
{
	for (unsigned int n = 0; n < CONTRACT_BMAPS; n++)
		if (machine_bmap(a, n) != machine_bmap(b, n))
			return false;
	return a->nr_bmaps == b->nr_bmaps;
}

/*
 * Around a call of userspace: it has to release its locks, and may change the registers only
 * while it holds one.
 */
static struct kvm_smccc_features begin_call(void)
{
	was_locked = false;
	return vm.arch.smccc_feat;
}

static void end_call(const struct kvm_smccc_features *before)
{
	shim_assert(!vm.lock.held && !vm.arch.config_lock.held);
	shim_assert(machine_same_features(&vm.arch.smccc_feat, was_locked ? &at_unlock : before));
}

/*
 * User memory. The machine has a place for a value and one for a list. KVM may access nothing
 * else.
 */

size_t copy_from_user(void *to, const void *uaddr, size_t size)
{
	bool is_word = uaddr == &user_word;

	shim_assert(is_word ? size == sizeof(user_word) :
		    uaddr == &user_filter && size == sizeof(user_filter));
	if (!machine.can_read)
		return size;
	if (is_word)
		*(u64 *)to = user_word;
	else
		*(struct kvm_smccc_filter *)to = user_filter;
	return 0;
}

/* hypercalls.c uses it for a value only */
size_t copy_to_user(void *uaddr, const void *from, size_t size)
{
	shim_assert(uaddr == &user_word && size == sizeof(user_word) && word_is_writable);
	if (!machine.can_write)
		return size;
	user_word = *(const u64 *)from;
	return 0;
}

/* hypercalls.c uses it for a list only */
int shim_put_user(u64 val, u64 *uaddr)
{
	if (!machine.is_user_address)
		return -EFAULT;
	shim_assert(uaddr >= user_list && uaddr < user_list + user_list_room);
	if (uaddr - user_list >= machine.list_writable)
		return -EFAULT;
	user_list[uaddr - user_list] = val;
	return 0;
}

/* The SMCCC filter: a map of which the machine records one arbitrary id */

void mt_init(struct maple_tree *tree)
{
	tree->configured = false;
	machine.filter_has_id = false;
}

bool mtree_empty(const struct maple_tree *tree)
{
	return !tree->configured;
}

int mtree_insert_range(struct maple_tree *tree, unsigned long first, unsigned long last,
		       void *entry, int gfp)
{
	bool about_it = machine.filter_id >= first && machine.filter_id <= last;

	shim_assert(vm.arch.config_lock.held);
	if (about_it && machine.filter_has_id)
		return -EEXIST;
	/* No memory, or a part of the range without that id is taken */
	if (nondet_bool())
		return nondet_bool() ? -ENOMEM : -EEXIST;
	tree->configured = true;
	if (about_it) {
		machine.filter_has_id = true;
		machine.filter_action = xa_to_value(entry);
	}
	return 0;
}

void *mt_find(struct maple_tree *tree, unsigned long *index, unsigned long max)
{
	shim_assert(*index == machine.filter_id && max == *index);
	return machine.filter_has_id ? xa_mk_value((unsigned long)machine.filter_action) : NULL;
}

void mtree_destroy(struct maple_tree *tree)
{
	mt_init(tree);
}

/* The host */

enum mitigation_state arm64_get_spectre_v2_state(void)
{
	return machine.v2;
}

enum mitigation_state arm64_get_spectre_v4_state(void)
{
	return machine.v4;
}

enum mitigation_state arm64_get_spectre_bhb_state(void)
{
	return machine.bhb;
}

bool shim_has_ssbs(void)
{
	return machine.ssbs;
}

bool shim_is_protected(void)
{
	return machine.is_protected;
}

void ktime_get_snapshot(struct system_time_snapshot *snapshot)
{
	machine.served = SERVED_PTP;
	*snapshot = machine.snapshot;
}

/* Services of other files: the stubs record that they were called */

static int serve(struct kvm_vcpu *vcpu, enum served by)
{
	machine.served = by;
	smccc_set_retval(vcpu, 0, 0, 0, 0);
	return 1;
}

int kvm_psci_call(struct kvm_vcpu *vcpu)
{
	return serve(vcpu, SERVED_PSCI);
}

int kvm_trng_call(struct kvm_vcpu *vcpu)
{
	return serve(vcpu, SERVED_TRNG);
}

long kvm_hypercall_pv_features(struct kvm_vcpu *vcpu)
{
	machine.served = SERVED_PV_TIME_FEATURES;
	return 0;
}

gpa_t kvm_init_stolen_time(struct kvm_vcpu *vcpu)
{
	machine.served = SERVED_PV_TIME_ST;
	return machine.stolen_time;
}

u64 kvm_vcpu_get_esr(const struct kvm_vcpu *vcpu)
{
	return machine.esr;
}

bool kvm_vcpu_trap_il_is32bit(const struct kvm_vcpu *vcpu)
{
	return machine.esr >> 25 & 1;
}

/* Strings of parameters */

int kstrtouint(const char *s, unsigned int base, unsigned int *res)
{
	if (!machine.is_number)
		return nondet_bool() ? -ERANGE : -EINVAL;
	*res = machine.number;
	return 0;
}

int param_get_uint(char *buf, const struct kernel_param *kp)
{
	return 0;
}

/* hypercalls.c uses it for a PSCI version only, "%s\n" */
int sprintf(char *buf, const char *format, ...)
{
	__builtin_va_list args;
	const char *s;
	int len = 0;

	__builtin_va_start(args, format);
	s = __builtin_va_arg(args, const char *);
	__builtin_va_end(args);

	while (s[len]) {
		buf[len] = s[len];
		len++;
	}
	buf[len++] = '\n';
	buf[len] = '\0';
	return len;
}

/* lib/string_helpers.c: ignores a newline at the end of either */
static bool sysfs_streq(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	if (*a == *b)
		return true;
	if (!*a && *b == '\n' && !b[1])
		return true;
	return *a == '\n' && !a[1] && !*b;
}

int __sysfs_match_string(const char *const *array, size_t n, const char *s)
{
	for (size_t i = 0; i < n; i++)
		if (sysfs_streq(array[i], s))
			return i;
	return -EINVAL;
}

/* The calls */

struct model_host machine_host(void)
{
	/* The levels in the terms of the contract, from the state of each mitigation */
	static const uint64_t level[] = {
		[SPECTRE_UNAFFECTED] = 2,
		[SPECTRE_MITIGATED] = 1,
		[SPECTRE_VULNERABLE] = 0,
	};
	bool wa2 = machine.v4 == SPECTRE_UNAFFECTED ||
		   (machine.v4 == SPECTRE_MITIGATED && !machine.ssbs);

	return (struct model_host){
		.known = CONTRACT_BMAPS,
		.psci_latest = CONTRACT_PSCI,
		.wa = { 0, level[machine.v2], wa2 ? 3 : 0, level[machine.bhb] },
	};
}

void machine_new_vm(void)
{
	vm = (struct kvm){};
	kvm_arm_init_hypercalls(&vm);
}

void machine_new_vcpu(bool psci_0_2)
{
	vm.created_vcpus++;
	vcpu.arch.features[0] = (unsigned long)psci_0_2 << KVM_ARM_VCPU_PSCI_0_2;
}

void machine_destroy_vm(void)
{
#ifdef SHIM_FILTER
	kvm_arm_teardown_hypercalls(&vm);
#endif
}

/* As guest.c dispatches an id */
static bool is_bmap(uint64_t id)
{
	return (id & KVM_REG_ARM_COPROC_MASK) == KVM_REG_ARM_FW_FEAT_BMAP;
}

#ifndef SHIM_BMAP_CALLS
#define kvm_arm_get_fw_reg_bmap		kvm_arm_get_fw_reg
#define kvm_arm_set_fw_reg_bmap		kvm_arm_set_fw_reg
#endif

int machine_set(uint64_t id, uint64_t val)
{
	struct kvm_one_reg reg = { .id = id, .addr = (uint64_t)&user_word };
	struct kvm_smccc_features before = begin_call();
	int ret;

	user_word = val;
	ret = is_bmap(id) ? kvm_arm_set_fw_reg_bmap(&vcpu, &reg) : kvm_arm_set_fw_reg(&vcpu, &reg);
	end_call(&before);
	return ret;
}

int machine_get(uint64_t id, uint64_t *val)
{
	struct kvm_one_reg reg = { .id = id, .addr = (uint64_t)&user_word };
	struct kvm_smccc_features before = begin_call();
	int ret;

	word_is_writable = true;
	ret = is_bmap(id) ? kvm_arm_get_fw_reg_bmap(&vcpu, &reg) : kvm_arm_get_fw_reg(&vcpu, &reg);
	word_is_writable = false;
	end_call(&before);
	*val = user_word;
	return ret;
}

int machine_enable_cap(const uint64_t args[4])
{
	struct kvm_enable_cap cap = { .args = { args[0], args[1], args[2], args[3] } };
	struct kvm_smccc_features before = begin_call();
	int ret;

	mutex_lock(&vm.lock);
	ret = kvm_arm_limit_fw_bmaps(&vm, &cap);
	mutex_unlock(&vm.lock);
	end_call(&before);
	return ret;
}

unsigned int machine_check(void)
{
	return kvm_arm_nr_fw_bmaps(&vm);
}

unsigned int machine_ceiling(void)
{
	return kvm_arm_nr_fw_bmaps(NULL);
}

int machine_list(uint64_t *ids, unsigned int *nr)
{
	struct kvm_smccc_features before = begin_call();
	int ret;

	*nr = kvm_arm_get_fw_num_regs(&vcpu);
	shim_assert(*nr <= MAX_LIST);
	/* KVM has announced this many registers, and may not write more */
	user_list_room = *nr;
	ret = kvm_arm_copy_fw_reg_indices(&vcpu, user_list);
	end_call(&before);
	for (unsigned int i = 0; i < *nr; i++)
		ids[i] = user_list[i];
	return ret;
}

void machine_run(void)
{
	mutex_lock(&shim_run_lock);
	vm.arch.flags = BIT(KVM_ARCH_FLAG_HAS_RAN_ONCE);
	mutex_unlock(&shim_run_lock);
}

int machine_hvc(uint64_t x0, uint64_t x1)
{
	vcpu.x[0] = x0;
	vcpu.x[1] = x1;
	machine.served = SERVED_BY_NO_STUB;
	return SHIM_CALL_HANDLER(&vcpu);
}

#ifdef SHIM_FILTER
int machine_set_filter(const struct kvm_smccc_filter *filter)
{
	struct kvm_device_attr attr = {
		.attr = KVM_ARM_VM_SMCCC_FILTER,
		.addr = (uint64_t)&user_filter,
	};
	struct kvm_smccc_features before = begin_call();
	int ret;

	user_filter = *filter;
	ret = kvm_vm_smccc_set_attr(&vm, &attr);
	end_call(&before);
	return ret;
}
#else
/* arch/arm64/kvm/arm.c: a VM has no such attribute */
int machine_set_filter(const struct kvm_smccc_filter *filter)
{
	return -ENXIO;
}
#endif

int machine_set_bmaps_param(bool is_number, unsigned int number)
{
	machine.is_number = is_number;
	machine.number = number;
	return shim_fw_bmap_regs_ops->set("", &shim_fw_bmap_regs_param);
}

int machine_set_psci_param(const char *val)
{
	return shim_psci_version_ops->set(val, &shim_psci_version_param);
}

int machine_set_psci_version_param(uint64_t version)
{
	char val[] = { '0' + (version >> 16), '.', '0' + (version & 0xffff), '\0' };

	return machine_set_psci_param(val);
}

int machine_get_psci_param(char *buf)
{
	return shim_psci_version_ops->get(buf, &shim_psci_version_param);
}
