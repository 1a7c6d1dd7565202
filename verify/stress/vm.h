/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the programs that stress KVM do with VMs: those of vmm.h, with the guest of
 * stress-guest.S in memory that they share, since it writes none.
 */
#ifndef STRESS_VM_H
#define STRESS_VM_H

#include "../list.h"
#include "vmm/vmm.h"

/* A VM without vCPUs, and one with a vCPU that is ready to run */
void stress_vm(struct vm *vm);
void stress_vm_with_vcpu(struct vm *vm);

/* What the guest reports, see report.h. -EPROTO: another exit, which is in @report. */
int vcpu_report(const struct vcpu *vcpu, uint64_t *report);

/* Asks KVM what it and its host have. Needs kvm without ceilings, and leaves it so. */
void probe_host(struct model_host *host);

#endif
