/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The tool's VM: one vCPU with the guest of guest/call.S, and the firmware that the command
 * line asks for. The functions end the program with one line if KVM refuses something.
 */
#ifndef VMM_PINNED_H
#define VMM_PINNED_H

#include "cli.h"
#include "vmm/guest/calls.h"
#include "vmm/vmm.h"

/* The vCPU is ready to run. @pin: NULL if nothing is asked for. */
void vm_create_pinned(struct vm *vm, const struct pinning *pin);

/* Has the guest make all calls of calls.h */
void vm_make_calls(const struct vm *vm, struct result answers[NR_CALLS]);

#endif
