/* SPDX-License-Identifier: BSD-3-Clause */
/* VMs, and all that is done with them: to KVM and to the reference model alike */
#ifndef VM_H
#define VM_H

#include "../model.h"

#define MAX_VCPUS	12

struct vm {
	int fd;			/* -1: not made yet */
	unsigned int nr_vcpus;
	int vcpu[MAX_VCPUS];
	struct kvm_run *run[MAX_VCPUS];
};

enum kind {
	NOTHING,
	SET,			/* of bitmap register @n to @val */
	GET,
	SHOW,			/* KVM_ENABLE_CAP: the first @n */
	COUNT,			/* KVM_CHECK_EXTENSION */
	LIST,			/* the firmware registers of KVM_GET_REG_LIST */
	SET_PSCI,		/* to @val */
	GET_PSCI,
	RUN,			/* one pass of the guest */
	CREATE,			/* KVM_CREATE_VM */
	PARAM_BMAPS,		/* kvm.fw_bmap_regs, to @n */
	PARAM_PSCI,		/* kvm.psci_version, to @val */
};

struct op {
	enum kind kind;
	unsigned int n;
	uint64_t val;
	unsigned int vcpu;	/* whose ioctl it is */
};

/* What came of it: an error, 0 or positive, and what was read */
struct answer {
	int err;
	uint64_t got;
};

/* A host, and the one VM on it that is looked at */
struct world {
	struct model_host host;
	struct model_params params;
	struct model model;
};

/* Asks the host what it is, or ends the program */
void vm_init(struct world *world);

void vm_create(struct vm *vm);
void vm_add_vcpus(struct vm *vm, unsigned int nr_vcpus);
void vm_destroy(struct vm *vm);

void do_op(struct vm *vm, const struct op *op, struct answer *res);
void model_op(struct world *world, const struct op *op, struct answer *res);

/* In words, for a line of output */
const char *op_name(const struct op *op, char *buf, unsigned int size);

#endif
