/* SPDX-License-Identifier: BSD-3-Clause */
/* The tests: what each file of a section of the contract has for the runner */
#ifndef TEST_H
#define TEST_H

#include "params.h"
#include "regs.h"
#include "services.h"

/* What a test has an instance for, each with its number @i */
enum per {
	ONCE,
	PER_FW_REG,
	PER_BITMAP,
	PER_COUNT,	/* of bitmap registers, 0 included */
	PER_PSCI,
	PER_NR_VCPUS,	/* @i + 1 of them */
	PER_SERVICE,	/* and conduit */
};

/* One rule. A table of them ends with one that has no name. */
struct test {
	const char	*name;
	enum per	per;
	struct test_fn	fn;
};

#define RULE(_name, _fn)		{ _name, ONCE, { .once = _fn } }
#define RULES(_name, _per, _fn)		{ _name, _per, { .each = _fn } }

extern const struct test section2_tests[], section2_race_tests[], section3_tests[],
	section4_tests[], section5_tests[], section6_tests[];

/* For a host that was booted with parameters, and what they were */
extern const struct test boot_ceiling_test, boot_psci_test;
extern unsigned int expected_ceiling;
extern uint32_t expected_psci;

/* How many VMs race in one test */
extern unsigned int nr_races;

/* For PER_NR_VCPUS */
#define MAX_RUNNERS	4

/* Section 6 repeats these with ceilings */
void test_psci_0_1(void);
void test_protected_registers(void);
void expect_mitigations(const struct vm *vm, const struct vm *full);

#endif
