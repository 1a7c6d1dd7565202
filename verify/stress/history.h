/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A history: operations that threads did on one VM at the same time, each with its start, its end
 * and KVM's answer. The search finds out whether there is an order of the operations in which the
 * model gives all these answers.
 */
#ifndef STRESS_HISTORY_H
#define STRESS_HISTORY_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "../../vmm/uapi.h"
#include "../model.h"

#define CAP		KVM_CAP_ARM_HVC_FW_REG_BMAP
#define MAX_THREADS	4
#define MAX_OPS		24	/* of a thread */

enum op_kind {
	OP_GET,		/* KVM_GET_ONE_REG */
	OP_SET,		/* KVM_SET_ONE_REG */
	OP_LIST,	/* KVM_GET_REG_LIST */
	OP_CAP,		/* KVM_ENABLE_CAP */
	OP_CHECK,	/* KVM_CHECK_EXTENSION of the VM */
	OP_VCPU,	/* KVM_CREATE_VCPU */
	OP_RUN,		/* KVM_RUN, and the calls of the guest */
	NR_OPS,
};

struct op {
	enum op_kind kind;
	unsigned int vcpu;
	bool bad;		/* KVM cannot reach the memory; VCPU: no such number */
	uint64_t id;		/* of the register or the capability */
	uint64_t val;		/* SET: value. LIST: room. */
	uint32_t flags;		/* CAP */
	uint64_t args[4];

	/* The ticket before and after */
	uint64_t begin, end;
	int ret;		/* -errno, or what the ioctl returned */
	uint64_t out;		/* GET: value. LIST: how many. RUN: the guest's report. */
	uint64_t seen;		/* LIST: the bits of list.h */
};

struct history {
	unsigned int threads;
	unsigned int nr[MAX_THREADS];
	struct op op[MAX_THREADS][MAX_OPS];
	unsigned int others;	/* registers in the list that are not of the firmware */
	bool pv_time;		/* PV_TIME is served if it is on */
};

/*
 * Is there such an order? @m: the VM before, and if there is an order, the VM after it. That is
 * unique only if the history ends with reads of the whole state, after the other operations.
 */
bool history_explain(const struct history *h, struct model *m);

void history_print(const struct history *h, FILE *out);
void op_print(const struct op *op, FILE *out);

/*
 * The model with one of its rules broken, to see that it is noticed: 1..rules_wrong().
 * 0 is the model as it is.
 */
void rules_break(int wrong);
int rules_wrong(void);
const char *rules_wrong_name(int wrong);

int rules_get(const struct model *m, uint64_t id, bool writable, uint64_t *val);
int rules_set(struct model *m, uint64_t id, bool readable, uint64_t val);
int rules_cap(struct model *m, uint32_t flags, const uint64_t args[4]);
unsigned int rules_count(const struct model *m);
uint64_t rules_list(const struct model *m, unsigned int *nr);
bool rules_serves(const struct model *m, struct model_service service);
uint64_t rules_psci_call(const struct model *m);

#endif
