// SPDX-License-Identifier: BSD-3-Clause
#include "model.h"

#include <errno.h>

/* Section 1: accepted mask and reset value of the bitmap registers */
static const uint64_t mask[MODEL_BMAPS] = { 0x1, 0x1, 0x3, 0x3 };
static const uint64_t reset[MODEL_BMAPS] = { 0x1, 0x1, 0x3, 0x0 };

/* Section 6: 0.2, and 1.0 up to the latest */
bool model_is_psci(uint64_t version, uint64_t latest)
{
	return version == MODEL_PSCI(0, 2) || (version >= MODEL_PSCI(1, 0) && version <= latest);
}

void model_new_vm(struct model *m, const struct model_host *host,
		  const struct model_params *params, bool psci_0_2)
{
	*m = (struct model){
		.host = host,
		.psci_0_2 = psci_0_2,
		.count = params->bmaps,
		.psci = psci_0_2 ? params->psci : MODEL_PSCI(0, 1),
		.psci_max = params->psci,
	};
	for (unsigned int n = 0; n < m->count; n++)
		m->bmap[n] = reset[n];
}

/* Section 2: upstream's rules, Documentation/virt/kvm/arm/fw-pseudo-registers.rst */
static int set_level(struct model *m, unsigned int n, uint64_t val)
{
	bool psci = m->psci_0_2 ? model_is_psci(val, m->psci_max) : val == MODEL_PSCI(0, 1);
	/* Workaround 2: not available, unknown, available (and enabled), not required */
	bool wa2 = val <= 1 || ((val == 2 || val == 0x12 || val == 3) && m->host->wa[2] == 3);

	if (!(n == 0 ? psci : n == 2 ? wa2 : val <= m->host->wa[n]))
		return -EINVAL;
	if (n == 0)
		m->psci = val;
	return 0;
}

/* Section 2. With an unknown id and bad memory, KVM may return either error. */
int model_set(struct model *m, uint64_t id, bool readable, uint64_t val)
{
	uint64_t level = id - MODEL_LEVEL_ID(0), n = id - MODEL_BMAP_ID(0);

	if (level >= MODEL_LEVELS && n >= m->count)
		return -ENOENT;
	if (!readable)
		return -EFAULT;
	if (level < MODEL_LEVELS)
		return set_level(m, level, val);
	if (val & ~mask[n])
		return -EINVAL;
	if (val != m->bmap[n] && m->ran)
		return -EBUSY;
	m->bmap[n] = val;
	return 0;
}

int model_get(const struct model *m, uint64_t id, bool writable, uint64_t *val)
{
	uint64_t level = id - MODEL_LEVEL_ID(0), n = id - MODEL_BMAP_ID(0);

	if (level >= MODEL_LEVELS && n >= m->count)
		return -ENOENT;
	if (!writable)
		return -EFAULT;
	*val = level == 0 ? m->psci : level < MODEL_LEVELS ? m->host->wa[level] : m->bmap[n];
	return 0;
}

unsigned int model_list(const struct model *m, uint64_t *ids)
{
	for (unsigned int n = 0; n < MODEL_LEVELS; n++)
		ids[n] = MODEL_LEVEL_ID(n);
	for (unsigned int n = 0; n < m->count; n++)
		ids[MODEL_LEVELS + n] = MODEL_BMAP_ID(n);
	return MODEL_LEVELS + m->count;
}

/* Section 5 */
int model_enable_cap(struct model *m, uint32_t flags, const uint64_t args[4])
{
	if (flags || args[1] || args[2] || args[3] || args[0] > m->count)
		return -EINVAL;
	if (args[0] != m->count && m->has_vcpu)
		return -EBUSY;
	m->count = args[0];
	for (unsigned int n = m->count; n < MODEL_BMAPS; n++)
		m->bmap[n] = 0;
	return 0;
}

/* Section 3 */
bool model_serves(const struct model *m, struct model_service service)
{
	return m->bmap[service.n] >> service.bit & 1;
}
