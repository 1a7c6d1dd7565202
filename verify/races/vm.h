/* SPDX-License-Identifier: BSD-3-Clause */
/* Operations on a VM, of KVM and of the reference model */
#ifndef VM_H
#define VM_H

#include "../list.h"
#include "vmm/vmm.h"

enum kind {
	NOTHING,
	SET,			/* of bitmap register @n to @val */
	GET,
	LIMIT,			/* KVM_ENABLE_CAP: to the first @n */
	COUNT,			/* KVM_CHECK_EXTENSION of the VM */
	COUNT_ALL,		/* and of /dev/kvm */
	LIST,			/* the firmware registers of KVM_GET_REG_LIST */
	SET_PSCI,		/* to @val */
	GET_PSCI,
	CREATE,			/* KVM_CREATE_VM */
	VCPU,			/* KVM_CREATE_VCPU, number @vcpu, and then COUNT */
	RUN,			/* one pass of the guest */
	PARAM_BMAPS,		/* kvm.fw_bmap_regs, to @n */
	PARAM_PSCI,		/* kvm.psci_version, to @val */
	READ_BMAPS,		/* what they are */
	READ_PSCI,
};

struct op {
	enum kind kind;
	unsigned int n;
	uint64_t val;
	unsigned int vcpu;	/* whose ioctl it is */
};

/* The result of an operation: an error, 0 or positive, and what was read */
struct answer {
	int err;
	uint64_t got;
};

/* A host, and the VM under test */
struct world {
	struct model_host host;
	struct model_params params;
	struct model model;
};

/* Probes the host, or ends the program */
void probe_host(struct world *world);

/* Makes the vCPUs of a VM ready to run */
void init_vcpus(struct vm *vm);

void do_op(struct vm *vm, const struct op *op, struct answer *res);
void model_op(struct world *world, const struct op *op, struct answer *res);

/* In words, for a line of output */
const char *op_name(const struct op *op, char *buf, unsigned int size);

#endif
