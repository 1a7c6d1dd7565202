/* SPDX-License-Identifier: BSD-3-Clause */
/* Which hosts can move VMs to which, by the reports of a fleet */
#ifndef FWREGS_MATRIX_H
#define FWREGS_MATRIX_H

#include <stddef.h>
#include <stdint.h>

#include "fleet.h"

#define MATRIX_KINDS_MAX	200

/* Hosts with the same kernel and the same firmware */
struct kind {
	struct report report;	/* of the first of them, without its name */
	struct group hosts;
};

enum outcome {
	MOVE_OK,
	MOVE_APPEARS,		/* it works, and the guest gains services */
	MOVE_LOSES,		/* it works, and the guest loses stolen time, see report_lacks_bmaps() */
	MOVE_REFUSED,
};

struct verdict {
	enum outcome outcome;
	uint64_t id;		/* the first register that is refused, appears or is lost */
	int err;		/* of KVM, a positive errno value. ENOTSUP: the VM cannot be limited */
	unsigned int more;	/* number of other registers that are refused */
};

struct matrix {
	struct fleet fleet;
	struct fwregs_state baseline;
	uint64_t no_baseline;	/* register without a value that all accept, or 0 */
	unsigned int nr;
	struct kind kind[MATRIX_KINDS_MAX];
};

/* Reads the reports. Ends the program if there are too many kinds. */
void matrix_read(struct matrix *matrix, int nr, char *const *paths);

/* A new VM of @from, restored on @to by a VMM that writes what was saved and no more */
struct verdict matrix_as_is(const struct kind *from, const struct kind *to);

/* A VM that was pinned on @from to the baseline of all, restored on @to */
struct verdict matrix_pinned(const struct matrix *matrix, const struct kind *from,
			     const struct kind *to);

/* "VENDOR_HYP_BMAP_2 is not known there (ENOENT)", "" if all is well. Returns @buf. */
#define VERDICT_SIZE	128
const char *matrix_reason(const struct verdict *verdict, char buf[VERDICT_SIZE]);

/* "host a, 3 bitmap registers, PSCI 1.1, can limit VMs". Returns @buf. */
#define KIND_SIZE	(REPORT_TEXT_SIZE + 128)
const char *matrix_describe(const struct kind *kind, char buf[KIND_SIZE]);

/* The matrix as a page, for the caller to free */
char *matrix_to_html(const struct matrix *matrix);

#endif
