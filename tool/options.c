// SPDX-License-Identifier: BSD-3-Clause
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fwregs.h"
#include "vmm/guest/move.h"

#define ROUNDS_MAX	1000000

static const struct {
	const char *name;
	char letter;		/* 0: none */
	const char *value;	/* name of its value, or all possible values; NULL: it has none */
	const char *help;	/* NULL: not in the help */
} table[NR_OPTIONS] = {
	[OPT_HOSTS] = { "hosts", 0, NULL, "name all hosts, not only single ones" },
	[OPT_JSON] = { "json", 0, NULL, "print JSON" },
	[OPT_HTML] = { "html", 0, "FILE", "write a web page; not with --json" },
	[OPT_FORMAT] = { "format", 0, "json|nfd|prometheus", "what to write (default: json)" },
	[OPT_OUTPUT] = { "output", 'o', "FILE", "write to FILE, as a whole or not at all" },
	[OPT_RESET] = { "reset", 0, NULL, "disable what is disabled in a new VM of some host" },
	[OPT_LIMIT] = { "limit", 0, "N", "give the VM the first N bitmap registers only" },
	[OPT_SET] = { "set", 0, "NAME=VALUE", "write a register, as STD_BMAP=0; can be repeated" },
	[OPT_PIN] = { "pin", 0, "STATE", "give the VM the firmware of STATE; not with --limit" },
	[OPT_VCPUS] = { "vcpus", 0, "N", "1 to 8 vCPUs (default: 1)" },
	[OPT_ROUNDS] = { "rounds", 0, "N", "rounds of calls that each vCPU makes (default: 5)" },
	[OPT_HELP] = { "help", 'h', NULL, "print this help" },
	[OPT_VERSION] = { "version", 'V', NULL, "print the version" },
	[OPT_LIST_OPTIONS] = { "list-options", 0, NULL, NULL },
};

static const char *const formats[NR_FORMATS] = { "json", "nfd", "prometheus" };

/* Values */

static uint64_t parse_number(const char *text, const char *what)
{
	int base = strncmp(text, "0x", 2) ? 10 : 16;
	unsigned long long n;
	char *end;

	errno = 0;
	n = strtoull(text, &end, base);
	if (end == text || *end || errno || strpbrk(text, "+- \t\n"))
		die_status(STATUS_USAGE, "'%s', for %s, is not a number of up to 64 bits", text, what);

	return n;
}

static unsigned int parse_count(const char *text, const char *what, uint64_t max)
{
	uint64_t n = parse_number(text, what);

	if (!n || n > max)
		die_status(STATUS_USAGE, "'%s', for %s, is not from 1 to %" PRIu64, text, what, max);
	return n;
}

static void parse_limit(struct pinning *pin, const char *text)
{
	uint64_t n = parse_number(text, "--limit");

	if (n > UINT32_MAX)
		die_status(STATUS_USAGE, "'%s', for --limit, is more registers than there are", text);

	pin->has_limit = 1;
	pin->limit = n;
}

static void parse_set(struct pinning *pin, const char *text)
{
	const char *equals = strchr(text, '=');
	char name[FWREGS_NAME_SIZE];

	if (!equals)
		die_usage("--set wants NAME=VALUE, not '%s'", text);
	if (pin->nr == MAX_SETTINGS)
		die_status(STATUS_USAGE, "--set is given more than %d times", MAX_SETTINGS);

	snprintf(name, sizeof(name), "%.*s", (int)(equals - text), text);
	if (fwregs_id(name, &pin->set[pin->nr].id) ||
	    (!fwregs_is_bmap(pin->set[pin->nr].id) && !fwregs_is_level(pin->set[pin->nr].id)))
		die_status(STATUS_USAGE, "'%.*s' is not the name of a firmware register",
			   (int)(equals - text), text);

	pin->set[pin->nr].val = parse_number(equals + 1, name);
	pin->nr++;
}

static enum report_format parse_format(const char *name)
{
	unsigned int i;

	for (i = 0; i < NR_FORMATS; i++)
		if (!strcmp(name, formats[i]))
			return i;
	die_usage("'%s', for --format, is not json, nfd or prometheus", name);
}

static void take_option(struct options *options, enum option_id id, const char *value)
{
	switch (id) {
	case OPT_HOSTS:
		options->hosts = 1;
		break;
	case OPT_JSON:
		options->json = 1;
		break;
	case OPT_HTML:
		options->html = value;
		break;
	case OPT_FORMAT:
		options->format = parse_format(value);
		break;
	case OPT_OUTPUT:
		options->output = value;
		break;
	case OPT_RESET:
		options->reset = 1;
		break;
	case OPT_LIMIT:
		parse_limit(&options->pin, value);
		break;
	case OPT_SET:
		parse_set(&options->pin, value);
		break;
	case OPT_PIN:
		options->pin_to = value;
		break;
	case OPT_VCPUS:
		options->vcpus = parse_count(value, "--vcpus", MOVE_VCPUS_MAX);
		break;
	case OPT_ROUNDS:
		options->rounds = parse_count(value, "--rounds", ROUNDS_MAX);
		break;
	case OPT_HELP:
		options->help = 1;
		break;
	case OPT_VERSION:
		options->version = 1;
		break;
	case OPT_LIST_OPTIONS:
		options->list_options = 1;
		break;
	case NR_OPTIONS:
		break;
	}
}

/* The command line */

/* What getopt_long() returns for an option without a letter, and for its long form */
#define FIRST_OPTION	0x100

static int has_option(const struct command *command, unsigned int id)
{
	return command->options >> id & 1;
}

static void fill_long_options(const struct command *command, struct option *into)
{
	unsigned int id;

	for (id = 0; id < NR_OPTIONS; id++)
		if (has_option(command, id))
			*into++ = (struct option) {
				table[id].name, table[id].value ? required_argument : no_argument,
				NULL, FIRST_OPTION + id,
			};
	*into = (struct option) { 0 };
}

static void fill_letters(const struct command *command, int stop, char *into)
{
	unsigned int id;

	if (stop)
		*into++ = '+';
	*into++ = ':';
	for (id = 0; id < NR_OPTIONS; id++) {
		if (!has_option(command, id) || !table[id].letter)
			continue;
		*into++ = table[id].letter;
		if (table[id].value)
			*into++ = ':';
	}
	*into = 0;
}

static enum option_id option_by(int got)
{
	unsigned int id;

	if (got >= FIRST_OPTION)
		return got - FIRST_OPTION;
	for (id = 0; table[id].letter != got; id++)
		;
	return id;
}

/* How many options start with what was typed */
static unsigned int count_matches(const struct command *command, const char *typed)
{
	size_t len = strcspn(typed, "=");
	unsigned int id, n = 0;

	if (len < strlen("--x"))
		return 0;
	for (id = 0; id < NR_OPTIONS; id++)
		n += has_option(command, id) &&
		     !strncmp(table[id].name, typed + strlen("--"), len - strlen("--"));
	return n;
}

__attribute__((noreturn))
static void die_option(const struct command *command, int got, const char *typed)
{
	if (got == ':')
		die_usage("%s wants a value", typed);
	if (optopt >= FIRST_OPTION)
		die_usage("--%s takes no value, as in '%s'", table[optopt - FIRST_OPTION].name, typed);
	if (optopt)
		die_usage("%s has no option '-%c'", command->name, optopt);
	if (count_matches(command, typed) > 1)
		die_usage("'%s' is the start of several options of %s", typed, command->name);
	die_usage("%s has no option '%s'", command->name, typed);
}

void parse_options(const struct command *command, int argc, char **argv, int stop,
		   struct options *options)
{
	struct option long_options[NR_OPTIONS + 1];
	char letters[2 * NR_OPTIONS + 3];
	int got;

	fill_long_options(command, long_options);
	fill_letters(command, stop, letters);
	opterr = 0;
	/* 0 makes glibc start again, with another command line */
	optind = 0;
	while ((got = getopt_long(argc, argv, letters, long_options, NULL)) != -1) {
		if (got == ':' || got == '?')
			die_option(command, got, argv[optind - 1]);
		take_option(options, option_by(got), optarg);
	}
	options->nr = argc - optind;
	options->operand = argv + optind;
}

void check_operands(const struct command *command, const struct options *options)
{
	if (options->nr && !command->max)
		die_usage("%s takes no argument, but there is '%s'", command->name, options->operand[0]);
	if (options->nr > command->max)
		die_usage("%s takes one %s, but there is '%s' as well", command->name,
			  command->operand, options->operand[command->max]);
	if (command->max && !options->nr)
		die_usage("%s wants a %s", command->name, command->operand);
}

/* Output */

#define HELP_COLUMN	24

void print_options(const struct command *command)
{
	char text[80];
	unsigned int id;

	for (id = 0; id < NR_OPTIONS; id++) {
		if (!has_option(command, id) || !table[id].help)
			continue;
		snprintf(text, sizeof(text), "  %c%c%c --%s%s%s", table[id].letter ? '-' : ' ',
			 table[id].letter ? table[id].letter : ' ', table[id].letter ? ',' : ' ',
			 table[id].name, table[id].value ? "=" : "",
			 table[id].value ? table[id].value : "");
		printf("%-*s", HELP_COLUMN, text);
		if (strlen(text) >= HELP_COLUMN)
			printf("\n%-*s", HELP_COLUMN, "");
		printf("  %s\n", table[id].help);
	}
}

void list_options(const struct command *command)
{
	unsigned int id;

	if (command->operand)
		printf("%s\n", command->operand);
	for (id = 0; id < NR_OPTIONS; id++) {
		const char *value = table[id].value;

		if (!has_option(command, id) || !table[id].help)
			continue;
		if (table[id].letter)
			printf("-%c%s%s\n", table[id].letter, value ? " " : "", value ? value : "");
		printf("--%s%s%s\n", table[id].name, value ? " " : "", value ? value : "");
	}
}
