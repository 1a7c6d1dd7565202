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
 * Bytes of one report. The largest possible one takes 80,000 without extra space. In memory, JSON
 * takes up to 300 times as much.
 */
#define REPORT_SIZE_MAX		(128 << 10)
#define REPORT_REGS_MAX		64
#define REPORT_VALUES_MAX	32
#define REPORT_TEXT_SIZE	128

struct report_reg {
	uint64_t id;
	uint64_t val;		/* in the probed VM */
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

/* Probes a VM of this host that is pinned as @pin says. Ends the program on errors. */
void report_probe(struct report *report, const struct pinning *pin);

/* As JSON with a newline, for the caller to free */
char *report_to_json(const struct report *report);

/* Reads one report of @size bytes. -1: @c says what is wrong with it. */
int report_parse(const char *text, size_t size, struct report *report, struct complaint *c);

/* The same for parsed JSON */
struct json_object;
int report_from_json(struct json_object *obj, struct report *report, struct complaint *c);

/* A register of the report, NULL if it has none by that id */
const struct report_reg *report_find(const struct report *report, uint64_t id);

/* Would that host's KVM take the value? */
int report_accepts(const struct report_reg *reg, uint64_t val);

/*
 * Does KVM keep the value that a VMM writes to the register? It only checks the level of a
 * mitigation: the VM has that of its host.
 */
int report_is_kept(uint64_t id);

/*
 * Is it a kernel without bitmap registers, as the unpatched 5.10? Its guests have stolen time
 * without a register for it.
 */
int report_lacks_bmaps(const struct report *report);

/* Can the count of a VM be limited? A kernel with a ceiling of 0 can do that, too. */
int report_can_limit(const struct report *report);

/* Number of bitmap registers in the report */
unsigned int report_bmaps(const struct report *report);

#endif
