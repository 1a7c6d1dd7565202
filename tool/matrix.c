// SPDX-License-Identifier: BSD-3-Clause
#include "matrix.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PREFIX	"KVM_REG_ARM_"

static void add_kind(const struct report *report, void *arg)
{
	struct matrix *matrix = arg;
	static struct report nameless;
	int keep_names = matrix->fleet.keep_names;
	unsigned int i;

	fleet_add(&matrix->fleet, report);
	nameless = *report;
	memset(nameless.host, 0, sizeof(nameless.host));
	for (i = 0; i < matrix->nr; i++) {
		if (!memcmp(&matrix->kind[i].report, &nameless, sizeof(nameless))) {
			group_add(&matrix->kind[i].hosts, report, keep_names);
			return;
		}
	}

	if (matrix->nr == MATRIX_KINDS_MAX)
		die("the hosts are of more than %d kinds, too many for a table",
		    MATRIX_KINDS_MAX);
	matrix->kind[matrix->nr].report = nameless;
	group_add(&matrix->kind[matrix->nr++].hosts, report, keep_names);
}

void matrix_read(struct matrix *matrix, int nr, char *const *paths)
{
	fleet_read(nr, paths, add_kind, matrix);
	matrix->no_baseline = fleet_baseline(&matrix->fleet, 0, &matrix->baseline);
}

/* What @to returns for the write of a value */
static struct verdict write_reg(const struct kind *to, uint64_t id, uint64_t val)
{
	const struct report_reg *reg = report_find(&to->report, id);
	struct verdict verdict = { .outcome = MOVE_OK };

	if (!reg || !report_accepts(reg, val))
		verdict = (struct verdict) {
			.outcome = MOVE_REFUSED, .id = id, .err = reg ? EINVAL : ENOENT,
		};
	return verdict;
}

/* A service that is on in a new VM of @to, in a register that @from does not know */
static struct verdict appears(const struct kind *from, const struct kind *to)
{
	struct verdict verdict = { .outcome = MOVE_OK };
	unsigned int i;

	for (i = 0; i < to->report.nr; i++) {
		const struct report_reg *reg = &to->report.reg[i];

		if (!fwregs_is_bmap(reg->id) || !reg->val || report_find(&from->report, reg->id))
			continue;
		verdict.outcome = MOVE_APPEARS;
		verdict.id = reg->id;
		break;
	}
	return verdict;
}

/* Stolen time that one kernel has without a register and that the other lacks */
static struct verdict stolen_time(const struct kind *from, const struct kind *to)
{
	struct verdict verdict = { .outcome = MOVE_OK, .id = FWREGS_STD_HYP_BMAP };

	if (report_lacks_bmaps(&to->report) && !report_lacks_bmaps(&from->report))
		verdict.outcome = MOVE_APPEARS;
	else if (report_lacks_bmaps(&from->report) && !report_lacks_bmaps(&to->report))
		verdict.outcome = MOVE_LOSES;
	return verdict;
}

struct verdict matrix_as_is(const struct kind *from, const struct kind *to)
{
	struct verdict first = { .outcome = MOVE_OK }, verdict;
	unsigned int i;

	for (i = 0; i < from->report.nr; i++) {
		verdict = write_reg(to, from->report.reg[i].id, from->report.reg[i].val);
		if (verdict.outcome != MOVE_OK && first.outcome != MOVE_OK)
			first.more++;
		else if (verdict.outcome != MOVE_OK)
			first = verdict;
	}
	if (first.outcome == MOVE_OK)
		first = appears(from, to);
	/* If no register of @to appears and it has none for stolen time, that is off there */
	if (first.outcome == MOVE_OK && !report_find(&to->report, FWREGS_STD_HYP_BMAP))
		first = stolen_time(from, to);
	return first;
}

static int is_in(const struct fwregs_state *baseline, uint64_t id)
{
	unsigned int i;

	for (i = 0; i < baseline->nr; i++)
		if (baseline->reg[i].id == id)
			return 1;
	return 0;
}

/*
 * One register of a VM that was pinned. A mitigation level is that of the host, in the baseline
 * or not. If a register is not in the baseline: a level keeps its value, a bitmap register is
 * beyond the limit.
 */
static struct verdict move_pinned(const struct matrix *matrix, const struct kind *from,
				  const struct report_reg *reg, const struct kind *to)
{
	struct verdict verdict = { .outcome = MOVE_OK };
	int pinned = is_in(&matrix->baseline, reg->id);

	if (!report_is_kept(reg->id) || (!pinned && !fwregs_is_bmap(reg->id)))
		return write_reg(to, reg->id, reg->val);
	if (!pinned && !report_can_limit(&from->report))
		verdict = (struct verdict) {
			.outcome = MOVE_REFUSED, .id = reg->id, .err = ENOTSUP,
		};
	return verdict;
}

struct verdict matrix_pinned(const struct matrix *matrix, const struct kind *from,
			     const struct kind *to)
{
	struct verdict verdict = { .outcome = MOVE_OK };
	unsigned int i;

	if (matrix->no_baseline)
		return (struct verdict) {
			.outcome = MOVE_REFUSED, .id = matrix->no_baseline, .err = EINVAL,
		};

	for (i = 0; i < from->report.nr && verdict.outcome == MOVE_OK; i++)
		verdict = move_pinned(matrix, from, &from->report.reg[i], to);
	/* If one host has no bitmap registers, the baseline has none: stolen time is off elsewhere */
	return verdict.outcome == MOVE_OK ? stolen_time(from, to) : verdict;
}

const char *matrix_reason(const struct verdict *verdict, char buf[VERDICT_SIZE])
{
	char full[FWREGS_NAME_SIZE];
	const char *name = fwregs_name(verdict->id, full);

	if (!strncmp(name, PREFIX, strlen(PREFIX)))
		name += strlen(PREFIX);
	buf[0] = 0;
	if (verdict->outcome == MOVE_LOSES)
		snprintf(buf, VERDICT_SIZE, "stolen time, without a register here, is gone there");
	else if (verdict->outcome == MOVE_APPEARS)
		snprintf(buf, VERDICT_SIZE, "services of %s appear", name);
	else if (verdict->err == ENOENT)
		snprintf(buf, VERDICT_SIZE, "%s is not known there (ENOENT)", name);
	else if (verdict->err == EINVAL)
		snprintf(buf, VERDICT_SIZE, "%s: the value is not accepted there (EINVAL)", name);
	else if (verdict->err == ENOTSUP)
		snprintf(buf, VERDICT_SIZE, "%s: no capability to limit the VM here", name);
	if (verdict->more)
		snprintf(buf + strlen(buf), VERDICT_SIZE - strlen(buf), ", and %u more",
			 verdict->more);
	return buf;
}

const char *matrix_describe(const struct kind *kind, char buf[KIND_SIZE])
{
	const struct report_reg *psci = report_find(&kind->report, FWREGS_PSCI_VERSION);
	unsigned int bmaps = report_bmaps(&kind->report);
	char version[24] = "not known", hosts[REPORT_TEXT_SIZE + 8];

	if (psci)
		snprintf(version, sizeof(version), "%" PRIu64 ".%" PRIu64, psci->val >> 16,
			 psci->val & 0xffff);
	if (kind->hosts.nr == 1)
		snprintf(hosts, sizeof(hosts), "host %s", kind->hosts.host);
	else
		snprintf(hosts, sizeof(hosts), "%u hosts", kind->hosts.nr);
	snprintf(buf, KIND_SIZE, "%s, %u bitmap register%s, PSCI %s, %s limit VMs", hosts, bmaps,
		 bmaps == 1 ? "" : "s", version,
		 report_can_limit(&kind->report) ? "can" : "cannot");
	return buf;
}
