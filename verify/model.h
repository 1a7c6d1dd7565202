/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The reference model: what the contract, docs/abi.md, says about the firmware registers of one
 * VM, as a program. It is written from the contract and from the kernel's documentation
 * of the level registers, not from KVM's source, and includes none of its headers. The
 * proofs, the fuzzer and the stress test compare KVM with it.
 */
#ifndef MODEL_H
#define MODEL_H

#include <stdbool.h>
#include <stdint.h>

/* Number of bitmap registers and of level registers in the contract */
#define MODEL_BMAPS	4
#define MODEL_LEVELS	4

/* Documentation/virt/kvm/api.rst: an id is architecture, size and coprocessor */
#define MODEL_LEVEL_ID(n)	(0x6030000000140000ULL + (n))
#define MODEL_BMAP_ID(n)	(0x6030000000160000ULL + (n))

/* A PSCI version as in the register (Arm DEN0022, PSCI_VERSION) */
#define MODEL_PSCI(major, minor)	((uint64_t)(major) << 16 | (minor))

/* A service of section 3: the register and the bit that it depends on */
struct model_service {
	unsigned int n, bit;
};

#define MODEL_TRNG		((struct model_service){ 0, 0 })
#define MODEL_PV_TIME		((struct model_service){ 1, 0 })
#define MODEL_FUNC_FEAT		((struct model_service){ 2, 0 })
#define MODEL_PTP		((struct model_service){ 2, 1 })

/* What the contract leaves to the kernel and its host */
struct model_host {
	unsigned int known;	/* bitmap registers that the kernel implements, 0..MODEL_BMAPS */
	uint64_t psci_latest;	/* PSCI version that it implements, MODEL_PSCI(0, 2)... */
	uint64_t wa[4];		/* WORKAROUND_1..3: the level that the host honours; [0] unused */
};

/* The module parameters of section 6 */
struct model_params {
	unsigned int bmaps;	/* the ceiling, 0..known */
	uint64_t psci;		/* the highest PSCI version */
};

/*
 * One VM. A caller that creates a vCPU sets @has_vcpu, and one that lets a vCPU enter KVM_RUN
 * sets @ran. All else is for model.c. For a protected VM, pass the default parameters, since the
 * ceilings do not affect it. (KVM_CHECK_EXTENSION returns 0 for it, and @count is not 0.)
 */
struct model {
	const struct model_host *host;
	bool psci_0_2;			/* the vCPUs have KVM_ARM_VCPU_PSCI_0_2 */
	bool has_vcpu;			/* a vCPU has been created, or is being created */
	bool ran;			/* a vCPU has entered KVM_RUN */
	unsigned int count;		/* of bitmap registers, see KVM_CHECK_EXTENSION */
	uint64_t bmap[MODEL_BMAPS];	/* their values, and 0 from @count on */
	uint64_t psci, psci_max;
};

/*
 * Functions that return int return 0 or the error of KVM: -ENOENT, -EFAULT, -EINVAL or -EBUSY. A
 * failure changes nothing.
 */

/*
 * Section 6: does a kernel with the PSCI version @latest implement this one? kvm.psci_version
 * accepts these with host->psci_latest, and kvm.fw_bmap_regs accepts 0..host->known. A caller that
 * writes a parameter updates struct model_params.
 */
bool model_is_psci(uint64_t version, uint64_t latest);

void model_new_vm(struct model *m, const struct model_host *host,
		  const struct model_params *params, bool psci_0_2);

/* @readable, @writable: KVM can reach the value in user memory */
int model_set(struct model *m, uint64_t id, bool readable, uint64_t val);
int model_get(const struct model *m, uint64_t id, bool writable, uint64_t *val);

/*
 * Fills in the ids of the firmware registers, at most MODEL_LEVELS + MODEL_BMAPS and in
 * ascending order, and returns how many there are. KVM may list them in any order.
 */
unsigned int model_list(const struct model *m, uint64_t *ids);

int model_enable_cap(struct model *m, uint32_t flags, const uint64_t args[4]);

/* Does KVM serve this to the guest? (The model has no SMCCC filter.) */
bool model_serves(const struct model *m, struct model_service service);

#endif
