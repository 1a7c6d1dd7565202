/* SPDX-License-Identifier: BSD-3-Clause */
/* Many reports: reading them one by one, and what all their hosts accept */
#ifndef FWREGS_FLEET_H
#define FWREGS_FLEET_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "fwregs.h"
#include "report.h"

/*
 * Calls @each for every report in the files, in their order. A file may have several, one
 * after another. A directory is all files in it that end in .json, "-" is stdin. One report is
 * kept at a time. Ends the program, with the line and status for what is wrong, at the
 * first that is not a report, and if there is none at all.
 */
void fleet_read(int nr, char *const *paths, void (*each)(const struct report *report, void *arg),
		void *arg);

/* Hosts that have something in common, in the order of their reports */
struct group {
	unsigned int nr;
	char host[REPORT_TEXT_SIZE];	/* name of the first */
	char release[REPORT_TEXT_SIZE];	/* and its kernel */
	char *names;			/* with --hosts: those of all, each with a newline */
	size_t size;			/* of names */
};

void group_add(struct group *group, const struct report *report, int keep_names);

/* "host a, 6.12.1", or "2 hosts, as 6.12.1" */
#define GROUP_SIZE	(2 * REPORT_TEXT_SIZE + 32)
const char *group_describe(const struct group *group, char buf[GROUP_SIZE]);

/* With --hosts, a line for each host of several */
void group_print_names(FILE *out, const struct group *group);

/* The names, if they are kept, or that of a single host */
struct json_object;
void group_put_names(struct json_object *obj, const char *key, const struct group *group);

/* Hosts that have the same value in a register that is not kept, see report_is_kept() */
struct fleet_value {
	uint64_t val;
	struct group hosts;
};

/* What the hosts accept in one register */
struct fleet_reg {
	struct group lacking;		/* hosts that do not have it */
	struct report_reg common;	/* what all others accept; val: bits that all have on */
	int is_limited;			/* some host accepts more */
	struct group limiting;		/* hosts that accept as little; none: several do together */
	unsigned int nr_values;		/* different values, if it is not kept */
	struct fleet_value value[REPORT_VALUES_MAX];
};

struct fleet {
	int keep_names;			/* --hosts */
	struct group all;
	unsigned int bmaps;		/* the least number that a host lists */
	int is_limited;			/* some host lists more */
	struct group fewest;		/* hosts that list so few */
	struct group fixed;		/* hosts that cannot limit a VM */
	unsigned int fixed_bmaps;	/* and the greatest number that one of these lists */
	struct group no_bmaps;		/* hosts of report_lacks_bmaps() */
	unsigned int nr;
	struct fleet_reg reg[REPORT_REGS_MAX];	/* in ascending order of ids */
};

/*
 * Takes one more host into account. Ends the program if there are too many registers, or more
 * than REPORT_VALUES_MAX values of a register that is not kept.
 */
void fleet_add(struct fleet *fleet, const struct report *report);

/*
 * The largest configuration that all hosts accept. With @reset, no service that is off in
 * a new VM of some host. 0, or the id of the register that has no value which all accept.
 */
uint64_t fleet_baseline(const struct fleet *fleet, int reset, struct fwregs_state *baseline);

/* Whether all accept what hosts have in a register that is not kept */
int fleet_accepts(const struct fleet_reg *reg, const struct fleet_value *value);

#endif
