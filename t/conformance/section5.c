// SPDX-License-Identifier: BSD-3-Clause
/* Section 5 of the contract: the limit of a VM, KVM_ENABLE_CAP */
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "test.h"

/* @n is how many bitmap registers the VM keeps. */

static void test_limit(unsigned int n)
{
	struct vm *vm = new_empty_vm();

	expect_count(vm->fd, base->known, "a VM without vCPUs");
	expect_limit(vm, n, 0);
	expect_count(vm->fd, n, "a VM without vCPUs");
	add_vcpu(vm);
	add_vcpu(vm);
	expect_has(vm, n);
	expect_reset_values(&vm->vcpu[1], 0, n);
	guest_run(&vm->vcpu[1]);
	expect_has(vm, n);
	expect_guest_agrees(vm, HVC);
}

/* The count never goes up. Setting the present count always succeeds. */
static void test_limit_goes_down(void)
{
	struct vm *vm = new_empty_vm();
	unsigned int n = base->known, more;

	do {
		expect_limit(vm, n, 0);
		expect_limit(vm, n, 0);
		for (more = n + 1; more <= base->known + 1; more++)
			expect_limit(vm, more, EINVAL);
		expect_count(vm->fd, n, "the VM");
	} while (n--);

	add_vcpu(vm);
	expect_has(vm, 0);
	expect_guest_agrees(vm, HVC);
}

static void expect_bad_n_refused(const struct vm *vm, unsigned int count)
{
	const uint64_t bad[] = {
		count + 1, base->known + 1, base->known + 2, 63, 64, 0xffff, BIT(31), BIT(32),
		BIT(32) | 1, BIT(63), ~0ULL
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		expect_limit(vm, bad[i], EINVAL);
	expect_count(vm->fd, count, "the VM after calls that failed");
}

static void expect_bad_cap_refused(const struct vm *vm, struct kvm_enable_cap *cap)
{
	expect_err(-vm_ioctl(vm->fd, KVM_ENABLE_CAP, cap), EINVAL,
		   "KVM_ENABLE_CAP with flags 0x%x and arguments %llu %llu %llu %llu",
		   cap->flags, cap->args[0], cap->args[1], cap->args[2], cap->args[3]);
}

static void expect_bad_args_refused(const struct vm *vm, unsigned int n)
{
	const struct kvm_enable_cap good = {
		.cap	= KVM_CAP_ARM_HVC_FW_REG_BMAP,
		.args	= { n },
	};
	int count = kvm_count(vm->fd);
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

/* Bad arguments are refused with any n, also with one that would change nothing. */
static void expect_einval(const struct vm *vm, unsigned int count)
{
	expect_bad_n_refused(vm, count);
	expect_bad_args_refused(vm, 0);
	expect_bad_args_refused(vm, count);
	expect_bad_args_refused(vm, base->known);
}

static void test_limit_einval(unsigned int n)
{
	struct vm *vm = new_empty_vm();

	limit(vm, n);
	expect_einval(vm, n);
	create_vcpu(vm);
	expect_einval(vm, n);
	add_vcpu(vm);
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
	struct vm *vm = new_empty_vm();

	limit(vm, n);
	create_vcpu(vm);
	expect_limit_frozen(vm, n);
	add_vcpu(vm);
	set_other_values(&vm->vcpu[0], n);
	expect_limit_frozen(vm, n);
	guest_run(&vm->vcpu[0]);
	expect_limit_frozen(vm, n);
	expect_has(vm, n);
	expect_other_values(&vm->vcpu[0], n);
	expect_guest_agrees(vm, HVC);

	/* A vCPU outlives its file descriptor. */
	close(vm->vcpu[0].fd);
	expect_limit_frozen(vm, n);
}

static void test_limit_failed_create(void)
{
	struct vm *vm = new_empty_vm();

	if (vcpu_new(vm->fd, 1 << 20) != -EINVAL)
		die("KVM_CREATE_VCPU with an id that is too large: expected EINVAL");
	expect_limit(vm, 0, 0);
	add_vcpu(vm);
	expect_has(vm, 0);
}

/* The errors of accesses to a register, for each size in its id */
#define NR_ACCESSES	5
#define NR_SIZES	16

struct access_errors {
	int	err[NR_SIZES][NR_ACCESSES];
};

static void try_accesses(const struct vcpu *vcpu, uint64_t id, struct access_errors *e)
{
	uint64_t size, room[4096] = {}, sized;
	static uint64_t ones[4096];

	memset(ones, 0xff, sizeof(ones));
	for (size = 0; size < NR_SIZES; size++) {
		sized = (id & ~KVM_REG_SIZE_MASK) | size << KVM_REG_SIZE_SHIFT;
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
	const struct vm *vm = new_limited_vm(n, 1);

	expect_like_unknown(&vm->vcpu[0], n);
	guest_run(&vm->vcpu[0]);
	expect_like_unknown(&vm->vcpu[0], n);
}

struct fw_state {
	unsigned int	nr;
	uint64_t	id[NR_LEVEL + NR_BMAP];
	uint64_t	val[NR_LEVEL + NR_BMAP];
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
	const struct vm *source = new_limited_vm(n, 1), *same = new_limited_vm(n, 1);
	const struct vm *full = new_vm(1), *less;
	struct fw_state state;

	set_other_values(&source->vcpu[0], n);
	guest_run(&source->vcpu[0]);
	fw_save(&source->vcpu[0], &state);
	expect_val(state.nr, NR_LEVEL + n, "number of registers saved");

	fw_restore(&same->vcpu[0], &state);
	expect_has(same, n);
	expect_guest_agrees(same, HVC);

	/* A VM with more registers keeps its own values for the rest. */
	fw_restore(&full->vcpu[0], &state);
	expect_reset_values(&full->vcpu[0], n, base->known);
	expect_guest_agrees(full, HVC);

	/* Only the register that the target lacks is refused. */
	if (!n)
		return;
	less = new_limited_vm(n - 1, 1);
	expect_set(&less->vcpu[0], BMAP_ID(n - 1), state.val[state.nr - 1], ENOENT);
	state.nr--;
	fw_restore(&less->vcpu[0], &state);
}

/* The list is that of a VM with all registers, without those that this VM lacks. */
static void test_list_follows(unsigned int n)
{
	const struct vm *vm = new_limited_vm(n, 1), *full = new_vm(1);
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

/* Races of KVM_ENABLE_CAP, which end when a vCPU exists */

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
	l->err = -vm_limit(l->vm->fd, l->n);
	if (!l->err && kvm_count(l->vm->fd) > (int)l->n)
		fail("the count is larger than a limit that was set");
	return NULL;
}

static void limiter_start(struct limiter *l, const struct vm *vm, unsigned int n,
			  pthread_barrier_t *start)
{
	*l = (struct limiter) { .vm = vm, .n = n, .start = start };
	thread_start(&l->thread, limiter_main, l);
}

/* Either the limit or the vCPU comes first, and all readers see the same outcome. */
static void create_while_limited(void)
{
	struct vm *vm = new_empty_vm();
	pthread_barrier_t start;
	struct limiter l;
	int count;

	pthread_barrier_init(&start, NULL, 2);
	limiter_start(&l, vm, 0, &start);
	pthread_barrier_wait(&start);
	add_vcpu(vm);
	count = kvm_count(vm->fd);
	expect_list(&vm->vcpu[0], count);
	pthread_join(l.thread, NULL);
	if (l.err != EBUSY)
		expect_err(l.err, 0, "KVM_ENABLE_CAP in a race with KVM_CREATE_VCPU");
	expect_val(count, l.err ? base->known : 0, "the count once there is a vCPU");
	expect_has(vm, count);
	free_vm(vm);
}

static void limit_from_threads(void)
{
	struct vm *vm = new_empty_vm();
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
	add_vcpu(vm);
	expect_has(vm, 0);
	free_vm(vm);
}

/* KVM_CHECK_EXTENSION sees the count go from @known to 0, and nothing else. */
static void count_while_limited(void)
{
	struct vm *vm = new_empty_vm();
	int count, last = base->known;
	pthread_barrier_t start;
	struct limiter l;

	pthread_barrier_init(&start, NULL, 2);
	limiter_start(&l, vm, 0, &start);
	pthread_barrier_wait(&start);
	while (last) {
		count = kvm_count(vm->fd);
		if (count != last && count)
			die("the count is %d, after %d", count, last);
		last = count;
	}
	pthread_join(l.thread, NULL);
	expect_err(l.err, 0, "KVM_ENABLE_CAP in a race");
	expect_count(vm->fd, 0, "the VM");
	free_vm(vm);
}

static void repeat(void (*race)(void))
{
	unsigned int i;

	for (i = 0; i < 5 * nr_races; i++)
		race();
}

static void test_race_limit_create(void)
{
	repeat(create_while_limited);
}

static void test_race_limit_limit(void)
{
	repeat(limit_from_threads);
}

static void test_race_limit_count(void)
{
	repeat(count_while_limited);
}

const struct test section5_tests[] = {
	RULES("the VM keeps the first n registers", PER_COUNT, test_limit),
	RULE("the count goes down only", test_limit_goes_down),
	RULES("n above the count, flags or args[1..3] not zero: EINVAL, at any time", PER_COUNT,
	      test_limit_einval),
	RULES("once there is a vCPU: EBUSY, unless n is the count", PER_COUNT, test_limit_ebusy),
	RULE("KVM_CREATE_VCPU that fails does not count", test_limit_failed_create),
	RULES("the list is as long as the count says", PER_COUNT, test_list_follows),
	RULES("a hidden register is like one that KVM does not know", PER_BITMAP,
	      test_hidden_like_unknown),
	RULES("a saved list restores where the count is no lower", PER_COUNT, test_save_restore),
	RULE("KVM_ENABLE_CAP that races with KVM_CREATE_VCPU", test_race_limit_create),
	RULE("KVM_ENABLE_CAP that races with KVM_ENABLE_CAP", test_race_limit_limit),
	RULE("KVM_ENABLE_CAP that races with KVM_CHECK_EXTENSION", test_race_limit_count),
	{}
};
