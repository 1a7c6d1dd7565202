// SPDX-License-Identifier: BSD-3-Clause
/* The guest that moves between hosts, see move.h */
#include "move.h"

/* include/uapi/linux/psci.h */
#define PSCI_CPU_ON	0xc4000003

/* move-start.S and hvc.S */
void secondary_start(void);
void fill_registers(uint64_t seed);
uint64_t check_registers(uint64_t seed);
void hvc(struct result *res, uint64_t func_id, uint64_t x1, uint64_t x2, uint64_t x3);
void move_main(uint64_t vcpu, uint64_t nr_vcpus);

static int is_refused(uint64_t x0)
{
	return x0 == (uint64_t)-1;
}

static void compare(uint64_t vcpu, unsigned int call, const struct result *was,
		    const struct result *is)
{
	unsigned int i;

	if (call_varies(&calls[call]) && is_refused(was->x[0]) == is_refused(is->x[0]))
		return;

	for (i = 0; i < 4 && was->x[i] == is->x[i]; i++)
		;
	if (i == 4)
		return;

	tell(vcpu, MOVE_CALL, call);
	tell(vcpu, MOVE_WAS, was->x[i]);
	tell(vcpu, MOVE_IS, is->x[i]);
}

static uint64_t virtual_time(void)
{
	uint64_t time;

	asm volatile("isb; mrs %0, cntvct_el0" : "=r" (time) : : "memory");
	return time;
}

static void check(uint64_t vcpu, struct move_area *me)
{
	uint64_t time = virtual_time(), lost = check_registers((vcpu + 1) << 32);

	if (me->sum != me->rounds * (me->rounds + 1) / 2)
		tell(vcpu, MOVE_MEMORY, me->rounds);
	if (lost)
		tell(vcpu, MOVE_REGISTERS, lost);
	if (time < me->time)
		tell(vcpu, MOVE_TIME, me->time - time);
	me->time = time;
}

static void round_of_calls(uint64_t vcpu, struct move_area *me, int first)
{
	struct result res;
	unsigned int i;

	for (i = 0; i < NR_CALLS; i++) {
		hvc(&res, calls[i].func_id, calls[i].x1, 0x2222, 0x3333);
		if (first)
			me->first[i] = res;
		else
			compare(vcpu, i, &me->first[i], &res);
	}
}

/* The others start as this one did, with their number in x0 */
static void turn_on(uint64_t vcpu)
{
	struct result res;

	/* MPIDR_EL1.Aff0 is the number of the vCPU, as there are so few */
	hvc(&res, PSCI_CPU_ON, vcpu, (uint64_t)secondary_start, vcpu);
	if (res.x[0])
		tell(0, MOVE_NO_CPU, res.x[0]);
}

void move_main(uint64_t vcpu, uint64_t nr_vcpus)
{
	struct move_area *me = (struct move_area *)MOVE_AREA(vcpu);
	uint64_t i;

	for (i = 1; i < nr_vcpus; i++)
		turn_on(i);

	fill_registers((vcpu + 1) << 32);
	round_of_calls(vcpu, me, 1);
	for (;;) {
		me->rounds++;
		me->sum += me->rounds;
		round_of_calls(vcpu, me, 0);
		check(vcpu, me);
		tell(vcpu, MOVE_ROUND, me->rounds);
	}
}
