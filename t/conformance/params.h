/* SPDX-License-Identifier: BSD-3-Clause */
/* Section 6 of the contract: the parameters of kvm. The runner puts them back after each test. */
#ifndef PARAMS_H
#define PARAMS_H

#include "host.h"

enum param_index {
	PARAM_REGS,
	PARAM_PSCI,

	NR_PARAMS
};

#define PARAM_LEN	32

struct param {
	const char	*name;
	const char	*path;
	bool		present;
	char		saved[PARAM_LEN];	/* what it was when the program started */
};

extern struct param params[NR_PARAMS];

/* A signal handler may restore them. */
void params_save(void);
void params_restore(void);

/* Ends the test if there is no such parameter, or skips it if only root could write it */
void need_param(enum param_index i);
void need_writable_param(enum param_index i);

/* Both return a positive errno value or 0. What is read has a newline. */
int param_read(enum param_index i, char buf[PARAM_LEN]);

/* Writes a line, as echo does: an empty write does not reach the kernel. */
int param_echo(enum param_index i, const char *val);

/* Writes a value that must be taken */
void param_write(enum param_index i, const char *val);

void expect_param(enum param_index i, const char *want);
void expect_bad_value(enum param_index i, const char *val, const char *present);

/* A number of registers as text, in a static buffer */
const char *regs_string(unsigned int nr);

void set_ceiling(unsigned int nr);
void set_psci_ceiling(__u32 version);

#endif
