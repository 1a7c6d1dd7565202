/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fwregs: the firmware pseudo-registers of KVM/arm64, for VMMs.
 *
 * A firmware register holds a part of the firmware that KVM shows a guest. There
 * are level registers (PSCI version, state of mitigations) and bitmap registers
 * (hypercall services, one bit each). Access is by KVM_GET_ONE_REG and
 * KVM_SET_ONE_REG on any vCPU that has been initialised, but the value belongs to
 * the VM: one vCPU is enough, and the other vCPUs need not be touched. It should not be in
 * KVM_RUN: KVM lets the access wait until that returns.
 *
 * One header, one object, no dependency but the kernel's UAPI, no state, no output.
 * The running kernel is asked about everything, so headers may be old. Functions
 * return 0 or more on success and a negative errno value on failure.
 *
 * Sources, of a kernel that has the series: Documentation/virt/kvm/arm/,
 * fw-pseudo-registers.rst, which is a part of hypercalls.rst up to 6.1, and
 * Documentation/virt/kvm/api.rst, KVM_CAP_ARM_HVC_FW_REG_BMAP.
 */
#ifndef FWREGS_H
#define FWREGS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* include/uapi/linux/kvm.h: number of the capability, the same on every kernel */
#define FWREGS_CAP_ARM_HVC_FW_REG_BMAP	10207

/* arch/arm64/include/uapi/asm/kvm.h: KVM_REG_ARM_FW_REG(), level registers */
#define FWREGS_LEVEL(n)			(0x6030000000140000ULL | ((n) & 0xffffULL))
#define FWREGS_PSCI_VERSION		FWREGS_LEVEL(0)
#define FWREGS_WORKAROUND_1		FWREGS_LEVEL(1)
#define FWREGS_WORKAROUND_2		FWREGS_LEVEL(2)
#define FWREGS_WORKAROUND_3		FWREGS_LEVEL(3)

/* arch/arm64/include/uapi/asm/kvm.h: KVM_REG_ARM_FW_FEAT_BMAP_REG() */
#define FWREGS_BMAP(n)			(0x6030000000160000ULL | ((n) & 0xffffULL))
#define FWREGS_STD_BMAP			FWREGS_BMAP(0)
#define FWREGS_STD_HYP_BMAP		FWREGS_BMAP(1)
#define FWREGS_VENDOR_HYP_BMAP		FWREGS_BMAP(2)
#define FWREGS_VENDOR_HYP_BMAP_2	FWREGS_BMAP(3)

/* Registers that fwregs_name() has a name for, in the order of KVM_GET_REG_LIST */
#define FWREGS_NR_NAMED			8

/* Enough for any name */
#define FWREGS_NAME_SIZE		48

/* Id of the named register @i, 0..FWREGS_NR_NAMED - 1. 0 for any other @i. */
uint64_t fwregs_named(unsigned int i);

/* Whether @id is one of a bitmap register, or of a level register */
int fwregs_is_bmap(uint64_t id);
int fwregs_is_level(uint64_t id);

/*
 * The kernel's name of register @id, or KVM_REG_ARM_FW_REG(n) or
 * KVM_REG_ARM_FW_FEAT_BMAP_REG(n) for one that has none here. Returns @buf.
 */
const char *fwregs_name(uint64_t id, char buf[FWREGS_NAME_SIZE]);

/*
 * The id of a register by its name: with or without KVM_REG_ARM_, or the id itself
 * as a number. -ENOENT: no such name.
 */
int fwregs_id(const char *name, uint64_t *id);

/*
 * How many bitmap registers there are: on /dev/kvm those that a new VM gets, on a
 * VM those that are visible in it. 0: there are none, by a ceiling or fwregs_limit(),
 * or this kernel has no such capability, which says nothing about its registers.
 */
int fwregs_count(int kvm_or_vm_fd);

/*
 * Makes the first @n bitmap registers visible in the VM and hides the others, with
 * their services off. Before the first KVM_RUN. -EINVAL: @n is more than the kernel
 * offers, it has no such capability, or the VM is a protected one. -EBUSY: a vCPU has
 * run, and @n is not the present number.
 */
int fwregs_limit(int vm_fd, unsigned int n);

/* Reads register @id. -ENOENT: unknown or hidden. -ENOEXEC: vCPU not initialised. */
int fwregs_get(int vcpu_fd, uint64_t id, uint64_t *val);

/*
 * Writes register @id. -ENOENT: unknown or hidden. -EINVAL: KVM cannot honour @val.
 * -EBUSY: a bitmap register would change, and a vCPU has run. -ENOEXEC: vCPU not
 * initialised. A failed write changes nothing.
 */
int fwregs_set(int vcpu_fd, uint64_t id, uint64_t val);

/*
 * The ids of the firmware registers in KVM_GET_REG_LIST, at most @max of them.
 * Returns how many there are, which can be more. -ENOMEM: no memory for the list.
 * -EPERM: the vCPU has SVE, and KVM_ARM_VCPU_FINALIZE is missing.
 */
int fwregs_list(int vcpu_fd, uint64_t *ids, unsigned int max);

/*
 * The bits that KVM accepts in bitmap register @id, found out by trial writes, which
 * are undone. For a VM that has not run, best one that is made for this. -ENOENT:
 * not a bitmap register, unknown or hidden. -EBUSY: the VM has run.
 */
int fwregs_accepted(int vcpu_fd, uint64_t id, uint64_t *mask);

/*
 * The firmware of a VM: what a VMM saves, and what a VM is pinned to. The bitmap
 * registers in it are all that the VM has: a service of a register that is not in it is
 * off.
 */
#define FWREGS_STATE_MAX	64

struct fwregs_state {
	unsigned int nr;
	struct {
		uint64_t id;
		uint64_t val;
	} reg[FWREGS_STATE_MAX];	/* in the order of KVM_GET_REG_LIST, each id once */
};

/*
 * Reads all firmware registers of the VM. -E2BIG: there are more than FWREGS_STATE_MAX,
 * which is a kernel from after this library. Errors of fwregs_list() and fwregs_get().
 */
int fwregs_save(int vcpu_fd, struct fwregs_state *state);

/*
 * Gives the VM the firmware of @state: hides the bitmap registers that are not in it,
 * and writes those that are. On a kernel without the capability, a bitmap register that
 * is not in it gets 0: the guest sees the same, the list stays longer. A level register
 * that is not in it keeps its value.
 *
 * Before the first KVM_RUN, if need be before KVM_ARM_VCPU_FINALIZE, and again at each reset of the VM: what it has already can
 * be written at any time. -EINVAL, -ENOENT, -EBUSY: KVM refuses register *@refused, as
 * for fwregs_set(); *@refused is 0 if it is the number of registers (fwregs_limit()). The
 * VM may have a part of the state then, and should not run. Other errors are those of
 * fwregs_count() and fwregs_set(). -EINVAL with *@refused 0, and
 * nothing changed: the ids of the bitmap registers in @state are not dense from 0.
 */
int fwregs_restore(int vm_fd, int vcpu_fd, const struct fwregs_state *state, uint64_t *refused);

/*
 * The same for a VM that is to move to any host of a fleet, with a baseline as @state: its
 * list has to be that of @state, too, or what it saves would not be taken elsewhere.
 * -ENOTSUP: register *@refused is not in @state, and this kernel cannot hide it.
 */
int fwregs_pin(int vm_fd, int vcpu_fd, const struct fwregs_state *state, uint64_t *refused);

#ifdef __cplusplus
}
#endif

#endif
