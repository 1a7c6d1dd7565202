/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fwregs: the firmware pseudo-registers of KVM/arm64, for VMMs.
 *
 * A firmware register holds part of the firmware that KVM shows a guest. Level registers
 * hold the PSCI version and the state of mitigations. Bitmap registers hold hypercall
 * services, one bit each. KVM_GET_ONE_REG and KVM_SET_ONE_REG access them on a vCPU, but
 * the value belongs to the VM: use one initialised vCPU, and leave the others alone. That
 * vCPU should not be in KVM_RUN, or the access waits until KVM_RUN returns.
 *
 * How many bitmap registers a VM has is settled before its first vCPU. So a VM gets its
 * firmware in two calls: fwregs_limit_to() on the VM before KVM_CREATE_VCPU, then
 * fwregs_restore() or fwregs_pin() on an initialised vCPU.
 *
 * One header, one object, no dependency but the kernel's UAPI, no state, no output. The
 * library asks the running kernel, so the headers of the build may be old.
 *
 * Specification: docs/abi.md in the repository of this library.
 * Sources, of a kernel that has the series: Documentation/virt/kvm/api.rst,
 * KVM_CAP_ARM_HVC_FW_REG_BMAP, KVM_GET_ONE_REG and KVM_GET_REG_LIST; and
 * Documentation/virt/kvm/arm/fw-pseudo-registers.rst, up to 6.1 part of hypercalls.rst.
 * Numbers are from include/uapi/linux/kvm.h and arch/arm64/include/uapi/asm/kvm.h.
 */
#ifndef FWREGS_H
#define FWREGS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Semantic versioning of this interface */
#define FWREGS_VERSION			"2.0.0"

/* The capability, with the same number on every kernel that has it */
#define FWREGS_CAP_ARM_HVC_FW_REG_BMAP	10207

/* Level register @n, 0..0xffff: KVM_REG_ARM_FW_REG(n) */
#define FWREGS_LEVEL(n)			(0x6030000000140000ULL | ((n) & 0xffffULL))
#define FWREGS_PSCI_VERSION		FWREGS_LEVEL(0)
#define FWREGS_WORKAROUND_1		FWREGS_LEVEL(1)
#define FWREGS_WORKAROUND_2		FWREGS_LEVEL(2)
#define FWREGS_WORKAROUND_3		FWREGS_LEVEL(3)

/* Bitmap register @n, 0..0xffff: KVM_REG_ARM_FW_FEAT_BMAP_REG(n) */
#define FWREGS_BMAP(n)			(0x6030000000160000ULL | ((n) & 0xffffULL))
#define FWREGS_STD_BMAP			FWREGS_BMAP(0)
#define FWREGS_STD_HYP_BMAP		FWREGS_BMAP(1)
#define FWREGS_VENDOR_HYP_BMAP		FWREGS_BMAP(2)
#define FWREGS_VENDOR_HYP_BMAP_2	FWREGS_BMAP(3)

/* Registers that fwregs_name() has a name for: level registers, then bitmap registers */
#define FWREGS_NR_NAMED			8

/* Bytes that hold any name, with its 0 */
#define FWREGS_NAME_SIZE		48

/* The id of named register @i, 0..FWREGS_NR_NAMED - 1. 0 for any other @i. */
uint64_t fwregs_named(unsigned int i);

/* 1 if @id is that of a bitmap register, or of a level register; otherwise 0 */
int fwregs_is_bmap(uint64_t id);
int fwregs_is_level(uint64_t id);

/*
 * The kernel's name of register @id, or KVM_REG_ARM_FW_REG(n) or
 * KVM_REG_ARM_FW_FEAT_BMAP_REG(n) for one that has none here. Returns @buf.
 */
const char *fwregs_name(uint64_t id, char buf[FWREGS_NAME_SIZE]);

/*
 * The id of a register by its name, with or without KVM_REG_ARM_, or by its id as a
 * number, "0x" and hexadecimal digits. Returns 0, or -ENOENT if there is no such name.
 */
int fwregs_id(const char *name, uint64_t *id);

/*
 * The functions below return 0 or more on success, and a negative errno value on failure.
 * Each of these values has one meaning in all of them:
 *
 * -ENOENT	the VM has no such register
 * -EINVAL	KVM cannot honour this value
 * -EBUSY	a vCPU has run, so bitmap registers cannot change
 * -EEXIST	the VM has a vCPU, so the number of its bitmap registers cannot change
 * -ERANGE	the VM has fewer bitmap registers than that
 * -ENOTSUP	KVM cannot limit the registers of this VM: it is a protected VM, or KVM
 *		does not have KVM_CAP_ARM_HVC_FW_REG_BMAP
 * -EBADMSG	the state is not one of a VM: its bitmap registers are not the first ones, or
 *		it has a register twice
 * -E2BIG	the VM has more registers than a state can hold
 * -ENOEXEC	the vCPU is not initialised (KVM_ARM_VCPU_INIT)
 * -EPERM	the vCPU is not finalised (KVM_ARM_VCPU_FINALIZE)
 *
 * Any other value comes from the system call, as -EBADF.
 */

/* What @err means, in words: a value that a function here has returned, or 0 */
const char *fwregs_strerror(int err);

/*
 * How many bitmap registers there are: on /dev/kvm in a new VM, on a VM in this one. 0 is
 * also the answer of a kernel without the capability, and on a protected VM; there may be
 * registers all the same. See fwregs_can_limit(). [KVM_CHECK_EXTENSION of
 * KVM_CAP_ARM_HVC_FW_REG_BMAP]
 */
int fwregs_count(int kvm_or_vm_fd);

/* 1 if the registers of this VM can be limited, or could be before it had a vCPU; 0 if not */
int fwregs_can_limit(int vm_fd);

/*
 * Keeps the first @n bitmap registers, 0..fwregs_count(). The others do not exist for this
 * VM, and their services are off. Before the first KVM_CREATE_VCPU; the present number
 * always succeeds. Errors: -ERANGE, -EEXIST, -ENOTSUP. A failure changes nothing.
 * [KVM_ENABLE_CAP of KVM_CAP_ARM_HVC_FW_REG_BMAP]
 */
int fwregs_limit(int vm_fd, unsigned int n);

/* Reads register @id. Errors: -ENOENT, -ENOEXEC. [KVM_GET_ONE_REG] */
int fwregs_get(int vcpu_fd, uint64_t id, uint64_t *val);

/*
 * Writes register @id. The present value always succeeds. Errors: -ENOENT, -EINVAL, -EBUSY,
 * -ENOEXEC. A failure changes nothing. [KVM_SET_ONE_REG]
 */
int fwregs_set(int vcpu_fd, uint64_t id, uint64_t val);

/*
 * Stores the ids of the first @max firmware registers in KVM_GET_REG_LIST. Returns how many
 * there are, which can be more. Errors: -ENOEXEC, -EPERM, -ENOMEM. [KVM_GET_REG_LIST]
 */
int fwregs_list(int vcpu_fd, uint64_t *ids, unsigned int max);

/*
 * Finds the bits that KVM accepts in bitmap register @id by trial writes, and undoes these.
 * For a VM that has not run, and is best made for this. Errors: -ENOENT, -EBUSY, -ENOEXEC.
 */
int fwregs_accepted(int vcpu_fd, uint64_t id, uint64_t *mask);

#define FWREGS_STATE_MAX	64

/*
 * The firmware of a VM: what a VMM saves, and what a VM is pinned to. Its bitmap registers
 * are all that the VM has: @reg has numbers 0 to n - 1, for some n, and the services of
 * other registers are off.
 */
struct fwregs_state {
	unsigned int nr;		/* entries in @reg, 0..FWREGS_STATE_MAX */
	struct {
		uint64_t id;
		uint64_t val;
	} reg[FWREGS_STATE_MAX];	/* in any order, each id once */
};

/*
 * Reads all firmware registers of the VM. Errors: -E2BIG, and those of fwregs_list() and
 * fwregs_get().
 */
int fwregs_save(int vcpu_fd, struct fwregs_state *state);

/*
 * Limits a new VM to the bitmap registers that @state has. A VM that cannot be limited, or
 * has no more than that, stays as it is, and fwregs_restore() or fwregs_pin() deals with the
 * rest. Before the first KVM_CREATE_VCPU. Errors: -EEXIST, -EBADMSG.
 */
int fwregs_limit_to(int vm_fd, const struct fwregs_state *state);

/*
 * Writes the firmware registers of @state. If the VM could not be limited, bitmap registers
 * that are not in @state get 0: the guest sees the same, KVM_GET_REG_LIST stays longer.
 * Level registers that are not in @state keep their values.
 *
 * After KVM_ARM_VCPU_INIT and after the ID registers of the vCPU have been written, since KVM
 * judges mitigation levels by these. A state has no ID registers, so that order is up to the
 * VMM. Before the first KVM_RUN, and again at each reset of the VM if the VMM likes.
 *
 * Errors: -ENOENT, -EINVAL, -EBUSY and -ENOEXEC, with the register that KVM refused in
 * *@refused; -EBADMSG, with 0 there. After an error, the VM may have part of the state, and
 * should not run.
 */
int fwregs_restore(int vcpu_fd, const struct fwregs_state *state, uint64_t *refused);

/*
 * The same for a VM that is to move to any host of a fleet: @state is a baseline, and the VM
 * may have no other bitmap register, or other hosts would refuse what it saves. Errors: the
 * same, and -ENOTSUP with the first other register in *@refused.
 */
int fwregs_pin(int vcpu_fd, const struct fwregs_state *state, uint64_t *refused);

#ifdef __cplusplus
}
#endif

#endif
