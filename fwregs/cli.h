/* SPDX-License-Identifier: BSD-3-Clause */
/* What the commands of fwregs have in common */
#ifndef FWREGS_CLI_H
#define FWREGS_CLI_H

#include <stdint.h>

/* Exit statuses */
#define STATUS_REFUSED	1	/* KVM, the system or a value says no */
#define STATUS_USAGE	2	/* the command line makes no sense */

/* One line on stderr that starts with the name of the command, and the end */
void die(const char *fmt, ...)
	__attribute__((noreturn, format(printf, 1, 2)));

/* The same, with what an error of the system means */
void die_errno(int err, const char *fmt, ...)
	__attribute__((noreturn, format(printf, 2, 3)));

/* The same for an error that @call, with @id and maybe @val, got from KVM */
void die_reg(int err, const char *call, uint64_t id, const uint64_t *val)
	__attribute__((noreturn));

/* A command line that makes no sense */
void die_usage(const char *fmt, ...)
	__attribute__((noreturn, format(printf, 1, 2)));

/* The end of a command that has printed: its exit status, or a line if that failed */
int finish_output(void);

/* A number, decimal or 0x, or the end: @what says what it is for */
uint64_t parse_number(const char *text, const char *what);

/* What a command does to a VM before it looks at it, --limit and --set */
#define MAX_SETTINGS	64

struct pinning {
	int has_limit;
	unsigned int limit;
	unsigned int nr;
	struct {
		uint64_t id;
		uint64_t val;
	} set[MAX_SETTINGS];
};

/* Reads --limit N and --set NAME=VALUE, which are all that a command has */
void parse_pinning(int argc, char **argv, struct pinning *pin);

/* Does it to a VM, or ends the program if KVM refuses */
void pinning_apply(const struct pinning *pin, int vm, int vcpu);

/* fwregs_get(), or the end */
uint64_t get_reg(int vcpu, uint64_t id);

/* The commands: an exit status, arguments from the command's name on */
int cmd_list(int argc, char **argv);
int cmd_guest(int argc, char **argv);

#endif
