// SPDX-License-Identifier: BSD-3-Clause
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <threads.h>

#include "host.h"

#define COPROC(id)	((id) & 0x0fff0000ULL)

static const char * const level_names[NR_LEVEL] = {
	[PSCI]	= "PSCI_VERSION",
	[WA1]	= "SMCCC_ARCH_WORKAROUND_1",
	[WA2]	= "SMCCC_ARCH_WORKAROUND_2",
	[WA3]	= "SMCCC_ARCH_WORKAROUND_3",
};

const struct base *base;

const struct base *find_base(const char *release)
{
	unsigned int i;

	for (i = 0; i < nr_bases; i++)
		if (!strcmp(bases[i].release, release))
			return &bases[i];

	bail_out("no base %s, there are %s: see --base", release, base_names);
}

const struct base *running_base(void)
{
	unsigned int major, minor;
	struct utsname uts;
	char release[32];

	if (uname(&uts) || sscanf(uts.release, "%u.%u", &major, &minor) != 2)
		bail_out("uname gives no release that could be understood");

	snprintf(release, sizeof(release), "%u.%u", major, minor);
	return find_base(release);
}

uint32_t psci_latest(void)
{
	return base->psci[base->nr_psci - 1];
}

bool psci_known(uint64_t version)
{
	unsigned int i;

	for (i = 0; i < base->nr_psci; i++)
		if (base->psci[i] == version)
			return true;

	return false;
}

const char *psci_string(uint32_t version)
{
	static char buf[16];

	snprintf(buf, sizeof(buf), "%u.%u", version >> 16, version & 0xffff);
	return buf;
}

uint64_t fw_id(unsigned int i)
{
	return i < NR_LEVEL ? LEVEL_ID(i) : BMAP_ID(i - NR_LEVEL);
}

bool is_fw_id(uint64_t id)
{
	return COPROC(id) == COPROC(LEVEL_ID(0)) || COPROC(id) == COPROC(BMAP_ID(0));
}

int fw_index(uint64_t id, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < NR_LEVEL + count; i++)
		if (fw_id(i) == id)
			return i;

	return -1;
}

const char *reg_name(uint64_t id)
{
	static thread_local char buf[4][24];
	static thread_local unsigned int next;
	int i = fw_index(id, base->known);
	char *s;

	if (i >= 0)
		return i < NR_LEVEL ? level_names[i] : bmaps[i - NR_LEVEL].name;

	s = buf[next++ % ARRAY_SIZE(buf)];
	snprintf(s, sizeof(buf[0]), "0x%lx", id);
	return s;
}
