// SPDX-License-Identifier: BSD-3-Clause
/*
 * races [PATTERN]: when threads use the firmware of a VM at the same time, the results are those
 * of some order of their operations, wherever one thread preempts another. Prints TAP. With
 * PATTERN, as for grep -E, runs the races that match.
 *
 * In each race, the first thread makes a system call, and the others wake up in it and preempt
 * it. Under -icount shift=0 with one CPU, the instruction at which they do so can be chosen. The
 * program tries each: from before the first instruction of the system call until after its last,
 * or, in a long one, around the instruction that makes the difference. Another run has the same
 * results, see clock.h.
 *
 * A result is right if the reference model gives it for some order of the operations. The program
 * compares all that can be observed: what the ioctls returned, what the guest was served in its
 * first hypercalls and later, and count, list and registers before and after that.
 */
#include <inttypes.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "meet.h"
#include "vm.h"

#define NR(array)	(sizeof(array) / sizeof((array)[0]))

/* As a number of registers or a PSCI version: the greatest that the kernel has */
#define ALL		1000

/* Instructions to try before and after the one that makes the difference */
#define SOME_BEFORE	16
#define SOME_AFTER	80

/* Instructions before that one, but after all else that is done under the lock */
#define SHORTLY		8

/* More instructions than any system call here takes */
#define FAR		(1 << 20)

#define MAX_PREPARE	4
#define MAX_OTHERS	3
#define MAX_JOBS	(1 + MAX_WAKERS)
#define MAX_LOOKS	64

struct race {
	const char *name;
	struct op prepare[MAX_PREPARE];
	struct op first;
	struct op other[MAX_OTHERS];	/* RUN, VCPU: @n of them, a thread for each */
	bool whole;			/* try each instruction of the system call */
	bool both;			/* the first preempts the other in turn */
	bool commute;			/* the result does not depend on the order */
};

#define OFF(reg)	{ .kind = SET, .n = reg, .val = 0 }
#define ON(reg)		{ .kind = SET, .n = reg, .val = 1 }
#define LIMIT_TO(nr)	{ .kind = LIMIT, .n = nr }
#define CREATE_VM	{ .kind = CREATE }
#define CREATE_VCPU(nr)	{ .kind = VCPU, .n = nr }
#define FIRST_RUN(nr)	{ .kind = RUN, .n = nr }
#define BMAPS(nr)	{ .kind = PARAM_BMAPS, .n = nr }
#define PSCI(version)	{ .kind = PARAM_PSCI, .val = version }

static const struct race races[] = {
	/* SET against the first KVM_RUN */
	{ .name = "SET, TRNG off, preempted by the first KVM_RUN of 1 vCPU",
	  .first = OFF(0), .other = { FIRST_RUN(1) }, .whole = true },
	{ .name = "SET, TRNG on, preempted by the first KVM_RUN of 2 vCPUs",
	  .prepare = { OFF(0) }, .first = ON(0), .other = { FIRST_RUN(2) } },
	{ .name = "SET, PV_TIME off, preempted by the first KVM_RUN of 3 vCPUs",
	  .first = OFF(1), .other = { FIRST_RUN(3) } },
	{ .name = "SET, PV_TIME on, preempted by the first KVM_RUN of 4 vCPUs",
	  .prepare = { OFF(1) }, .first = ON(1), .other = { FIRST_RUN(4) } },
	{ .name = "SET, PTP off, preempted by the first KVM_RUN of 5 vCPUs",
	  .first = ON(2), .other = { FIRST_RUN(5) } },
	{ .name = "SET, FEATURES on, preempted by the first KVM_RUN of 6 vCPUs",
	  .prepare = { OFF(2) }, .first = ON(2), .other = { FIRST_RUN(6) } },
	{ .name = "SET, FEATURES and PTP off, preempted by the first KVM_RUN of 7 vCPUs",
	  .first = OFF(2), .other = { FIRST_RUN(7) } },
	{ .name = "SET, TRNG off, preempted by the first KVM_RUN of 8 vCPUs",
	  .first = OFF(0), .other = { FIRST_RUN(8) } },
	{ .name = "the first KVM_RUN, preempted by SET",
	  .first = FIRST_RUN(1), .other = { OFF(2) } },
	{ .name = "the first KVM_RUN, preempted by SET, which it preempts in turn",
	  .first = FIRST_RUN(1), .other = { OFF(2) }, .both = true },

	/* KVM_ENABLE_CAP against the first KVM_CREATE_VCPU */
	{ .name = "limit to 0, preempted by KVM_CREATE_VCPU",
	  .first = LIMIT_TO(0), .other = { CREATE_VCPU(1) }, .whole = true },
	{ .name = "limit to 2, preempted by 3 KVM_CREATE_VCPUs",
	  .first = LIMIT_TO(2), .other = { CREATE_VCPU(3) } },
	{ .name = "limit to 1, preempted by 8 KVM_CREATE_VCPUs",
	  .first = LIMIT_TO(1), .other = { CREATE_VCPU(8) } },
	{ .name = "limit to the count, preempted by KVM_CREATE_VCPU",
	  .first = LIMIT_TO(ALL), .other = { CREATE_VCPU(1) }, .whole = true, .commute = true },
	{ .name = "limit to 1, preempted by limit to 0 and KVM_CREATE_VCPU",
	  .first = LIMIT_TO(1), .other = { LIMIT_TO(0), CREATE_VCPU(1) } },
	{ .name = "KVM_CREATE_VCPU, preempted by limit to 0",
	  .first = CREATE_VCPU(1), .other = { LIMIT_TO(0) } },
	{ .name = "KVM_CREATE_VCPU, preempted by limit to 2, which it preempts in turn",
	  .first = CREATE_VCPU(1), .other = { LIMIT_TO(2) }, .both = true },

	/* KVM_ENABLE_CAP against KVM_CHECK_EXTENSION */
	{ .name = "limit to 0, preempted by KVM_CHECK_EXTENSION",
	  .first = LIMIT_TO(0), .other = { { .kind = COUNT } }, .whole = true },
	{ .name = "limit to 1, preempted by KVM_CHECK_EXTENSION",
	  .first = LIMIT_TO(1), .other = { { .kind = COUNT } }, .whole = true },
	{ .name = "KVM_CHECK_EXTENSION, preempted by limit to 2",
	  .first = { .kind = COUNT }, .other = { LIMIT_TO(2) }, .whole = true },

	/* KVM_ENABLE_CAP against KVM_ENABLE_CAP */
	{ .name = "limit to 1, preempted by limit to 0",
	  .first = LIMIT_TO(1), .other = { LIMIT_TO(0) }, .whole = true },
	{ .name = "limit to 0, preempted by limit to 1",
	  .first = LIMIT_TO(0), .other = { LIMIT_TO(1) } },
	{ .name = "limit to 2, preempted by limit to 1 and to 0",
	  .first = LIMIT_TO(2), .other = { LIMIT_TO(1), LIMIT_TO(0) } },
	{ .name = "limit to 2, preempted by limit to 1, which it preempts in turn",
	  .first = LIMIT_TO(2), .other = { LIMIT_TO(1) }, .both = true },

	/* SET against SET */
	{ .name = "SET, preempted by SET of the same register",
	  .first = OFF(2), .other = { ON(2) } },
	{ .name = "SET, preempted by SET of another register",
	  .first = OFF(0), .other = { OFF(1) }, .whole = true, .commute = true },
	{ .name = "SET, preempted by SET of the same register and the first KVM_RUN",
	  .first = OFF(2), .other = { ON(2), FIRST_RUN(1) } },
	{ .name = "SET, preempted by SET of another register and the first KVM_RUN",
	  .first = OFF(0), .other = { OFF(1), FIRST_RUN(1) } },

	/* Module parameters against KVM_CREATE_VM */
	{ .name = "KVM_CREATE_VM, preempted by a lower kvm.fw_bmap_regs",
	  .first = CREATE_VM, .other = { BMAPS(1) } },
	{ .name = "KVM_CREATE_VM, preempted by a higher kvm.fw_bmap_regs",
	  .prepare = { BMAPS(0) }, .first = CREATE_VM, .other = { BMAPS(ALL) } },
	{ .name = "a lower kvm.fw_bmap_regs, preempted by KVM_CREATE_VM",
	  .first = BMAPS(1), .other = { CREATE_VM } },
	{ .name = "a bad kvm.fw_bmap_regs, preempted by KVM_CREATE_VM",
	  .first = BMAPS(9), .other = { CREATE_VM }, .whole = true, .commute = true },
	{ .name = "KVM_CREATE_VM, preempted by a lower kvm.psci_version",
	  .first = CREATE_VM, .other = { PSCI(0x2) } },
	{ .name = "KVM_CREATE_VM, preempted by a higher kvm.psci_version",
	  .prepare = { PSCI(0x2) }, .first = CREATE_VM, .other = { PSCI(ALL) } },
	{ .name = "a lower kvm.psci_version, preempted by KVM_CREATE_VM",
	  .first = PSCI(0x2), .other = { CREATE_VM } },
	{ .name = "a bad kvm.psci_version, preempted by KVM_CREATE_VM",
	  .first = PSCI(0x3), .other = { CREATE_VM }, .whole = true, .commute = true },

	/* Module parameters against themselves */
	{ .name = "kvm.fw_bmap_regs of 1, preempted by one of 2",
	  .first = BMAPS(1), .other = { BMAPS(2) } },
	{ .name = "kvm.fw_bmap_regs of 1, preempted by a read",
	  .first = BMAPS(1), .other = { { .kind = READ_BMAPS } } },
	{ .name = "kvm.fw_bmap_regs of 1, preempted by KVM_CHECK_EXTENSION of /dev/kvm",
	  .first = BMAPS(1), .other = { { .kind = COUNT_ALL } } },
	{ .name = "a read of kvm.fw_bmap_regs, preempted by a write",
	  .first = { .kind = READ_BMAPS }, .other = { BMAPS(0) } },
	{ .name = "kvm.psci_version of 1.0, preempted by one of 0.2",
	  .first = PSCI(0x10000), .other = { PSCI(0x2) } },
	{ .name = "kvm.psci_version of 0.2, preempted by a read",
	  .first = PSCI(0x2), .other = { { .kind = READ_PSCI } } },
	{ .name = "a read of kvm.psci_version, preempted by a write",
	  .first = { .kind = READ_PSCI }, .other = { PSCI(0x2) } },
};

static struct world host;
static unsigned int test_nr, nr_failed;

static void result(bool good, const char *name)
{
	nr_failed += !good;
	printf("%sok %u - %s\n", good ? "" : "not ", ++test_nr, name);
	fflush(stdout);
}

/*
 * One try: what the threads did, and what could be observed afterwards
 */

struct job {
	struct vm *vm;
	struct op op;
	struct answer res;
};

struct look {
	struct op op;
	struct answer res;
};

struct outcome {
	const struct race *race;
	struct vm vm;
	unsigned int nr_vcpus, nr_jobs, nr_looks;
	struct job job[MAX_JOBS];	/* [0] is the first's */
	struct look look[MAX_LOOKS];
};

static void do_job(void *arg)
{
	struct job *job = arg;

	do_op(job->vm, &job->op, &job->res);
}

/* Replaces ALL, so that one table serves each kernel */
static struct op on_this_host(struct op op)
{
	if (op.n == ALL)
		op.n = host.host.known;
	if (op.val == ALL)
		op.val = host.host.psci_latest;
	return op;
}

static void add_job(struct outcome *out, struct op op, unsigned int vcpu)
{
	struct job *job = &out->job[out->nr_jobs++];

	job->vm = &out->vm;
	job->op = on_this_host(op);
	job->op.vcpu = vcpu;
}

/* Threads that run a vCPU, or create one */
static bool is_runner(enum kind kind)
{
	return kind == RUN || kind == VCPU;
}

/* Number of threads, and so of jobs */
static unsigned int how_many(const struct op *op)
{
	return is_runner(op->kind) ? op->n : op->kind != NOTHING;
}

static unsigned int nr_runners(const struct race *race)
{
	unsigned int nr = is_runner(race->first.kind), i;

	for (i = 0; i < MAX_OTHERS; i++)
		if (is_runner(race->other[i].kind))
			nr += race->other[i].n;
	return nr;
}

static unsigned int vcpu_for(enum kind kind, unsigned int *runner, unsigned int *setter)
{
	return is_runner(kind) ? (*runner)++ : kind == SET ? (*setter)++ : 0;
}

/*
 * The first vCPUs are for the threads that run them. Two ioctls of a vCPU wait for each other, so a
 * thread that sets a register has another vCPU.
 */
static void add_jobs(struct outcome *out)
{
	const struct race *race = out->race;
	unsigned int runner = 0, setter = nr_runners(race), i, j;

	add_job(out, race->first, vcpu_for(race->first.kind, &runner, &setter));
	for (i = 0; i < MAX_OTHERS; i++)
		for (j = 0; j < how_many(&race->other[i]); j++)
			add_job(out, race->other[i],
				vcpu_for(race->other[i].kind, &runner, &setter));
	out->nr_vcpus = setter ? setter : 1;
}

/* Only what the threads use is created before */
enum stage { HOST, VM, VCPUS };

static enum stage stage_of(enum kind kind)
{
	switch (kind) {
	case SET:
	case RUN:
		return VCPUS;
	case LIMIT:
	case COUNT:
	case VCPU:
		return VM;
	default:
		return HOST;
	}
}

static void prepare_op(struct outcome *out, struct op op)
{
	struct answer res;

	op = on_this_host(op);
	do_op(&out->vm, &op, &res);
	if (res.err)
		die_errno(-res.err, "%s: cannot prepare", out->race->name);
}

static void prepare(struct outcome *out)
{
	enum stage stage = stage_of(out->race->first.kind);
	unsigned int i;

	vm_reset(&out->vm);
	prepare_op(out, (struct op)BMAPS(ALL));
	prepare_op(out, (struct op)PSCI(ALL));
	if (stage >= VM)
		prepare_op(out, (struct op)CREATE_VM);
	if (stage >= VCPUS) {
		for (i = 0; i < out->nr_vcpus; i++)
			prepare_op(out, (struct op){ .kind = VCPU, .vcpu = i });
		init_vcpus(&out->vm);
	}
	for (i = 0; i < MAX_PREPARE; i++)
		prepare_op(out, out->race->prepare[i]);
}

static int look_at(struct outcome *out, struct op op)
{
	struct look *look = &out->look[out->nr_looks++];

	if (out->nr_looks > MAX_LOOKS)
		die("too much to look at");
	look->op = op;
	do_op(&out->vm, &look->op, &look->res);
	return look->res.err;
}

/* Creates what is missing */
static void look_at_host(struct outcome *out)
{
	look_at(out, (struct op){ .kind = READ_BMAPS });
	look_at(out, (struct op){ .kind = READ_PSCI });
	look_at(out, (struct op){ .kind = COUNT_ALL });
	if (out->vm.fd < 0 && look_at(out, (struct op)CREATE_VM))
		die("%s: no VM afterwards", out->race->name);
}

/* What KVM refuses, and what the VM has. This shows whether there is a vCPU. */
static void look_at_count(struct outcome *out)
{
	int nr = look_at(out, (struct op){ .kind = COUNT }), n;

	for (n = MODEL_BMAPS; n >= 0 && n >= nr; n--)
		look_at(out, (struct op)LIMIT_TO(n));
}

static void look_at_vcpus(struct outcome *out)
{
	unsigned int i;

	if (stage_of(out->race->first.kind) == VCPUS)
		return;
	for (i = 0; i < out->nr_vcpus; i++)
		if (out->vm.vcpu[i].fd < 0 && look_at(out, (struct op){ .kind = VCPU, .vcpu = i }))
			die("%s: no vCPU afterwards", out->race->name);
	init_vcpus(&out->vm);
}

static void look_at_registers(struct outcome *out)
{
	unsigned int n;

	look_at(out, (struct op){ .kind = COUNT });
	look_at(out, (struct op){ .kind = LIST });
	look_at(out, (struct op){ .kind = GET_PSCI });
	for (n = 0; n < MODEL_BMAPS; n++)
		look_at(out, (struct op){ .kind = GET, .n = n });
}

/* The highest that the VM accepts */
static void look_at_psci(struct outcome *out)
{
	static const uint64_t versions[] = {
		MODEL_PSCI(0, 2), MODEL_PSCI(1, 0), MODEL_PSCI(1, 1), MODEL_PSCI(1, 3),
	};
	unsigned int i;

	for (i = 0; i < NR(versions); i++)
		look_at(out, (struct op){ .kind = SET_PSCI, .val = versions[i] });
	look_at_registers(out);
}

/* Twice: what the guest sees must not change, and agree with the registers */
static void look_at_guest(struct outcome *out)
{
	unsigned int nr = nr_runners(out->race), round, i;

	for (round = 0; round < 2; round++)
		for (i = 0; i < (nr ? nr : 1); i++)
			look_at(out, (struct op){ .kind = RUN, .vcpu = i });
	look_at_registers(out);
	look_at(out, (struct op)LIMIT_TO(0));
	for (i = 0; i < host.host.known; i++)
		look_at(out, (struct op){ .kind = SET, .n = i, .val = 0 });
}

static void look(struct outcome *out)
{
	look_at_host(out);
	look_at_count(out);
	look_at_vcpus(out);
	look_at_registers(out);
	if (stage_of(out->race->first.kind) == HOST)
		look_at_psci(out);
	look_at_guest(out);
	vm_destroy(&out->vm);
}

/*
 * Is there an order in which the model gives the results?
 */

static bool same(const struct answer *a, const struct answer *b)
{
	return a->err == b->err && a->got == b->got;
}

static bool explains_looks(const struct outcome *out, struct world *world)
{
	struct answer res;
	unsigned int i;

	for (i = 0; i < out->nr_looks; i++) {
		model_op(world, &out->look[i].op, &res);
		if (!same(&res, &out->look[i].res))
			return false;
	}
	return true;
}

/* Who was first, as far as the results show it */
#define FIRST_FIRST	1
#define OTHER_FIRST	2

/* The order of vCPUs that run, or that are created, makes no difference */
static bool waits_for_another(const struct outcome *out, unsigned int done, unsigned int i)
{
	enum kind kind = out->job[i].op.kind;

	return i > 1 && is_runner(kind) && out->job[i - 1].op.kind == kind &&
	       !(done & 1 << (i - 1));
}

/* Tries all orders of the jobs that are not in @done. 0: none of them explains it. */
static unsigned int explain(const struct outcome *out, const struct world *world,
			    unsigned int done)
{
	unsigned int orders = 0, i;
	struct answer res;
	struct world next = *world;

	if (done == (1U << out->nr_jobs) - 1)
		return explains_looks(out, &next);

	for (i = 0; i < out->nr_jobs; i++) {
		if (done & 1 << i || waits_for_another(out, done, i))
			continue;
		next = *world;
		model_op(&next, &out->job[i].op, &res);
		if (!same(&res, &out->job[i].res) || !explain(out, &next, done | 1 << i))
			continue;
		if (done)
			return 1;
		orders |= i ? OTHER_FIRST : FIRST_FIRST;
	}
	return orders;
}

static unsigned int who_was_first(const struct outcome *out)
{
	struct world world = host;
	struct answer res;
	unsigned int i;
	struct op op;

	if (stage_of(out->race->first.kind) >= VM)
		model_op(&world, &(struct op)CREATE_VM, &res);
	world.model.has_vcpu = stage_of(out->race->first.kind) == VCPUS;
	for (i = 0; i < MAX_PREPARE; i++) {
		op = on_this_host(out->race->prepare[i]);
		model_op(&world, &op, &res);
	}
	return explain(out, &world, 0);
}

static void print_result(const char *what, const struct op *op, const struct answer *res)
{
	char name[80];

	printf("#   %s: %s (vCPU %u): %d, 0x%" PRIx64 "\n", what, op_name(op, name, sizeof(name)),
	       op->vcpu, res->err, res->got);
}

static void print_outcome(const struct outcome *out)
{
	unsigned int i;

	for (i = 0; i < out->nr_jobs; i++)
		print_result(i ? "other" : "first", &out->job[i].op, &out->job[i].res);
	for (i = 0; i < out->nr_looks; i++)
		print_result("then", &out->look[i].op, &out->look[i].res);
}

/*
 * Many tries
 */

struct tally {
	unsigned int nr, inside;
	unsigned int first_first, other_first, either;
	unsigned int wrong;
	int64_t first_wrong, last_wrong;
};

struct probe {
	enum where found;
	unsigned int orders;
};

/*
 * The offset is how far the first gets before the others wake up. With @both, that is @place each
 * time, and the offset is how far the other gets before the first preempts it in turn.
 */
struct plan {
	const struct race *race;
	bool both;
	int64_t place;
	int64_t origin;
};

/* The offset at which the waker wakes up just when the first starts, whatever it does */
static int64_t origin;

static enum where hold(struct outcome *out, const struct plan *plan, int64_t at)
{
	struct part part[MAX_JOBS];
	unsigned int i;

	for (i = 0; i < out->nr_jobs; i++)
		part[i] = (struct part){ do_job, &out->job[i] };
	if (plan->both)
		return meet_both(&part[0], &part[1], plan->place, at);
	return meet(&part[0], &part[1], out->nr_jobs - 1, at);
}

static void count_wrong(struct tally *tally, const struct outcome *out, int64_t at)
{
	if (!tally->wrong++) {
		tally->first_wrong = tally->last_wrong = at;
		printf("# no order explains what came of this:\n");
		print_outcome(out);
	}
	if (at < tally->first_wrong)
		tally->first_wrong = at;
	if (at > tally->last_wrong)
		tally->last_wrong = at;
}

static struct probe probe(const struct plan *plan, int64_t at, struct tally *tally)
{
	struct outcome out = { .race = plan->race };
	struct probe p;

	add_jobs(&out);
	prepare(&out);
	p.found = hold(&out, plan, plan->origin + at);
	look(&out);
	p.orders = who_was_first(&out);

	if (!tally)
		return p;
	tally->nr++;
	tally->inside += p.found == INSIDE;
	tally->first_first += p.orders == FIRST_FIRST;
	tally->other_first += p.orders == OTHER_FIRST;
	tally->either += p.orders == (FIRST_FIRST | OTHER_FIRST);
	if (!p.orders)
		count_wrong(tally, &out, at);
	return p;
}

/* The least offset in low..high at which a thread is found at @where or further */
static int64_t find_where(const struct plan *plan, enum where where, int64_t low, int64_t high)
{
	int64_t middle;

	while (high - low > 1) {
		middle = low + (high - low) / 2;
		if (probe(plan, middle, NULL).found >= where)
			high = middle;
		else
			low = middle;
	}
	return high;
}

/* How many instructions the system call takes */
static int64_t length_of(const struct plan *plan)
{
	int64_t low = 0, high = 512;

	while (probe(plan, high, NULL).found != AFTER) {
		if (high > FAR)
			die("%s: this takes too long", plan->race->name);
		low = high;
		high *= 2;
	}
	return find_where(plan, AFTER, low, high);
}

/*
 * An operation that creates something allocates memory, and takes a longer path at times. So each
 * instruction is tried several times.
 */
static unsigned int nr_tries(const struct race *race)
{
	return race->first.kind == CREATE || race->first.kind == VCPU ? 3 : 1;
}

/* Do most of the tries have another order than @was? */
static bool differs(const struct plan *plan, int64_t at, unsigned int was)
{
	unsigned int tries = nr_tries(plan->race), nr = 0, i;

	for (i = 0; i < tries; i++)
		nr += probe(plan, at, NULL).orders != was;
	return nr > tries / 2;
}

/* The least offset in low..high at which the order changes */
static int64_t find_turn(const struct plan *plan, int64_t low, int64_t high)
{
	unsigned int was = probe(plan, low, NULL).orders;
	int64_t middle;

	while (high - low > 1) {
		middle = low + (high - low) / 2;
		if (differs(plan, middle, was))
			high = middle;
		else
			low = middle;
	}
	return high;
}

static void print_tally(const struct tally *tally, int64_t length, int64_t from, int64_t to)
{
	printf("#   %u meetings in steps of one instruction, from %" PRId64 " to %" PRId64
	       " of %" PRId64 ", %u inside\n",
	       tally->nr, from, to, length, tally->inside);
	printf("#   %u times the first was first, %u times the other, %u times it may be either\n",
	       tally->first_first, tally->other_first, tally->either);
	if (tally->wrong)
		printf("#   %u wrong, from %" PRId64 " to %" PRId64 "\n", tally->wrong,
		       tally->first_wrong, tally->last_wrong);
}

/* All results are right, and there was more than one order, unless the operations commute */
static bool is_good(const struct race *race, const struct tally *tally)
{
	unsigned int outcomes = !!tally->first_first + !!tally->other_first + !!tally->either;

	return !tally->wrong && tally->inside && (race->commute || outcomes > 1);
}

static void sweep(const struct plan *plan, const char *name)
{
	int64_t length = length_of(plan), from = -20, to = length + 20, at;
	struct tally tally = { };
	unsigned int i;

	if (!plan->race->whole) {
		at = find_turn(plan, from, to);
		from = at - SOME_BEFORE;
		to = at + SOME_AFTER;
	}
	for (i = 0; i < nr_tries(plan->race); i++)
		for (at = from; at <= to; at++)
			probe(plan, at, &tally);
	result(is_good(plan->race, &tally), name);
	print_tally(&tally, length, from, to);
}

static void test_race(const struct race *race)
{
	const struct plan plan = { .race = race, .origin = origin };

	sweep(&plan, race->name);
}

/* The first is preempted shortly before the order changes, and preempts the other in turn */
static void test_race_both(const struct race *race)
{
	struct plan once = { .race = race, .origin = origin };
	struct plan plan = { .race = race, .both = true };

	plan.place = origin + find_turn(&once, -20, length_of(&once)) - SHORTLY;
	plan.origin = find_where(&plan, INSIDE, -WAKER_WAIT, WAKER_WAIT / 2);
	sweep(&plan, race->name);
}

/*
 * Checks the machine: each instruction of the first writes a byte, and a thread that wakes up
 * counts the bytes. The count has to go up by one from try to try.
 */

#define SLED	600

static char sled_bytes[SLED];
static unsigned int sled_count;

static void sled(void *arg)
{
	char *byte = arg;

	asm volatile(".rept	%c1\n"
		     "strb	%w2, [%0], #1\n"
		     ".endr\n"
		     : "+r" (byte) : "i" (SLED), "r" (1) : "memory");
}

static void count_bytes(void *arg)
{
	const volatile char *byte = arg;

	for (sled_count = 0; sled_count < SLED && byte[sled_count]; sled_count++)
		;
}

static unsigned int sled_probe(int64_t offset)
{
	const struct part first = { sled, sled_bytes }, waker = { count_bytes, sled_bytes };

	memset(sled_bytes, 0, SLED);
	meet(&first, &waker, 1, offset);
	return sled_count;
}

static void test_clock(void)
{
	unsigned int points = 0, others = 0, was = 0, now;
	int64_t at = -20000;

	while (!sled_probe(at + 64))
		at += 64;
	do {
		now = sled_probe(++at);
		if (!was && now)
			origin = at - now;
		points += now == was + 1;
		if (now != was && now != was + 1) {
			others++;
			printf("# from %u to %u\n", was, now);
		}
		was = now;
	} while (now < SLED);
	result(points == SLED && !others, "one instruction more is one instruction more");
	printf("#   woke up after each of %u instructions in turn\n", points);
}

int main(int argc, char **argv)
{
	unsigned int i;
	regex_t pattern;

	if (argc > 2)
		die("usage: races [PATTERN]");
	if (regcomp(&pattern, argc == 2 ? argv[1] : "", REG_EXTENDED | REG_NOSUB))
		die("'%s' is no pattern", argv[1]);
	probe_host(&host);
	meet_init();
	test_clock();
	for (i = 0; i < NR(races); i++)
		if (!regexec(&pattern, races[i].name, 0, NULL, 0))
			races[i].both ? test_race_both(&races[i]) : test_race(&races[i]);
	printf("1..%u\n", test_nr);
	if (finish_output())
		return 1;
	return nr_failed ? 1 : 0;
}
