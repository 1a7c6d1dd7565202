// SPDX-License-Identifier: BSD-3-Clause
/*
 * The model behind one door, so that a rule of it can be broken. What a test notices of
 * a model with a wrong rule and a right KVM, it would notice of a wrong KVM.
 */
#include <errno.h>

#include "history.h"

enum wrong {
	NOTHING,
	SET_NO_EBUSY,
	SET_EBUSY_FIRST,
	SET_PRESENT_EBUSY,
	SET_ONE_BIT_MORE,
	SET_FAILED_TAKES,
	SET_HIDDEN_EINVAL,
	SET_PSCI_NO_LIMIT,
	SET_PSCI_EBUSY,
	SET_WA_HIGHER,
	GET_HIDDEN,
	GET_FAULT_FIRST,
	LIST_HIDDEN,
	LIST_NO_LEVELS,
	COUNT_OFFERED,
	CAP_NO_EBUSY,
	CAP_PRESENT_EBUSY,
	CAP_EBUSY_FIRST,
	CAP_ARGS,
	CAP_FLAGS,
	CAP_NO_CEILING,
	CAP_SHOWS_OFF,
	CAP_RESETS_ALL,
	SERVES_HIDDEN,
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
	[SET_HIDDEN_EINVAL] = "SET of a hidden register is EINVAL",
	[SET_PSCI_NO_LIMIT] = "the PSCI ceiling is no limit",
	[SET_PSCI_EBUSY] = "the PSCI version is fixed once a vCPU has run",
	[SET_WA_HIGHER] = "a mitigation can be raised by one",
	[GET_HIDDEN] = "GET of a hidden register",
	[GET_FAULT_FIRST] = "GET looks at the memory before the id",
	[LIST_HIDDEN] = "the list has what is hidden",
	[LIST_NO_LEVELS] = "the list lacks the last level if nothing is visible",
	[COUNT_OFFERED] = "on a VM, the capability counts what is on offer",
	[CAP_NO_EBUSY] = "KVM_ENABLE_CAP changes the number after KVM_RUN",
	[CAP_PRESENT_EBUSY] = "KVM_ENABLE_CAP refuses the present number after KVM_RUN",
	[CAP_EBUSY_FIRST] = "KVM_ENABLE_CAP: EBUSY comes before EINVAL",
	[CAP_ARGS] = "args[3] is not looked at",
	[CAP_FLAGS] = "flags are not looked at",
	[CAP_NO_CEILING] = "the ceiling is a default that KVM_ENABLE_CAP can exceed",
	[CAP_SHOWS_OFF] = "a register that is shown again has nothing on",
	[CAP_RESETS_ALL] = "registers that stay visible are reset",
	[SERVES_HIDDEN] = "the services of a hidden register are on",
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

static bool is_visible(const struct model *m, uint64_t id)
{
	return id - MODEL_BMAP_ID(0) < m->visible;
}

int rules_get(const struct model *m, uint64_t id, bool writable, uint64_t *val)
{
	if (wrong == GET_HIDDEN && writable && id - MODEL_BMAP_ID(0) < m->host->known &&
	    !is_visible(m, id)) {
		*val = 0;
		return 0;
	}
	if (wrong == GET_FAULT_FIRST && !writable)
		return -EFAULT;
	return model_get(m, id, writable, val);
}

/* SET of a VM that is another one in some way, of which just the registers are taken over */
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
		if (is_visible(m, id) && readable && m->ran && val != m->bmap[n])
			return -EBUSY;
		break;
	case SET_PRESENT_EBUSY:
		if (is_visible(m, id) && readable && m->ran && val == m->bmap[n])
			return -EBUSY;
		break;
	case SET_ONE_BIT_MORE:
		if (n == 0 && val == 2 && readable && is_visible(m, id) && !m->ran) {
			m->bmap[n] = val;
			return 0;
		}
		break;
	case SET_FAILED_TAKES:
		ret = model_set(m, id, readable, val);
		if (ret == -EINVAL && !m->ran)
			model_set(m, id, readable, val & 1);
		return ret;
	case SET_HIDDEN_EINVAL:
		if (n < m->host->known && !is_visible(m, id) && readable)
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
		as_if.made.psci = m->host->psci_latest;
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

int rules_cap(struct model *m, uint32_t flags, const uint64_t args[4])
{
	uint64_t a[4] = { args[0], args[1], args[2], args[3] };
	unsigned int was = m->visible, n;
	bool ran = m->ran;
	struct model as_if;
	int ret;

	switch (wrong) {
	case CAP_NO_EBUSY:
		m->ran = false;
		ret = model_enable_cap(m, flags, a);
		m->ran = ran;
		return ret;
	case CAP_PRESENT_EBUSY:
		ret = model_enable_cap(m, flags, a);
		return !ret && ran ? -EBUSY : ret;
	case CAP_EBUSY_FIRST:
		return !flags && ran && a[0] != was ? -EBUSY : model_enable_cap(m, flags, a);
	case CAP_ARGS:
		a[3] = 0;
		break;
	case CAP_FLAGS:
		flags = 0;
		break;
	case CAP_NO_CEILING:
		as_if = *m;
		as_if.made.bmaps = m->host->known;
		ret = model_enable_cap(&as_if, flags, a);
		as_if.made = m->made;
		*m = as_if;
		return ret;
	case CAP_SHOWS_OFF:
		ret = model_enable_cap(m, flags, a);
		for (n = was; n < m->visible; n++)
			m->bmap[n] = 0;
		return ret;
	case CAP_RESETS_ALL:
		if (model_enable_cap(m, flags, a))
			break;
		if (!ran)
			model_enable_cap(m, 0, (uint64_t[4]){ 0 });
		break;
	}
	return model_enable_cap(m, flags, a);
}

unsigned int rules_count(const struct model *m)
{
	return wrong == COUNT_OFFERED ? m->made.bmaps : m->visible;
}

/* A bit for each register, see vcpu_list(), and how many of them there are */
uint64_t rules_list(const struct model *m, unsigned int *nr)
{
	uint64_t ids[MODEL_LEVELS + MODEL_BMAPS], seen = 0;
	struct model as_if = *m;
	unsigned int i;

	if (wrong == LIST_HIDDEN)
		as_if.visible = m->made.bmaps;
	*nr = model_list(&as_if, ids);
	for (i = 0; i < *nr; i++)
		seen |= is_bmap(ids[i]) ? 1ULL << (MODEL_LEVELS + ids[i] - MODEL_BMAP_ID(0)) :
					  1ULL << (ids[i] - MODEL_LEVEL_ID(0));
	if (wrong == LIST_NO_LEVELS && !m->visible) {
		seen &= ~(1ULL << (MODEL_LEVELS - 1));
		--*nr;
	}
	return seen;
}

bool rules_serves(const struct model *m, struct model_service service)
{
	if (wrong == SERVES_HIDDEN && service.n >= m->visible)
		return service.n < m->host->known;
	if (wrong == SERVES_ALL && service.n == MODEL_TRNG.n && m->visible)
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
