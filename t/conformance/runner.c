// SPDX-License-Identifier: BSD-3-Clause
/*
 * conformance - does the kernel that runs here keep the ABI contract?
 *
 * Tests sections 2 to 6 of the contract with bare KVM ioctls and a guest of a few
 * instructions. The same binary runs on every base. The output is TAP. A description begins
 * with the section of the contract that has the rule.
 *
 * What an unpatched kernel lacks is a failure. A test is skipped only if the machine or the
 * base cannot have what the test needs.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "test.h"

static const struct section {
	const char		*number;
	const struct test	*tests;
} sections[] = {
	{ "2", section2_tests },
	{ "2", section2_race_tests },
	{ "3", section3_tests },
	{ "4", section4_tests },
	{ "5", section5_tests },
	{ "6", section6_tests },
};

static unsigned int nr_instances(enum per per)
{
	const unsigned int nr[] = {
		[ONCE]		= 1,
		[PER_FW_REG]	= NR_LEVEL + base->known,
		[PER_BITMAP]	= base->known,
		[PER_COUNT]	= base->known + 1,
		[PER_PSCI]	= base->nr_psci,
		[PER_NR_VCPUS]	= MAX_RUNNERS,
		[PER_SERVICE]	= NR_SERVICES * NR_CONDUITS,
	};

	return nr[per];
}

/* What a description ends with */
static void instance_suffix(enum per per, unsigned int i, char *buf, size_t len)
{
	switch (per) {
	case ONCE:
		buf[0] = '\0';
		break;
	case PER_FW_REG:
		snprintf(buf, len, " (%s)", reg_name(fw_id(i)));
		break;
	case PER_BITMAP:
		snprintf(buf, len, " (%s)", bmaps[i].name);
		break;
	case PER_COUNT:
		snprintf(buf, len, " (n = %u)", i);
		break;
	case PER_PSCI:
		snprintf(buf, len, " (PSCI %s)", psci_string(base->psci[i]));
		break;
	case PER_NR_VCPUS:
		snprintf(buf, len, " (%u vCPU%s)", i + 1, i ? "s" : "");
		break;
	case PER_SERVICE:
		snprintf(buf, len, " (%s, %s)", services[i / NR_CONDUITS].name,
			 conduit_names[i % NR_CONDUITS]);
		break;
	}
}

static void handle_signal(int sig)
{
	params_restore();
	signal(sig, SIG_DFL);
	raise(sig);
}

/* Options */
static const char *only = "";
static bool list_only;
static bool boot_ceiling;
static bool boot_psci;

enum pass {
	COUNT,
	LIST,
	RUN,
};

struct progress {
	enum pass	pass;
	unsigned int	number;
	unsigned int	failed;
};

static bool run_test(const struct test *test, unsigned int i, unsigned int number,
		     const char *name)
{
	bool is_ok = tap_run(number, name, test->fn, i);

	params_restore();
	return is_ok;
}

static void walk_one(struct progress *p, const char *section, const struct test *test,
		     unsigned int i)
{
	char suffix[80], name[160];

	instance_suffix(test->per, i, suffix, sizeof(suffix));
	snprintf(name, sizeof(name), "%s: %s%s", section, test->name, suffix);
	if (!strstr(name, only))
		return;

	p->number++;
	if (p->pass == LIST)
		puts(name);
	else if (p->pass == RUN && !run_test(test, i, p->number, name))
		p->failed++;
}

static void walk_all(struct progress *p)
{
	const struct section *s;
	const struct test *test;
	unsigned int i;

	for (s = sections; s < sections + ARRAY_SIZE(sections); s++)
		for (test = s->tests; test->name; test++)
			for (i = 0; i < nr_instances(test->per); i++)
				walk_one(p, s->number, test, i);
}

static struct progress walk(enum pass pass)
{
	struct progress p = { .pass = pass };

	if (boot_ceiling)
		walk_one(&p, "6", &boot_ceiling_test, 0);
	if (boot_psci)
		walk_one(&p, "6", &boot_psci_test, 0);
	if (!boot_ceiling && !boot_psci)
		walk_all(&p);

	return p;
}

static void print_help(void)
{
	puts("usage: conformance [OPTION]...\n"
	     "Tests the KVM of this host against the contract on firmware registers. TAP output.\n"
	     "  --base=RELEASE      expect what this base has (default: that of uname)\n"
	     "  --only=SUBSTRING    only tests whose description contains it\n"
	     "  --races=N           N VMs in each race with KVM_RUN (default: 10)\n"
	     "  --list              list the descriptions and end\n"
	     "  --expect-ceiling=N  test only that the host was booted with kvm.fw_bmap_regs=N\n"
	     "  --expect-psci=X.Y   test only that it was booted with kvm.psci_version=X.Y\n"
	     "Section 6 needs root. Parameters are put back.\n"
	     "Exit status: 0 if all is ok, 1 if not, 2 if there is nothing to test with.");
}

static unsigned int parse_number(const char *option, const char *arg, unsigned int max)
{
	char *end;
	unsigned long n = strtoul(arg, &end, 10);

	if (!*arg || *end || n > max)
		bail_out("--%s=%s: must be 0 to %u", option, arg, max);

	return n;
}

static uint32_t parse_psci(const char *arg)
{
	unsigned int i;

	for (i = 0; i < base->nr_psci; i++)
		if (!strcmp(arg, psci_string(base->psci[i])))
			return base->psci[i];

	bail_out("--expect-psci=%s: base %s has no such version", arg, base->release);
}

static const struct option options[] = {
	{ "base",		required_argument,	NULL, 'b' },
	{ "only",		required_argument,	NULL, 'o' },
	{ "races",		required_argument,	NULL, 'r' },
	{ "list",		no_argument,		NULL, 'l' },
	{ "expect-ceiling",	required_argument,	NULL, 'c' },
	{ "expect-psci",	required_argument,	NULL, 'p' },
	{ "help",		no_argument,		NULL, 'h' },
	{}
};

static void parse_options(int argc, char **argv)
{
	const char *ceiling = NULL, *psci = NULL;
	int opt;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (opt) {
		case 'b':
			base = find_base(optarg);
			break;
		case 'o':
			only = optarg;
			break;
		case 'r':
			nr_races = parse_number("races", optarg, 100000);
			break;
		case 'l':
			list_only = true;
			break;
		case 'c':
			ceiling = optarg;
			break;
		case 'p':
			psci = optarg;
			break;
		case 'h':
			print_help();
			exit(0);
		default:
			exit(2);
		}
	}
	if (optind != argc)
		bail_out("unexpected argument '%s'", argv[optind]);

	/* The base says which values these options take. */
	if (!base)
		base = running_base();
	boot_ceiling = ceiling;
	boot_psci = psci;
	if (ceiling)
		expected_ceiling = parse_number("expect-ceiling", ceiling, base->known);
	if (psci)
		expected_psci = parse_psci(psci);
}

/* What every test needs */
static void check_environment(void)
{
	int ret = kvm_open();

	if (ret)
		bail_out("/dev/kvm: %s", strerror(-ret));

	ret = vm_ioctl(kvm_fd, KVM_GET_API_VERSION, NULL);
	if (ret != KVM_API_VERSION)
		bail_out("KVM_GET_API_VERSION: expected %d, got %d", KVM_API_VERSION, ret);

	ret = vm_new();
	if (ret < 0)
		bail_out("KVM_CREATE_VM: %s", strerror(-ret));
	close(ret);

	if (access("/sys/module", X_OK))
		bail_out("/sys/module: %s", strerror(errno));
}

int main(int argc, char **argv)
{
	struct progress p;

	parse_options(argc, argv);
	if (!walk(COUNT).number)
		bail_out("no test has '%s' in its description", only);
	if (list_only) {
		walk(LIST);
		return 0;
	}

	check_environment();
	params_save();
	signal(SIGINT, handle_signal);
	signal(SIGTERM, handle_signal);

	printf("TAP version 13\n1..%u\n", walk(COUNT).number);
	printf("# base %s: %u bitmap registers, PSCI up to %s\n", base->release, base->known,
	       psci_string(psci_latest()));
	p = walk(RUN);
	printf("# %u of %u not ok\n", p.failed, p.number);
	return p.failed ? 1 : 0;
}
