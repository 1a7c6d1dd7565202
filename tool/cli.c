// SPDX-License-Identifier: BSD-3-Clause
#include "cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fwregs.h"

static void start_line(void)
{
	int err = errno;

	fflush(stdout);
	fputs("fwregs: ", stderr);
	errno = err;
}

__attribute__((noreturn))
static void end_line(int status, const char *fmt, va_list ap)
{
	start_line();
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	exit(status);
}

void die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	end_line(STATUS_REFUSED, fmt, ap);
}

void die_status(int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	end_line(status, fmt, ap);
}

int complain(struct complaint *c, int status, const char *fmt, ...)
{
	va_list ap;

	if (!c->status) {
		c->status = status;
		va_start(ap, fmt);
		vsnprintf(c->text, sizeof(c->text), fmt, ap);
		va_end(ap);
	}
	return -1;
}

void die_errno(int err, const char *fmt, ...)
{
	va_list ap;

	start_line();
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, ": %s (%s)\n", strerror(err), strerrorname_np(err));
	exit(STATUS_SYSTEM);
}

/* arch/arm64/include/uapi/asm/kvm.h: KVM_REG_ARM64_SYSREG, with all but the register's number */
#define SYSREG_MASK	0xffffffffffff0000ULL
#define SYSREG		0x6030000000130000ULL

const char *reg_label(uint64_t id, char buf[REG_LABEL_SIZE])
{
	unsigned int n = id & 0xffff;

	if ((id & SYSREG_MASK) == SYSREG)
		snprintf(buf, REG_LABEL_SIZE, "system register %u %u c%u c%u %u (0x%llx)", n >> 14,
			 n >> 11 & 7, n >> 7 & 15, n >> 3 & 15, n & 7, (unsigned long long)id);
	else
		fwregs_name(id, buf);
	return buf;
}

void die_reg(int err, const char *call, uint64_t id, const uint64_t *val)
{
	char name[FWREGS_NAME_SIZE], value[32] = "";

	if (val)
		snprintf(value, sizeof(value), " to 0x%llx", (unsigned long long)*val);

	die("%s of %s (0x%llx)%s: %s (%s)", call, fwregs_name(id, name),
	    (unsigned long long)id, value, fwregs_strerror(-err), strerrorname_np(err));
}

void die_usage(const char *fmt, ...)
{
	va_list ap;

	start_line();
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputs(", see 'fwregs --help'\n", stderr);
	exit(STATUS_USAGE);
}

int finish_output(void)
{
	if (fflush(stdout) || ferror(stdout))
		die_errno(errno, "writing the output");
	return 0;
}

void pinning_limit_vm(const struct pinning *pin, int vm)
{
	int ret = pin->has_limit ? fwregs_limit(vm, pin->limit) : 0;

	if (ret)
		die("limiting the VM to %u bitmap registers, of %d: %s (%s)", pin->limit,
		    fwregs_count(vm), fwregs_strerror(ret), strerrorname_np(-ret));
}

void pinning_set_regs(const struct pinning *pin, int vcpu)
{
	unsigned int i;
	int ret;

	for (i = 0; i < pin->nr; i++) {
		ret = fwregs_set(vcpu, pin->set[i].id, pin->set[i].val);
		if (ret)
			die_reg(-ret, "KVM_SET_ONE_REG", pin->set[i].id, &pin->set[i].val);
	}
}

uint64_t get_reg(int vcpu, uint64_t id)
{
	uint64_t val;
	int ret = fwregs_get(vcpu, id, &val);

	if (ret)
		die_reg(-ret, "KVM_GET_ONE_REG", id, NULL);
	return val;
}
