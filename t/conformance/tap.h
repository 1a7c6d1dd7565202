/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a test says, and the process that it runs in. Each test is a process of its own: it may
 * fail, crash or hang without a consequence for the others, and need not clean up.
 */
#ifndef TAP_H
#define TAP_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define BIT(n)		(1ULL << (n))
#define PRINTF(a, b)	__attribute__((format(printf, a, b)))

/* Reports a failure. The test goes on after fail() and ends with die(). */
PRINTF(1, 2) void fail(const char *fmt, ...);
_Noreturn PRINTF(1, 2) void die(const char *fmt, ...);

/* Ends a test that this host or base cannot run, for a reason */
_Noreturn PRINTF(1, 2) void skip(const char *fmt, ...);

/* The name of a positive errno value, 0 is success */
const char *err_name(int err);

/* Report a failure if @got is not @want. The format says what was tried. */
PRINTF(3, 4) void expect_err(int got, int want, const char *fmt, ...);
PRINTF(3, 4) void expect_val(uint64_t got, uint64_t want, const char *fmt, ...);

void thread_start(pthread_t *thread, void *(*fn)(void *arg), void *arg);

/* Ends the whole program with exit status 2 */
_Noreturn PRINTF(1, 2) void bail_out(const char *fmt, ...);

/* A test, which is called with @i unless it is one that has no instances */
struct test_fn {
	void	(*once)(void);
	void	(*each)(unsigned int i);
};

/* Runs a test in a process of its own and prints its result. Is it ok, or skipped? */
bool tap_run(unsigned int number, const char *name, struct test_fn fn, unsigned int i);

#endif
