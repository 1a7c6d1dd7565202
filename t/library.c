// SPDX-License-Identifier: BSD-3-Clause
/* Unit test of what the library knows without a kernel. Exits at the first failure. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fwregs.h"
#include "check.h"

static void test_ids(void)
{
	/* Values of the contract, section 1 */
	CHECK(FWREGS_PSCI_VERSION == 0x6030000000140000ULL);
	CHECK(FWREGS_WORKAROUND_3 == 0x6030000000140003ULL);
	CHECK(FWREGS_STD_BMAP == 0x6030000000160000ULL);
	CHECK(FWREGS_VENDOR_HYP_BMAP_2 == 0x6030000000160003ULL);
	CHECK(fwregs_is_bmap(FWREGS_BMAP(0xffff)) && !fwregs_is_level(FWREGS_BMAP(0xffff)));
	CHECK(fwregs_is_level(FWREGS_LEVEL(9)) && !fwregs_is_bmap(FWREGS_LEVEL(9)));
	CHECK(!fwregs_is_bmap(0x6020000000160000ULL) && !fwregs_is_bmap(0));
	CHECK(!fwregs_is_level(0x603000000013c684ULL));
}

static void test_round_trip(void)
{
	char name[FWREGS_NAME_SIZE];
	unsigned int i;
	uint64_t id;

	for (i = 0; i < FWREGS_NR_NAMED; i++) {
		CHECK(!fwregs_id(fwregs_name(fwregs_named(i), name), &id));
		CHECK(id == fwregs_named(i));
		CHECK(!fwregs_id(name + strlen("KVM_REG_ARM_"), &id));
		CHECK(id == fwregs_named(i));
	}
	CHECK(!fwregs_named(FWREGS_NR_NAMED));
	CHECK(!fwregs_named(~0U));
}

static void test_names(void)
{
	char name[FWREGS_NAME_SIZE];
	uint64_t id = 42;

	CHECK(!strcmp(fwregs_name(FWREGS_BMAP(7), name), "KVM_REG_ARM_FW_FEAT_BMAP_REG(7)"));
	CHECK(!strcmp(fwregs_name(FWREGS_LEVEL(0xffff), name), "KVM_REG_ARM_FW_REG(65535)"));
	CHECK(!strcmp(fwregs_name(~0ULL, name), "register 0xffffffffffffffff"));
	CHECK(!fwregs_id("0x6030000000160007", &id) && id == FWREGS_BMAP(7));
	id = 42;
	CHECK(fwregs_id("", &id) == -ENOENT);
	CHECK(fwregs_id("KVM_REG_ARM_", &id) == -ENOENT);
	CHECK(fwregs_id("STD_BMA", &id) == -ENOENT);
	CHECK(fwregs_id("STD_BMAPS", &id) == -ENOENT);
	CHECK(fwregs_id("std_bmap", &id) == -ENOENT);
	CHECK(fwregs_id("0x", &id) == -ENOENT);
	CHECK(fwregs_id("0x12z", &id) == -ENOENT);
	CHECK(fwregs_id("0x10000000000000000", &id) == -ENOENT);
	CHECK(id == 42);
}

/* Errors of the system come back as they are */
static void test_errors(void)
{
	uint64_t val = 42;

	CHECK(fwregs_count(-1) == -EBADF);
	CHECK(fwregs_can_limit(-1) == -EBADF);
	CHECK(fwregs_limit(-1, 0) == -EBADF);
	CHECK(fwregs_get(-1, FWREGS_STD_BMAP, &val) == -EBADF);
	CHECK(fwregs_set(-1, FWREGS_STD_BMAP, 0) == -EBADF);
	CHECK(fwregs_list(-1, &val, 1) == -EBADF);
	CHECK(fwregs_accepted(-1, FWREGS_STD_BMAP, &val) == -EBADF);
	CHECK(fwregs_get(0, 0x6020000000160000ULL, &val) == -ENOENT);
	CHECK(fwregs_set(0, 0, 0) == -ENOENT);
	CHECK(val == 42);
}

/* Each error that the header names has words of its own */
static void test_words(void)
{
	static const int errors[] = {
		ENOENT, EINVAL, EBUSY, EEXIST, ERANGE, ENOTSUP, EBADMSG, E2BIG, ENOEXEC, EPERM,
	};
	unsigned int nr = sizeof(errors) / sizeof(errors[0]), i, j;

	for (i = 0; i < nr; i++) {
		CHECK(strcmp(fwregs_strerror(-errors[i]), strerror(errors[i])));
		for (j = 0; j < i; j++)
			CHECK(strcmp(fwregs_strerror(-errors[i]), fwregs_strerror(-errors[j])));
	}
	CHECK(!strcmp(fwregs_strerror(-EBADF), strerror(EBADF)));
	CHECK(!strcmp(fwregs_strerror(0), strerror(0)));
}

static void refuses(const struct fwregs_state *state)
{
	uint64_t refused = 42;

	CHECK(fwregs_limit_to(-1, state) == -EBADMSG);
	CHECK(fwregs_restore(-1, state, &refused) == -EBADMSG && !refused);
	refused = 42;
	CHECK(fwregs_pin(-1, state, &refused) == -EBADMSG && !refused);
}

/* What is wrong with a state shows before KVM is asked */
static void test_states(void)
{
	static const struct fwregs_state good = {
		3, { { FWREGS_BMAP(1), 0 }, { FWREGS_PSCI_VERSION, 0 }, { FWREGS_BMAP(0), 0 } },
	};
	struct fwregs_state state = good;
	uint64_t refused = 42;

	CHECK(fwregs_limit_to(-1, &state) == -EBADF);
	CHECK(fwregs_restore(-1, &state, &refused) == -EBADF && refused == FWREGS_BMAP(1));
	CHECK(fwregs_pin(-1, &state, &refused) == -EBADF);

	state.reg[2].id = FWREGS_BMAP(2);
	refuses(&state);
	state.reg[2].id = FWREGS_BMAP(1);
	refuses(&state);
	state.reg[2].id = FWREGS_PSCI_VERSION;
	refuses(&state);
	state = good;
	state.nr = FWREGS_STATE_MAX + 1;
	refuses(&state);

	state = (struct fwregs_state){ 0 };
	CHECK(fwregs_restore(-1, &state, &refused) == -EBADF && refused == FWREGS_BMAP(0));
}

int main(void)
{
	test_ids();
	test_round_trip();
	test_names();
	test_errors();
	test_words();
	test_states();
	return 0;
}
