// SPDX-License-Identifier: BSD-3-Clause
#include "fwregs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <linux/kvm.h>

#define PREFIX	"KVM_REG_ARM_"

static const struct {
	uint64_t id;
	const char *name;
} named[] = {
	{ FWREGS_PSCI_VERSION,		PREFIX "PSCI_VERSION" },
	{ FWREGS_WORKAROUND_1,		PREFIX "SMCCC_ARCH_WORKAROUND_1" },
	{ FWREGS_WORKAROUND_2,		PREFIX "SMCCC_ARCH_WORKAROUND_2" },
	{ FWREGS_WORKAROUND_3,		PREFIX "SMCCC_ARCH_WORKAROUND_3" },
	{ FWREGS_STD_BMAP,		PREFIX "STD_BMAP" },
	{ FWREGS_STD_HYP_BMAP,		PREFIX "STD_HYP_BMAP" },
	{ FWREGS_VENDOR_HYP_BMAP,	PREFIX "VENDOR_HYP_BMAP" },
	{ FWREGS_VENDOR_HYP_BMAP_2,	PREFIX "VENDOR_HYP_BMAP_2" },
};

_Static_assert(sizeof(named) / sizeof(named[0]) == FWREGS_NR_NAMED, "FWREGS_NR_NAMED");

uint64_t fwregs_named(unsigned int i)
{
	return i < FWREGS_NR_NAMED ? named[i].id : 0;
}

int fwregs_is_bmap(uint64_t id)
{
	return FWREGS_BMAP(id) == id;
}

int fwregs_is_level(uint64_t id)
{
	return FWREGS_LEVEL(id) == id;
}

const char *fwregs_name(uint64_t id, char buf[FWREGS_NAME_SIZE])
{
	const char *form = "register 0x%llx";
	unsigned long long n = id;
	unsigned int i;

	for (i = 0; i < FWREGS_NR_NAMED; i++) {
		if (named[i].id == id) {
			snprintf(buf, FWREGS_NAME_SIZE, "%s", named[i].name);
			return buf;
		}
	}

	if (fwregs_is_bmap(id) || fwregs_is_level(id)) {
		form = fwregs_is_bmap(id) ? PREFIX "FW_FEAT_BMAP_REG(%llu)" :
					    PREFIX "FW_REG(%llu)";
		n &= 0xffff;
	}
	snprintf(buf, FWREGS_NAME_SIZE, form, n);
	return buf;
}

int fwregs_id(const char *name, uint64_t *id)
{
	size_t skip = strncmp(name, PREFIX, strlen(PREFIX)) ? strlen(PREFIX) : 0;
	unsigned long long n;
	unsigned int i;
	char *end;

	for (i = 0; i < FWREGS_NR_NAMED; i++) {
		if (!strcmp(name, named[i].name + skip)) {
			*id = named[i].id;
			return 0;
		}
	}

	errno = 0;
	n = strtoull(name, &end, 16);
	if (strncmp(name, "0x", 2) || end == name + 2 || *end || errno)
		return -ENOENT;

	*id = n;
	return 0;
}

const char *fwregs_strerror(int err)
{
	switch (-err) {
	case ENOENT:
		return "the VM has no such register";
	case EINVAL:
		return "KVM cannot honour this value";
	case EBUSY:
		return "a vCPU has run, so the register cannot change";
	case EEXIST:
		return "the VM has a vCPU, so the number of its registers cannot change";
	case ERANGE:
		return "the VM has fewer bitmap registers";
	case ENOTSUP:
		return "KVM cannot limit the registers of this VM";
	case EBADMSG:
		return "the state is not one of a VM";
	case E2BIG:
		return "the VM has more registers than a state can hold";
	case ENOEXEC:
		return "the vCPU is not initialised";
	case EPERM:
		return "the vCPU is not finalised";
	default:
		return strerror(-err);
	}
}

/* The same as ioctl(), with the error in the return value */
static int do_ioctl(int fd, unsigned long request, void *arg)
{
	int ret = ioctl(fd, request, arg);

	return ret < 0 ? -errno : ret;
}

int fwregs_count(int kvm_or_vm_fd)
{
	int ret = ioctl(kvm_or_vm_fd, KVM_CHECK_EXTENSION, FWREGS_CAP_ARM_HVC_FW_REG_BMAP);

	return ret < 0 ? -errno : ret;
}

static int enable_cap(int vm_fd, unsigned int n)
{
	struct kvm_enable_cap cap = {
		.cap = FWREGS_CAP_ARM_HVC_FW_REG_BMAP,
		.args = { n },
	};

	return do_ioctl(vm_fd, KVM_ENABLE_CAP, &cap);
}

int fwregs_can_limit(int vm_fd)
{
	int ret = fwregs_count(vm_fd);

	if (ret)
		return ret < 0 ? ret : 1;

	/* If the count is 0, limiting to 0 changes nothing, and fails if the VM cannot be limited */
	ret = enable_cap(vm_fd, 0);
	return ret == -EINVAL ? 0 : ret ? ret : 1;
}

int fwregs_limit(int vm_fd, unsigned int n)
{
	int ret = enable_cap(vm_fd, n), can;

	if (ret == -EBUSY)
		return -EEXIST;
	if (ret != -EINVAL)
		return ret;

	can = fwregs_can_limit(vm_fd);
	return can < 0 ? can : can ? -ERANGE : -ENOTSUP;
}

int fwregs_get(int vcpu_fd, uint64_t id, uint64_t *val)
{
	struct kvm_one_reg reg = { .id = id, .addr = (uintptr_t)val };

	/* Other registers may have another width */
	if (!fwregs_is_bmap(id) && !fwregs_is_level(id))
		return -ENOENT;

	return do_ioctl(vcpu_fd, KVM_GET_ONE_REG, &reg);
}

int fwregs_set(int vcpu_fd, uint64_t id, uint64_t val)
{
	struct kvm_one_reg reg = { .id = id, .addr = (uintptr_t)&val };

	if (!fwregs_is_bmap(id) && !fwregs_is_level(id))
		return -ENOENT;

	return do_ioctl(vcpu_fd, KVM_SET_ONE_REG, &reg);
}

/* All of KVM_GET_REG_LIST, for the caller to free. NULL, and *err says why. */
static struct kvm_reg_list *get_reg_list(int vcpu_fd, int *err)
{
	struct kvm_reg_list probe = { .n = 0 }, *list;

	/* Asks for the length: fails with E2BIG, since there is always a register */
	*err = do_ioctl(vcpu_fd, KVM_GET_REG_LIST, &probe);
	if (*err && *err != -E2BIG)
		return NULL;

	list = malloc(sizeof(*list) + probe.n * sizeof(list->reg[0]));
	if (!list) {
		*err = -ENOMEM;
		return NULL;
	}

	list->n = probe.n;
	*err = do_ioctl(vcpu_fd, KVM_GET_REG_LIST, list);
	if (*err) {
		free(list);
		return NULL;
	}
	return list;
}

int fwregs_list(int vcpu_fd, uint64_t *ids, unsigned int max)
{
	struct kvm_reg_list *list;
	unsigned int n = 0;
	uint64_t i;
	int err;

	list = get_reg_list(vcpu_fd, &err);
	if (!list)
		return err;

	for (i = 0; i < list->n; i++) {
		if (!fwregs_is_bmap(list->reg[i]) && !fwregs_is_level(list->reg[i]))
			continue;
		if (n < max)
			ids[n] = list->reg[i];
		n++;
	}

	free(list);
	return n;
}

/* The bits that can be written one by one. Does not restore the register. */
static int try_bits(int vcpu_fd, uint64_t id, uint64_t *found)
{
	unsigned int bit;
	int ret;

	*found = 0;
	for (bit = 0; bit < 64; bit++) {
		ret = fwregs_set(vcpu_fd, id, 1ULL << bit);
		if (!ret)
			*found |= 1ULL << bit;
		else if (ret != -EINVAL)
			return ret;
	}
	return 0;
}

int fwregs_accepted(int vcpu_fd, uint64_t id, uint64_t *mask)
{
	uint64_t old, found;
	int ret, restored;

	if (!fwregs_is_bmap(id))
		return -ENOENT;

	ret = fwregs_get(vcpu_fd, id, &old);
	if (ret)
		return ret;

	ret = fwregs_set(vcpu_fd, id, 0);
	if (!ret)
		ret = try_bits(vcpu_fd, id, &found);

	restored = fwregs_set(vcpu_fd, id, old);
	if (ret || restored)
		return ret ? ret : restored;

	*mask = found;
	return 0;
}

int fwregs_save(int vcpu_fd, struct fwregs_state *state)
{
	uint64_t ids[FWREGS_STATE_MAX];
	int nr, ret, i;

	nr = fwregs_list(vcpu_fd, ids, FWREGS_STATE_MAX);
	if (nr < 0)
		return nr;
	if (nr > FWREGS_STATE_MAX)
		return -E2BIG;

	for (i = 0; i < nr; i++) {
		state->reg[i].id = ids[i];
		ret = fwregs_get(vcpu_fd, ids[i], &state->reg[i].val);
		if (ret)
			return ret;
	}

	state->nr = nr;
	return 0;
}

static int is_in_state(const struct fwregs_state *state, unsigned int end, uint64_t id)
{
	unsigned int i;

	for (i = 0; i < end; i++)
		if (state->reg[i].id == id)
			return 1;
	return 0;
}

/* How many bitmap registers there are in the state, or -EBADMSG */
static int bmaps_in_state(const struct fwregs_state *state)
{
	unsigned int i, n = 0;

	if (state->nr > FWREGS_STATE_MAX)
		return -EBADMSG;

	for (i = 0; i < state->nr; i++) {
		if (is_in_state(state, i, state->reg[i].id))
			return -EBADMSG;
		n += fwregs_is_bmap(state->reg[i].id);
	}
	for (i = 0; i < n; i++)
		if (!is_in_state(state, state->nr, FWREGS_BMAP(i)))
			return -EBADMSG;
	return n;
}

int fwregs_limit_to(int vm_fd, const struct fwregs_state *state)
{
	int n = bmaps_in_state(state), count;

	if (n < 0)
		return n;

	count = fwregs_count(vm_fd);
	if (count < 0)
		return count;
	return count > n ? fwregs_limit(vm_fd, n) : 0;
}

static int write_state(int vcpu_fd, const struct fwregs_state *state, uint64_t *refused)
{
	unsigned int i;
	int ret;

	for (i = 0; i < state->nr; i++) {
		ret = fwregs_set(vcpu_fd, state->reg[i].id, state->reg[i].val);
		if (ret) {
			*refused = state->reg[i].id;
			return ret;
		}
	}
	return 0;
}

/*
 * Writes 0 to the bitmap registers from @n on, which are dense. This does not need
 * KVM_GET_REG_LIST, which fails until a vCPU with SVE is finalised.
 */
static int turn_others_off(int vcpu_fd, unsigned int n, uint64_t *refused)
{
	unsigned int i;
	int ret;

	for (i = n; i <= 0xffff; i++) {
		ret = fwregs_set(vcpu_fd, FWREGS_BMAP(i), 0);
		if (ret == -ENOENT)
			return 0;
		if (ret) {
			*refused = FWREGS_BMAP(i);
			return ret;
		}
	}
	return 0;
}

int fwregs_restore(int vcpu_fd, const struct fwregs_state *state, uint64_t *refused)
{
	int n = bmaps_in_state(state), ret;

	*refused = 0;
	if (n < 0)
		return n;

	ret = write_state(vcpu_fd, state, refused);
	return ret ? ret : turn_others_off(vcpu_fd, n, refused);
}

int fwregs_pin(int vcpu_fd, const struct fwregs_state *state, uint64_t *refused)
{
	int ret = fwregs_restore(vcpu_fd, state, refused);
	uint64_t next, val;

	if (ret)
		return ret;

	next = FWREGS_BMAP(bmaps_in_state(state));
	ret = fwregs_get(vcpu_fd, next, &val);
	if (ret == -ENOENT)
		return 0;

	*refused = next;
	return ret ? ret : -ENOTSUP;
}
