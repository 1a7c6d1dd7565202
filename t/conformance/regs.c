// SPDX-License-Identifier: BSD-3-Clause
#include <errno.h>

#include "regs.h"

void expect_reg(const struct vcpu *vcpu, uint64_t id, uint64_t want, const char *when)
{
	expect_val(get_reg(vcpu, id), want, "GET of %s %s", reg_name(id), when);
}

void expect_set(const struct vcpu *vcpu, uint64_t id, uint64_t val, int want)
{
	expect_err(__set_reg(vcpu, id, val), want, "SET of %s to 0x%lx through vCPU %u",
		   reg_name(id), val, vcpu->number);
}

void expect_list(const struct vcpu *vcpu, unsigned int count)
{
	unsigned int seen[NR_LEVEL + NR_BMAP] = {};
	struct reg_list list;
	unsigned int i;
	int index;

	get_list(vcpu, &list);
	for (i = 0; i < list.n; i++) {
		if (!is_fw_id(list.reg[i]))
			continue;
		index = fw_index(list.reg[i], count);
		if (index < 0)
			fail("%s is listed in a VM with %u bitmap registers",
			     reg_name(list.reg[i]), count);
		else
			seen[index]++;
	}
	for (i = 0; i < NR_LEVEL + count; i++)
		if (seen[i] != 1)
			fail("%s: expected once in the list, got %u times",
			     reg_name(fw_id(i)), seen[i]);
}

static void expect_gone(const struct vcpu *vcpu, unsigned int n)
{
	const uint64_t vals[] = { bmaps[n].reset, 0, bmaps[n].mask, ~0ULL };
	uint64_t id = BMAP_ID(n), val;
	unsigned int i;

	expect_err(__get_reg(vcpu, id, &val), ENOENT, "GET of hidden %s", reg_name(id));
	for (i = 0; i < ARRAY_SIZE(vals); i++)
		expect_err(__set_reg(vcpu, id, vals[i]), ENOENT,
			   "SET of hidden %s to 0x%lx", reg_name(id), vals[i]);
}

void expect_has(const struct vm *vm, unsigned int n)
{
	const struct vcpu *vcpu = &vm->vcpu[0];
	unsigned int i;

	expect_count(vm->fd, n, "the VM");
	expect_list(vcpu, n);
	for (i = 0; i < n; i++)
		get_reg(vcpu, BMAP_ID(i));
	for (i = n; i < base->known; i++)
		expect_gone(vcpu, i);
}

void expect_reset_values(const struct vcpu *vcpu, unsigned int from, unsigned int to)
{
	unsigned int n;

	for (n = from; n < to; n++)
		expect_reg(vcpu, BMAP_ID(n), bmaps[n].reset, "that should have its reset value");
}

uint64_t other_value(unsigned int n, uint64_t val)
{
	return val ^ (bmaps[n].mask & -bmaps[n].mask);
}

void set_other_values(const struct vcpu *vcpu, unsigned int nr)
{
	unsigned int n;

	for (n = 0; n < nr; n++)
		set_reg(vcpu, BMAP_ID(n), other_value(n, bmaps[n].reset));
}

void expect_other_values(const struct vcpu *vcpu, unsigned int nr)
{
	unsigned int n;

	for (n = 0; n < nr; n++)
		expect_reg(vcpu, BMAP_ID(n), other_value(n, bmaps[n].reset),
			   "that should have kept its value");
}

void expect_e2big(const struct vcpu *vcpu, uint64_t room, uint64_t needed)
{
	struct reg_list list;

	expect_err(__get_list(vcpu, &list, room), E2BIG, "KVM_GET_REG_LIST with n = %lu of %lu",
		   room, needed);
	expect_val(list.n, needed, "n of a list that is too short");
	expect_val(list.reg[0], POISON, "first entry of a list that is too short");
}

void expect_exact_list(const struct vcpu *vcpu, uint64_t needed)
{
	struct reg_list list;

	expect_err(__get_list(vcpu, &list, needed), 0, "KVM_GET_REG_LIST with n = %lu", needed);
	expect_val(list.n, needed, "n of a list");
	if (list.reg[needed - 1] == POISON)
		fail("the last entry of the list was not written");
	expect_val(list.reg[needed], POISON, "the entry after the last");
}

void expect_high_bits_refused(const struct vcpu *vcpu, uint64_t id, unsigned int from)
{
	uint64_t val = get_reg(vcpu, id);
	unsigned int bit;

	for (bit = from; bit < 64; bit++) {
		expect_set(vcpu, id, BIT(bit), EINVAL);
		expect_set(vcpu, id, BIT(bit) | val, EINVAL);
	}
	expect_reg(vcpu, id, val, "after SETs that failed");
}

void expect_psci_version(const struct vcpu *vcpu, uint32_t version, const char *when)
{
	expect_reg(vcpu, LEVEL_ID(PSCI), version, when);
	expect_val(guest_ask(vcpu, PSCI_0_2_FN_PSCI_VERSION, 0), version,
		   "the guest's PSCI_VERSION %s", when);
}

/* 0 NOT_AVAIL, 1 AVAIL, 2 NOT_REQUIRED */
static void expect_wa_level(const struct vcpu *vcpu, uint64_t id)
{
	uint64_t level = get_reg(vcpu, id), val;

	if (level > 2)
		fail("%s: expected 0 to 2, got %lu", reg_name(id), level);
	for (val = 0; val < 16; val++)
		expect_set(vcpu, id, val, val <= level ? 0 : EINVAL);
	expect_high_bits_refused(vcpu, id, 4);
}

void expect_wa_levels(const struct vcpu *vcpu)
{
	expect_wa_level(vcpu, LEVEL_ID(WA1));
	expect_wa_level(vcpu, LEVEL_ID(WA3));
}
