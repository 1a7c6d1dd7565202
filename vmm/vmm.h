/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * VMs on this host's KVM: for fwregs, and for the programs that test and measure KVM.
 *
 * The first part of the functions returns 0 or more on success and a negative errno value on
 * failure, and never ends the program. Each of them is the one system call that is named in
 * brackets, with nothing before it or after it that depends on the answer, so that a test can
 * count its instructions or have it fail. Errors without a comment are those of the system
 * call: Documentation/virt/kvm/api.rst.
 *
 * The second part is for programs that need it to work. It ends them with one line, by
 * die_errno(), which each program has in its own way.
 *
 * The functions take no locks. Threads may use one VM at the same time as far as KVM lets
 * them; an element of vcpu[] belongs to the thread that creates this vCPU.
 *
 * Guests are flat images (guest/), which run at RAM_BASE. See guest/layout.h for the addresses.
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
	int fd;			/* -1: not created */
	struct kvm_run *run;	/* NULL: not mapped */
	int stolen_time_err;	/* 0, or a positive errno: it has no stolen time */
};

struct vm {
	int fd;			/* -1: not created */
	void *ram;		/* RAM_SIZE bytes of its own, or NULL */
	unsigned int nr;	/* vCPUs that are ready to run: the first ones */
	struct vcpu vcpu[VM_VCPUS];
};

/* A register list of KVM_GET_REG_LIST, in the layout of struct kvm_reg_list */
#define REGS_MAX	4096
#define REG_SIZE_MAX	256	/* bytes of a register */

struct reg_list {
	__u64 n;
	__u64 reg[REGS_MAX];
};

/* The id of a core register of 64 bits: the field of struct kvm_regs, as regs.pc */
#define CORE_REG(field)								\
	(KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE |			\
	 offsetof(struct kvm_regs, field) / sizeof(__u32))

/* How a guest makes a call: guest/call.S */
enum conduit { HVC, SMC };

/*
 * Part one: 0 or more, or -errno
 */

/* /dev/kvm, or -1 before kvm_open() */
extern int kvm_fd;

/* Opens it, if that has not been done, and asks what the functions below have to know */
int kvm_open(void);

/* Any ioctl */
int vm_ioctl(int fd, unsigned long request, void *arg);

/* A VM, and a vCPU with this number: a file descriptor. [KVM_CREATE_VM, KVM_CREATE_VCPU] */
int vm_new(void);
int vcpu_new(int vm, unsigned long number);

/* Memory for a guest, RAM_SIZE bytes with @size bytes of @image at its start. [mmap] */
int ram_new(void **ram, const void *image, size_t size);

/* Gives a VM memory. VMs may share it if their guest writes none. [KVM_SET_USER_MEMORY_REGION] */
int vm_set_ram(int vm, void *ram);

/*
 * @features: bits of struct kvm_vcpu_init's features[0]. The first time in a process asks for
 * KVM_ARM_PREFERRED_TARGET before. [KVM_ARM_VCPU_INIT]
 */
int vcpu_init(int vm, int vcpu, uint32_t features);

/*
 * Has vcpu->run. The pages are there at once: where memory is made to fail, a page fault would
 * be tried for ever. [mmap]
 */
int vcpu_map(struct vcpu *vcpu);

/* -ENXIO: this host has no stolen time, and PV_TIME is not served. [KVM_SET_DEVICE_ATTR] */
int vcpu_set_stolen_time(int vcpu, uint64_t ipa);

/* A register of the size that is in its id. [KVM_GET_ONE_REG, KVM_SET_ONE_REG] */
int vcpu_get(int vcpu, uint64_t id, void *val);
int vcpu_set(int vcpu, uint64_t id, const void *val);

/* With @room, up to REGS_MAX, for so many. -E2BIG: there are more, list->n. [KVM_GET_REG_LIST] */
int vcpu_list(int vcpu, struct reg_list *list, uint64_t room);

/* KVM_CAP_ARM_HVC_FW_REG_BMAP, of /dev/kvm or a VM. [KVM_CHECK_EXTENSION, KVM_ENABLE_CAP] */
int kvm_count(int fd);
int vm_limit(int vm, uint64_t n);

/* 1 if the kernel has the SMCCC filter, or 0. [KVM_HAS_DEVICE_ATTR, KVM_SET_DEVICE_ATTR] */
int vm_has_filter(int vm);
int vm_set_filter(int vm, uint32_t base, uint32_t nr, enum smccc_filter_action action);

/*
 * Runs until the guest writes 64 bits to where there is no RAM: address and value. A signal
 * does not end that. -EPROTO: KVM_RUN returned for another reason, vcpu->run->exit_reason.
 * [KVM_RUN]
 */
int vcpu_run(const struct vcpu *vcpu, uint64_t *addr, uint64_t *val);

/* To KVM, the vCPU has run after that, without an instruction of the guest. [KVM_RUN] */
int vcpu_settle(const struct vcpu *vcpu);

/*
 * Has the guest of guest/call.S make a call with x[], in which the answer is then: load the
 * registers, run and take the answer. -EFAULT: the guest took an exception. Other errors: those
 * of vcpu_set(), vcpu_run() and vcpu_get().
 */
int vcpu_load_call(const struct vcpu *vcpu, enum conduit conduit, const uint64_t x[4]);
int vcpu_finish_call(const struct vcpu *vcpu, uint64_t x[4]);
int vcpu_call(const struct vcpu *vcpu, enum conduit conduit, uint64_t x[4]);

/*
 * A module parameter of kvm in sysfs. -ENOENT: the kernel has no such parameter. Readers get a
 * line without its end. What threads do to one open file is done one after the other. [open,
 * pwrite, pread; by name, open and close besides]
 */
int param_open(const char *name, int flags);
int param_fd_write(int fd, const char *text);
int param_fd_read(int fd, char *text, size_t size);
int param_write(const char *name, const char *text);
int param_read(const char *name, char *text, size_t size);

/*
 * Part two: or the end
 */

/* The program has it: one line with what failed and what @err, a positive errno, means */
void die_errno(int err, const char *fmt, ...)
	__attribute__((__noreturn__, format(printf, 2, 3)));

/* @ret, if it is 0 or more. @what: what returned it. */
int need(int ret, const char *what);

/* A VM without a vCPU: without memory, and with memory of its own that has @image */
void vm_create(struct vm *vm);
void vm_load(struct vm *vm, const void *image, size_t size);

/* There is neither a VM nor a vCPU */
void vm_reset(struct vm *vm);

/* The next vCPU, which is created unless it is there, and initialised */
void vm_add_vcpu(struct vm *vm, uint32_t features);

/* For an initialised vCPU: maps it, sets its PC to RAM_BASE and gives it stolen time */
void vm_prepare_vcpu(struct vm *vm, unsigned int number);

/* All of it, what there is */
void vm_destroy(struct vm *vm);

#endif
