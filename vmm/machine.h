/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The tiny VMM with as many vCPUs as wanted, and the guest of guest/move.h in it: it can
 * be stopped, saved and continued, here or elsewhere. The functions end the program with
 * one line if KVM, or the guest, does not do what it should.
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
	uint64_t rounds;		/* the guest has told of; under machine->lock */
	int is_loaded;			/* and has told of none since it was loaded */
	struct state_vcpu start;	/* registers before the guest's first instruction */
};

struct machine {
	struct vm vm;
	struct machine_vcpu vcpu[MOVE_VCPUS_MAX];
	int stopping;			/* written before vCPUs are kicked; under lock */
	pthread_mutex_t lock;
	pthread_cond_t progress;	/* a vCPU has told of a round */
};

/* A register that KVM does not take, or the MP state of a vCPU */
#define REFUSED_MP_STATE	0	/* instead of a register's id */

struct refusal {
	unsigned int vcpu;		/* the first of them */
	unsigned int vcpus;		/* how many, 1 if it is used */
	uint64_t id;
	uint32_t mp_state;		/* for REFUSED_MP_STATE */
	int err;			/* a positive errno value */
	int used;			/* the guest has changed it, so it cannot be left */
};

#define REFUSALS_MAX	2048

struct refusals {
	unsigned int nr;
	struct refusal refusal[REFUSALS_MAX];
};

/* A VM without a vCPU: how many bitmap registers it has can be limited now */
void machine_create_vm(struct machine *machine);

/* Limits it to those of @fw, or ends the program. Where KVM cannot do that, it stays as it is. */
void machine_limit(struct machine *machine, const struct fwregs_state *fw);

/* Gives it @nr vCPUs, none of which has run: the guest is at its start */
void machine_create_vcpus(struct machine *machine, unsigned int nr);

/*
 * Keeps what the registers are now as their reset values. After all firmware registers are
 * written: to KVM, the VM has run then, though its guest has not.
 */
void machine_start(struct machine *machine);

/* Runs it until each vCPU has told of @rounds rounds more than it had, and stops it */
void machine_run(struct machine *machine, unsigned int rounds);

/* What there is of it, for state_free(). It must have been stopped. */
void machine_save(struct machine *machine, struct state *state);

/*
 * Writes MP states and the registers of the vCPUs that are no firmware registers, and gathers
 * what KVM refuses. Firmware registers come after that, since KVM judges some of them by ID registers,
 * then machine_start(), then machine_load_memory().
 */
void machine_load_vcpus(struct machine *machine, const struct state *state,
			struct refusals *refusals);

/* The same for memory, and the reset values of what the guest has never used */
void machine_load_memory(struct machine *machine, const struct state *state);

void machine_destroy(struct machine *machine);

#endif
