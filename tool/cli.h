/* SPDX-License-Identifier: BSD-3-Clause */
/* What the commands of fwregs have in common */
#ifndef FWREGS_CLI_H
#define FWREGS_CLI_H

#include <stdint.h>

/* Exit statuses */
#define STATUS_REFUSED	1	/* KVM says no, or the guest does */
#define STATUS_USAGE	2	/* the command line makes no sense */
#define STATUS_DAMAGED	3	/* a file is not what it should be, or has been altered */
#define STATUS_CUT_OFF	4	/* a file ends too early */
#define STATUS_VERSION	5	/* a file is of a version that this fwregs does not read */
#define STATUS_SYSTEM	6	/* the system, or what there is of it: no KVM, no space */

/* What is wrong with a file, for a reader that does not end the program */
struct complaint {
	int status;		/* one of the above, 0: nothing is wrong */
	char text[320];		/* without the file's name, not a whole sentence */
};

/* Fills it in, and returns -1. What is there already stays: it came first. */
int complain(struct complaint *c, int status, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* One line on stderr that starts with "fwregs: ", and the end with STATUS_REFUSED */
void die(const char *fmt, ...)
	__attribute__((noreturn, format(printf, 1, 2)));

/* The same with any status */
void die_status(int status, const char *fmt, ...)
	__attribute__((noreturn, format(printf, 2, 3)));

/* The same, with what an error of the system means, and STATUS_SYSTEM */
void die_errno(int err, const char *fmt, ...)
	__attribute__((noreturn, format(printf, 2, 3)));

/*
 * What people call a register of KVM: the name of a firmware register, op0 to op2 of a system
 * register, or just the id. Returns @buf.
 */
#define REG_LABEL_SIZE	64
const char *reg_label(uint64_t id, char buf[REG_LABEL_SIZE]);

/* The end for a (positive) error that @call, with register @id and maybe @val, got from KVM */
void die_reg(int err, const char *call, uint64_t id, const uint64_t *val)
	__attribute__((noreturn));

/* A command line that makes no sense */
void die_usage(const char *fmt, ...)
	__attribute__((noreturn, format(printf, 1, 2)));

/* The end of a command that has printed: its exit status, or a line if that failed */
int finish_output(void);

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

/* Where the module has its parameters: Documentation/admin-guide/kernel-parameters.txt */
#define PARAMETERS	"/sys/module/kvm/parameters/"

/* --limit, before the first vCPU, and --set, on an initialised one. The end if KVM refuses. */
void pinning_limit_vm(const struct pinning *pin, int vm);
void pinning_set_regs(const struct pinning *pin, int vcpu);

/* fwregs_get(), or the end */
uint64_t get_reg(int vcpu, uint64_t id);

#endif
