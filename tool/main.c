// SPDX-License-Identifier: BSD-3-Clause
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "fwregs.h"
#include "options.h"

#define BIT(option)	(1u << OPT_##option)
#define COMMON		(BIT(HELP) | BIT(VERSION))
#define PINNING		(BIT(LIMIT) | BIT(SET))

/* Options before the command */
static const struct command program = {
	.name = "fwregs", .options = COMMON | BIT(LIST_OPTIONS),
};

static const struct command commands[] = {
	{ "list", cmd_list, COMMON | PINNING | BIT(JSON), NULL, 0,
	  "Print the firmware pseudo-registers of this host" },
	{ "guest", cmd_guest, COMMON | PINNING, NULL, 0,
	  "Print what a guest sees, in a new VM and in a pinned one" },
	{ "report", cmd_report, COMMON | BIT(FORMAT) | BIT(OUTPUT), NULL, 0,
	  "Write what this host has as a REPORT" },
	{ "baseline", cmd_baseline, COMMON | BIT(HOSTS) | BIT(JSON) | BIT(OUTPUT) | BIT(RESET),
	  "REPORT", INT_MAX,
	  "Print the largest configuration that all hosts accept" },
	{ "matrix", cmd_matrix, COMMON | BIT(HOSTS) | BIT(JSON) | BIT(HTML), "REPORT", INT_MAX,
	  "Print which hosts can move VMs to which" },
	{ "check", cmd_check, COMMON | BIT(JSON), "STATE", 1,
	  "Ask this host whether it would take a STATE" },
	{ "save", cmd_save, COMMON | PINNING | BIT(PIN) | BIT(VCPUS) | BIT(ROUNDS), "STATE", 1,
	  "Run a guest that checks its firmware, and save it" },
	{ "load", cmd_load, COMMON | BIT(OUTPUT) | BIT(ROUNDS), "STATE", 1,
	  "Continue a saved guest, or start one with a baseline" },
};

#define NR_COMMANDS	(sizeof(commands) / sizeof(commands[0]))

static void print_commands(void)
{
	size_t i;

	printf("Usage: fwregs COMMAND [OPTION]... [FILE]...\n"
	       "Shows and compares the firmware pseudo-registers of KVM/arm64.\n\nCommands:\n");
	for (i = 0; i < NR_COMMANDS; i++)
		printf("  %-8s  %s\n", commands[i].name, commands[i].help);
	printf("\n'fwregs COMMAND --help' prints the options of a command.\n\n"
	       "REPORT: a file with one or more reports, a directory with *.json, or - for stdin\n"
	       "STATE: a file with the firmware of a VM or a whole VM, or - for stdin\n\n"
	       "Exit status: 0, 1 if KVM or the guest refuses something, 2 for a bad command line,\n"
	       "3 for a damaged file, 4 for one that is cut off, 5 for one of another version, 6 if\n"
	       "the system fails.\n\n");
}

static void print_help(const struct command *command)
{
	if (command == &program)
		print_commands();
	else
		printf("Usage: fwregs %s [OPTION]...%s%s%s\n%s.\n\n", command->name,
		       command->max ? " " : "", command->max ? command->operand : "",
		       command->max > 1 ? "..." : "", command->help);
	print_options(command);
}

/* For completion.bash: what may follow @command, or what may precede a command */
static void print_list(const struct command *command)
{
	size_t i;

	for (i = 0; i < NR_COMMANDS && command == &program; i++)
		printf("%s\n", commands[i].name);
	list_options(command);
}

static const struct command *find_command(const char *name)
{
	size_t i;

	for (i = 0; i < NR_COMMANDS; i++)
		if (!strcmp(name, commands[i].name))
			return &commands[i];
	die_usage("there is no command '%s'", name);
}

static int run(const struct command *command, const struct options *options)
{
	struct utsname host;

	check_operands(command, options);
	if (command->run)
		return command->run(options);

	if (uname(&host))
		host.machine[0] = 0;
	die_status(STATUS_SYSTEM,
		   "%s asks KVM/arm64, and this fwregs is for %s: run that for arm64 on an arm64 host",
		   command->name, host.machine);
}

int main(int argc, char **argv)
{
	struct options before = { 0 }, options = { .vcpus = 1, .rounds = 5 };
	const struct command *command = &program;

	parse_options(&program, argc, argv, 1, &before);
	if (before.nr)
		command = find_command(before.operand[0]);
	if (before.nr && !before.list_options)
		parse_options(command, before.nr, before.operand, 0, &options);

	if (before.list_options)
		print_list(command);
	else if (before.help || options.help)
		print_help(command);
	else if (before.version || options.version)
		printf("fwregs %s\n", FWREGS_VERSION);
	else if (command == &program)
		die_usage("there is no command");
	else
		return run(command, &options);
	return finish_output();
}
