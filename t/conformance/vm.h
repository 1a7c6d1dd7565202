/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * VMs of a test, made with bare ioctls. Functions that begin with __ return a positive errno
 * value or 0, the others end the test if KVM does not do what they need.
 */
#ifndef VM_H
#define VM_H

#include <linux/kvm.h>

#include "tap.h"

enum conduit {
	HVC,
	SMC,

	NR_CONDUITS
};

extern const char * const conduit_names[NR_CONDUITS];

/* PV_TIME_ST's answer to vCPU 0. The others follow in their order. */
#define PVTIME_BASE	0x40010000ULL
#define PVTIME_SIZE	64

#define MAX_VCPUS	8

struct vcpu {
	struct vm	*vm;
	unsigned int	index;
	int		fd;
	int		pvtime_err;	/* of giving it a place for stolen time */
	struct kvm_run	*run;
};

struct vm {
	int		fd;
	void		*mem;
	unsigned int	nr_vcpus;
	struct vcpu	vcpu[MAX_VCPUS];
};

/* /dev/kvm */
extern int kvm_fd;

/* A VM without vCPUs, with vCPUs, with a limit, with a vCPU that has run, and a protected one */
struct vm *vm_new_empty(void);
struct vm *vm_new(unsigned int nr_vcpus);
struct vm *vm_new_limited(unsigned int n, unsigned int nr_vcpus);
struct vm *vm_new_ran(unsigned int nr_vcpus);
struct vm *vm_new_protected(void);

/* For tests that make many */
void vm_free(struct vm *vm);

/* A vCPU that cannot run yet, one that is initialised, and one in a protected VM */
struct vcpu *vcpu_create(struct vm *vm);
struct vcpu *vcpu_add(struct vm *vm);
struct vcpu *protected_vcpu(struct vm *vm);

/* Initialises a vCPU, at first or anew. @psci: with PSCI 0.2 and later. */
void vcpu_init(struct vcpu *vcpu, bool psci);

int __get_reg(const struct vcpu *vcpu, __u64 id, void *val);
int __set_reg(const struct vcpu *vcpu, __u64 id, __u64 val);
int __set_reg_from(const struct vcpu *vcpu, __u64 id, const void *addr);
__u64 get_reg(const struct vcpu *vcpu, __u64 id);
void set_reg(const struct vcpu *vcpu, __u64 id, __u64 val);

/* KVM_GET_REG_LIST. Has the layout of struct kvm_reg_list. */
#define MAX_REGS	4096
#define POISON		0xdeadbeefdeadbeefULL

struct reg_list {
	__u64	n;
	__u64	reg[MAX_REGS];
};

/* With room for @n. What KVM does not write is POISON. */
int __get_list(const struct vcpu *vcpu, struct reg_list *list, __u64 n);
void get_list(const struct vcpu *vcpu, struct reg_list *list);

/* KVM_CAP_ARM_HVC_FW_REG_BMAP, section 4 of the contract: read and enabled */
#define KVM_CAP_ARM_HVC_FW_REG_BMAP	10207

int check_extension(int fd);
int __enable_cap(const struct vm *vm, const struct kvm_enable_cap *cap);
void limit(const struct vm *vm, __u64 n);
int __limit(const struct vm *vm, __u64 n);
void expect_limit(const struct vm *vm, __u64 n, int want);
void expect_count(int fd, int want, const char *what);

/* Skips the test if KVM does not serve calls by this conduit */
void need_conduit(const struct vm *vm, enum conduit conduit);

/* The SMCCC filter: skips the test if there is none, sets the action for one function */
void need_filter(const struct vm *vm);
void vm_filter(const struct vm *vm, __u32 func, __u8 action);

/* A call: x[0] is the function, x[] becomes the answer */
void guest_call(const struct vcpu *vcpu, enum conduit conduit, __u64 x[4]);

/* Its parts. KVM_RUN ends where KVM forwards a call, and when it has an answer. */
void vcpu_load_call(const struct vcpu *vcpu, enum conduit conduit, const __u64 x[4]);
void vcpu_run(const struct vcpu *vcpu);
void vcpu_get_answer(const struct vcpu *vcpu, __u64 x[4]);
void set_x0(const struct vcpu *vcpu, __u64 val);

/* x0 of the answer to a call with one argument */
__u64 guest_ask(const struct vcpu *vcpu, __u32 func, __u64 arg);

/* Any call, for a vCPU to have run */
void guest_run(const struct vcpu *vcpu);

#endif
