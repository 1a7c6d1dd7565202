/* SPDX-License-Identifier: BSD-3-Clause */
/* Section 6 of the contract: the parameters of kvm. The runner puts them back after each test. */
#ifndef PARAMS_H
#define PARAMS_H

#include "host.h"

#define PARAM_REGS	"fw_bmap_regs"
#define PARAM_PSCI	"psci_version"
#define PARAM_LEN	32

/* A signal handler may restore them. */
void params_save(void);
void params_restore(void);

/* A file descriptor for reading. Ends the test if there is no such parameter. */
int need_param(const char *name);

/* The same, and skips the test if only root could write it */
void need_writable_param(const char *name);

/* Writes a line, as echo does: an empty write does not reach the kernel. Returns an errno. */
int param_echo(const char *name, const char *val);

/* Writes a value that must be taken */
void write_param(const char *name, const char *val);

void expect_param(const char *name, const char *want);
void expect_bad_value(const char *name, const char *val, const char *present);

/* A number of registers as text, in a static buffer */
const char *regs_string(unsigned int nr);

void set_ceiling(unsigned int nr);
void set_psci_ceiling(uint32_t version);

#endif
