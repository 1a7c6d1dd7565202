/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The command line. One table has all options, and a command has a set of them. Parser, help and
 * completion use these two.
 */
#ifndef FWREGS_OPTIONS_H
#define FWREGS_OPTIONS_H

#include "cli.h"

enum option_id {
	OPT_HOSTS,
	OPT_JSON,
	OPT_HTML,
	OPT_FORMAT,
	OPT_OUTPUT,
	OPT_RESET,
	OPT_LIMIT,
	OPT_SET,
	OPT_PIN,
	OPT_VCPUS,
	OPT_ROUNDS,
	OPT_HELP,
	OPT_VERSION,
	OPT_LIST_OPTIONS,
	NR_OPTIONS,
};

enum report_format {
	FORMAT_JSON,
	FORMAT_NFD,
	FORMAT_PROMETHEUS,
	NR_FORMATS,
};

/* What a command line says. NULL, or 0, if an option is not given and has no default. */
struct options {
	int hosts, json, reset, help, version, list_options;
	const char *html, *output, *pin_to;
	enum report_format format;
	struct pinning pin;
	unsigned int vcpus, rounds;
	int nr;				/* operands */
	char **operand;
};

struct command {
	const char *name;
	int (*run)(const struct options *options);	/* NULL: this program does not have it */
	unsigned int options;		/* 1 << OPT_... */
	const char *operand;		/* its name in the help, or NULL */
	int max;			/* how many operands it takes; at least one if it takes any */
	const char *help;
};

/*
 * Parses argv[1] to argv[argc - 1], or ends the program. With @stop, the first operand ends the
 * options and all that follows are operands.
 */
void parse_options(const struct command *command, int argc, char **argv, int stop,
		   struct options *options);

/* Ends the program if the command takes more or fewer operands */
void check_operands(const struct command *command, const struct options *options);

/* For the help: one line for each option of the command */
void print_options(const struct command *command);

/* For completion.bash: in each line an option, "--html FILE", or else an operand */
void list_options(const struct command *command);

int cmd_baseline(const struct options *options);
int cmd_matrix(const struct options *options);

/* Commands that ask KVM. They are NULL in a program for another machine than arm64. */
#define ASKS_KVM	__attribute__((weak))
int cmd_list(const struct options *options) ASKS_KVM;
int cmd_guest(const struct options *options) ASKS_KVM;
int cmd_report(const struct options *options) ASKS_KVM;
int cmd_check(const struct options *options) ASKS_KVM;
int cmd_save(const struct options *options) ASKS_KVM;
int cmd_load(const struct options *options) ASKS_KVM;

#endif
