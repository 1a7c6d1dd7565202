/* SPDX-License-Identifier: BSD-3-Clause */
/* Many reports: reading them one by one, and what all their hosts accept */
#ifndef FWREGS_FLEET_H
#define FWREGS_FLEET_H

#include <stdint.h>

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

/* Hosts that have the same value in a register that is not kept, see report_is_kept() */
struct fleet_own {
	uint64_t val;
	unsigned int hosts;
	char release[REPORT_TEXT_SIZE];	/* of the first */
};

/* What the hosts accept in one register */
struct fleet_reg {
	unsigned int hosts;		/* that have it */
	struct report_reg common;	/* what all of them accept; val: bits that all have on */
	int is_limited;			/* some host accepts more */
	char release[REPORT_TEXT_SIZE];	/* of the first host that accepts as little */
	unsigned int limiting;		/* hosts that accept as little */
	unsigned int nr_own;		/* different values, if it is not kept */
	struct fleet_own own[REPORT_VALUES_MAX];
};

struct fleet {
	unsigned int hosts;
	unsigned int bmaps;		/* the least number that a host lists */
	int is_limited;			/* some host lists more */
	char release[REPORT_TEXT_SIZE];	/* of the first that lists so few */
	unsigned int fixed;		/* hosts that cannot hide registers */
	unsigned int fixed_bmaps;	/* and the greatest number that one of these lists */
	char fixed_release[REPORT_TEXT_SIZE];
	unsigned int bare;		/* hosts from before bitmap registers, report_is_bare() */
	char bare_release[REPORT_TEXT_SIZE];
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
int fleet_accepts_own(const struct fleet *fleet, const struct fleet_reg *reg,
		      const struct fleet_own *own);

/* A register of the fleet, NULL if no host has it */
const struct fleet_reg *fleet_find(const struct fleet *fleet, uint64_t id);

#endif
