// SPDX-License-Identifier: BSD-3-Clause
/* Section 2 of the contract: races of SET with the first KVM_RUN, and with SET */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

#include "test.h"

/* A register that alternates between two values, and a call whose x0 tells them apart */
struct race_kind {
	uint64_t	id;
	uint64_t	val[2];
	uint32_t	func;
	uint64_t	answer[2];
};

unsigned int nr_races = 10;

/*
 * KVM holds a vCPU's mutex during KVM_RUN, so an ioctl of this vCPU waits. One changer does
 * that, the others have vCPUs that never run. Several changers contend for the lock of the
 * registers, which widens any gap between check and use.
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
	uint64_t	answer[4];	/* of a vCPU that runs */
	int		err;		/* of the last change */
};

static void *runner_main(void *arg)
{
	struct racer *racer = arg;

	pthread_barrier_wait(&racer->race->start);
	finish_call(racer->vcpu, racer->answer);
	atomic_fetch_sub(&racer->race->running, 1);
	return NULL;
}

/*
 * Alternates between the two values until a SET is refused. After the run, the first SET may
 * still succeed: another changer may have left the same value.
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

/* No change takes effect after the first instruction, so all answers agree with the last. */
static void expect_race_result(const struct race_kind *kind, const struct vm *vm,
			       const struct racer *runner, unsigned int nr_runners)
{
	uint64_t val = get_reg(&vm->vcpu[0], kind->id);
	unsigned int i;

	if (val != kind->val[0] && val != kind->val[1])
		fail("%s: 0x%lx was never set", reg_name(kind->id), val);
	for (i = 0; i < nr_runners; i++)
		expect_val(runner[i].answer[0], kind->answer[val == kind->val[1]],
			   "%s: the first answer to vCPU %u of %u", reg_name(kind->id), i,
			   nr_runners);
}

static void race_once(const struct race_kind *kind, unsigned int nr_runners)
{
	struct vm *vm = new_vm(nr_runners + NR_CHANGERS - 1);
	struct race race = { .kind = kind, .running = nr_runners };
	struct racer runner[MAX_RUNNERS] = {}, changer[NR_CHANGERS] = {};
	const uint64_t call[4] = { kind->func };
	unsigned int i;

	for (i = 0; i < nr_runners; i++)
		load_call(&vm->vcpu[i], HVC, call);

	pthread_barrier_init(&race.start, NULL, nr_runners + NR_CHANGERS);
	for (i = 0; i < nr_runners; i++)
		racer_start(&runner[i], &race, &vm->vcpu[i], runner_main);
	for (i = 0; i < NR_CHANGERS; i++)
		racer_start(&changer[i], &race, &vm->vcpu[nr_runners - 1 + i], changer_main);

	for (i = 0; i < nr_runners; i++)
		pthread_join(runner[i].thread, NULL);
	for (i = 0; i < NR_CHANGERS; i++) {
		pthread_join(changer[i].thread, NULL);
		expect_err(changer[i].err, EBUSY, "the last SET of %s", reg_name(kind->id));
	}
	expect_race_result(kind, vm, runner, nr_runners);
	free_vm(vm);
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
	const uint64_t on = BIT(FUNC_FEAT) | BIT(PTP), less = BIT(FUNC_FEAT);
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
	uint64_t val = bmaps[s->n].reset;
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
	const struct vm *vm = new_vm(base->known);
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
