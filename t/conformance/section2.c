// SPDX-License-Identifier: BSD-3-Clause
/* Section 2 of the contract: get, set, list */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "test.h"

/* Errors of GET and SET. @i is a firmware register, see fw_id(). */

static void test_wrong_size(unsigned int i)
{
	uint64_t room[4096] = {}, size, id;
	const struct vm *vm = new_vm(1);

	/* The largest size is 32 KiB. */
	for (size = 0; size < 16; size++) {
		if (size << KVM_REG_SIZE_SHIFT == KVM_REG_SIZE_U64)
			continue;
		id = (fw_id(i) & ~KVM_REG_SIZE_MASK) | size << KVM_REG_SIZE_SHIFT;
		expect_err(__get_reg(&vm->vcpu[0], id, room), ENOENT, "GET of %s", reg_name(id));
		expect_err(__set_reg_from(&vm->vcpu[0], id, room), ENOENT, "SET of %s",
			   reg_name(id));
	}
}

static void expect_unknown(const struct vcpu *vcpu, uint64_t id)
{
	uint64_t val;

	expect_err(__get_reg(vcpu, id, &val), ENOENT, "GET of %s", reg_name(id));
	expect_err(__set_reg(vcpu, id, 0), ENOENT, "SET of %s to 0", reg_name(id));
	expect_err(__set_reg(vcpu, id, ~0ULL), ENOENT, "SET of %s to ~0", reg_name(id));
}

static void expect_all_unknown(const struct vcpu *vcpu)
{
	const unsigned int far[] = { 31, 32, 63, 64, 255, 256, 0x1000, 0x7fff, 0x8000, 0xffff };
	unsigned int i;

	for (i = 0; i < 4; i++) {
		expect_unknown(vcpu, LEVEL_ID(NR_LEVEL + i));
		expect_unknown(vcpu, BMAP_ID(base->known + i));
	}
	for (i = 0; i < ARRAY_SIZE(far); i++) {
		expect_unknown(vcpu, LEVEL_ID(far[i]));
		expect_unknown(vcpu, BMAP_ID(far[i]));
	}
}

static void test_unknown_id(void)
{
	const struct vm *vm = new_vm(1);

	expect_all_unknown(&vm->vcpu[0]);
	guest_run(&vm->vcpu[0]);
	expect_all_unknown(&vm->vcpu[0]);
}

static void *map_page(int prot)
{
	void *p = mmap(NULL, sysconf(_SC_PAGESIZE), prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		die("mmap of a page: %s", err_name(errno));

	return p;
}

static void test_get_efault(unsigned int i)
{
	const struct vm *vm = new_vm(1);
	const struct vcpu *vcpu = &vm->vcpu[0];
	uint64_t id = fw_id(i);

	expect_err(__get_reg(vcpu, id, map_page(PROT_READ)), EFAULT,
		   "GET of %s to read-only memory", reg_name(id));
	expect_err(__get_reg(vcpu, id, map_page(PROT_NONE)), EFAULT,
		   "GET of %s to inaccessible memory", reg_name(id));
	expect_err(__get_reg(vcpu, id, NULL), EFAULT, "GET of %s to NULL", reg_name(id));
}

static void test_set_efault(unsigned int i)
{
	const struct vm *vm = new_vm(1);
	const struct vcpu *vcpu = &vm->vcpu[0];
	uint64_t id = fw_id(i), val = get_reg(vcpu, id);

	expect_err(__set_reg_from(vcpu, id, map_page(PROT_NONE)), EFAULT,
		   "SET of %s from inaccessible memory", reg_name(id));
	expect_err(__set_reg_from(vcpu, id, NULL), EFAULT, "SET of %s from NULL", reg_name(id));
	expect_reg(vcpu, id, val, "after SETs that failed");
}

/* Rules of the bitmap registers. @n is one of them. */

static void expect_bits_refused(const struct vcpu *vcpu, unsigned int n)
{
	unsigned int bit;

	for (bit = 0; bit < 64; bit++) {
		if (bmaps[n].mask & BIT(bit))
			continue;
		expect_set(vcpu, BMAP_ID(n), BIT(bit), EINVAL);
		expect_set(vcpu, BMAP_ID(n), BIT(bit) | bmaps[n].mask, EINVAL);
	}
	expect_set(vcpu, BMAP_ID(n), ~0ULL, EINVAL);
	expect_reset_values(vcpu, n, n + 1);
}

static void test_bit_outside_mask(unsigned int n)
{
	const struct vm *vm = new_vm(1);

	expect_bits_refused(&vm->vcpu[0], n);
	guest_run(&vm->vcpu[0]);
	expect_bits_refused(&vm->vcpu[0], n);
}

/* Each other value is refused, the present one is taken. */
static void expect_frozen(const struct vm *vm, unsigned int n, uint64_t present)
{
	unsigned int i;
	uint64_t val;

	for (i = 0; i < vm->nr; i++) {
		for (val = 0; val <= bmaps[n].mask; val++)
			if (!(val & ~bmaps[n].mask) && val != present)
				expect_set(&vm->vcpu[i], BMAP_ID(n), val, EBUSY);
		expect_set(&vm->vcpu[i], BMAP_ID(n), present, 0);
		expect_reg(&vm->vcpu[i], BMAP_ID(n), present, "after a run");
	}
}

static void test_ebusy(unsigned int n)
{
	const struct vm *vm = new_vm(2);
	uint64_t val = other_value(n, bmaps[n].reset);

	set_reg(&vm->vcpu[0], BMAP_ID(n), val);
	guest_run(&vm->vcpu[1]);
	expect_frozen(vm, n, val);
}

static void test_ebusy_immediate_exit(unsigned int n)
{
	const struct vm *vm = new_vm(2);

	need(vcpu_settle(&vm->vcpu[1]), "KVM_RUN with immediate_exit");
	expect_frozen(vm, n, bmaps[n].reset);
}

static void test_refused_run(unsigned int n)
{
	struct vm *vm = new_vm(1);
	uint64_t val = other_value(n, bmaps[n].reset);

	if (vm_ioctl(create_vcpu(vm)->fd, KVM_RUN, NULL) != -ENOEXEC)
		die("KVM_RUN of a vCPU that is not initialised: expected ENOEXEC");
	expect_set(&vm->vcpu[0], BMAP_ID(n), val, 0);
	expect_reg(&vm->vcpu[0], BMAP_ID(n), val, "after a SET");
}

/* A VMM that resets a guest initialises its vCPUs again and rewrites the registers. */
static void test_present_value(unsigned int n)
{
	struct vm *vm = new_vm(2);
	uint64_t val = other_value(n, bmaps[n].reset);
	unsigned int i;

	expect_set(&vm->vcpu[0], BMAP_ID(n), bmaps[n].reset, 0);
	set_reg(&vm->vcpu[0], BMAP_ID(n), val);
	expect_set(&vm->vcpu[1], BMAP_ID(n), val, 0);
	guest_run(&vm->vcpu[0]);

	for (i = 0; i < 2; i++) {
		expect_set(&vm->vcpu[i], BMAP_ID(n), val, 0);
		need(vcpu_init(vm->fd, vm->vcpu[i].fd, VCPU_PSCI), "KVM_ARM_VCPU_INIT");
		set_reg(&vm->vcpu[i], CORE_REG(regs.pc), RAM_BASE);
		expect_set(&vm->vcpu[i], BMAP_ID(n), val, 0);
		expect_set(&vm->vcpu[i], BMAP_ID(n), bmaps[n].reset, EBUSY);
	}
	guest_run(&vm->vcpu[0]);
	expect_set(&vm->vcpu[0], BMAP_ID(n), val, 0);
}

static void expect_failures_change_nothing(const struct vcpu *vcpu, unsigned int n,
					   uint64_t val, int err)
{
	uint64_t other = other_value(n, val);

	expect_set(vcpu, BMAP_ID(n), other | BIT(63), EINVAL);
	expect_reg(vcpu, BMAP_ID(n), val, "after a SET that failed with EINVAL");
	expect_err(__set_reg_from(vcpu, BMAP_ID(n), NULL), EFAULT, "SET of %s from NULL",
		   bmaps[n].name);
	expect_reg(vcpu, BMAP_ID(n), val, "after a SET that failed with EFAULT");
	if (!err)
		return;
	expect_set(vcpu, BMAP_ID(n), other, err);
	expect_reg(vcpu, BMAP_ID(n), val, "after a SET that failed with EBUSY");
}

static void test_failure_changes_nothing(unsigned int n)
{
	const struct vm *vm = new_vm(1);
	uint64_t val = other_value(n, bmaps[n].reset);

	expect_failures_change_nothing(&vm->vcpu[0], n, bmaps[n].reset, 0);
	set_reg(&vm->vcpu[0], BMAP_ID(n), val);
	expect_failures_change_nothing(&vm->vcpu[0], n, val, 0);
	guest_run(&vm->vcpu[0]);
	expect_failures_change_nothing(&vm->vcpu[0], n, val, EBUSY);
	expect_guest_agrees(vm, HVC);
}

static void test_every_value(unsigned int n)
{
	const struct vm *vm = new_vm(1);
	unsigned int round;
	uint64_t val;

	/* Up, down, and each twice */
	for (round = 0; round < 2; round++) {
		for (val = 0; val <= bmaps[n].mask; val++) {
			uint64_t v = (round ? bmaps[n].mask - val : val) & bmaps[n].mask;

			expect_set(&vm->vcpu[0], BMAP_ID(n), v, 0);
			expect_set(&vm->vcpu[0], BMAP_ID(n), v, 0);
			expect_reg(&vm->vcpu[0], BMAP_ID(n), v, "after a SET");
		}
	}
}

static void expect_order_free(const struct vm *vm, bool backwards)
{
	unsigned int i, n;

	for (i = 0; i < base->known; i++) {
		n = backwards ? base->known - 1 - i : i;
		expect_set(&vm->vcpu[i % 2], BMAP_ID(n), 0, 0);
	}
	for (i = 0; i < base->known; i++) {
		n = backwards ? i : base->known - 1 - i;
		expect_set(&vm->vcpu[i % 2], BMAP_ID(n), bmaps[n].mask, 0);
	}
	for (n = 0; n < base->known; n++)
		expect_reg(&vm->vcpu[0], BMAP_ID(n), bmaps[n].mask, "after SETs of all");
}

static void test_write_order(void)
{
	const struct vm *vm = new_vm(2);

	expect_order_free(vm, false);
	expect_order_free(vm, true);
	expect_order_free(vm, false);
}

static void test_vm_wide(unsigned int n)
{
	struct vm *vm = new_vm(2);
	uint64_t val = other_value(n, bmaps[n].reset);
	const struct vcpu *late;

	set_reg(&vm->vcpu[1], BMAP_ID(n), val);
	expect_reg(&vm->vcpu[0], BMAP_ID(n), val, "through vCPU 0 after a SET through vCPU 1");

	late = add_vcpu(vm);
	expect_reg(late, BMAP_ID(n), val, "through a vCPU that is newer than the value");
	set_reg(late, BMAP_ID(n), bmaps[n].reset);
	expect_reset_values(&vm->vcpu[0], n, n + 1);
}

static void test_reset_value(unsigned int n)
{
	const struct vm *vm = new_vm(2);

	expect_reset_values(&vm->vcpu[0], n, n + 1);
	expect_reset_values(&vm->vcpu[1], n, n + 1);
	guest_run(&vm->vcpu[0]);
	expect_reset_values(&vm->vcpu[0], n, n + 1);
}

static void test_all_on(void)
{
	const struct vm *vm = new_vm(2);
	unsigned int i, j;

	for (i = 0; i < 2; i++)
		for (j = 0; j < NR_SERVICES; j++)
			services[j].served(&vm->vcpu[i], HVC);
}

/* Some VMMs restore in this order, and a level register may depend on ID registers. */
static void test_list_order(void)
{
	const struct vm *vm = new_vm(1);
	struct reg_list list;
	unsigned int i;
	uint64_t last = 0;

	get_list(&vm->vcpu[0], &list);
	for (i = 0; i < list.n; i++) {
		if (!is_fw_id(list.reg[i])) {
			if (last && base->fw_last)
				fail("0x%llx is listed after %s", list.reg[i], reg_name(last));
			continue;
		}
		if (list.reg[i] <= last)
			fail("%s is listed after %s", reg_name(list.reg[i]), reg_name(last));
		last = list.reg[i];
	}
	expect_val(last, BMAP_ID(base->known - 1), "last firmware register in the list");
}

static unsigned int rewrite_listed(const struct vcpu *vcpu)
{
	struct reg_list list;
	unsigned int i, nr = 0;
	uint64_t val;
	int err;

	get_list(vcpu, &list);
	for (i = 0; i < list.n; i++) {
		if (!is_fw_id(list.reg[i]))
			continue;
		err = __get_reg(vcpu, list.reg[i], &val);
		expect_err(err, 0, "GET of %s", reg_name(list.reg[i]));
		if (!err)
			expect_set(vcpu, list.reg[i], val, 0);
		nr++;
	}
	return nr;
}

static void test_list(void)
{
	const struct vm *vm = new_vm(2);
	unsigned int i, nr = NR_LEVEL + base->known;

	for (i = 0; i < 2; i++) {
		expect_list(&vm->vcpu[0], base->known);
		expect_list(&vm->vcpu[1], base->known);
		expect_val(rewrite_listed(&vm->vcpu[0]), nr, "number of firmware registers");
		expect_val(rewrite_listed(&vm->vcpu[1]), nr, "number of firmware registers");
		guest_run(&vm->vcpu[0]);
	}
}

static void test_list_size(void)
{
	const struct vm *vm = new_vm(1);
	const struct vcpu *vcpu = &vm->vcpu[0];
	struct reg_list list;

	get_list(vcpu, &list);
	expect_list(vcpu, base->known);
	expect_e2big(vcpu, 0, list.n);
	expect_e2big(vcpu, list.n - 1, list.n);
	expect_exact_list(vcpu, list.n);
}

/* The memory ends before each of the entries in turn. */
static void test_list_efault(void)
{
	size_t page = sysconf(_SC_PAGESIZE), room = sizeof(struct reg_list) / page * page + page;
	const struct vm *vm = new_vm(1);
	struct reg_list list, *l;
	unsigned int i;
	char *end;

	get_list(&vm->vcpu[0], &list);
	end = mmap(NULL, room + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (end == MAP_FAILED || mprotect(end += room, page, PROT_NONE))
		die("memory for a list: %s", err_name(errno));

	for (i = 0; i < list.n; i++) {
		l = (void *)(end - offsetof(struct reg_list, reg[i]));
		expect_err(-vcpu_list(vm->vcpu[0].fd, l, list.n), EFAULT,
			   "KVM_GET_REG_LIST with room for %u of %llu, then %s", i, list.n,
			   reg_name(list.reg[i]));
	}
}

/* The level registers, by upstream's rules */

static void test_psci_default(void)
{
	const struct vm *vm = new_vm(2);

	expect_reg(&vm->vcpu[1], LEVEL_ID(PSCI), psci_latest(), "in a new VM");
	expect_psci_version(&vm->vcpu[0], psci_latest(), "in a new VM");
}

static void test_psci_accepted(unsigned int i)
{
	const struct vm *vm = new_vm(2);
	uint32_t version = base->psci[i];

	expect_set(&vm->vcpu[0], LEVEL_ID(PSCI), version, 0);
	expect_reg(&vm->vcpu[0], LEVEL_ID(PSCI), version, "after a SET");
	expect_psci_version(&vm->vcpu[1], version, "through the other vCPU");
	expect_set(&vm->vcpu[0], LEVEL_ID(PSCI), version, 0);
}

static void test_psci_refused(void)
{
	const struct vm *vm = new_vm(1);
	const struct vcpu *vcpu = &vm->vcpu[0];
	uint64_t major, minor;

	for (major = 0; major < 4; major++)
		for (minor = 0; minor < 10; minor++)
			if (!psci_known(PSCI_VERSION(major, minor)))
				expect_set(vcpu, LEVEL_ID(PSCI), PSCI_VERSION(major, minor),
					   EINVAL);
	expect_set(vcpu, LEVEL_ID(PSCI), BIT(32) | psci_latest(), EINVAL);
	expect_set(vcpu, LEVEL_ID(PSCI), BIT(63) | psci_latest(), EINVAL);
	expect_set(vcpu, LEVEL_ID(PSCI), ~0ULL, EINVAL);
	expect_reg(vcpu, LEVEL_ID(PSCI), psci_latest(), "after SETs that failed");
}

void test_psci_0_1(void)
{
	struct vm *vm = new_empty_vm();
	const struct vcpu *vcpu = add_vcpu_psci_0_1(vm);
	unsigned int i;

	expect_reg(vcpu, LEVEL_ID(PSCI), PSCI_VERSION(0, 1), "without the vCPU feature");
	for (i = 0; i < base->nr_psci; i++)
		expect_set(vcpu, LEVEL_ID(PSCI), base->psci[i], EINVAL);
	expect_set(vcpu, LEVEL_ID(PSCI), PSCI_VERSION(0, 1), 0);
	expect_list(vcpu, base->known);
}

static void test_wa1_wa3(void)
{
	const struct vm *vm = new_vm(1);

	expect_wa_levels(&vm->vcpu[0]);
	guest_run(&vm->vcpu[0]);
	expect_wa_levels(&vm->vcpu[0]);
}

/*
 * WORKAROUND_2: 0 NOT_AVAIL, 1 UNKNOWN, 2 AVAIL, 3 NOT_REQUIRED. A host has 0, which covers 0
 * and 1, or 3, which covers all. Bit 4 is ENABLED, which goes with AVAIL only.
 */
static bool wa2_accepted(uint64_t val, uint64_t present)
{
	uint64_t level = val & 0xf;

	if (level > 3 || (val & BIT(4) && level != 2))
		return false;

	return level <= 1 || present == 3;
}

static void test_wa2(void)
{
	const struct vm *vm = new_vm(1);
	uint64_t id = LEVEL_ID(WA2), present = get_reg(&vm->vcpu[0], id), val;

	if (present != 0 && present != 3)
		fail("%s: expected 0 or 3, got %lu", reg_name(id), present);
	for (val = 0; val < 32; val++)
		expect_set(&vm->vcpu[0], id, val, wa2_accepted(val, present) ? 0 : EINVAL);
	expect_high_bits_refused(&vm->vcpu[0], id, 5);
}

void expect_mitigations(const struct vm *vm, const struct vm *full)
{
	unsigned int n;

	for (n = WA1; n <= WA3; n++)
		expect_reg(&vm->vcpu[0], LEVEL_ID(n), get_reg(&full->vcpu[0], LEVEL_ID(n)),
			   "as in a VM that has all");
	expect_list(&vm->vcpu[0], 0);
	expect_wa_levels(&vm->vcpu[0]);
}

static void test_limit_keeps_mitigations(void)
{
	const struct vm *vm = new_limited_vm(0, 1), *full = new_vm(1);

	expect_mitigations(vm, full);
	expect_same_answers(vm, full);
}

const struct test section2_tests[] = {
	RULES("GET and SET of an id with a wrong size: ENOENT", PER_FW_REG, test_wrong_size),
	RULE("GET and SET of an unknown id: ENOENT", test_unknown_id),
	RULES("GET to memory that cannot be written: EFAULT", PER_FW_REG, test_get_efault),
	RULES("SET from memory that cannot be read: EFAULT", PER_FW_REG, test_set_efault),
	RULES("SET of a bit outside the accepted mask: EINVAL, also after KVM_RUN", PER_BITMAP,
	      test_bit_outside_mask),
	RULES("SET of another value after KVM_RUN of any vCPU: EBUSY", PER_BITMAP, test_ebusy),
	RULES("KVM_RUN with immediate_exit counts", PER_BITMAP, test_ebusy_immediate_exit),
	RULES("KVM_RUN of a vCPU that is not initialised does not count", PER_BITMAP,
	      test_refused_run),
	RULES("SET of the present value always succeeds", PER_BITMAP, test_present_value),
	RULES("a failed SET changes nothing", PER_BITMAP, test_failure_changes_nothing),
	RULES("SET of any subset of the accepted mask, any number of times", PER_BITMAP,
	      test_every_value),
	RULE("SETs in any order, through any vCPU", test_write_order),
	RULES("the value is the VM's, the handle a vCPU's", PER_BITMAP, test_vm_wide),
	RULES("reset value", PER_BITMAP, test_reset_value),
	RULE("a VM whose VMM does nothing has all services", test_all_on),
	RULE("KVM_GET_REG_LIST has each firmware register once, and it takes its value",
	     test_list),
	RULE("KVM_GET_REG_LIST keeps the order of the ids, ID registers come first",
	     test_list_order),
	RULE("KVM_GET_REG_LIST without room: E2BIG and what is needed", test_list_size),
	RULE("KVM_GET_REG_LIST to memory that cannot be written: EFAULT", test_list_efault),
	RULE("PSCI_VERSION of a new VM is the latest", test_psci_default),
	RULES("PSCI_VERSION takes what the base implements", PER_PSCI, test_psci_accepted),
	RULE("PSCI_VERSION takes nothing else: EINVAL", test_psci_refused),
	RULE("PSCI_VERSION without the vCPU feature: 0.1 only", test_psci_0_1),
	RULE("SMCCC_ARCH_WORKAROUND_1 and _3 take levels up to the host's", test_wa1_wa3),
	RULE("SMCCC_ARCH_WORKAROUND_2 takes what the host can honour", test_wa2),
	RULE("mitigation registers stay with a count of 0", test_limit_keeps_mitigations),
	{}
};
