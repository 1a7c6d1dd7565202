/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The tiny VMM: one vCPU, a piece of RAM and the bare-metal guest of guest/. The
 * functions end the program with one line if KVM does not do what they need.
 */
#ifndef FWREGS_VMM_H
#define FWREGS_VMM_H

#include <stddef.h>
#include <linux/kvm.h>

#include "cli.h"
#include "vmm/guest/calls.h"

struct vmm {
	int kvm;		/* /dev/kvm */
	int vm;
	int vcpu;
	struct kvm_run *run;	/* of the vCPU */
	void *ram;		/* RAM_SIZE bytes, at RAM_BASE in the guest */
};

/* Opens /dev/kvm */
int vmm_open_kvm(void);

/* ioctl(), or the end of the program with the ioctl's @name */
int vmm_ioctl(int fd, unsigned long request, const char *name, void *arg);

/* The parts of vmm_create(): a VM with @size bytes of @image in its RAM, and no vCPU */
void vmm_create_vm(struct vmm *vmm, const char *image, size_t size);

/* A vCPU, initialised, with these bits of struct kvm_vcpu_init's features[0] */
int vmm_create_vcpu(const struct vmm *vmm, unsigned int index, uint32_t features,
		    struct kvm_run **run);

/* Writes a core register of 64 bits at this offset into struct kvm_regs */
void vmm_set_core(int vcpu, size_t offset, uint64_t val);

/* Gives a vCPU stolen time at @ipa, if this kernel can: PV_TIME is not served without */
void vmm_set_stolen_time(int vcpu, uint64_t ipa);

/* A VM with an initialised vCPU that has not run, and the same pinned as @pin says */
void vmm_create(struct vmm *vmm);
void vmm_create_pinned(struct vmm *vmm, const struct pinning *pin);

/* Runs the guest to its next MMIO write, which is in vmm->run->mmio */
void vmm_run(struct vmm *vmm);

/* Runs the guest to its end, and takes its answers down */
void vmm_run_guest(struct vmm *vmm, struct result answers[NR_CALLS]);

void vmm_destroy(struct vmm *vmm);

#endif
