// SPDX-License-Identifier: BSD-3-Clause
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "params.h"

#define PARAM_DIR	"/sys/module/kvm/parameters/"

struct param params[NR_PARAMS] = {
	[PARAM_REGS]	= { .name = "fw_bmap_regs", .path = PARAM_DIR "fw_bmap_regs" },
	[PARAM_PSCI]	= { .name = "psci_version", .path = PARAM_DIR "psci_version" },
};

int param_read(enum param_index i, char buf[PARAM_LEN])
{
	int fd = open(params[i].path, O_RDONLY | O_CLOEXEC);
	ssize_t len;
	int err;

	if (fd < 0)
		return errno;

	len = read(fd, buf, PARAM_LEN - 1);
	err = len < 0 ? errno : 0;
	close(fd);
	buf[err ? 0 : len] = '\0';
	return err;
}

static int write_param(enum param_index i, const char *val)
{
	int fd = open(params[i].path, O_WRONLY | O_CLOEXEC);
	int err;

	if (fd < 0)
		return errno;

	err = write(fd, val, strlen(val)) < 0 ? errno : 0;
	close(fd);
	return err;
}

void params_save(void)
{
	unsigned int i;

	for (i = 0; i < NR_PARAMS; i++)
		params[i].present = !param_read(i, params[i].saved);
}

void params_restore(void)
{
	unsigned int i;

	for (i = 0; i < NR_PARAMS; i++)
		if (params[i].present)
			write_param(i, params[i].saved);
}

void need_param(enum param_index i)
{
	if (!params[i].present)
		die("there is no %s", params[i].path);
}

void need_writable_param(enum param_index i)
{
	need_param(i);
	if (geteuid())
		skip("only root can write %s", params[i].path);
}

void expect_param(enum param_index i, const char *want)
{
	char got[PARAM_LEN] = "";
	int err = param_read(i, got);

	expect_err(err, 0, "reading %s", params[i].name);
	if (!err && (strncmp(got, want, strlen(want)) || strcmp(got + strlen(want), "\n")))
		fail("%s: expected '%s' and a newline, got '%.*s'", params[i].name, want,
		     (int)strcspn(got, "\n"), got);
}

int param_echo(enum param_index i, const char *val)
{
	char line[PARAM_LEN];

	snprintf(line, sizeof(line), "%s\n", val);
	return write_param(i, line);
}

void param_write(enum param_index i, const char *val)
{
	int err = param_echo(i, val);

	if (err)
		die("writing '%s' to %s: expected success, got %s", val, params[i].name,
		    err_name(err));
}

void expect_bad_value(enum param_index i, const char *val, const char *present)
{
	expect_err(param_echo(i, val), EINVAL, "writing '%s' to %s", val, params[i].name);
	expect_param(i, present);
}

const char *regs_string(unsigned int nr)
{
	static char buf[12];

	snprintf(buf, sizeof(buf), "%u", nr);
	return buf;
}

void set_ceiling(unsigned int nr)
{
	need_writable_param(PARAM_REGS);
	param_write(PARAM_REGS, regs_string(nr));
}

void set_psci_ceiling(__u32 version)
{
	need_writable_param(PARAM_PSCI);
	param_write(PARAM_PSCI, psci_string(version));
}
