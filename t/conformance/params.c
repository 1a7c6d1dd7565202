// SPDX-License-Identifier: BSD-3-Clause
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "params.h"
#include "vmm/vmm.h"

static struct saved {
	const char	*name;
	int		fd;		/* negative: it cannot be written */
	char		val[PARAM_LEN];
} saved[] = {
	{ .name = PARAM_REGS },
	{ .name = PARAM_PSCI },
};

void params_save(void)
{
	struct saved *s;

	for (s = saved; s < saved + ARRAY_SIZE(saved); s++) {
		s->fd = param_open(s->name, O_RDWR);
		if (s->fd >= 0 && param_fd_read(s->fd, s->val, sizeof(s->val)))
			bail_out("%s cannot be read", s->name);
	}
}

void params_restore(void)
{
	const struct saved *s;

	for (s = saved; s < saved + ARRAY_SIZE(saved); s++)
		if (s->fd >= 0)
			param_fd_write(s->fd, s->val);
}

int need_param(const char *name)
{
	int fd = param_open(name, O_RDONLY);

	if (fd < 0)
		die("there is no /sys/module/kvm/parameters/%s", name);
	return fd;
}

void need_writable_param(const char *name)
{
	close(need_param(name));
	if (geteuid())
		skip("only root can write %s", name);
}

void expect_param(const char *name, const char *want)
{
	char got[PARAM_LEN] = "", line[PARAM_LEN];
	int fd = need_param(name);

	if (read(fd, got, sizeof(got) - 1) < 0)
		die_errno(errno, "reading %s", name);
	close(fd);
	snprintf(line, sizeof(line), "%s\n", want);
	if (strcmp(got, line))
		fail("%s: expected '%s' and a newline, got '%.*s'", name, want,
		     (int)strcspn(got, "\n"), got);
}

int param_echo(const char *name, const char *val)
{
	char line[PARAM_LEN];

	snprintf(line, sizeof(line), "%s\n", val);
	return -param_write(name, line);
}

void write_param(const char *name, const char *val)
{
	int err = param_echo(name, val);

	if (err)
		die_errno(err, "writing '%s' to %s", val, name);
}

void expect_bad_value(const char *name, const char *val, const char *present)
{
	expect_err(param_echo(name, val), EINVAL, "writing '%s' to %s", val, name);
	expect_param(name, present);
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
	write_param(PARAM_REGS, regs_string(nr));
}

void set_psci_ceiling(uint32_t version)
{
	need_writable_param(PARAM_PSCI);
	write_param(PARAM_PSCI, psci_string(version));
}
