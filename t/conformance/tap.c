// SPDX-License-Identifier: BSD-3-Clause
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

/* The exit status of a test. Its report goes through a pipe. */
enum child_status {
	CHILD_OK,
	CHILD_FAILED,	/* the report is lines of TAP */
	CHILD_SKIPPED,	/* the report is the reason */
};

#define MAX_FAILURES	20

static int report_fd;
static atomic_uint nr_failures;

static void vreport(const char *prefix, const char *fmt, va_list ap)
{
	char line[400];

	vsnprintf(line, sizeof(line), fmt, ap);
	dprintf(report_fd, "%s%s\n", prefix, line);
}

void fail(const char *fmt, ...)
{
	va_list ap;

	if (nr_failures++ >= MAX_FAILURES)
		return;

	va_start(ap, fmt);
	vreport("# ", fmt, ap);
	va_end(ap);
}

void die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vreport("# ", fmt, ap);
	va_end(ap);
	_exit(CHILD_FAILED);
}

void skip(const char *fmt, ...)
{
	va_list ap;

	/* A test that fails before it is skipped has failed. */
	if (nr_failures)
		_exit(CHILD_FAILED);

	va_start(ap, fmt);
	vreport("", fmt, ap);
	va_end(ap);
	_exit(CHILD_SKIPPED);
}

const char *err_name(int err)
{
	const char *name = err ? strerrorname_np(err) : "success";

	return name ? name : "an unknown errno";
}

void expect_err(int got, int want, const char *fmt, ...)
{
	char what[200];
	va_list ap;

	if (got == want)
		return;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	fail("%s: expected %s, got %s", what, err_name(want), err_name(got));
}

void expect_val(uint64_t got, uint64_t want, const char *fmt, ...)
{
	char what[200];
	va_list ap;

	if (got == want)
		return;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	fail("%s: expected 0x%lx, got 0x%lx", what, want, got);
}

void thread_start(pthread_t *thread, void *(*fn)(void *arg), void *arg)
{
	int err = pthread_create(thread, NULL, fn, arg);

	if (err)
		die("pthread_create: %s", err_name(err));
}

void bail_out(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("conformance: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(2);
}

/* The parent's side of a test */
#define TIMEOUT_MS	30000

struct child {
	pid_t	pid;
	int	fd;
	char	report[8192];
	size_t	len;
	int	status;
	bool	hung;
};

static _Noreturn void child_main(struct test_fn fn, unsigned int i)
{
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	if (fn.once)
		fn.once();
	else
		fn.each(i);
	if (nr_failures > MAX_FAILURES)
		dprintf(report_fd, "# and %u more\n", nr_failures - MAX_FAILURES);
	_exit(nr_failures ? CHILD_FAILED : CHILD_OK);
}

static void child_start(struct child *c, struct test_fn fn, unsigned int i)
{
	int fd[2];

	fflush(stdout);
	if (pipe2(fd, O_CLOEXEC))
		bail_out("pipe: %s", strerror(errno));

	c->pid = fork();
	if (c->pid < 0)
		bail_out("fork: %s", strerror(errno));
	if (!c->pid) {
		close(fd[0]);
		report_fd = fd[1];
		child_main(fn, i);
	}
	close(fd[1]);
	c->fd = fd[0];
}

static long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000L + ts.tv_nsec / 1000000;
}

/* Reads the report until the child ends. Drops what does not fit. */
static void child_read(struct child *c)
{
	long end = now_ms() + TIMEOUT_MS, left;
	struct pollfd pfd = { .fd = c->fd, .events = POLLIN };
	char buf[1024];
	ssize_t len;

	for (;;) {
		left = end - now_ms();
		if (left <= 0 || !poll(&pfd, 1, left)) {
			c->hung = true;
			return;
		}
		len = read(c->fd, buf, sizeof(buf));
		if (len <= 0)
			return;
		if (c->len + len < sizeof(c->report)) {
			memcpy(c->report + c->len, buf, len);
			c->len += len;
		}
	}
}

/* SIGKILL may not end a thread that hangs in the kernel. Do not wait for that. */
static void child_reap(struct child *c)
{
	unsigned int tries;

	if (!c->hung) {
		waitpid(c->pid, &c->status, 0);
	} else {
		kill(c->pid, SIGKILL);
		for (tries = 0; tries < 20 && !waitpid(c->pid, &c->status, WNOHANG); tries++)
			usleep(100000);
	}
	close(c->fd);
}

static bool child_exited(const struct child *c, enum child_status status)
{
	return !c->hung && WIFEXITED(c->status) && WEXITSTATUS(c->status) == (int)status;
}

static void print_result(struct child *c, unsigned int number, const char *name)
{
	c->report[c->len] = '\0';
	if (child_exited(c, CHILD_OK)) {
		printf("ok %u - %s\n", number, name);
		return;
	}
	if (child_exited(c, CHILD_SKIPPED)) {
		printf("ok %u - %s # SKIP %s", number, name, c->report);
		return;
	}

	printf("not ok %u - %s\n%s", number, name, c->report);
	if (c->hung)
		printf("# hung for %d seconds\n", TIMEOUT_MS / 1000);
	else if (WIFSIGNALED(c->status))
		printf("# killed by SIG%s\n", sigabbrev_np(WTERMSIG(c->status)));
}

bool tap_run(unsigned int number, const char *name, struct test_fn fn, unsigned int i)
{
	struct child c = {};

	child_start(&c, fn, i);
	child_read(&c);
	child_reap(&c);
	print_result(&c, number, name);
	return child_exited(&c, CHILD_OK) || child_exited(&c, CHILD_SKIPPED);
}
