// SPDX-License-Identifier: BSD-3-Clause
/* The matrix as a self-contained page without scripts, for screens of any size and paper */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "matrix.h"

static const char head[] =
	"<!DOCTYPE html>\n"
	"<html lang=\"en\">\n"
	"<head>\n"
	"<meta charset=\"utf-8\">\n"
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	"<title>Who can move to whom</title>\n"
	"<style>\n"
	":root { color-scheme: light dark; --fg: #1b1f24; --bg: #fff; --line: #c8ccd2;\n"
	"  --head: #f0f2f5; --ok: #d7f0dc; --new: #fff1c9; --no: #fbd9d6; --dim: #59636e; }\n"
	"@media (prefers-color-scheme: dark) { :root { --fg: #e6e9ec; --bg: #15181c;\n"
	"  --line: #3c434b; --head: #22272e; --ok: #173a22; --new: #453a12; --no: #4c1f1c;\n"
	"  --dim: #9aa4af; } }\n"
	"body { font: 16px/1.45 system-ui, sans-serif; color: var(--fg); background: var(--bg);\n"
	"  margin: 0 auto; padding: 1rem; max-width: 72rem; }\n"
	"h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }\n"
	"p { margin: .25rem 0 .75rem; } .dim, small { color: var(--dim); }\n"
	".scroll { overflow-x: auto; }\n"
	"table { border-collapse: collapse; min-width: 100%; }\n"
	"th, td { border: 1px solid var(--line); padding: .4rem .6rem; text-align: left;\n"
	"  vertical-align: top; }\n"
	"th { background: var(--head); font-weight: 600; overflow-wrap: anywhere; }\n"
	"th i { font-style: normal; color: var(--dim); }\n"
	"tbody th { position: sticky; left: 0; }\n"
	"td, thead th { min-width: 7.5rem; } thead th:first-child, tbody th { min-width: 6rem; }\n"
	"td b { display: block; } td { line-height: 1.3; }\n"
	"small { font-size: .8rem; overflow-wrap: anywhere; }\n"
	".ok { background: var(--ok); } .new { background: var(--new); } .no { background: var(--no); }\n"
	"code { font-family: ui-monospace, monospace; font-size: .92em; overflow-wrap: anywhere; }\n"
	"@media print { html { font-size: 9pt; } body { font-size: 1rem; max-width: none; padding: 0; }\n"
	"  .scroll { overflow: visible; } table { table-layout: fixed; width: 100%; }\n"
	"  td, tbody th, thead th, thead th:first-child { min-width: 0; position: static; }\n"
	"  tr { break-inside: avoid; } h1, h2, p { break-inside: avoid; break-after: avoid; }\n"
	"  td, th { -webkit-print-color-adjust: exact; print-color-adjust: exact; } }\n"
	"</style>\n"
	"</head>\n"
	"<body>\n";

/* A report may come from anywhere, so its texts are escaped */
static void print_text(FILE *out, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '&':
			fputs("&amp;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		case '_':
			/* The name of a register may break here */
			fputs("_<wbr>", out);
			break;
		default:
			fputc(*text, out);
		}
	}
}

/* With its number, since kinds may differ in more than their release */
static void print_head(FILE *out, const char *scope, const struct matrix *matrix, unsigned int i)
{
	fprintf(out, "<th scope=\"%s\"><i>%u</i> ", scope, i + 1);
	print_text(out, matrix->kind[i].report.release);
	fputs("</th>", out);
}

static void print_cell(FILE *out, const struct verdict *verdict)
{
	static const struct {
		const char *class;
		const char *word;
	} shown[] = {
		[MOVE_OK]	= { "ok", "&#10003; yes" },
		[MOVE_APPEARS]	= { "new", "! yes, but" },
		[MOVE_LOSES]	= { "new", "! yes, but" },
		[MOVE_REFUSED]	= { "no", "&#10007; no" },
	};
	char reason[VERDICT_SIZE];

	fprintf(out, "<td class=\"%s\"><b>%s</b>", shown[verdict->outcome].class,
		shown[verdict->outcome].word);
	if (*matrix_reason(verdict, reason)) {
		fputs("<small>", out);
		print_text(out, reason);
		fputs("</small>", out);
	}
	fputs("</td>", out);
}

static struct verdict judge(const struct matrix *matrix, int pinned, unsigned int from,
			    unsigned int to)
{
	if (pinned)
		return matrix_pinned(matrix, &matrix->kind[from], &matrix->kind[to]);
	return matrix_as_is(&matrix->kind[from], &matrix->kind[to]);
}

static void print_table(FILE *out, const struct matrix *matrix, int pinned)
{
	struct verdict verdict;
	unsigned int i, j;

	fputs("<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">from &darr; to &rarr;</th>", out);
	for (j = 0; j < matrix->nr; j++)
		print_head(out, "col", matrix, j);
	fputs("</tr></thead>\n<tbody>\n", out);
	for (i = 0; i < matrix->nr; i++) {
		fputs("<tr>", out);
		print_head(out, "row", matrix, i);
		for (j = 0; j < matrix->nr; j++) {
			verdict = judge(matrix, pinned, i, j);
			print_cell(out, &verdict);
		}
		fputs("</tr>\n", out);
	}
	fputs("</tbody>\n</table></div>\n", out);
}

/* With --hosts, one in each line */
static void print_names(FILE *out, const struct group *hosts)
{
	char *names;
	size_t size;
	FILE *text = open_memstream(&names, &size);

	if (!text)
		die_errno(errno, "the page");
	group_print_names(text, hosts);
	if (fclose(text))
		die_errno(errno, "the page");
	if (size) {
		fputs("<pre>", out);
		print_text(out, names);
		fputs("</pre>", out);
	}
	free(names);
}

static void print_kinds(FILE *out, const struct matrix *matrix)
{
	char text[KIND_SIZE];
	unsigned int i;

	fputs("<ol>\n", out);
	for (i = 0; i < matrix->nr; i++) {
		fputs("<li><b>", out);
		print_text(out, matrix->kind[i].report.release);
		fputs("</b>: ", out);
		print_text(out, matrix_describe(&matrix->kind[i], text));
		print_names(out, &matrix->kind[i].hosts);
		fputs("</li>\n", out);
	}
	fputs("</ol>\n", out);
}

static void print_baseline(FILE *out, const struct matrix *matrix)
{
	char name[FWREGS_NAME_SIZE];
	unsigned int i;

	fputs("<h2>After pinning to the baseline of all</h2>\n", out);
	if (matrix->no_baseline) {
		fprintf(out, "<p>There is none: no value of <code>%s</code> is accepted by all.</p>\n",
			fwregs_name(matrix->no_baseline, name));
		return;
	}

	fputs("<p>What every host accepts:", out);
	for (i = 0; i < matrix->baseline.nr; i++)
		fprintf(out, "%s <code>%s=0x%llx</code>", i ? "," : "",
			fwregs_name(matrix->baseline.reg[i].id, name),
			(unsigned long long)matrix->baseline.reg[i].val);
	fputs(". A mitigation level is what the host has, and stays so whatever is written.</p>\n",
	      out);
	print_table(out, matrix, 1);
}

char *matrix_to_html(const struct matrix *matrix)
{
	size_t size;
	char *text;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		die_errno(errno, "the page");
	fputs(head, out);
	fprintf(out, "<h1>Who can move to whom</h1>\n<p class=\"dim\">Firmware of KVM/arm64 guests on %u host%s, as <code>fwregs matrix</code> reads their reports.</p>\n",
		matrix->fleet.all.nr, matrix->fleet.all.nr > 1 ? "s" : "");
	print_kinds(out, matrix);
	fputs("<h2>As they are</h2>\n<p>A new VM, by a VMM that writes on the target what it has read on the source. &ldquo;Yes, but&rdquo;: it moves, and its guest does not find the same services.</p>\n", out);
	print_table(out, matrix, 0);
	print_baseline(out, matrix);
	fputs("</body>\n</html>\n", out);
	if (fclose(out))
		die_errno(errno, "the page");
	return text;
}
