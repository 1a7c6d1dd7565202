// SPDX-License-Identifier: BSD-3-Clause
/*
 * races [PATTERN]: what two or more threads do to the firmware of a VM at the same time
 * comes out as if they had done it one after the other, wherever the one was preempted by
 * the other. Says so in TAP. PATTERN, as for
 * grep -E, is for some of the races.
 *
 * In each race the first thread does something, and the others wake up in the middle and
 * preempt it. Under -icount shift=0 with one CPU the middle can be chosen to the
 * instruction, so we go through all of them: from before the first instruction of the
 * system call until after its last, or, where that is long, around the place that makes
 * the difference. Nothing of this is left to chance, see clock.h: another run does the same.
 *
 * An outcome is right if the reference model explains it with some order of what the
 * threads did. All that can be seen is compared: what the ioctls returned, what the guest
 * saw with its first hypercalls and sees later, and what count, list and registers say
 * before and after that.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <linux/kvm.h>

#include "../../fwregs/cli.h"
#include "meet.h"
#include "vm.h"

#define NR(array)	(sizeof(array) / sizeof((array)[0]))

/* All that there are, as a number of registers or PSCI version */
#define ALL		1000

/* What is gone through before and after the place that makes the difference */
#define SOME_BEFORE	16
#define SOME_AFTER	80

/* Before that place, but after whatever else is done with the lock */
#define SHORTLY		8

/* Further than any system call here is long */
#define FAR		(1 << 20)

#define MAX_PREPARE	4
#define MAX_OTHERS	3
#define MAX_JOBS	(1 + MAX_WAKERS)
#define MAX_LOOKS	64

struct race {
	const char *name;
	struct op prepare[MAX_PREPARE];
	struct op first;
	struct op other[MAX_OTHERS];	/* RUN: on @n vCPUs */
	bool whole;			/* gone through from end to end */
	bool both;			/* the first preempts the other in turn */
	bool commute;			/* the outcome does not tell who was first */
};

#define OFF(reg)	{ .kind = SET, .n = reg, .val = 0 }
#define ON(reg)		{ .kind = SET, .n = reg, .val = 1 }
#define SHOW_ONLY(nr)	{ .kind = SHOW, .n = nr }
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

	/* KVM_ENABLE_CAP against the first KVM_RUN */
	{ .name = "hide all, preempted by the first KVM_RUN of 1 vCPU",
	  .first = SHOW_ONLY(0), .other = { FIRST_RUN(1) } },
	{ .name = "show all, preempted by the first KVM_RUN of 2 vCPUs",
	  .prepare = { SHOW_ONLY(0) }, .first = SHOW_ONLY(ALL), .other = { FIRST_RUN(2) } },
	{ .name = "hide one, preempted by the first KVM_RUN of 3 vCPUs",
	  .first = SHOW_ONLY(2), .other = { FIRST_RUN(3) } },
	{ .name = "show one, preempted by the first KVM_RUN of 4 vCPUs",
	  .prepare = { SHOW_ONLY(0) }, .first = SHOW_ONLY(1), .other = { FIRST_RUN(4) } },
	{ .name = "hide two, preempted by the first KVM_RUN of 5 vCPUs",
	  .prepare = { OFF(0) }, .first = SHOW_ONLY(1), .other = { FIRST_RUN(5) } },
	{ .name = "show two, preempted by the first KVM_RUN of 6 vCPUs",
	  .prepare = { SHOW_ONLY(1) }, .first = SHOW_ONLY(3), .other = { FIRST_RUN(6) } },
	{ .name = "show all, preempted by the first KVM_RUN of 7 vCPUs",
	  .prepare = { SHOW_ONLY(1) }, .first = SHOW_ONLY(ALL), .other = { FIRST_RUN(7) } },
	{ .name = "hide all, preempted by the first KVM_RUN of 8 vCPUs",
	  .prepare = { ON(2) }, .first = SHOW_ONLY(0), .other = { FIRST_RUN(8) } },
	{ .name = "the first KVM_RUN, preempted by hide all",
	  .first = FIRST_RUN(1), .other = { SHOW_ONLY(0) } },
	{ .name = "the first KVM_RUN, preempted by hide all, which it preempts in turn",
	  .first = FIRST_RUN(1), .other = { SHOW_ONLY(0) }, .both = true },

	/* SET against KVM_ENABLE_CAP. Off, then shown: on. Shown, then off: off. */
	{ .name = "SET, preempted by hide all",
	  .first = OFF(0), .other = { SHOW_ONLY(0) } },
	{ .name = "SET of what is hidden, preempted by show all",
	  .prepare = { SHOW_ONLY(0) }, .first = OFF(2), .other = { SHOW_ONLY(ALL) } },
	{ .name = "SET, preempted by hide all and show all",
	  .first = OFF(1), .other = { SHOW_ONLY(0), SHOW_ONLY(ALL) } },
	{ .name = "SET, preempted by hide all and the first KVM_RUN",
	  .first = OFF(0), .other = { SHOW_ONLY(0), FIRST_RUN(1) } },
	{ .name = "hide all, preempted by SET of the first",
	  .first = SHOW_ONLY(0), .other = { OFF(0) } },
	{ .name = "hide all, preempted by SET of the last",
	  .first = SHOW_ONLY(0), .other = { OFF(2) } },
	{ .name = "show all, preempted by SET",
	  .prepare = { SHOW_ONLY(0) }, .first = SHOW_ONLY(ALL), .other = { OFF(0) } },
	{ .name = "hide all, preempted by SET and the first KVM_RUN",
	  .first = SHOW_ONLY(0), .other = { OFF(0), FIRST_RUN(1) } },

	/* KVM_ENABLE_CAP against KVM_ENABLE_CAP, from 1 to more and to less */
	{ .name = "show all, preempted by hide all",
	  .prepare = { SHOW_ONLY(1) }, .first = SHOW_ONLY(ALL), .other = { SHOW_ONLY(0) } },
	{ .name = "hide all, preempted by show all",
	  .prepare = { SHOW_ONLY(1) }, .first = SHOW_ONLY(0), .other = { SHOW_ONLY(ALL) } },
	{ .name = "hide two, preempted by hide all and show all",
	  .prepare = { OFF(0) }, .first = SHOW_ONLY(1),
	  .other = { SHOW_ONLY(0), SHOW_ONLY(ALL) } },

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
	  .first = { .kind = CREATE }, .other = { BMAPS(1) } },
	{ .name = "KVM_CREATE_VM, preempted by a higher kvm.fw_bmap_regs",
	  .prepare = { BMAPS(0) }, .first = { .kind = CREATE }, .other = { BMAPS(ALL) } },
	{ .name = "a lower kvm.fw_bmap_regs, preempted by KVM_CREATE_VM",
	  .first = BMAPS(1), .other = { { .kind = CREATE } } },
	{ .name = "a bad kvm.fw_bmap_regs, preempted by KVM_CREATE_VM",
	  .first = BMAPS(9), .other = { { .kind = CREATE } },
	  .whole = true, .commute = true },
	{ .name = "KVM_CREATE_VM, preempted by a lower kvm.psci_version",
	  .first = { .kind = CREATE }, .other = { PSCI(0x2) } },
	{ .name = "KVM_CREATE_VM, preempted by a higher kvm.psci_version",
	  .prepare = { PSCI(0x2) }, .first = { .kind = CREATE }, .other = { PSCI(ALL) } },
	{ .name = "a lower kvm.psci_version, preempted by KVM_CREATE_VM",
	  .first = PSCI(0x2), .other = { { .kind = CREATE } } },
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
 * One meeting: what the threads did, and what was to be seen afterwards
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

/* What stands for all that there are, in a table that is the same for every kernel */
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

/* Of threads, and so of jobs */
static unsigned int how_many(const struct op *op)
{
	return op->kind == RUN ? op->n : op->kind != NOTHING;
}

static unsigned int nr_runners(const struct race *race)
{
	unsigned int nr = race->first.kind == RUN, i;

	for (i = 0; i < MAX_OTHERS; i++)
		if (race->other[i].kind == RUN)
			nr += race->other[i].n;
	return nr;
}

static unsigned int vcpu_for(enum kind kind, unsigned int *runner, unsigned int *setter)
{
	return kind == RUN ? (*runner)++ : kind == SET ? (*setter)++ : 0;
}

/*
 * The first vCPUs are for those who run them. An ioctl of a vCPU would wait for another
 * of the same: whoever sets a register has a vCPU for that.
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

static bool makes_vm(const struct outcome *out)
{
	unsigned int i;

	for (i = 0; i < out->nr_jobs; i++)
		if (out->job[i].op.kind == CREATE)
			return true;
	return false;
}

static void prepare(struct outcome *out)
{
	static const struct op defaults[] = { BMAPS(ALL), PSCI(ALL) };
	struct answer res;
	unsigned int i;
	struct op op;

	for (i = 0; i < NR(defaults); i++) {
		op = on_this_host(defaults[i]);
		do_op(&out->vm, &op, &res);
	}
	if (!makes_vm(out)) {
		vm_create(&out->vm);
		vm_add_vcpus(&out->vm, out->nr_vcpus);
	}
	for (i = 0; i < MAX_PREPARE; i++) {
		op = on_this_host(out->race->prepare[i]);
		do_op(&out->vm, &op, &res);
		if (res.err)
			die_errno(-res.err, "%s: cannot prepare", out->race->name);
	}
}

static void look_at(struct outcome *out, struct op op)
{
	struct look *look = &out->look[out->nr_looks++];

	if (out->nr_looks > MAX_LOOKS)
		die("too much to look at");
	look->op = op;
	do_op(&out->vm, &look->op, &look->res);
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

/* A VM that was made in a race: does it know how much it was offered? */
static void look_at_limits(struct outcome *out)
{
	static const uint64_t versions[] = {
		MODEL_PSCI(0, 2), MODEL_PSCI(1, 0), MODEL_PSCI(1, 1), MODEL_PSCI(1, 3),
	};
	unsigned int i;

	for (i = 0; i <= MODEL_BMAPS; i++)
		look_at(out, (struct op){ .kind = SHOW, .n = i });
	for (i = 0; i < NR(versions); i++)
		look_at(out, (struct op){ .kind = SET_PSCI, .val = versions[i] });
	look_at_registers(out);
}

/* Twice: what the guest sees must stay as it is, and as the registers say */
static void look_at_guest(struct outcome *out)
{
	unsigned int nr = nr_runners(out->race), round, i;

	for (round = 0; round < 2; round++)
		for (i = 0; i < (nr ? nr : 1); i++)
			look_at(out, (struct op){ .kind = RUN, .vcpu = i });
	look_at_registers(out);
	look_at(out, (struct op){ .kind = SHOW, .n = 0 });
	for (i = 0; i < host.host.known; i++)
		look_at(out, (struct op){ .kind = SET, .n = i, .val = 0 });
}

static void look(struct outcome *out)
{
	if (makes_vm(out))
		vm_add_vcpus(&out->vm, out->nr_vcpus);
	look_at_registers(out);
	if (makes_vm(out))
		look_at_limits(out);
	look_at_guest(out);
	vm_destroy(&out->vm);
}

/*
 * Is there an order that explains it?
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

/* Who was first, as far as can be told */
#define FIRST_FIRST	1
#define OTHER_FIRST	2

/* Of vCPUs that run, the order makes no difference */
static bool waits_for_another(const struct outcome *out, unsigned int done, unsigned int i)
{
	return i > 1 && out->job[i].op.kind == RUN && out->job[i - 1].op.kind == RUN &&
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

	model_op(&world, &(struct op){ .kind = CREATE }, &res);
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
 * Many of them
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
 * What is varied: how far the first gets until the others wake up. If it then preempts the
 * other in turn, that is at the same place each time, and varied is how far the other gets.
 */
struct plan {
	const struct race *race;
	bool both;
	int64_t place;
	int64_t origin;
};

/* The offset at which the waker comes just when the first starts, whatever it does */
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

/* The least in low..high at which somebody is found there or further */
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

/* How many instructions it takes of which we look for the middle */
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
 * KVM_CREATE_VM allocates, and takes a longer way now and then. Each place is tried several
 * times for that.
 */
static unsigned int nr_tries(const struct race *race)
{
	return race->first.kind == CREATE ? 3 : 1;
}

/* Do most of the tries come out in another order than @was? */
static bool differs(const struct plan *plan, int64_t at, unsigned int was)
{
	unsigned int tries = nr_tries(plan->race), nr = 0, i;

	for (i = 0; i < tries; i++)
		nr += probe(plan, at, NULL).orders != was;
	return nr > tries / 2;
}

/* The least in low..high at which it makes a difference */
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

/* All of it is right, and there was more than one outcome, unless there is but one */
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

/* The first is preempted shortly before it is too late for the other, and then preempts it */
static void test_race_both(const struct race *race)
{
	struct plan once = { .race = race, .origin = origin };
	struct plan plan = { .race = race, .both = true };

	plan.place = origin + find_turn(&once, -20, length_of(&once)) - SHORTLY;
	plan.origin = find_where(&plan, INSIDE, -WAKER_WAIT, WAKER_WAIT / 2);
	sweep(&plan, race->name);
}

/*
 * Does the machine do what this is built on? Each instruction of the first writes a byte,
 * whoever wakes up counts them: one more each time.
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
	vm_init(&host);
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
