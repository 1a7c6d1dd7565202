// SPDX-License-Identifier: BSD-3-Clause
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

#include "test.h"

/* Races of SET with the first KVM_RUN, and with SET */

/* A register that is set to one value and the other, and a call whose x0 tells which */
struct race_kind {
	__u64	id;
	__u64	val[2];
	__u32	func;
	__u64	answer[2];
};

unsigned int nr_races = 10;

/*
 * An ioctl of a vCPU waits while the vCPU runs. One thread does that, and the others
 * have vCPUs that never run. They also keep each other waiting for what protects the
 * registers, which makes wide any gap between check and use.
 */
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

static void test_race_trng(unsigned int i)
{
	const struct race_kind kind = {
		BMAP_ID(STD), { 1, 0 }, TRNG_VERSION, { 0x10000, NOT_SUPPORTED }
	};

	race_with_run(&kind, i + 1);
}

static void test_race_vendor(unsigned int i)
{
	const __u64 on = BIT(FUNC_FEAT) | BIT(PTP), less = BIT(FUNC_FEAT);
	const struct race_kind kind = {
		BMAP_ID(VENDOR_HYP), { on, less }, VENDOR_HYP_FEATURES, { on, less }
	};

	race_with_run(&kind, i + 1);
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

const struct test section2_race_tests[] = {
	RULES("SET that races with the first KVM_RUN, TRNG", PER_NR_VCPUS, test_race_trng),
	RULES("SET that races with the first KVM_RUN, FEATURES", PER_NR_VCPUS, test_race_vendor),
	RULE("SET that races with SET of other registers", test_race_set),
	{}
};
