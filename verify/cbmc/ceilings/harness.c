// SPDX-License-Identifier: BSD-3-Clause
/*
 * Section 6 of the contract: a parameter takes what it may and refuses the rest, and a VM
 * made afterwards has that as its reset value and as its limit, unless it is a protected
 * one, which has all that is known. (That one made before keeps what it has is in
 * no-other-state.) A PSCI version is any string of up to seven characters.
 */
#include "../any.h"

/* The version that a string stands for, and none for another one */
static uint64_t parse(const char *s)
{
	bool is_version = s[0] >= '0' && s[0] <= '9' && s[1] == '.' && s[2] >= '0' && s[2] <= '9' &&
			  (!s[3] || (s[3] == '\n' && !s[4]));

	return is_version ? MODEL_PSCI(s[0] - '0', s[2] - '0') : 0;
}

/* What the parameter of PSCI versions reads as */
static uint64_t shown_version(void)
{
	char buf[16];

	machine_get_psci_param(buf);
	return parse(buf);
}

int main(void)
{
	/* Parameters */
	bool is_number = nondet_bool();
	uint32_t number = nondet_u32();
	uint64_t id = nondet_u64(), val = nondet_u64(), args[4] = { nondet_u64() };
	char version[8];

	/* Assumptions */
	struct model_params made = any_host();
	struct model_host host = machine_host();
	struct state s = any_state(&made, nondet_bool());
	struct model m;

	for (unsigned int i = 0; i < sizeof(version); i++)
		version[i] = i < sizeof(version) - 1 ? nondet_u32() : '\0';

	/* Before anything is written */
	prove(machine_ceiling() == CONTRACT_BMAPS && shown_version() == CONTRACT_PSCI,
	      "the default is all that is known");

	make_vm(&made, true, &s);

	/* Operation */
	int bmaps_ret = machine_set_bmaps_param(is_number, number);
	int psci_ret = machine_set_psci_param(version);

	/* Assertions */
	bool bmaps_ok = is_number && number <= host.known;
	bool psci_ok = model_is_psci(parse(version), host.psci_latest);

	prove(bmaps_ret == (bmaps_ok ? 0 : -EINVAL), "fw_bmap_regs takes 0 to what is known");
	prove(psci_ret == (psci_ok ? 0 : -EINVAL), "psci_version takes what is implemented");
	if (bmaps_ok)
		made.bmaps = number;
	if (psci_ok)
		made.psci = parse(version);
	prove(machine_ceiling() == made.bmaps && shown_version() == made.psci,
	      "the ceilings are what was written last");

	/* A VM made afterwards */
	struct model_params all = { .bmaps = host.known, .psci = host.psci_latest };

	machine.is_protected = MACHINE_HAS_PROTECTED && nondet_bool();
	if (machine.is_protected)
		made = all;
	machine_new_vm();
	model_new_vm(&m, &host, &made, true);
	prove(machine_check() == made.bmaps, "a new VM has the ceiling");
	prove(machine_enable_cap(args) == model_enable_cap(&m, 0, args), "it is the limit as well");

	machine_new_vcpu(true);
	machine.can_read = machine.can_write = true;
	prove(machine_get(MODEL_LEVEL_ID(0), &val) == 0 && val == made.psci,
	      "a new VM has the highest PSCI version");
	val = nondet_u64();
	prove(machine_set(id, val) == model_set(&m, id, true, val),
	      "a register is as on a kernel that knows no more");
}
