// SPDX-License-Identifier: BSD-3-Clause
/*
 * The model with one rule broken on demand. A test that notices a wrong rule of the model would
 * notice the same fault of KVM.
 */
#include <errno.h>

#include "../list.h"
#include "history.h"

enum wrong {
	NOTHING,
	SET_NO_EBUSY,
	SET_EBUSY_FIRST,
	SET_PRESENT_EBUSY,
	SET_ONE_BIT_MORE,
	SET_FAILED_TAKES,
	SET_ABSENT_EINVAL,
	SET_PSCI_NO_LIMIT,
	SET_PSCI_EBUSY,
	SET_WA_HIGHER,
	GET_ABSENT,
	GET_FAULT_FIRST,
	LIST_ABSENT,
	LIST_NO_LEVELS,
	COUNT_KNOWN,
	CAP_NO_EBUSY,
	CAP_UNTIL_RUN,
	CAP_PRESENT_EBUSY,
	CAP_EBUSY_FIRST,
	CAP_ARGS,
	CAP_FLAGS,
	CAP_RAISES,
	CAP_KEEPS_VALUES,
	SERVES_ABSENT,
	SERVES_ALL,
	SERVES_NO_PTP,
	PSCI_CALL_LATEST,
	NR_WRONG,
};

static const char *const names[NR_WRONG] = {
	[NOTHING] = "nothing",
	[SET_NO_EBUSY] = "SET takes another value after KVM_RUN",
	[SET_EBUSY_FIRST] = "SET: EBUSY comes before EINVAL",
	[SET_PRESENT_EBUSY] = "SET refuses the present value after KVM_RUN",
	[SET_ONE_BIT_MORE] = "SET takes one bit too many",
	[SET_FAILED_TAKES] = "a failed SET leaves the bits that are good",
	[SET_ABSENT_EINVAL] = "SET of a register that the VM does not have is EINVAL",
	[SET_PSCI_NO_LIMIT] = "the PSCI ceiling is no limit",
	[SET_PSCI_EBUSY] = "the PSCI version is fixed once a vCPU has run",
	[SET_WA_HIGHER] = "a mitigation can be raised by one",
	[GET_ABSENT] = "GET of a register that the VM does not have",
	[GET_FAULT_FIRST] = "GET looks at the memory before the id",
	[LIST_ABSENT] = "the list has registers that the VM does not have",
	[LIST_NO_LEVELS] = "the list lacks the last level if there are no bitmaps",
	[COUNT_KNOWN] = "on a VM, the capability counts what the kernel knows",
	[CAP_NO_EBUSY] = "KVM_ENABLE_CAP lowers the count of a VM with a vCPU",
	[CAP_UNTIL_RUN] = "the first KVM_RUN fixes the count, not the first vCPU",
	[CAP_PRESENT_EBUSY] = "KVM_ENABLE_CAP refuses the present count of a VM with a vCPU",
	[CAP_EBUSY_FIRST] = "KVM_ENABLE_CAP: EBUSY comes before EINVAL",
	[CAP_ARGS] = "args[3] is not looked at",
	[CAP_FLAGS] = "flags are not looked at",
	[CAP_RAISES] = "KVM_ENABLE_CAP raises the count",
	[CAP_KEEPS_VALUES] = "the services of registers that KVM_ENABLE_CAP takes stay on",
	[SERVES_ABSENT] = "the services of registers that the VM does not have are on",
	[SERVES_ALL] = "TRNG cannot be turned off",
	[SERVES_NO_PTP] = "PTP goes with FUNC_FEAT",
	[PSCI_CALL_LATEST] = "PSCI_VERSION returns the highest version",
};

static int wrong;

void rules_break(int number)
{
	wrong = number;
}

int rules_wrong(void)
{
	return NR_WRONG - 1;
}

const char *rules_wrong_name(int number)
{
	return names[number];
}

static bool is_bmap(uint64_t id)
{
	return id - MODEL_BMAP_ID(0) < MODEL_BMAPS;
}

static bool has_reg(const struct model *m, uint64_t id)
{
	return id - MODEL_BMAP_ID(0) < m->count;
}

int rules_get(const struct model *m, uint64_t id, bool writable, uint64_t *val)
{
	if (wrong == GET_ABSENT && writable && id - MODEL_BMAP_ID(0) < m->host->known &&
	    !has_reg(m, id)) {
		*val = 0;
		return 0;
	}
	if (wrong == GET_FAULT_FIRST && !writable)
		return -EFAULT;
	return model_get(m, id, writable, val);
}

/* SET on a copy of the VM that is changed in some way: only the registers are copied back */
static int set_as_if(struct model *m, struct model as_if, uint64_t id, bool readable,
		     uint64_t val)
{
	int ret = model_set(&as_if, id, readable, val);

	for (unsigned int n = 0; n < MODEL_BMAPS; n++)
		m->bmap[n] = as_if.bmap[n];
	m->psci = as_if.psci;
	return ret;
}

static int set_bmap(struct model *m, uint64_t id, bool readable, uint64_t val)
{
	unsigned int n = id - MODEL_BMAP_ID(0);
	struct model as_if = *m;
	int ret;

	switch (wrong) {
	case SET_NO_EBUSY:
		as_if.ran = false;
		return set_as_if(m, as_if, id, readable, val);
	case SET_EBUSY_FIRST:
		if (has_reg(m, id) && readable && m->ran && val != m->bmap[n])
			return -EBUSY;
		break;
	case SET_PRESENT_EBUSY:
		if (has_reg(m, id) && readable && m->ran && val == m->bmap[n])
			return -EBUSY;
		break;
	case SET_ONE_BIT_MORE:
		if (n == 0 && val == 2 && readable && has_reg(m, id) && !m->ran) {
			m->bmap[n] = val;
			return 0;
		}
		break;
	case SET_FAILED_TAKES:
		ret = model_set(m, id, readable, val);
		if (ret == -EINVAL && !m->ran)
			model_set(m, id, readable, val & 1);
		return ret;
	case SET_ABSENT_EINVAL:
		if (n < m->host->known && !has_reg(m, id) && readable)
			return -EINVAL;
		break;
	}
	return model_set(m, id, readable, val);
}

static int set_level(struct model *m, uint64_t id, bool readable, uint64_t val)
{
	struct model as_if = *m;
	struct model_host host = *m->host;

	switch (wrong) {
	case SET_PSCI_NO_LIMIT:
		as_if.psci_max = m->host->psci_latest;
		return set_as_if(m, as_if, id, readable, val);
	case SET_PSCI_EBUSY:
		if (id == MODEL_LEVEL_ID(0) && readable && m->ran && val != m->psci)
			return -EBUSY;
		break;
	case SET_WA_HIGHER:
		host.wa[1]++;
		host.wa[3]++;
		as_if.host = &host;
		return set_as_if(m, as_if, id, readable, val);
	}
	return model_set(m, id, readable, val);
}

int rules_set(struct model *m, uint64_t id, bool readable, uint64_t val)
{
	if (is_bmap(id))
		return set_bmap(m, id, readable, val);
	if (id - MODEL_LEVEL_ID(0) < MODEL_LEVELS)
		return set_level(m, id, readable, val);
	return model_set(m, id, readable, val);
}

/* KVM_ENABLE_CAP of a VM that has a vCPU, or has none */
static int cap_as_if(struct model *m, bool has_vcpu, uint32_t flags, const uint64_t args[4])
{
	bool had_vcpu = m->has_vcpu;
	int ret;

	m->has_vcpu = has_vcpu;
	ret = model_enable_cap(m, flags, args);
	m->has_vcpu = had_vcpu;
	return ret;
}

int rules_cap(struct model *m, uint32_t flags, const uint64_t args[4])
{
	uint64_t a[4] = { args[0], args[1], args[2], args[3] };
	struct model was = *m;
	int ret;

	switch (wrong) {
	case CAP_NO_EBUSY:
		return cap_as_if(m, false, flags, a);
	case CAP_UNTIL_RUN:
		return cap_as_if(m, m->ran, flags, a);
	case CAP_PRESENT_EBUSY:
		ret = model_enable_cap(m, flags, a);
		return !ret && m->has_vcpu ? -EBUSY : ret;
	case CAP_EBUSY_FIRST:
		if (m->has_vcpu && a[0] != m->count)
			return -EBUSY;
		break;
	case CAP_ARGS:
		a[3] = 0;
		break;
	case CAP_FLAGS:
		flags = 0;
		break;
	case CAP_RAISES:
		if (!m->has_vcpu && a[0] <= m->host->known)
			m->count = m->host->known;
		ret = model_enable_cap(m, flags, a);
		if (ret)
			*m = was;
		return ret;
	case CAP_KEEPS_VALUES:
		ret = model_enable_cap(m, flags, a);
		for (unsigned int n = m->count; n < was.count; n++)
			m->bmap[n] = was.bmap[n];
		return ret;
	}
	return model_enable_cap(m, flags, a);
}

unsigned int rules_count(const struct model *m)
{
	return wrong == COUNT_KNOWN ? m->host->known : m->count;
}

/* The bits of list.h, and how many of them there are */
uint64_t rules_list(const struct model *m, unsigned int *nr)
{
	uint64_t ids[MODEL_LEVELS + MODEL_BMAPS], seen = 0;
	struct model as_if = *m;
	unsigned int i;

	if (wrong == LIST_ABSENT)
		as_if.count = m->host->known;
	*nr = model_list(&as_if, ids);
	for (i = 0; i < *nr; i++)
		seen |= list_bit(ids[i]);
	if (wrong == LIST_NO_LEVELS && !m->count) {
		seen &= ~(1ULL << (MODEL_LEVELS - 1));
		--*nr;
	}
	return seen;
}

bool rules_serves(const struct model *m, struct model_service service)
{
	if (wrong == SERVES_ABSENT && service.n >= m->count)
		return service.n < m->host->known;
	if (wrong == SERVES_ALL && service.n == MODEL_TRNG.n && m->count)
		return true;
	if (wrong == SERVES_NO_PTP && service.n == MODEL_PTP.n)
		return model_serves(m, MODEL_FUNC_FEAT);
	return model_serves(m, service);
}

/* PSCI_VERSION. PSCI 0.1 has no such call. */
uint64_t rules_psci_call(const struct model *m)
{
	if (!m->psci_0_2)
		return UINT32_MAX;
	return wrong == PSCI_CALL_LATEST ? m->host->psci_latest : m->psci;
}
