/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What one host's KVM has: probed there, written and read as JSON (docs/formats.md). A
 * report is about a VM that is new, or pinned as --limit and --set say.
 */
#ifndef FWREGS_REPORT_H
#define FWREGS_REPORT_H

#include <stddef.h>
#include <stdint.h>

#include "cli.h"

#define REPORT_FORMAT		"fwregs-report"
#define REPORT_VERSION		2
/*
 * Bytes of one report, of which it takes few: one with all that there may be has 80,000. JSON
 * in memory is up to 300 times as large.
 */
#define REPORT_SIZE_MAX		(128 << 10)
#define REPORT_REGS_MAX		64
#define REPORT_VALUES_MAX	32
#define REPORT_TEXT_SIZE	128

struct report_reg {
	uint64_t id;
	uint64_t val;		/* in the VM that was looked at */
	uint64_t mask;		/* bitmap registers: the bits that KVM accepts */
	unsigned int nr;	/* level registers: how many values it accepts */
	uint64_t accepted[REPORT_VALUES_MAX];	/* and which, in ascending order */
};

struct report {
	char host[REPORT_TEXT_SIZE];		/* uname -n */
	char system[REPORT_TEXT_SIZE];		/* uname -s */
	char release[REPORT_TEXT_SIZE];		/* uname -r */
	unsigned int ceiling;	/* the capability on /dev/kvm; see report_can_limit() for 0 */
	unsigned int count;	/* and on the VM */
	/* As in /sys/module/kvm/parameters, "" for one that does not exist */
	char fw_bmap_regs[16];
	char psci_version[16];
	unsigned int nr;
	struct report_reg reg[REPORT_REGS_MAX];	/* as KVM lists them, each id once */
};

/* Looks at a VM of this host that is pinned as @pin says. Ends the program on errors. */
void report_probe(struct report *report, const struct pinning *pin);

/* As JSON with a newline, for the caller to free */
char *report_to_json(const struct report *report);

/* Reads one report of @size bytes. -1: @c says what is wrong with it. */
int report_parse(const char *text, size_t size, struct report *report, struct complaint *c);

/* The same of JSON that has been parsed already */
struct json_object;
int report_from_json(struct json_object *obj, struct report *report, struct complaint *c);

/* A register of the report, NULL if it has none by that id */
const struct report_reg *report_find(const struct report *report, uint64_t id);

/* Would that host's KVM take the value? */
int report_accepts(const struct report_reg *reg, uint64_t val);

/*
 * Does a VM have in that register what its VMM writes? A level of a mitigation is what the
 * host has: KVM checks the value that is written, and does not keep it.
 */
int report_is_kept(uint64_t id);

/*
 * Is it a kernel without bitmap registers? A guest has stolen time there, and no register says
 * so: Linux 5.10 as it comes, see docs/porting.md.
 */
int report_lacks_bmaps(const struct report *report);

/* Can the count of a VM be limited? A kernel with a ceiling of 0 can do that, too. */
int report_can_limit(const struct report *report);

/* How many bitmap registers are listed */
unsigned int report_bmaps(const struct report *report);

#endif
