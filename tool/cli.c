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

uint64_t parse_number(const char *text, const char *what)
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
		die_status(STATUS_USAGE, "there are more than %d of --set", MAX_SETTINGS);

	snprintf(name, sizeof(name), "%.*s", (int)(equals - text), text);
	if (fwregs_id(name, &pin->set[pin->nr].id) ||
	    (!fwregs_is_bmap(pin->set[pin->nr].id) && !fwregs_is_level(pin->set[pin->nr].id)))
		die_status(STATUS_USAGE, "'%.*s' is not the name of a firmware register",
			   (int)(equals - text), text);

	pin->set[pin->nr].val = parse_number(equals + 1, name);
	pin->nr++;
}

int take_operands(int argc, char **argv, int *i, int *nr)
{
	if (!strcmp(argv[*i], "--")) {
		while (++*i < argc)
			argv[++*nr] = argv[*i];
		return 1;
	}
	if (argv[*i][0] == '-' && argv[*i][1])
		return 0;
	argv[++*nr] = argv[*i];
	return 1;
}

char *option_value(int argc, char **argv, int *i)
{
	if (*i + 1 >= argc)
		die_usage("%s wants a value", argv[*i]);
	return argv[++*i];
}

int parse_pinning_option(int argc, char **argv, int *i, struct pinning *pin)
{
	if (!strcmp(argv[*i], "--limit"))
		parse_limit(pin, option_value(argc, argv, i));
	else if (!strcmp(argv[*i], "--set"))
		parse_set(pin, option_value(argc, argv, i));
	else
		return 0;
	return 1;
}

void parse_pinning(int argc, char **argv, struct pinning *pin)
{
	int i;

	for (i = 1; i < argc; i++)
		if (!parse_pinning_option(argc, argv, &i, pin))
			die_usage("%s has no option '%s'", argv[0], argv[i]);
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
