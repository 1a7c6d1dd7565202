// SPDX-License-Identifier: BSD-3-Clause
/*
 * Tests the search with histories written by hand, for which it is plain whether there is an
 * order. Prints TAP. Runs anywhere, without KVM.
 */
#include <errno.h>
#include <string.h>

#include "history.h"
#include "report.h"

#define NR(array)	(sizeof(array) / sizeof((array)[0]))

#define OTHERS		200

#define PSCI		MODEL_LEVEL_ID(0)
#define STD		MODEL_BMAP_ID(0)
#define STD_HYP		MODEL_BMAP_ID(1)
#define VENDOR		MODEL_BMAP_ID(2)
#define UNKNOWN		MODEL_BMAP_ID(9)

#define AT(from, to)	.begin = from, .end = to
#define GET(r, v)	.kind = OP_GET, .id = r, .out = v
#define GET_FAILS(r, e)	.kind = OP_GET, .id = r, .ret = -(e)
#define SET(r, v)	.kind = OP_SET, .id = r, .val = v
#define SET_FAILS(r, v, e) SET(r, v), .ret = -(e)
#define LIMIT(n)	.kind = OP_CAP, .id = CAP, .args = { n }
#define LIMIT_FAILS(n, e) LIMIT(n), .ret = -(e)
#define VCPU		.kind = OP_VCPU
#define CHECK(n)	.kind = OP_CHECK, .id = CAP, .ret = n
#define LIST(n, bits)	.kind = OP_LIST, .val = 1000, .out = OTHERS + 4 + (n), .seen = bits
#define RUN(off, feat, psci)							\
	.kind = OP_RUN, .out = (0xff & ~(uint64_t)(off)) |			\
	(uint64_t)(feat) << REPORT_FEATURES_SHIFT | (psci) << REPORT_PSCI_SHIFT

#define NO_TRNG		(1 << REPORT_TRNG_VERSION | 1 << REPORT_TRNG_RND64)
#define NO_PV_TIME	(1 << REPORT_PV_TIME | 1 << REPORT_ARCH_PV_TIME)
#define V1_0		MODEL_PSCI(1, 0)
#define V1_1		MODEL_PSCI(1, 1)

static const struct model_host host = { 3, V1_1, { 0, 2, 0, 0 } };

static const struct test {
	const char *name;
	bool has_order;
	struct op op[MAX_THREADS][6];	/* up to the one that ends at 0 */
} tests[] = {
	{ "a new VM", true, {
		{ { AT(1, 2), GET(STD, 1) }, { AT(3, 4), GET(VENDOR, 3) }, { AT(5, 6), CHECK(3) },
		  { AT(7, 8), LIST(3, 0x7f) }, { AT(9, 10), GET_FAILS(UNKNOWN, ENOENT) } } } },
	{ "a wrong value", false, { { { AT(1, 2), GET(STD, 0) } } } },
	{ "a wrong error", false, { { { AT(1, 2), SET_FAILS(STD, 2, ENOENT) } } } },
	{ "a list with something strange", false, { { { AT(1, 2), LIST(3, 0x7f | 1ULL << 63) } } } },
	{ "a list that is too short", false, { { { AT(1, 2), LIST(2, 0x3f) } } } },
	{ "GET after SET has ended, the old value", false, {
		{ { AT(1, 2), SET(STD, 0) } }, { { AT(3, 4), GET(STD, 1) } } } },
	{ "GET during SET, the old value", true, {
		{ { AT(1, 4), SET(STD, 0) } }, { { AT(2, 3), GET(STD, 1) } } } },
	{ "GET during SET, the new value", true, {
		{ { AT(1, 4), SET(STD, 0) } }, { { AT(2, 3), GET(STD, 0) } } } },
	{ "two GETs during SET, the new value and then the old one", false, {
		{ { AT(1, 6), SET(STD, 0) } }, { { AT(2, 3), GET(STD, 0) }, { AT(4, 5), GET(STD, 1) } } } },
	{ "two SETs at the same time, and two threads that see them in one order", true, {
		{ { AT(1, 20), SET(VENDOR, 1) } }, { { AT(2, 19), SET(VENDOR, 2) } },
		{ { AT(3, 4), GET(VENDOR, 2) }, { AT(7, 8), GET(VENDOR, 1) } },
		{ { AT(5, 6), GET(VENDOR, 2) }, { AT(9, 10), GET(VENDOR, 1) } } } },
	{ "two SETs at the same time, and two threads that see them in different orders", false, {
		{ { AT(1, 20), SET(VENDOR, 1) } }, { { AT(2, 19), SET(VENDOR, 2) } },
		{ { AT(3, 7), GET(VENDOR, 2) }, { AT(8, 12), GET(VENDOR, 1) } },
		{ { AT(4, 6), GET(VENDOR, 1) }, { AT(9, 11), GET(VENDOR, 2) } } } },
	{ "a SET that is lost", false, {
		{ { AT(1, 4), SET(STD, 0) }, { AT(5, 6), GET(STD, 1) } }, { { AT(2, 3), SET(VENDOR, 0) } } } },
	{ "SET before the first KVM_RUN", true, {
		{ { AT(1, 4), SET(STD, 0) }, { AT(5, 6), GET(STD, 0) } },
		{ { AT(2, 3), RUN(NO_TRNG, 3, V1_1) } } } },
	{ "SET that has an effect after the guest has run", false, {
		{ { AT(1, 4), SET(STD, 0) }, { AT(5, 6), GET(STD, 0) } },
		{ { AT(2, 3), RUN(0, 3, V1_1) } } } },
	{ "SET that is EBUSY during the first KVM_RUN", true, {
		{ { AT(1, 4), SET_FAILS(STD, 0, EBUSY) } }, { { AT(2, 3), RUN(0, 3, V1_1) } } } },
	{ "SET that is EBUSY before any KVM_RUN", false, {
		{ { AT(1, 2), SET_FAILS(STD, 0, EBUSY) } }, { { AT(3, 4), RUN(0, 3, V1_1) } } } },
	{ "SET that succeeds after KVM_RUN", false, {
		{ { AT(3, 4), SET(STD, 0) } }, { { AT(1, 2), RUN(0, 3, V1_1) } } } },
	{ "a guest that sees a service that is off", false, {
		{ { AT(1, 2), SET(STD_HYP, 0) }, { AT(3, 4), RUN(0, 3, V1_1) } } } },
	{ "a guest that does not see a service that is on", false, {
		{ { AT(1, 2), RUN(NO_PV_TIME, 3, V1_1) } } } },
	{ "a call that is off and leaves something in x1", false, {
		{ { AT(1, 2), SET(STD, 0) }, { AT(3, 4), RUN(NO_TRNG, 3, V1_1) },
		  { AT(5, 6), .kind = OP_RUN, .out = (0xff & ~NO_TRNG) | 1 << REPORT_REST |
		    3 << REPORT_FEATURES_SHIFT | V1_1 << REPORT_PSCI_SHIFT } } } },
	{ "FEATURES with another value than the register", false, {
		{ { AT(1, 2), RUN(0, 1, V1_1) } } } },
	{ "the PSCI version changes while the guest runs", true, {
		{ { AT(1, 10), RUN(0, 3, V1_0) } },
		{ { AT(2, 3), SET_FAILS(STD, 0, EBUSY) }, { AT(4, 5), SET(PSCI, V1_0) } } } },
	{ "the PSCI version that was before", false, {
		{ { AT(1, 2), SET(PSCI, V1_0) }, { AT(3, 4), RUN(0, 3, V1_1) } } } },
	{ "an unknown id from bad memory is ENOENT or EFAULT", true, {
		{ { AT(1, 2), SET_FAILS(UNKNOWN, 0, ENOENT), .bad = true },
		  { AT(3, 4), SET_FAILS(UNKNOWN, 0, EFAULT), .bad = true } } } },
	{ "a known id from bad memory is not ENOENT", false, {
		{ { AT(1, 2), SET_FAILS(STD, 0, ENOENT), .bad = true } } } },
	{ "KVM_ENABLE_CAP before the first vCPU", true, {
		{ { AT(1, 2), LIMIT(2) }, { AT(3, 4), VCPU }, { AT(5, 6), GET(STD_HYP, 1) },
		  { AT(7, 8), GET_FAILS(VENDOR, ENOENT) }, { AT(9, 10), CHECK(2) } } } },
	{ "KVM_ENABLE_CAP that takes no register away", false, {
		{ { AT(1, 2), LIMIT(2) }, { AT(3, 4), VCPU }, { AT(5, 6), GET(VENDOR, 3) } } } },
	{ "KVM_ENABLE_CAP that leaves services on", false, {
		{ { AT(1, 2), LIMIT(2) }, { AT(3, 4), VCPU }, { AT(5, 6), RUN(0, 3, V1_1) } } } },
	{ "KVM_ENABLE_CAP that turns services off", true, {
		{ { AT(1, 2), LIMIT(0) }, { AT(3, 4), VCPU }, { AT(5, 6), RUN(0x7f, 0xffff, V1_1) } } } },
	{ "KVM_ENABLE_CAP during KVM_CREATE_VCPU, and EBUSY", true, {
		{ { AT(1, 4), LIMIT_FAILS(0, EBUSY) } }, { { AT(2, 3), VCPU } } } },
	{ "KVM_ENABLE_CAP during KVM_CREATE_VCPU, and before it", true, {
		{ { AT(1, 4), LIMIT(0) } }, { { AT(2, 3), VCPU }, { AT(5, 6), CHECK(0) } } } },
	{ "KVM_ENABLE_CAP during KVM_CREATE_VCPU, which has an effect after it", false, {
		{ { AT(1, 6), LIMIT(0) } }, { { AT(2, 3), VCPU }, { AT(4, 5), CHECK(3) } } } },
	{ "KVM_ENABLE_CAP after KVM_CREATE_VCPU", false, {
		{ { AT(1, 2), VCPU }, { AT(3, 4), LIMIT(0) } } } },
	{ "KVM_ENABLE_CAP after a KVM_CREATE_VCPU that failed", true, {
		{ { AT(1, 2), VCPU, .bad = true, .ret = -EINVAL }, { AT(3, 4), LIMIT(0) } } } },
	{ "KVM_ENABLE_CAP with the present count after KVM_CREATE_VCPU", true, {
		{ { AT(1, 2), LIMIT(1) }, { AT(3, 4), VCPU }, { AT(5, 6), LIMIT(1) } } } },
	{ "KVM_ENABLE_CAP that is EBUSY before any KVM_CREATE_VCPU", false, {
		{ { AT(1, 2), LIMIT_FAILS(0, EBUSY) }, { AT(3, 4), VCPU } } } },
	{ "the count goes up", false, {
		{ { AT(1, 2), LIMIT(1) }, { AT(3, 4), LIMIT(2) } } } },
	{ "two KVM_ENABLE_CAPs at the same time, the lower one first", true, {
		{ { AT(1, 3), LIMIT_FAILS(2, EINVAL) }, { AT(5, 6), CHECK(1) } },
		{ { AT(2, 4), LIMIT(1) } } } },
	{ "two KVM_ENABLE_CAPs at the same time, of which the higher one stays", false, {
		{ { AT(1, 3), LIMIT(2) }, { AT(5, 6), CHECK(2) } }, { { AT(2, 4), LIMIT(1) } } } },
	{ "KVM_CHECK_EXTENSION during KVM_ENABLE_CAP, before and after it", true, {
		{ { AT(1, 10), LIMIT(0) } }, { { AT(2, 3), CHECK(3) }, { AT(4, 5), CHECK(0) } } } },
	{ "KVM_CHECK_EXTENSION during KVM_ENABLE_CAP, half of it", false, {
		{ { AT(1, 10), LIMIT(0) } }, { { AT(2, 3), CHECK(1) } } } },
	{ "KVM_CHECK_EXTENSION during KVM_ENABLE_CAP, and back again", false, {
		{ { AT(1, 10), LIMIT(0) } }, { { AT(2, 3), CHECK(0) }, { AT(4, 5), CHECK(3) } } } },
};

static bool explain(const struct test *test)
{
	static struct history h;
	struct model_params params = { host.known, host.psci_latest };
	struct model m;
	unsigned int t;

	h = (struct history){ .others = OTHERS, .pv_time = true };
	for (t = 0; t < MAX_THREADS && test->op[t][0].end; t++) {
		h.threads++;
		for (; h.nr[t] < NR(test->op[t]) && test->op[t][h.nr[t]].end; h.nr[t]++)
			h.op[t][h.nr[t]] = test->op[t][h.nr[t]];
	}
	model_new_vm(&m, &host, &params, true);
	return history_explain(&h, &m);
}

int main(void)
{
	unsigned int i, failed = 0;
	bool good;

	for (i = 0; i < NR(tests); i++) {
		good = explain(&tests[i]) == tests[i].has_order;
		failed += !good;
		printf("%sok %u - %s\n", good ? "" : "not ", i + 1, tests[i].name);
	}
	printf("1..%u\n", i);
	return !!failed;
}
