/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Threads that preempt each other on one CPU: one does something, and others, of a higher
 * priority, wake up at a chosen instruction of that.
 */
#ifndef MEET_H
#define MEET_H

#include <stdint.h>

#define MAX_WAKERS	9

struct part {
	void (*act)(void *arg);
	void *arg;
};

/* How far the first part was when the second woke up */
enum where { BEFORE, INSIDE, AFTER };

/* Starts the threads. Ends the program if the machine is not fit for it. */
void meet_init(void);

/*
 * Runs @first, with @nr_wakers threads that wake up about @offset instructions after its
 * start, preempt it and do their parts. An offset that is greater by 1 is one instruction later.
 */
enum where meet(const struct part *first, const struct part *waker, unsigned int nr_wakers,
		int64_t offset);

/* From when a waker is awake until it starts its part, for meet_both() */
#define WAKER_WAIT	20000

/*
 * The same with one waker, which @first preempts in turn about @back instructions after the
 * start of the waker's part. Returns how far the waker was then.
 */
enum where meet_both(const struct part *first, const struct part *waker, int64_t offset,
		     int64_t back);

#endif
