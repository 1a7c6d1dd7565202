// SPDX-License-Identifier: BSD-3-Clause
/* fwregs guest: what a guest sees, before and after its firmware is pinned */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "fwregs.h"
#include "options.h"
#include "pinned.h"

/* Makes a VM, pins it, and records the answers to its guest */
static void see(const struct pinning *pin, struct result seen[NR_CALLS])
{
	struct vm vm;

	vm_create_pinned(&vm, pin);
	vm_make_calls(&vm, seen);
	vm_destroy(&vm);
}

/* x0, and as many of x1 to x3 as are not zero */
static void format(const struct result *res, char *buf, size_t size)
{
	int last, i, n;

	if (res->x[0] == (uint64_t)-1 && !res->x[1] && !res->x[2] && !res->x[3]) {
		snprintf(buf, size, "NOT_SUPPORTED");
		return;
	}

	for (last = 3; last > 0 && !res->x[last]; last--)
		;
	n = snprintf(buf, size, "0x%" PRIx64, res->x[0]);
	for (i = 1; i <= last; i++)
		n += snprintf(buf + n, size - n, " %" PRIx64, res->x[i]);
}

/* The register and bit that control the call */
static void format_bit(int reg, int bit, char *buf, size_t size)
{
	char name[FWREGS_NAME_SIZE];

	if (reg == NONE)
		snprintf(buf, size, "-");
	else
		snprintf(buf, size, "%s:%d",
			 fwregs_name(FWREGS_BMAP(reg), name) + strlen("KVM_REG_ARM_"), bit);
}

static void print_row(const char *name, const char *bit, const char *was, const char *is)
{
	if (is)
		printf("%-34s %-20s %-42s %s\n", name, bit, was, is);
	else
		printf("%-34s %-20s %s\n", name, bit, was);
}

/* @after is NULL if nothing was pinned */
static void print_table(const struct result *before, const struct result *after)
{
	char bit[FWREGS_NAME_SIZE], was[80], is[80];
	unsigned int i;

	print_row("CALL", "REGISTER:BIT", after ? "BEFORE: X0 (X1 X2 X3)" : "X0 (X1 X2 X3)",
		  after ? "AFTER" : NULL);
	for (i = 0; i < NR_CALLS; i++) {
		format_bit(calls[i].reg, calls[i].bit, bit, sizeof(bit));
		format(&before[i], was, sizeof(was));
		if (after)
			format(&after[i], is, sizeof(is));
		print_row(calls[i].name, bit, was, after ? is : NULL);
	}
}

int cmd_guest(const struct options *options)
{
	struct result before[NR_CALLS], after[NR_CALLS];
	int pinned = options->pin.has_limit || options->pin.nr;

	see(NULL, before);
	if (pinned)
		see(&options->pin, after);

	print_table(before, pinned ? after : NULL);
	return finish_output();
}
