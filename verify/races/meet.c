// SPDX-License-Identifier: BSD-3-Clause
#include "meet.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "clock.h"

/* Priorities: of wakers, of @first when it preempts in turn, and of the waker that lets it */
#define PRIO_WAKER	10
#define PRIO_BACK	20
#define PRIO_SWITCH	30

/* Time until all threads sleep, for each thread, and for the last wait */
#define LEAD		60000
#define LEAD_EACH	15000
#define LAST_WAIT	2000

/* Time after that until the first is preempted, at most */
#define AFTERWARDS	100000

struct waker {
	pthread_t thread;
	sem_t go;
	struct timespec wake;
	uint64_t start;		/* when to do the part, if not at once */
	const struct part *part;
	enum where found;	/* of @first */
	volatile enum where where;
};

static struct waker wakers[MAX_WAKERS], switcher;
static volatile enum where first_where;
static volatile bool cancelled;
static pid_t first_tid;
static sem_t done;

/*
 * Waits until the same number of instructions after @start each time, whatever the phase of the
 * counter. A thread that was preempted here need not wait: the other was first.
 */
static inline __attribute__((always_inline)) void wait_for(uint64_t start)
{
	uint64_t now = sync_with_tick();

	if (now + 32 <= start)
		delay(start - now);
}

static uint64_t in_ns(const struct timespec *ts)
{
	return ts->tv_sec * 1000000000ULL + ts->tv_nsec;
}

/* When the kernel last had its own tick, which changes what our timer is rounded to */
static uint64_t last_tick(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &ts);
	return in_ns(&ts);
}

/* Waits until no tick is due for @ns */
static void wait_for_quiet(uint64_t ns)
{
	struct timespec now, period;

	clock_getres(CLOCK_MONOTONIC_COARSE, &period);
	do
		clock_gettime(CLOCK_MONOTONIC, &now);
	while (last_tick() + in_ns(&period) < in_ns(&now) + ns + AFTERWARDS);
}

static void *waker_main(void *arg)
{
	struct waker *waker = arg;

	for (;;) {
		sem_wait(&waker->go);
		/* In the same phase each time, for the timer to be rounded the same way */
		sync_with_tick();
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &waker->wake, NULL);
		waker->found = first_where;
		if (waker->start)
			wait_for(waker->start);
		waker->where = INSIDE;
		if (!cancelled)
			waker->part->act(waker->part->arg);
		waker->where = AFTER;
		sem_post(&done);
	}
	return NULL;
}

static void set_prio(pid_t tid, int prio)
{
	struct sched_param param = { .sched_priority = prio };

	if (sched_setscheduler(tid, prio ? SCHED_FIFO : SCHED_OTHER, &param))
		die_errno(errno, "sched_setscheduler");
}

static void start_waker(struct waker *waker, int prio)
{
	struct sched_param param = { .sched_priority = prio };
	pthread_attr_t attr;
	int err;

	sem_init(&waker->go, 0, 0);
	pthread_attr_init(&attr);
	pthread_attr_setinheritsched(&attr, PTHREAD_EXPLICIT_SCHED);
	pthread_attr_setschedpolicy(&attr, SCHED_FIFO);
	pthread_attr_setschedparam(&attr, &param);
	err = pthread_create(&waker->thread, &attr, waker_main, waker);
	if (err)
		die_errno(err, "pthread_create");
}

void meet_init(void)
{
	unsigned int i;

	if (sysconf(_SC_NPROCESSORS_CONF) != 1)
		die("this is for a machine with one CPU");
	if (counter_frequency() * INSTRUCTIONS_PER_TICK != 1000000000)
		die("a tick of the counter is not %d ns", INSTRUCTIONS_PER_TICK);
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		die_errno(errno, "mlockall");

	first_tid = syscall(SYS_gettid);
	sem_init(&done, 0, 0);
	for (i = 0; i < MAX_WAKERS; i++)
		start_waker(&wakers[i], PRIO_WAKER);
	start_waker(&switcher, PRIO_SWITCH);
}

/* Now, in instructions. The kernel's time is in *ts. */
static uint64_t now_in(struct timespec *ts)
{
	uint64_t now = sync_with_tick();

	clock_gettime(CLOCK_MONOTONIC, ts);
	return now;
}

static struct timespec later(struct timespec ts, uint64_t ns)
{
	ns += ts.tv_nsec;
	ts.tv_sec += ns / 1000000000;
	ts.tv_nsec = ns % 1000000000;
	return ts;
}

/* The thread goes to sleep before we go on */
static void send_to_sleep(struct waker *waker, const struct part *part, struct timespec wake,
			  uint64_t start)
{
	waker->part = part;
	waker->wake = wake;
	waker->start = start;
	waker->where = BEFORE;
	sem_post(&waker->go);
}

static void do_first(const struct part *first, uint64_t start, uint64_t tick)
{
	first_where = BEFORE;
	wait_for(start - LAST_WAIT);
	if (last_tick() != tick) {
		cancelled = true;
		return;
	}
	wait_for(start);
	first_where = INSIDE;
	first->act(first->arg);
	first_where = AFTER;
}

static uint64_t lead_for(unsigned int nr_threads, int64_t offset)
{
	uint64_t lead = LEAD + nr_threads * LEAD_EACH + (offset > 0 ? offset : 0);

	return lead - lead % INSTRUCTIONS_PER_TICK;
}

static void try_to_meet(const struct part *first, const struct part *waker,
			unsigned int nr_wakers, int64_t offset)
{
	uint64_t lead = lead_for(nr_wakers, offset), tick, now;
	struct timespec ts;
	unsigned int i;

	cancelled = false;
	wait_for_quiet(lead);
	tick = last_tick();
	now = now_in(&ts);
	for (i = 0; i < nr_wakers; i++)
		send_to_sleep(&wakers[i], &waker[i], later(ts, lead), 0);
	do_first(first, now + lead - offset, tick);
	for (i = 0; i < nr_wakers; i++)
		sem_wait(&done);
}

enum where meet(const struct part *first, const struct part *waker, unsigned int nr_wakers,
		int64_t offset)
{
	do
		try_to_meet(first, waker, nr_wakers, offset);
	while (cancelled);
	return wakers[0].found;
}

static void let_first_preempt(void *arg)
{
	enum where *found = arg;

	*found = wakers[0].where;
	set_prio(first_tid, PRIO_BACK);
}

static void try_to_meet_both(const struct part *first, const struct part *waker, int64_t offset,
			     int64_t back, const struct part *let)
{
	uint64_t lead = lead_for(2, offset), tick, now, start;
	struct timespec ts;

	cancelled = false;
	wait_for_quiet(lead + WAKER_WAIT);
	tick = last_tick();
	now = now_in(&ts);
	start = now + lead + WAKER_WAIT - back;
	send_to_sleep(&switcher, let, later(ts, lead + WAKER_WAIT), 0);
	send_to_sleep(&wakers[0], waker, later(ts, lead), start);
	do_first(first, now + lead - offset, tick);
	sem_wait(&done);
	sem_wait(&done);
	set_prio(first_tid, 0);
}

enum where meet_both(const struct part *first, const struct part *waker, int64_t offset,
		     int64_t back)
{
	enum where found;
	const struct part let = { let_first_preempt, &found };

	do
		try_to_meet_both(first, waker, offset, back, &let);
	while (cancelled);
	return found;
}
