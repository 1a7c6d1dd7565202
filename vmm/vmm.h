/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * VMs on this host's KVM: for fwregs, and for the programs that test and measure KVM.
 *
 * The functions of part one return 0 or more on success and a negative errno value on failure.
 * They never end the program. Each makes the system call that its comment names in brackets,
 * and no other unless the comment says so: a test can count the instructions of that call, or
 * have it fail. Errors are those of the system call, unless a comment says what one means.
 *
 * The functions of part two are for programs that cannot go on without a VM. On failure, they
 * call die_errno(), which each program defines.
 *
 * Sizes are in bytes, addresses are guest-physical. The functions take no locks: threads may use
 * one VM at the same time if each has elements of vcpu[] of its own.
 *
 * Sources: Documentation/virt/kvm/api.rst and devices/vcpu.rst, include/uapi/linux/kvm.h,
 * arch/arm64/include/uapi/asm/kvm.h.
 */
#ifndef VMM_H
#define VMM_H

#include <stddef.h>
#include <stdint.h>
#include <linux/kvm.h>

#include "vmm/guest/layout.h"
#include "vmm/uapi.h"

#define VM_VCPUS	12	/* most vCPUs of a VM here */
#define VCPU_PSCI	(1U << KVM_ARM_VCPU_PSCI_0_2)

struct vcpu {
	unsigned int number;	/* in vcpu[], and for KVM */
	int fd;			/* -1: not created */
	struct kvm_run *run;	/* NULL: not mapped */
	int stolen_time_err;	/* 0: it has stolen time. ENXIO: the host has none. */
};

struct vm {
	int fd;			/* -1: not created */
	void *ram;		/* RAM_SIZE bytes that the VM owns, or NULL */
	unsigned int nr;	/* the first @nr vCPUs are ready to run */
	struct vcpu vcpu[VM_VCPUS];
};

/* What KVM_GET_REG_LIST fills, in the layout of struct kvm_reg_list */
#define REGS_MAX	4096	/* more than any kernel lists */
#define REG_SIZE_MAX	256	/* of one register */

struct reg_list {
	__u64 n;
	__u64 reg[REGS_MAX];
};

/* The id of a core register of 64 bits. @field: of struct kvm_regs, for example regs.pc */
#define CORE_REG(field)								\
	(KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE |			\
	 offsetof(struct kvm_regs, field) / sizeof(__u32))

/* The instruction by which a guest makes a call */
enum conduit { HVC, SMC };

/*
 * Part one: 0 or more, or -errno
 */

/* /dev/kvm, or -1 before kvm_open() */
extern int kvm_fd;

/*
 * Opens /dev/kvm, if that has not been done, and reads the host's IPA size and the size of
 * struct kvm_run. [open, KVM_CHECK_EXTENSION, KVM_GET_VCPU_MMAP_SIZE]
 */
int kvm_open(void);

/* Any ioctl */
int vm_ioctl(int fd, unsigned long request, void *arg);

/* Return a file descriptor of a new VM, or of vCPU @number. [KVM_CREATE_VM, KVM_CREATE_VCPU] */
int vm_new(void);
int vcpu_new(int vm, unsigned long number);

/* Allocates RAM_SIZE bytes, and copies @size bytes of @image to their start. [mmap] */
int ram_new(void **ram, const void *image, size_t size);

/*
 * Gives a VM its memory, RAM_SIZE bytes at RAM_BASE. VMs can share memory that their guests do
 * not write. [KVM_SET_USER_MEMORY_REGION]
 */
int vm_set_ram(int vm, void *ram);

/*
 * Initialises a vCPU, also one that has run. @features: bits of features[0] in struct
 * kvm_vcpu_init. The first call in a process also makes KVM_ARM_PREFERRED_TARGET.
 * [KVM_ARM_VCPU_INIT]
 */
int vcpu_init(int vm, int vcpu, uint32_t features);

/*
 * Maps vcpu->run and populates it: a page fault on it is retried for ever where a test has
 * memory fail. [mmap]
 */
int vcpu_map(struct vcpu *vcpu);

/*
 * Gives a vCPU 64 bytes at @ipa for stolen time. KVM does not serve PV_TIME without. -ENXIO:
 * this host has no stolen time. [KVM_SET_DEVICE_ATTR]
 */
int vcpu_set_stolen_time(int vcpu, uint64_t ipa);

/* Read and write a register. Its id has its size. [KVM_GET_ONE_REG, KVM_SET_ONE_REG] */
int vcpu_get(int vcpu, uint64_t id, void *val);
int vcpu_set(int vcpu, uint64_t id, const void *val);

/* Lists up to @room registers, 0..REGS_MAX. -E2BIG: there are list->n. [KVM_GET_REG_LIST] */
int vcpu_list(int vcpu, struct reg_list *list, uint64_t room);

/*
 * KVM_CAP_ARM_HVC_FW_REG_BMAP: how many bitmap registers /dev/kvm or a VM offers, and the limit
 * of a VM. [KVM_CHECK_EXTENSION; KVM_ENABLE_CAP]
 */
int kvm_count(int fd);
int vm_limit(int vm, uint64_t n);

/*
 * The SMCCC filter: 1 if this kernel has one and 0 if not; an action for @nr functions from id
 * @base on. [KVM_HAS_DEVICE_ATTR; KVM_SET_DEVICE_ATTR]
 */
int vm_has_filter(int vm);
int vm_set_filter(int vm, uint32_t base, uint32_t nr, enum smccc_filter_action action);

/*
 * Runs a vCPU until the guest writes 64 bits, @val, to an address without RAM, @addr. Goes on
 * after a signal. -EPROTO: KVM_RUN returned for another reason, see vcpu->run->exit_reason.
 * [KVM_RUN]
 */
int vcpu_run(const struct vcpu *vcpu, uint64_t *addr, uint64_t *val);

/* Makes KVM_RUN return before the guest's first instruction. The VM has run then. [KVM_RUN] */
int vcpu_settle(const struct vcpu *vcpu);

/*
 * The guest of guest/call.S makes a call with arguments x[], and x[] has the answer. In two
 * steps: vcpu_load_call() writes x0 to x3 and the conduit, vcpu_finish_call() runs the vCPU and
 * reads x0 to x3. -EFAULT: the guest took an exception. Other errors: those of vcpu_set(),
 * vcpu_run() and vcpu_get(), which they call.
 */
int vcpu_load_call(const struct vcpu *vcpu, enum conduit conduit, const uint64_t x[4]);
int vcpu_finish_call(const struct vcpu *vcpu, uint64_t x[4]);
int vcpu_call(const struct vcpu *vcpu, enum conduit conduit, uint64_t x[4]);

/*
 * A module parameter of kvm in sysfs: opened, and written or read at its start. @flags: as of
 * open(). Readers get the line without its newline. The kernel serialises accesses to one open
 * file, so threads that race have one each. -ENOENT: the kernel has no such parameter.
 * [open; pwrite; pread; by name, all of open, pwrite or pread, close]
 */
int param_open(const char *name, int flags);
int param_fd_write(int fd, const char *text);
int param_fd_read(int fd, char *text, size_t size);
int param_write(const char *name, const char *text);
int param_read(const char *name, char *text, size_t size);

/*
 * Part two: success, or the end of the program
 */

/*
 * The program defines it: prints one line with what failed and the meaning of @err, a positive
 * errno value, and ends the program.
 */
void die_errno(int err, const char *fmt, ...)
	__attribute__((__noreturn__, format(printf, 2, 3)));

/* Returns @ret if it is 0 or more. @what: what failed if not. */
int need(int ret, const char *what);

/* Sets @vm to neither a VM nor a vCPU */
void vm_reset(struct vm *vm);

/* Creates a VM without a vCPU: vm_create() without memory, vm_load() with @image in its own */
void vm_create(struct vm *vm);
void vm_load(struct vm *vm, const void *image, size_t size);

/* Creates vCPU vm->nr, unless there is one, initialises it and prepares it. The VM has memory. */
void vm_add_vcpu(struct vm *vm, uint32_t features);

/* Maps an initialised vCPU, sets its PC to RAM_BASE, gives it stolen time if the host has it */
void vm_prepare_vcpu(struct vm *vm, unsigned int number);

/* Closes the VM with all its vCPUs, and frees the memory that it owns */
void vm_destroy(struct vm *vm);

#endif
