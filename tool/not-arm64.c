// SPDX-License-Identifier: BSD-3-Clause
/* The commands that ask KVM, in a program for a machine whose KVM has no firmware registers */
#include <sys/utsname.h>

#include "cli.h"

__attribute__((noreturn))
static void not_here(const char *command)
{
	struct utsname host;

	if (uname(&host))
		host.machine[0] = 0;
	die_status(STATUS_SYSTEM, "%s asks KVM, and this is a program for %s: run that for arm64 on an arm64 host",
		   command, host.machine);
}

int cmd_list(int argc, char **argv)
{
	(void)argc;
	not_here(argv[0]);
}

int cmd_guest(int argc, char **argv)
{
	(void)argc;
	not_here(argv[0]);
}

int cmd_report(int argc, char **argv)
{
	(void)argc;
	not_here(argv[0]);
}

int cmd_check(int argc, char **argv)
{
	(void)argc;
	not_here(argv[0]);
}

int cmd_save(int argc, char **argv)
{
	(void)argc;
	not_here(argv[0]);
}

int cmd_load(int argc, char **argv)
{
	(void)argc;
	not_here(argv[0]);
}
