// SPDX-License-Identifier: BSD-3-Clause
#include <stdio.h>
#include <string.h>

#include "cli.h"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *usage;
	const char *help;
} commands[] = {
	{ "list", cmd_list, "[--json] [--limit N] [--set NAME=VALUE]...",
	  "the firmware registers that a new VM has, and what KVM accepts in them" },
	{ "guest", cmd_guest, "[--limit N] [--set NAME=VALUE]...",
	  "what a guest sees of its firmware, before and after it is pinned" },
	{ "report", cmd_report, "[--format=json|nfd|prometheus] [-o FILE]",
	  "the same as a file for those who look after many hosts" },
	{ "baseline", cmd_baseline, "[--reset] [--json] [-o STATE] REPORT...",
	  "the largest configuration that all hosts of these reports accept" },
	{ "matrix", cmd_matrix, "[--json | --html FILE] REPORT...",
	  "who of them can move to whom, as they are and pinned to the baseline" },
	{ "check", cmd_check, "[--json] STATE",
	  "would this host's KVM take that state? Says which registers it would not" },
	{ "save", cmd_save, "[--vcpus N] [--rounds N] [--pin STATE | --limit N]\n"
	  "              [--set NAME=VALUE]... STATE",
	  "runs a guest that checks its firmware, and saves it while it runs" },
	{ "load", cmd_load, "[--rounds N] [-o STATE] STATE",
	  "continues it here; a baseline starts a guest" },
};

#define NR_COMMANDS	(sizeof(commands) / sizeof(commands[0]))

static int help(void)
{
	size_t i;

	printf("fwregs: the firmware that KVM/arm64 shows a guest\n\n");
	for (i = 0; i < NR_COMMANDS; i++)
		printf("  fwregs %s %s\n\t%s\n", commands[i].name, commands[i].usage,
		       commands[i].help);
	printf(
		"\n"
		"--limit N         the VM keeps the first N bitmap registers and has no others\n"
		"--set NAME=VALUE  write a register, as VENDOR_HYP_BMAP=1\n"
		"--pin STATE       give the VM the firmware of a state, as baseline writes it\n"
		"--vcpus N         1 to 8 (default: 1)\n"
		"--rounds N        how often each vCPU has made all calls before the VM is saved,\n"
		"                  or the move counts as done (default: 5)\n"
		"--reset           no service that is off in a new VM of some host\n"
		"-o, --output FILE write to a file, which is replaced at once or not at all\n"
		"--json            JSON instead of a table\n"
		"\n"
		"A REPORT is a file with one report or more, a directory with *.json, or - for stdin.\n"
		"\n"
		"Exit status: 0, 1 if KVM or the guest refuses something, 2 if the command line makes\n"
		"no sense, 3 if a file is damaged, 4 if it is cut off, 5 if it is of a later version,\n"
		"6 if the system fails.\n");
	return finish_output();
}

int main(int argc, char **argv)
{
	size_t i;

	if (argc < 2)
		die_usage("there is no command");
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return help();

	for (i = 2; i < (size_t)argc; i++)
		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h"))
			return help();

	for (i = 0; i < NR_COMMANDS; i++)
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].run(argc - 1, argv + 1);

	die_usage("there is no command '%s'", argv[1]);
}
