/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The tiny VMM: one vCPU, a piece of RAM and the bare-metal guest of guest/. The
 * functions end the program with one line if KVM does not do what they need.
 */
#ifndef FWREGS_VMM_H
#define FWREGS_VMM_H

#include "guest/calls.h"

struct vmm {
	int kvm;		/* /dev/kvm */
	int vm;
	int vcpu;
	struct kvm_run *run;	/* of the vCPU */
	void *ram;		/* RAM_SIZE bytes, at RAM_BASE in the guest */
};

/* Opens /dev/kvm */
int vmm_open_kvm(void);

/* A VM with an initialised vCPU that has not run */
void vmm_create(struct vmm *vmm);

/* Runs the guest to its next MMIO write, which is in vmm->run->mmio */
void vmm_run(struct vmm *vmm);

/* Runs the guest to its end, and takes its answers down */
void vmm_run_guest(struct vmm *vmm, struct result answers[NR_CALLS]);

void vmm_destroy(struct vmm *vmm);

#endif
