/* SPDX-License-Identifier: BSD-3-Clause */
/* What the commands of fwregs have in common */
#ifndef FWREGS_CLI_H
#define FWREGS_CLI_H

#include <stdint.h>

/* Exit statuses */
#define STATUS_REFUSED	1	/* KVM refuses something, or the guest finds other answers */
#define STATUS_USAGE	2	/* the command line is wrong */
#define STATUS_DAMAGED	3	/* a file is invalid, or has been altered */
#define STATUS_CUT_OFF	4	/* a file ends too early */
#define STATUS_VERSION	5	/* a file is of a version that this fwregs does not read */
#define STATUS_SYSTEM	6	/* the system fails: no KVM, no space */

/* What is wrong with a file, for a reader that does not end the program */
struct complaint {
	int status;		/* one of the above, 0: nothing is wrong */
	char text[320];		/* without the file's name, not a whole sentence */
};

/* Fills it in, unless there is a complaint already, and returns -1 */
int complain(struct complaint *c, int status, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Prints one line on stderr that starts with "fwregs: ", and exits with STATUS_REFUSED */
void die(const char *fmt, ...)
	__attribute__((noreturn, format(printf, 1, 2)));

/* The same with any status */
void die_status(int status, const char *fmt, ...)
	__attribute__((noreturn, format(printf, 2, 3)));

/* The same with STATUS_SYSTEM, and the meaning of @err at the end of the line */
void die_errno(int err, const char *fmt, ...)
	__attribute__((noreturn, format(printf, 2, 3)));

/*
 * What people call a register of KVM: the name of a firmware register, op0 to op2 of a system
 * register, or just the id. Returns @buf.
 */
#define REG_LABEL_SIZE	64
const char *reg_label(uint64_t id, char buf[REG_LABEL_SIZE]);

/* die() for @err, a positive errno value from @call with register @id and, if not NULL, @val */
void die_reg(int err, const char *call, uint64_t id, const uint64_t *val)
	__attribute__((noreturn));

/* die_status() with STATUS_USAGE, and where to find help */
void die_usage(const char *fmt, ...)
	__attribute__((noreturn, format(printf, 1, 2)));

/* Flushes stdout. Returns 0, or ends the program if writing has failed. */
int finish_output(void);

/* How a command pins a VM: --limit and --set */
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

/* Where the module has its parameters: Documentation/admin-guide/kernel-parameters.txt */
#define PARAMETERS	"/sys/module/kvm/parameters/"

/* --limit, before the first vCPU, and --set, on an initialised one. End the program on errors. */
void pinning_limit_vm(const struct pinning *pin, int vm);
void pinning_set_regs(const struct pinning *pin, int vcpu);

/* fwregs_get(). Ends the program on errors. */
uint64_t get_reg(int vcpu, uint64_t id);

#endif
