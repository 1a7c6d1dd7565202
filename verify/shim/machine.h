/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A host with one VM around the hypercalls.c of a base: the calls that the proofs and the fuzzer
 * make, and the state that the stubs in machine.c use. One vCPU stands for all of the VM, since no
 * function under test asks which one it is.
 *
 * The functions do what the ioctls do in the base's arm.c and guest.c around the functions
 * under test, and return what the ioctl returns, as a negative error.
 */
#ifndef SHIM_MACHINE_H
#define SHIM_MACHINE_H

#include "../model.h"
#include "kernel.h"

#include <stdint.h>


/* The service that a stub was called for in the last hypercall */
enum served {
	SERVED_BY_NO_STUB,
	SERVED_PSCI,
	SERVED_TRNG,
	SERVED_PV_TIME_FEATURES,
	SERVED_PV_TIME_ST,
	SERVED_PTP,
};

#define MAX_LIST	(MODEL_LEVELS + MODEL_BMAPS)

struct machine {
	/* The host */
	enum mitigation_state v2, v4, bhb;
	bool ssbs;
	struct system_time_snapshot snapshot;

	/* Is the next VM a protected one? */
	bool is_protected;

	/* The vCPU's features and registers */
	uint64_t esr;
	gpa_t stolen_time;
	enum served served;

	/* The SMCCC filter's action for one id */
	uint32_t filter_id;
	bool filter_has_id;
	uint8_t filter_action;

	/*
	 * User memory: whether a value can be read and written, where a list goes, and how many
	 * of its registers can be written.
	 */
	bool can_read, can_write, is_user_address;
	unsigned int list_writable;

	/* What kstrtouint() makes of the string that is written to a parameter */
	bool is_number;
	unsigned int number;
};

extern struct machine machine;

/* The VM. Its pointers never change, which makes proofs feasible. */
extern struct kvm vm;
extern struct kvm_vcpu vcpu;

/* The host, for the model. CONTRACT_BMAPS and CONTRACT_PSCI are from patches/BASE/base. */
struct model_host machine_host(void);

/* Makes the VM, and a vCPU with PSCI v0.2 or without */
void machine_new_vm(void);
void machine_new_vcpu(bool psci_0_2);
void machine_destroy_vm(void);
int machine_set(uint64_t id, uint64_t val);
int machine_get(uint64_t id, uint64_t *val);
int machine_enable_cap(const uint64_t args[4]);
unsigned int machine_check(void);

/* KVM_CHECK_EXTENSION on /dev/kvm */
unsigned int machine_ceiling(void);

/* KVM_GET_REG_LIST, of the firmware registers. @ids has room for MAX_LIST. */
int machine_list(uint64_t *ids, unsigned int *nr);

/* The first KVM_RUN: see kvm_arch_vcpu_run_pid_change() */
void machine_run(void);

/* A hypercall with x0 and x1. Returns what the handler returns, answers are in vcpu.x. */
int machine_hvc(uint64_t x0, uint64_t x1);

/* Does the base have an SMCCC filter? */
#ifdef SHIM_FILTER
#define MACHINE_HAS_FILTER	1
#else
#define MACHINE_HAS_FILTER	0
#endif

/* Does the guest's physical counter have an offset? */
#ifdef SHIM_POFFSET
#define MACHINE_HAS_POFFSET	1
#else
#define MACHINE_HAS_POFFSET	0
#endif

/* Can a VM be a protected one? */
#ifdef SHIM_PROTECTED
#define MACHINE_HAS_PROTECTED	1
#else
#define MACHINE_HAS_PROTECTED	0
#endif

int machine_set_filter(const struct kvm_smccc_filter *filter);

/* Writes of the module parameters. A number is what kstrtouint() makes of the string. */
int machine_set_bmaps_param(bool is_number, unsigned int number);
int machine_set_psci_param(const char *val);
int machine_set_psci_version_param(uint64_t version);

/* What the parameter reads as; @buf has room for 16 */
int machine_get_psci_param(char *buf);

/* Whether a stub does what it may do: arbitrary in a proof, no in the fuzzer */
bool nondet_bool(void);

/* A bitmap of the kernel's struct, by the number of its register */
static inline uint64_t machine_bmap(const struct kvm_smccc_features *feat, unsigned int n)
{
	switch (n) {
	case 0:
		return feat->std_bmap;
	case 1:
		return feat->std_hyp_bmap;
	case 2:
		return feat->vendor_hyp_bmap;
#if CONTRACT_BMAPS > 3
	case 3:
		return feat->vendor_hyp_bmap_2;
#endif
	}
	shim_assert(false);
	return 0;
}

/* Are all the bitmaps and their number the same? */
bool machine_same_features(const struct kvm_smccc_features *a, const struct kvm_smccc_features *b);

/*
 * Called by mutex_lock(): what another thread does just before. In a proof, it changes the VM, to
 * show that KVM checks under the lock.
 */
void others_had_the_lock(void);

#endif
