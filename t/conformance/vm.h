/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * VMs of a test: vmm/vmm.h, and what a test needs on top of it. Functions that begin with __
 * return a positive errno value or 0. The others end the test if KVM does not do what they need.
 */
#ifndef VM_H
#define VM_H

#include "tap.h"
#include "vmm/vmm.h"

#define NR_CONDUITS	2

extern const char * const conduit_names[NR_CONDUITS];

/* VMs without vCPUs, with vCPUs, with a limit, and with one vCPU that has run */
struct vm *new_empty_vm(void);
struct vm *new_vm(unsigned int nr);
struct vm *new_limited_vm(unsigned int n, unsigned int nr);
struct vm *new_vm_that_ran(void);

/* For tests that make many VMs */
void free_vm(struct vm *vm);

/* A vCPU that is not initialised. It becomes the one that is added next. */
struct vcpu *create_vcpu(struct vm *vm);

/* A vCPU that can run, and one that has PSCI 0.1 only */
struct vcpu *add_vcpu(struct vm *vm);
struct vcpu *add_vcpu_psci_0_1(struct vm *vm);

/* A protected VM, which cannot run, with a vCPU. Skips the test where there is none. */
struct vm *new_protected_vm(void);
struct vcpu *add_protected_vcpu(struct vm *vm);

int __get_reg(const struct vcpu *vcpu, uint64_t id, void *val);
int __set_reg(const struct vcpu *vcpu, uint64_t id, uint64_t val);
int __set_reg_from(const struct vcpu *vcpu, uint64_t id, const void *addr);
uint64_t get_reg(const struct vcpu *vcpu, uint64_t id);
void set_reg(const struct vcpu *vcpu, uint64_t id, uint64_t val);

/* The register list, with room for @n. What KVM does not write is POISON. */
#define POISON	0xdeadbeefdeadbeefUL

int __get_list(const struct vcpu *vcpu, struct reg_list *list, uint64_t n);
void get_list(const struct vcpu *vcpu, struct reg_list *list);

void limit(const struct vm *vm, uint64_t n);
void expect_limit(const struct vm *vm, uint64_t n, int want);
void expect_count(int fd, int want, const char *what);

/* Skip the test if KVM does not serve calls by this conduit, or has no SMCCC filter */
void need_conduit(const struct vm *vm, enum conduit conduit);
void need_filter(const struct vm *vm);

/* A call: x[0] is the function, x[] becomes the answer */
void guest_call(const struct vcpu *vcpu, enum conduit conduit, uint64_t x[4]);

/* Its parts */
void load_call(const struct vcpu *vcpu, enum conduit conduit, const uint64_t x[4]);
void finish_call(const struct vcpu *vcpu, uint64_t x[4]);

/* x0 of the answer to a call with one argument */
uint64_t guest_ask(const struct vcpu *vcpu, uint32_t func, uint64_t arg);

/* Any call, for a vCPU to have run */
void guest_run(const struct vcpu *vcpu);

#endif
