/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A VM with several vCPUs and the guest of guest/move.h, which can be stopped, saved and
 * continued, here or elsewhere. The functions end the program with one line on errors of
 * KVM or of the guest.
 */
#ifndef FWREGS_MACHINE_H
#define FWREGS_MACHINE_H

#include <pthread.h>

#include "state.h"
#include "vmm/guest/move.h"
#include "vmm/vmm.h"

struct machine_vcpu {
	const struct vcpu *kvm;		/* of machine->vm */
	pthread_t thread;
	struct machine *machine;
	unsigned int index;
	uint64_t rounds;		/* reported by the guest; under machine->lock */
	int is_loaded;			/* and has reported none since */
	struct state_vcpu start;	/* registers before the guest's first instruction */
};

struct machine {
	struct vm vm;
	struct machine_vcpu vcpu[MOVE_VCPUS_MAX];
	int stopping;			/* written before vCPUs are kicked; under lock */
	pthread_mutex_t lock;
	pthread_cond_t progress;	/* a vCPU has reported a round */
};

/* A register that KVM refuses, or the MP state of a vCPU */
#define REFUSED_MP_STATE	0	/* instead of a register's id */

struct refusal {
	unsigned int vcpu;		/* the first of them */
	unsigned int vcpus;		/* how many, 1 if it is used */
	uint64_t id;
	uint32_t mp_state;		/* for REFUSED_MP_STATE */
	int err;			/* a positive errno value */
	int used;			/* the guest has changed it, so it cannot be skipped */
};

#define REFUSALS_MAX	2048

struct refusals {
	unsigned int nr;
	struct refusal refusal[REFUSALS_MAX];
};

/* A VM without a vCPU: how many bitmap registers it has can be limited now */
void machine_create_vm(struct machine *machine);

/* Limits it to those of @fw, or leaves it if KVM cannot limit it. Ends the program on errors. */
void machine_limit(struct machine *machine, const struct fwregs_state *fw);

/* Gives it @nr vCPUs that have not run, with the guest at its start */
void machine_create_vcpus(struct machine *machine, unsigned int nr);

/*
 * Records the present values of the registers as their reset values. Write all firmware
 * registers before: to KVM, the VM has run afterwards, though its guest has not.
 */
void machine_start(struct machine *machine);

/* Runs it until each vCPU has reported @rounds more rounds, and stops it */
void machine_run(struct machine *machine, unsigned int rounds);

/* Saves the stopped VM. state_free() frees the state. */
void machine_save(struct machine *machine, struct state *state);

/*
 * Writes MP states and the registers of the vCPUs, except for firmware registers, and collects
 * what KVM refuses. Next come firmware registers, since KVM judges some of them by ID registers,
 * then machine_start(), then machine_load_memory().
 */
void machine_load_vcpus(struct machine *machine, const struct state *state,
			struct refusals *refusals);

/* Writes memory. Registers that the guest has used keep the reset values in @state. */
void machine_load_memory(struct machine *machine, const struct state *state);

void machine_destroy(struct machine *machine);

#endif
