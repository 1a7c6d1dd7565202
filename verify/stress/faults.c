// SPDX-License-Identifier: BSD-3-Clause
/*
 * faults: makes allocations and copies in the kernel fail, one after the other, and checks what
 * KVM does then. Needs a kernel with FAULT_INJECTION, FAILSLAB and FAULT_INJECTION_USERCOPY,
 * and debugfs.
 *
 * Each case is repeated in two ways (Documentation/fault-injection/fault-injection.rst):
 * - one:  the first allocation or copy fails, then the second, until none has failed
 * - rest: every allocation fails after some number of bytes, which grows. A caller that tries
 *         again (as the maple tree of the SMCCC filter) fails again.
 * Each time, the ioctl has to return a fitting error, the firmware registers have to be as they
 * were, and the VM has to work afterwards. The ioctl may also succeed, as the kernel can do
 * without some allocations. Then all has to be as after a success.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../model.h"
#include "report.h"
#include "vm.h"

#define NR(array)	(sizeof(array) / sizeof((array)[0]))

#define TRNG_VERSION	0x84000050

/* More attempts at one ioctl mean an endless loop */
#define MAX_ATTEMPTS	5000

/* A value for the debugfs file times that is never used up: it counts down */
#define MANY_TIMES	1000000

static struct model_host host;
static int fail_nth, make_it_fail;

/*
 * Fault injection
 */

static void debugfs(const char *path, const char *text)
{
	char name[128];
	int fd;

	snprintf(name, sizeof(name), "/sys/kernel/debug/%s", path);
	fd = open(name, O_WRONLY);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		die_errno(errno, "\"%s\" to %s", text, name);
	close(fd);
}

static int must_open(const char *name)
{
	int fd = open(name, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		die_errno(errno, "open of %s", name);
	return fd;
}

/* Also fail allocations that may sleep, and pages. Silently, since there are many. */
static void prepare_injection(void)
{
	debugfs("failslab/ignore-gfp-wait", "N");
	debugfs("failslab/cache-filter", "N");
	debugfs("failslab/verbose", "0");
	debugfs("failslab/task-filter", "Y");
	debugfs("failslab/probability", "100");
	debugfs("fail_page_alloc/ignore-gfp-wait", "N");
	debugfs("fail_page_alloc/ignore-gfp-highmem", "N");
	debugfs("fail_page_alloc/min-order", "0");
	debugfs("fail_page_alloc/verbose", "0");
	debugfs("fail_usercopy/verbose", "0");
	fail_nth = must_open("/proc/thread-self/fail-nth");
	make_it_fail = must_open("/proc/thread-self/make-it-fail");
}

static void write_number(int fd, unsigned long number)
{
	char text[32];
	int len = snprintf(text, sizeof(text), "%lu", number);

	if (pwrite(fd, text, len, 0) != len)
		die_errno(errno, "write of %s for fault injection", text);
}

static void start_one(unsigned int nth)
{
	write_number(fail_nth, nth);
}

/* Stops failures. True if there has been one. */
static bool stop_one(void)
{
	char text[16] = "";
	/* If the copy of this answer fails, nothing has failed before */
	bool was = pread(fail_nth, text, sizeof(text) - 1, 0) > 0 && atoi(text) == 0;

	while (pwrite(fail_nth, "0", 1, 0) != 1)
		;
	return was;
}

/* An object has at least 32 bytes. If there are many objects, use larger steps. */
static void start_rest(unsigned int attempt)
{
	unsigned long space = 0;
	char text[32];

	while (--attempt)
		space += 32 + space / 16;
	snprintf(text, sizeof(text), "%lu", space);
	debugfs("failslab/space", text);
	snprintf(text, sizeof(text), "%d", MANY_TIMES);
	debugfs("failslab/times", text);
	write_number(make_it_fail, 1);
}

static bool stop_rest(void)
{
	char text[16] = "";
	int fd;

	write_number(make_it_fail, 0);
	fd = must_open("/sys/kernel/debug/failslab/times");
	if (read(fd, text, sizeof(text) - 1) <= 0)
		die_errno(errno, "read of failslab/times");
	close(fd);
	return atoi(text) != MANY_TIMES;
}

static const struct mode {
	const char *name;
	void (*start)(unsigned int attempt);
	bool (*stop)(void);
} modes[] = {
	{ "one", start_one, stop_one },
	{ "rest", start_rest, stop_rest },
};

enum { ONE, REST, NR_MODES };

/*
 * What userspace can observe of the firmware of a VM
 */

struct snapshot {
	int count, count_all;
	int ret[MODEL_LEVELS + MODEL_BMAPS];
	uint64_t val[MODEL_LEVELS + MODEL_BMAPS];
	uint64_t n, seen;
};

static uint64_t reg_id(unsigned int i)
{
	return i < MODEL_LEVELS ? MODEL_LEVEL_ID(i) : MODEL_BMAP_ID(i - MODEL_LEVELS);
}

static void take(const struct vm *vm, struct snapshot *s)
{
	unsigned int i;

	memset(s, 0, sizeof(*s));
	s->count = kvm_count(vm->fd);
	s->count_all = kvm_count(kvm_fd);
	for (i = 0; i < NR(s->val); i++)
		s->ret[i] = vcpu_get(vm->vcpu[0].fd, reg_id(i), &s->val[i]);
	need(vcpu_list_firmware(vm->vcpu[0].fd, REGS_MAX, &s->n, &s->seen), "KVM_GET_REG_LIST");
}

/*
 * The case at hand: a VM, with something that may be done to it
 */

static struct {
	struct vm vm;
	struct snapshot before, after;	/* after a failure, and after a success */
	int vcpu;			/* that is not one of vm yet */
	unsigned int reg;		/* number of the register */
	uint64_t val, report;
	int param;
	const char *text, *old;
} c;

/* The parameters as they were */
static char known_text[8], psci_text[16];

static char why[200];

#define complain(...)	(snprintf(why, sizeof(why), __VA_ARGS__), false)

/* The reports of a guest with all services, and of one with none but PSCI */
static uint64_t all_served, none_served;

static bool guest_sees(uint64_t want)
{
	uint64_t report;
	int ret = vcpu_report(&c.vm.vcpu[0], &report);

	if (ret)
		return complain("KVM_RUN afterwards: %d", ret);
	if (report != want)
		return complain("the guest reports 0x%llx instead of 0x%llx",
				(unsigned long long)report, (unsigned long long)want);
	return true;
}

static bool same_as(const struct snapshot *want)
{
	struct snapshot now;

	take(&c.vm, &now);
	if (memcmp(&now, want, sizeof(now)))
		return complain("the firmware registers are not as they should be");
	return true;
}

static void one_vcpu(void)
{
	stress_vm_with_vcpu(&c.vm);
	take(&c.vm, &c.before);
	c.after = c.before;
}

static bool check_state(int ret)
{
	return same_as(ret < 0 ? &c.before : &c.after);
}

static bool check_state_and_run(int ret)
{
	return check_state(ret) && guest_sees(all_served);
}

static void destroy(void)
{
	vm_destroy(&c.vm);
}

static void write_ceilings(const char *bmaps, const char *psci)
{
	need(param_write("fw_bmap_regs", bmaps), "write of fw_bmap_regs");
	need(param_write("psci_version", psci), "write of psci_version");
}

/* KVM_CREATE_VM: another VM is not affected, and the next one has what the ceilings say */
static void one_vcpu_under_ceilings(void)
{
	one_vcpu();
	write_ceilings("0", "0.2");
	c.before.count_all = 0;
}

static void without_ceilings(void)
{
	write_ceilings(known_text, psci_text);
	destroy();
}

static int create_vm(void)
{
	int fd = vm_new();

	if (fd >= 0)
		close(fd);
	return fd;
}

static bool has_ceilings(void)
{
	struct snapshot s;

	take(&c.vm, &s);
	if (s.count || s.val[0] != MODEL_PSCI(0, 2))
		return complain("a new VM has %d bitmap registers and PSCI 0x%llx", s.count,
				(unsigned long long)s.val[0]);
	return true;
}

static bool check_create_vm(int ret)
{
	struct vm first = c.vm;
	bool good;

	(void)ret;
	stress_vm_with_vcpu(&c.vm);
	good = has_ceilings();
	vm_destroy(&c.vm);
	c.vm = first;
	return good && same_as(&c.before) && guest_sees(all_served);
}

/* KVM_CREATE_VCPU: a second one */
static int create_vcpu(void)
{
	return c.vcpu = vcpu_new(c.vm.fd, 1);
}

static bool second_vcpu_works(int vcpu)
{
	int ret = vcpu_init(c.vm.fd, vcpu, VCPU_PSCI);

	if (ret)
		return complain("KVM_ARM_VCPU_INIT afterwards: %d", ret);
	c.vm.vcpu[1].fd = vcpu;
	vm_prepare_vcpu(&c.vm, 1);
	return same_as(&c.before) && guest_sees(all_served);
}

static bool check_create_vcpu(int ret)
{
	if (!same_as(&c.before))
		return false;
	if (ret < 0)
		c.vcpu = vcpu_new(c.vm.fd, 1);
	if (c.vcpu < 0)
		return complain("KVM_CREATE_VCPU afterwards: %d", c.vcpu);
	return second_vcpu_works(c.vcpu);
}

static void two_vcpus_one_ready(void)
{
	one_vcpu();
	c.vcpu = need(vcpu_new(c.vm.fd, 1), "KVM_CREATE_VCPU");
}

static int init_vcpu(void)
{
	return vcpu_init(c.vm.fd, c.vcpu, VCPU_PSCI);
}

static bool check_init_vcpu(int ret)
{
	(void)ret;
	return same_as(&c.before) && second_vcpu_works(c.vcpu);
}

/* KVM_GET_ONE_REG */
static int get_reg(void)
{
	return vcpu_get(c.vm.vcpu[0].fd, reg_id(c.reg), &c.val);
}

static bool check_get(int ret)
{
	if (!ret && c.val != c.before.val[c.reg])
		return complain("GET: 0x%llx", (unsigned long long)c.val);
	return check_state_and_run(ret);
}

/* KVM_SET_ONE_REG of another value, if the register has one */
static void one_vcpu_to_set(void)
{
	one_vcpu();
	c.val = c.reg == 0 ? MODEL_PSCI(0, 2) : c.reg < MODEL_LEVELS ? c.before.val[c.reg] :
		c.before.val[c.reg] ? 0 : 1;
	c.after.val[c.reg] = c.val;
}

static int set_reg(void)
{
	return vcpu_set(c.vm.vcpu[0].fd, reg_id(c.reg), &c.val);
}

static int get_list(void)
{
	uint64_t n, seen;
	int ret = vcpu_list_firmware(c.vm.vcpu[0].fd, REGS_MAX, &n, &seen);

	if (!ret && (n != c.before.n || seen != c.before.seen))
		return -EPROTO;
	return ret;
}

/* KVM_ENABLE_CAP: the VM keeps no bitmap register. It has to have no vCPU for that. */
static void no_vcpu(void)
{
	stress_vm(&c.vm);
}

static int limit(void)
{
	return vm_limit(c.vm.fd, 0);
}

static bool is_limited(void)
{
	struct snapshot s;

	vm_add_vcpu(&c.vm, VCPU_PSCI);
	take(&c.vm, &s);
	if (s.count || s.seen != (1ULL << MODEL_LEVELS) - 1 || s.ret[MODEL_LEVELS] != -ENOENT)
		return complain("the VM has bitmap registers");
	return guest_sees(none_served);
}

static bool check_limit(int ret)
{
	int want = ret < 0 ? (int)host.known : 0, count = kvm_count(c.vm.fd);

	if (count != want)
		return complain("the count is %d instead of %d", count, want);
	ret = limit();
	if (ret)
		return complain("KVM_ENABLE_CAP afterwards: %d", ret);
	return is_limited();
}

/* KVM_CREATE_VCPU, the first one. After a failure, the VM can still be limited. */
static int create_first_vcpu(void)
{
	int fd = vcpu_new(c.vm.fd, 0);

	if (fd >= 0)
		c.vm.vcpu[0].fd = fd;
	return fd;
}

static bool check_create_first_vcpu(int ret)
{
	int limited = limit();

	if (limited != (ret < 0 ? 0 : -EBUSY))
		return complain("KVM_ENABLE_CAP afterwards: %d", limited);
	if (ret < 0)
		return is_limited();
	vm_add_vcpu(&c.vm, VCPU_PSCI);
	return guest_sees(all_served);
}

/* KVM_SET_DEVICE_ATTR: an SMCCC filter that denies TRNG_VERSION */
static int set_filter(void)
{
	return vm_set_filter(c.vm.fd, TRNG_VERSION, 1, FILTER_DENY);
}

static bool has_filter(void)
{
	bool has;

	one_vcpu();
	has = vm_has_filter(c.vm.fd);
	destroy();
	return has;
}

/* A failed call has left no filter, so its range is free and it can be set again */
static bool check_filter(int ret)
{
	static unsigned int turn;

	if (!same_as(&c.before))
		return false;
	if (ret && turn++ % 2)
		return guest_sees(all_served);
	if (ret)
		ret = set_filter();
	if (ret)
		return complain("KVM_SET_DEVICE_ATTR afterwards: %d", ret);
	return guest_sees(all_served & ~(1ULL << REPORT_TRNG_VERSION));
}

/* The first KVM_RUN: KVM has not mapped the guest's memory yet */
static int run(void)
{
	return vcpu_report(&c.vm.vcpu[0], &c.report);
}

static bool check_run(int ret)
{
	if (!ret && c.report != all_served)
		return complain("the guest reports 0x%llx", (unsigned long long)c.report);
	return same_as(&c.before) && guest_sees(all_served);
}

/* A module parameter, which affects new VMs only */
static void open_param(const char *name, const char *text, const char *old)
{
	one_vcpu();
	c.param = need(param_open(name, O_WRONLY), name);
	c.text = text;
	c.old = old;
}

static int write_param(void)
{
	return param_fd_write(c.param, c.text);
}

static void close_param(void)
{
	need(param_fd_write(c.param, c.old), "write of a parameter");
	close(c.param);
	destroy();
}

static void open_bmaps(void)
{
	open_param("fw_bmap_regs", "0", known_text);
	c.after.count_all = 0;
}

static void open_psci(void)
{
	open_param("psci_version", "0.2", psci_text);
}

static bool check_psci(int ret)
{
	char text[16];

	need(param_read("psci_version", text, sizeof(text)), "read of psci_version");
	if (strcmp(text, ret ? psci_text : "0.2"))
		return complain("the parameter is %s", text);
	return check_state(ret);
}

/*
 * All the cases
 */

static const struct test {
	const char *name;
	void (*prepare)(void);
	int (*attempt)(void);
	bool (*check)(int ret);		/* and afterwards, does the VM work? */
	void (*clean)(void);
	unsigned int at_least[NR_MODES];	/* so many failures that userspace sees */
	bool every_reg;
} tests[] = {
	{ "KVM_CREATE_VM", one_vcpu_under_ceilings, create_vm, check_create_vm, without_ceilings,
	  { 10, 10 }, false },
	{ "KVM_CREATE_VCPU, the first", no_vcpu, create_first_vcpu, check_create_first_vcpu,
	  destroy, { 1, 1 }, false },
	{ "KVM_CREATE_VCPU, the second", one_vcpu, create_vcpu, check_create_vcpu, destroy, { 1, 1 }, false },
	{ "KVM_ARM_VCPU_INIT", two_vcpus_one_ready, init_vcpu, check_init_vcpu, destroy,
	  { 1, 0 }, false },
	{ "KVM_GET_ONE_REG", one_vcpu, get_reg, check_get, destroy, { 1, 0 }, true },
	{ "KVM_SET_ONE_REG", one_vcpu_to_set, set_reg, check_state, destroy, { 1, 0 }, true },
	{ "KVM_GET_REG_LIST", one_vcpu, get_list, check_state_and_run, destroy, { 2, 0 }, false },
	{ "KVM_ENABLE_CAP", no_vcpu, limit, check_limit, destroy, { 1, 0 }, false },
	{ "first KVM_RUN", one_vcpu, run, check_run, destroy, { 1, 1 }, false },
	{ "fw_bmap_regs", open_bmaps, write_param, check_state, close_param, { 2, 1 }, false },
	{ "psci_version", open_psci, write_param, check_psci, close_param, { 2, 1 }, false },
};

/* If the base has it. A single failure is not enough, since the maple tree tries again. */
static const struct test filter_test = {
	"KVM_SET_DEVICE_ATTR, SMCCC filter", one_vcpu, set_filter, check_filter, destroy,
	{ 2, 1 }, false,
};

static bool good_error(int ret)
{
	return ret >= 0 || ret == -ENOMEM || ret == -EFAULT;
}

/* One attempt. False if nothing has failed. */
static bool attempt(const struct test *test, const struct mode *mode, unsigned int number,
		    bool *failed, bool *good)
{
	bool more;
	int ret;

	why[0] = '\0';
	test->prepare();
	mode->start(number);
	ret = test->attempt();
	more = mode->stop();
	*failed = ret < 0;
	*good = good_error(ret) || complain("this is no error for a lack of memory");
	if (*good && !more && ret < 0)
		*good = complain("nothing has failed");
	if (*good)
		*good = test->check(ret);
	if (!*good)
		printf("# attempt %u, returned %d: %s\n", number, ret, why);
	test->clean();
	return more;
}

/*
 * Most kernels allocate the array of the cache that a guest's page tables are in. The quirk
 * no-slab-in-run of a base says that there is no slab in its first KVM_RUN.
 */
static bool runs_without_slab(void)
{
	const char *quirk = getenv("NO_SLAB_IN_RUN");

	return quirk && *quirk;
}

static unsigned int at_least(const struct test *test, unsigned int mode)
{
	if (test->attempt == run && modes[mode].start == start_rest && runs_without_slab())
		return 0;
	return test->at_least[mode];
}

static bool run_mode(const struct test *test, unsigned int mode)
{
	unsigned int number = 0, failures = 0, wanted = at_least(test, mode);
	bool good, all_good = true, failed, more;

	do {
		more = attempt(test, &modes[mode], ++number, &failed, &good);
		failures += failed;
		all_good &= good;
	} while (more && number < MAX_ATTEMPTS);

	printf("# %s", test->name);
	if (test->every_reg)
		printf(" 0x%llx", (unsigned long long)reg_id(c.reg));
	printf(", %s: injected %u times, seen %u times\n", modes[mode].name, number - 1, failures);
	if (failures < wanted) {
		printf("# there must have been at least %u\n", wanted);
		all_good = false;
	}
	fflush(stdout);
	return all_good && !more;
}

static bool run_test(const struct test *test)
{
	bool good = true;
	unsigned int mode;

	for (mode = 0; mode < NR_MODES; mode++)
		good &= run_mode(test, mode);
	return good;
}

static bool run_regs(const struct test *test)
{
	bool good = true;

	for (c.reg = 0; c.reg < MODEL_LEVELS + host.known; c.reg++)
		good &= run_test(test);
	return good;
}

static bool report_test(const struct test *test)
{
	static unsigned int number;
	bool good = test->every_reg ? run_regs(test) : run_test(test);

	printf("%sok %u - failures in %s\n", good ? "" : "not ", ++number, test->name);
	fflush(stdout);
	return good;
}

/* The reports of guests with all services and with none */
static void ask_guests(void)
{
	one_vcpu();
	need(vcpu_report(&c.vm.vcpu[0], &all_served), "KVM_RUN");
	destroy();
	no_vcpu();
	need(limit(), "KVM_ENABLE_CAP");
	vm_add_vcpu(&c.vm, VCPU_PSCI);
	need(vcpu_report(&c.vm.vcpu[0], &none_served), "KVM_RUN");
	destroy();
}

static void prepare(void)
{
	probe_host(&host);
	snprintf(known_text, sizeof(known_text), "%u", host.known);
	need(param_read("psci_version", psci_text, sizeof(psci_text)), "read of psci_version");
	ask_guests();
	prepare_injection();
}

int main(void)
{
	bool good = true;
	unsigned int i;

	prepare();
	for (i = 0; i < NR(tests); i++)
		good &= report_test(&tests[i]);
	if (has_filter())
		good &= report_test(&filter_test);
	else
		printf("ok # SKIP this kernel has no SMCCC filter\n");
	return !good;
}
