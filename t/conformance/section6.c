// SPDX-License-Identifier: BSD-3-Clause
/* Section 6 of the contract: ceilings of the host */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>

#include "test.h"

static void test_param_default(void)
{
	expect_param(PARAM_REGS, regs_string(base->known));
	expect_param(PARAM_PSCI, psci_string(psci_latest()));
}

static void expect_mode(const char *name)
{
	struct stat st;

	if (fstat(need_param(name), &st))
		die_errno(errno, "stat of %s", name);
	if ((st.st_mode & 07777) != 0644)
		fail("%s: expected mode 0644, got 0%o", name, st.st_mode & 07777);
}

static void test_param_mode(void)
{
	expect_mode(PARAM_REGS);
	expect_mode(PARAM_PSCI);
}

static void test_param_regs_bad(void)
{
	const char * const bad[] = {
		"-1", "x", "", " ", "1.5", "1x", "x1", "4294967295", "4294967296",
		"4294967297", "18446744073709551616", regs_string(base->known + 1)
	};
	unsigned int i;

	/* 2 is not the default, so that a return to the default is seen. */
	need_writable_param(PARAM_REGS);
	write_param(PARAM_REGS, "2");
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		expect_bad_value(PARAM_REGS, bad[i], "2");
	expect_count(kvm_fd, 2, "/dev/kvm");
}

static void test_param_psci_bad(void)
{
	const char * const bad[] = {
		"0.1", "0.3", "1.9", "2.0", "1", "1.", ".1", "1.0x", "1.0\n\n", "x1.0", "1.0.0", "",
		"x", " ", "-1.0", "1,0", "65536", "0x10000", "01.0", "1.00"
	};
	unsigned int i;
	uint32_t minor;

	need_writable_param(PARAM_PSCI);
	write_param(PARAM_PSCI, "0.2");
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		expect_bad_value(PARAM_PSCI, bad[i], "0.2");
	for (minor = 0; minor < 10; minor++)
		if (!psci_known(PSCI_VERSION(1, minor)))
			expect_bad_value(PARAM_PSCI, psci_string(PSCI_VERSION(1, minor)), "0.2");
}

/* With a ceiling of @n, a host looks like one that knows @n registers. */

static void expect_ceiling(unsigned int n)
{
	const struct vm *vm = new_vm(2);

	expect_param(PARAM_REGS, regs_string(n));
	expect_count(kvm_fd, n, "/dev/kvm");
	expect_has(vm, n);
	expect_reset_values(&vm->vcpu[0], 0, n);
	expect_guest_agrees(vm, HVC);
	expect_has(vm, n);
	expect_list(&vm->vcpu[1], n);
}

static void expect_ceiling_limit(unsigned int n)
{
	struct vm *vm = new_empty_vm();
	unsigned int i;

	for (i = base->known + 1; i > n; i--)
		expect_limit(vm, i, EINVAL);
	for (i = n + 1; i--; ) {
		expect_limit(vm, i, 0);
		expect_count(vm->fd, i, "the VM");
	}
	add_vcpu(vm);
	guest_run(&vm->vcpu[0]);
	expect_has(vm, 0);

	vm = new_vm_that_ran();
	expect_limit(vm, n + 1, EINVAL);
	expect_limit(vm, n, 0);
	expect_has(vm, n);
}

static void test_ceiling(unsigned int n)
{
	set_ceiling(n);
	expect_ceiling(n);
}

static void test_ceiling_limit(unsigned int n)
{
	set_ceiling(n);
	expect_ceiling_limit(n);
}

static void test_ceiling_older_vm(unsigned int n)
{
	struct vm *vm, *other;
	unsigned int i;

	need_writable_param(PARAM_REGS);
	vm = new_empty_vm();
	other = new_empty_vm();
	set_ceiling(n);

	expect_count(kvm_fd, n, "/dev/kvm");
	expect_limit(vm, base->known, 0);
	add_vcpu(vm);
	expect_has(vm, base->known);
	expect_reset_values(&vm->vcpu[0], 0, base->known);
	expect_guest_agrees(vm, HVC);

	for (i = base->known + 1; i--; )
		expect_limit(other, i, 0);
	add_vcpu(other);
	expect_has(other, 0);
}

static void test_ceiling_running_vm(unsigned int n)
{
	const struct vm *vm;

	need_writable_param(PARAM_REGS);
	vm = new_vm(2);
	set_other_values(&vm->vcpu[0], base->known);
	guest_run(&vm->vcpu[0]);
	set_ceiling(n);

	expect_has(vm, base->known);
	expect_other_values(&vm->vcpu[0], base->known);
	expect_limit(vm, base->known, 0);
	expect_guest_agrees(vm, HVC);
}

static void test_ceiling_no_gain(unsigned int n)
{
	struct vm *vm;
	unsigned int i;

	set_ceiling(n);
	vm = new_empty_vm();
	set_ceiling(base->known);

	expect_count(kvm_fd, base->known, "/dev/kvm");
	for (i = n + 1; i <= base->known; i++)
		expect_limit(vm, i, EINVAL);
	expect_limit(vm, n, 0);
	add_vcpu(vm);
	expect_has(vm, n);
	expect_guest_agrees(vm, HVC);
}

/* A host whose highest PSCI version is @version */

static void expect_psci_ceiling(uint32_t version)
{
	const struct vm *vm = new_vm(2), *untouched = new_vm(1);
	unsigned int i;

	expect_param(PARAM_PSCI, psci_string(version));
	expect_reg(&vm->vcpu[0], LEVEL_ID(PSCI), version, "in a new VM");
	for (i = 0; i < base->nr_psci; i++)
		if (base->psci[i] > version)
			expect_set(&vm->vcpu[0], LEVEL_ID(PSCI), base->psci[i], EINVAL);
	expect_reg(&vm->vcpu[0], LEVEL_ID(PSCI), version, "after SETs that failed");

	for (i = 0; i < base->nr_psci && base->psci[i] <= version; i++) {
		expect_set(&vm->vcpu[1], LEVEL_ID(PSCI), base->psci[i], 0);
		expect_reg(&vm->vcpu[0], LEVEL_ID(PSCI), base->psci[i], "after a SET");
	}

	expect_psci_version(&untouched->vcpu[0], version, "in a new VM");
}

static void test_psci_ceiling(unsigned int i)
{
	set_psci_ceiling(base->psci[i]);
	expect_psci_ceiling(base->psci[i]);
}

static void test_psci_ceiling_older_vm(unsigned int i)
{
	const struct vm *vm, *running;

	need_writable_param(PARAM_PSCI);
	vm = new_vm(1);
	running = new_vm_that_ran();
	set_psci_ceiling(base->psci[i]);

	expect_psci_version(&running->vcpu[0], psci_latest(), "in a VM that runs");
	expect_reg(&vm->vcpu[0], LEVEL_ID(PSCI), psci_latest(), "in an older VM");
	expect_set(&vm->vcpu[0], LEVEL_ID(PSCI), PSCI_VERSION(0, 2), 0);
	expect_set(&vm->vcpu[0], LEVEL_ID(PSCI), psci_latest(), 0);
	expect_psci_version(&vm->vcpu[0], psci_latest(), "in an older VM");
}

static void test_psci_ceiling_no_gain(unsigned int i)
{
	const struct vm *vm;
	unsigned int j;

	set_psci_ceiling(base->psci[i]);
	vm = new_vm(1);
	set_psci_ceiling(psci_latest());

	for (j = i + 1; j < base->nr_psci; j++)
		expect_set(&vm->vcpu[0], LEVEL_ID(PSCI), base->psci[j], EINVAL);
	expect_psci_version(&vm->vcpu[0], base->psci[i], "in a VM made before");
}

/* The ceiling does not affect PSCI 0.1, which a VMM has to ask for. */
static void test_psci_ceiling_0_1(void)
{
	set_psci_ceiling(PSCI_VERSION(0, 2));
	test_psci_0_1();
}

static void test_ceiling_keeps_mitigations(void)
{
	const struct vm *full, *vm;

	need_writable_param(PARAM_REGS);
	need_writable_param(PARAM_PSCI);
	full = new_vm(1);
	set_ceiling(0);
	vm = new_vm(1);
	expect_mitigations(vm, full);
	expect_same_answers(vm, full);

	/* With PSCI 0.2, a guest cannot discover SMCCC: compare the registers only. */
	set_psci_ceiling(PSCI_VERSION(0, 2));
	vm = new_vm(1);
	expect_mitigations(vm, full);
}

/* A thread that writes two values in turn */
struct param_toggle {
	const char	*param;
	const char	*val[2];
	pthread_t	thread;
	atomic_bool	stop;
	int		err;
};

static void *param_toggle_main(void *arg)
{
	struct param_toggle *t = arg;
	unsigned int i;

	for (i = 0; !t->stop && !t->err; i++) {
		t->err = param_echo(t->param, t->val[i % 2]);
		sched_yield();
	}
	return NULL;
}

static void param_toggle_stop(struct param_toggle *t)
{
	t->stop = true;
	pthread_join(t->thread, NULL);
	expect_err(t->err, 0, "writing %s in a race", t->param);
}

/* A VM has one of the two ceilings, and keeps it. */
static void expect_either_ceiling(void)
{
	struct vm *vm = new_vm(1);
	int count = kvm_count(vm->fd);
	uint64_t psci = get_reg(&vm->vcpu[0], LEVEL_ID(PSCI));

	if (count != 0 && count != (int)base->known)
		fail("a VM has %d registers, which was never the ceiling", count);
	else
		expect_has(vm, count);
	if (psci != PSCI_VERSION(0, 2) && psci != psci_latest())
		fail("PSCI version 0x%lx was never the ceiling", psci);
	expect_set(&vm->vcpu[0], LEVEL_ID(PSCI), psci_latest(),
		   psci == psci_latest() ? 0 : EINVAL);
	expect_guest_agrees(vm, HVC);
	free_vm(vm);
}

static void test_race_param_create(void)
{
	struct param_toggle regs = { .param = PARAM_REGS,
				     .val = { "0", regs_string(base->known) } };
	struct param_toggle psci = { .param = PARAM_PSCI,
				     .val = { "0.2", psci_string(psci_latest()) } };
	unsigned int i;

	need_writable_param(PARAM_REGS);
	need_writable_param(PARAM_PSCI);
	thread_start(&regs.thread, param_toggle_main, &regs);
	thread_start(&psci.thread, param_toggle_main, &psci);
	for (i = 0; i < 2 * nr_races; i++)
		expect_either_ceiling();
	param_toggle_stop(&regs);
	param_toggle_stop(&psci);
}

#define PARAM_ROUNDS	500

/* Two threads write a parameter. A reader sees one of the two values. */
static void race_param(const char *param, const char *a, const char *b)
{
	struct param_toggle t[2] = {
		{ .param = param, .val = { a, a } }, { .param = param, .val = { b, b } }
	};
	char got[PARAM_LEN];
	unsigned int i;

	need_writable_param(param);
	write_param(param, a);
	thread_start(&t[0].thread, param_toggle_main, &t[0]);
	thread_start(&t[1].thread, param_toggle_main, &t[1]);
	for (i = 0; i < PARAM_ROUNDS; i++) {
		expect_err(-param_read(param, got, sizeof(got)), 0, "reading %s", param);
		if (strcmp(got, a) && strcmp(got, b))
			fail("%s: expected '%s' or '%s', got '%s'", param, a, b, got);
	}
	param_toggle_stop(&t[0]);
	param_toggle_stop(&t[1]);
}

static void test_race_param_param(void)
{
	race_param(PARAM_REGS, "0", "2");
	race_param(PARAM_PSCI, "0.2", "1.0");
}

static void test_protected_ceilings(void)
{
	set_ceiling(0);
	set_psci_ceiling(PSCI_VERSION(0, 2));
	test_protected_registers();
}

unsigned int expected_ceiling;
uint32_t expected_psci;

static void test_boot_ceiling(void)
{
	expect_ceiling(expected_ceiling);
	expect_ceiling_limit(expected_ceiling);
}

static void test_boot_psci(void)
{
	expect_psci_ceiling(expected_psci);
}

const struct test boot_ceiling_test =
	RULE("booted with a ceiling: as one that was written", test_boot_ceiling);

const struct test boot_psci_test =
	RULE("booted with a PSCI ceiling: as one that was written", test_boot_psci);

const struct test section6_tests[] = {
	RULE("by default, the parameters are all that is known and the latest",
	     test_param_default),
	RULE("the parameters have mode 0644", test_param_mode),
	RULE("kvm.fw_bmap_regs: a bad value is EINVAL and changes nothing", test_param_regs_bad),
	RULE("kvm.psci_version: a bad value is EINVAL and changes nothing", test_param_psci_bad),
	RULES("ceiling: a new VM has so many, and no other services", PER_COUNT, test_ceiling),
	RULES("ceiling: enabling more is EINVAL", PER_COUNT, test_ceiling_limit),
	RULES("ceiling: a VM made before keeps what it has", PER_COUNT, test_ceiling_older_vm),
	RULES("ceiling: a running VM keeps what it has", PER_COUNT, test_ceiling_running_vm),
	RULES("ceiling: raising it gives nothing to a VM made before", PER_COUNT,
	      test_ceiling_no_gain),
	RULES("PSCI ceiling: default and limit of a new VM", PER_PSCI, test_psci_ceiling),
	RULES("PSCI ceiling: a VM made before keeps what it has", PER_PSCI,
	      test_psci_ceiling_older_vm),
	RULES("PSCI ceiling: raising it gives nothing to a VM made before", PER_PSCI,
	      test_psci_ceiling_no_gain),
	RULE("PSCI ceiling: without the vCPU feature still 0.1", test_psci_ceiling_0_1),
	RULE("mitigation registers stay with ceiling 0 and PSCI 0.2",
	     test_ceiling_keeps_mitigations),
	RULE("parameters that race with KVM_CREATE_VM", test_race_param_create),
	RULE("parameters that race with themselves", test_race_param_param),
	RULE("protected VM: ceilings have no effect", test_protected_ceilings),
	{}
};
