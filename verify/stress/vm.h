/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the programs that stress KVM do with VMs: those of vmm.h, with the guest of
 * stress-guest.S in memory that they share, since it writes none.
 */
#ifndef STRESS_VM_H
#define STRESS_VM_H

#include <stdbool.h>

#include "../model.h"
#include "vmm/vmm.h"

/* A VM without vCPUs, and one with a vCPU that is ready to run */
void stress_vm(struct vm *vm);
void stress_vm_with_vcpu(struct vm *vm);

/*
 * KVM_GET_REG_LIST with @room for so many. @n: what KVM says there are. @seen: a bit for
 * each firmware register, by its number, levels from 0 and bitmaps from MODEL_LEVELS on;
 * bit 63 if one is listed twice or has a strange id.
 */
int vcpu_list_firmware(int vcpu, uint64_t room, uint64_t *n, uint64_t *seen);

/* What the guest reports, see report.h. -EPROTO: another exit, which is in @report. */
int vcpu_report(const struct vcpu *vcpu, uint64_t *report);

/* Asks KVM what it and its host have. Needs kvm without ceilings, and leaves it so. */
void probe_host(struct model_host *host);

#endif
