/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The STATE of a VM in a file (docs/formats.md): its firmware registers and, unless it is
 * a baseline, vCPUs and memory of the tiny VMM.
 */
#ifndef FWREGS_STATE_H
#define FWREGS_STATE_H

#include <stddef.h>
#include <stdint.h>

#include "cli.h"
#include "fwregs.h"

#define STATE_FORMAT		"fwregs-state"
#define STATE_VERSION		2
#define STATE_SIZE_MAX		(64 << 20)	/* bytes of a file */
#define STATE_VCPUS_MAX		8
#define STATE_REGS_MAX		4096		/* of a vCPU */
#define STATE_REG_BYTES		256		/* KVM_REG_SIZE_MASK, up to 2048 bits */
#define STATE_PAGE		4096
#define STATE_PAGES_MAX		32
#define STATE_TEXT_SIZE		128

/* A register other than a firmware register, little-endian as KVM has it */
struct state_reg {
	uint64_t id;
	unsigned char val[STATE_REG_BYTES];	/* bytes as the id's size field says */
	unsigned char reset[STATE_REG_BYTES];	/* before the guest's first instruction */
};

struct state_vcpu {
	uint32_t mp_state;	/* KVM_GET_MP_STATE */
	unsigned int nr;
	struct state_reg *reg;	/* in the order of KVM_GET_REG_LIST */
};

struct state_page {
	uint64_t addr;		/* guest-physical, a multiple of STATE_PAGE, in the guest's RAM */
	unsigned char data[STATE_PAGE];
};

struct state {
	char host[STATE_TEXT_SIZE];	/* who wrote it, for people: "Linux 7.3.4" */
	struct fwregs_state fw;
	unsigned int nr_vcpus;		/* 0: firmware alone */
	struct state_vcpu vcpu[STATE_VCPUS_MAX];
	unsigned int nr_pages;		/* those that are not all zero */
	struct state_page *page;
};

/*
 * Does it have ID registers of a vCPU? If not, as a baseline, KVM judges its firmware registers
 * by the ID registers of a new VM.
 */
int state_has_id_regs(const struct state *state);
#define NO_ID_REGS	"note: this state has no ID registers, so those of a new VM count"

/* Bytes of a register by its id, 1 to 256 */
size_t state_reg_size(uint64_t id);

/* Writes it, atomically. Ends the program on errors. */
void state_write(const char *path, const struct state *state);

/* Reads it, or ends the program with one line and the status for what is wrong */
void state_read(const char *path, struct state *state);

/* Reads a state of @size bytes. -1: @c says what is wrong, and there is nothing to free. */
int state_parse(const char *data, size_t size, struct state *state, struct complaint *c);

/* The same, but ignores size and checksum */
int state_parse_json(const char *json, size_t size, struct state *state, struct complaint *c);

void state_free(struct state *state);

#endif
