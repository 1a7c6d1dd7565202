/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * VMs for the programs that stress KVM: with some vCPUs and the guest of stress-guest.S, made
 * with bare ioctls. Functions end the program with one line if KVM does not do what they
 * need; those that return int return 0 or more, or -errno.
 */
#ifndef STRESS_VM_H
#define STRESS_VM_H

#include <stdbool.h>
#include <stdint.h>

#include "../model.h"

#define MAX_VCPUS	8
#define MAX_LIST	2048

/* include/uapi/linux/kvm.h of the series */
#define CAP_FW_BMAP	10207

struct vm {
	int fd;
	unsigned int nr;
	int vcpu[MAX_VCPUS];	/* -1: not created */
	struct kvm_run *run[MAX_VCPUS];
	unsigned int others;	/* registers in the list that are not of the firmware */
	bool pv_time;		/* the vCPUs have a place for stolen time */
};

/* As from errno, with an exit status of 1 */
void vm_die(const char *fmt, ...)
	__attribute__((noreturn, format(printf, 1, 2)));

/* Opens /dev/kvm and loads the guest. Once in each process. */
void vm_init(void);

/* KVM_CHECK_EXTENSION of /dev/kvm */
int vm_count_all(void);

/* A VM without vCPUs, and as many as are missing to @nr, all of them ready to run */
void vm_create_empty(struct vm *vm);
void vm_add_vcpus(struct vm *vm, unsigned int nr, bool psci_0_2);
void vm_create(struct vm *vm, unsigned int nr, bool psci_0_2);
void vm_destroy(struct vm *vm);

/* The parts of vm_create() */
int vm_new(void);
void vm_add_ram(int fd);
int vcpu_new(int fd, unsigned long i);
int vcpu_init(int fd, int vcpu, bool psci_0_2);
void vcpu_prepare(struct vm *vm, unsigned int i, int vcpu);

int vm_ioctl(int fd, unsigned long request, void *arg);
int vcpu_get(int vcpu, uint64_t id, void *addr);
int vcpu_set(int vcpu, uint64_t id, const void *addr);

/*
 * KVM_GET_REG_LIST with @room for so many. @n: what KVM says there are. @seen: a bit for
 * each firmware register, by its number, levels from 0 and bitmaps from MODEL_LEVELS on;
 * bit 63 if one is listed twice or has a strange id.
 */
int vcpu_list(int vcpu, uint64_t room, uint64_t *n, uint64_t *seen);

/* What the guest reports, see report.h. -EIO for any other exit, which is in @report. */
int vcpu_run(const struct vm *vm, unsigned int i, uint64_t *report);

/* Module parameters of kvm. The reader gets a line without its end. */
int param_write(const char *name, const char *text);
void param_read(const char *name, char *text, int size);

/* Asks KVM what it and its host have. Needs kvm without ceilings, and leaves it so. */
void probe_host(struct model_host *host);

#endif
