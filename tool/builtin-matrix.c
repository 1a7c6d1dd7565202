// SPDX-License-Identifier: BSD-3-Clause
/* fwregs matrix: which hosts can move VMs to which */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "file.h"
#include "json.h"
#include "matrix.h"
#include "options.h"

static const char *const outcome_names[] = {
	[MOVE_OK]	= "yes",
	[MOVE_APPEARS]	= "yes!",
	[MOVE_LOSES]	= "yes!",
	[MOVE_REFUSED]	= "no",
};

/* Colours are for a terminal, and not if NO_COLOR is set */
static int has_colour(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(no && *no) && term && strcmp(term, "dumb");
}

static void print_outcome(enum outcome outcome, int colour)
{
	static const char *const colours[] = {
		[MOVE_OK] = "\033[32m", [MOVE_APPEARS] = "\033[33m", [MOVE_LOSES] = "\033[33m",
		[MOVE_REFUSED] = "\033[31m",
	};

	printf(" %s%4s%s", colour ? colours[outcome] : "", outcome_names[outcome], colour ? "\033[0m" : "");
}

typedef struct verdict judge_fn(const struct matrix *matrix, unsigned int from, unsigned int to);

static struct verdict judge_as_is(const struct matrix *matrix, unsigned int from, unsigned int to)
{
	return matrix_as_is(&matrix->kind[from], &matrix->kind[to]);
}

static struct verdict judge_pinned(const struct matrix *matrix, unsigned int from,
				   unsigned int to)
{
	return matrix_pinned(matrix, &matrix->kind[from], &matrix->kind[to]);
}

static void print_reasons(const struct matrix *matrix, judge_fn *judge)
{
	char reason[VERDICT_SIZE];
	struct verdict verdict;
	unsigned int i, j;

	for (i = 0; i < matrix->nr; i++) {
		for (j = 0; j < matrix->nr; j++) {
			verdict = judge(matrix, i, j);
			if (*matrix_reason(&verdict, reason))
				printf("  %u to %u: %s\n", i + 1, j + 1, reason);
		}
	}
}

static void print_table(const struct matrix *matrix, const char *title, judge_fn *judge)
{
	int colour = has_colour();
	unsigned int i, j;

	printf("\n%s\n%4s", title, "");
	for (j = 0; j < matrix->nr; j++)
		printf(" %4u", j + 1);
	printf("\n");
	for (i = 0; i < matrix->nr; i++) {
		printf("%4u", i + 1);
		for (j = 0; j < matrix->nr; j++)
			print_outcome(judge(matrix, i, j).outcome, colour);
		printf("\n");
	}
	print_reasons(matrix, judge);
}

static void print_matrix(const struct matrix *matrix)
{
	char text[KIND_SIZE];
	unsigned int i;

	for (i = 0; i < matrix->nr; i++) {
		printf("%4u  %s\n      %s\n", i + 1, matrix->kind[i].report.release,
		       matrix_describe(&matrix->kind[i], text));
		group_print_names(stdout, &matrix->kind[i].hosts);
	}
	print_table(matrix, "As they are, from the row to the column ('yes!': not the same services):",
		    judge_as_is);
	print_table(matrix, "After pinning to the baseline of all:", judge_pinned);
}

static struct json_object *verdict_to_json(const struct verdict *verdict)
{
	struct json_object *obj = json_object_new_object();
	char reason[VERDICT_SIZE], name[FWREGS_NAME_SIZE];

	json_put(obj, "moves", json_object_new_boolean(verdict->outcome != MOVE_REFUSED));
	if (verdict->outcome == MOVE_OK)
		return obj;
	json_put(obj, "appears", json_object_new_boolean(verdict->outcome == MOVE_APPEARS));
	json_put(obj, "loses", json_object_new_boolean(verdict->outcome == MOVE_LOSES));
	json_put(obj, "register", json_object_new_string(fwregs_name(verdict->id, name)));
	if (verdict->err)
		json_put(obj, "error", json_object_new_string(strerrorname_np(verdict->err)));
	json_put(obj, "reason", json_object_new_string(matrix_reason(verdict, reason)));
	return obj;
}

static struct json_object *pair_to_json(const struct matrix *matrix, unsigned int from,
					unsigned int to)
{
	struct json_object *obj = json_object_new_object();
	struct verdict as_is = judge_as_is(matrix, from, to);
	struct verdict pinned = judge_pinned(matrix, from, to);

	json_put(obj, "from", json_object_new_int64(from));
	json_put(obj, "to", json_object_new_int64(to));
	json_put(obj, "as_is", verdict_to_json(&as_is));
	json_put(obj, "pinned", verdict_to_json(&pinned));
	return obj;
}

static struct json_object *kind_to_json(const struct kind *kind)
{
	const struct report_reg *psci = report_find(&kind->report, FWREGS_PSCI_VERSION);
	struct json_object *obj = json_object_new_object();

	json_put(obj, "release", json_object_new_string(kind->report.release));
	json_put(obj, "hosts", json_object_new_int64(kind->hosts.nr));
	group_put_names(obj, "names", &kind->hosts);
	json_put(obj, "ceiling", json_object_new_int64(kind->report.ceiling));
	json_put(obj, "bitmap_registers", json_object_new_int64(report_bmaps(&kind->report)));
	if (psci)
		json_put(obj, "psci_version", json_new_hex(psci->val));
	return obj;
}

static void print_json(const struct matrix *matrix)
{
	struct json_object *obj = json_object_new_object(), *kinds = json_object_new_array();
	struct json_object *pairs = json_object_new_array();
	unsigned int i, j;

	json_put(obj, "kinds", kinds);
	for (i = 0; i < matrix->nr; i++)
		json_append(kinds, kind_to_json(&matrix->kind[i]));
	json_put(obj, "pairs", pairs);
	for (i = 0; i < matrix->nr; i++)
		for (j = 0; j < matrix->nr; j++)
			json_append(pairs, pair_to_json(matrix, i, j));
	json_print(obj);
}

static void write_html(const char *path, const struct matrix *matrix)
{
	char *page = matrix_to_html(matrix);

	file_write(path, page, strlen(page));
	free(page);
}

int cmd_matrix(const struct options *options)
{
	static struct matrix matrix;

	if (options->html && options->json)
		die_usage("matrix takes --html or --json, not both");

	matrix.fleet.keep_names = options->hosts;
	matrix_read(&matrix, options->nr, options->operand);
	if (options->html)
		write_html(options->html, &matrix);
	else if (options->json)
		print_json(&matrix);
	else
		print_matrix(&matrix);
	return finish_output();
}
