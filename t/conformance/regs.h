/* SPDX-License-Identifier: BSD-3-Clause */
/* What a VM's firmware registers must be */
#ifndef REGS_H
#define REGS_H

#include "host.h"
#include "vm.h"

/* @when completes the sentence "GET of REGISTER ..." */
void expect_reg(const struct vcpu *vcpu, uint64_t id, uint64_t want, const char *when);

/* SET of @val must return @want, an errno value or 0. */
void expect_set(const struct vcpu *vcpu, uint64_t id, uint64_t val, int want);

/* The list must have all level registers and @count bitmap registers, each exactly once. */
void expect_list(const struct vcpu *vcpu, unsigned int count);

/* A list with room for @room of @needed, and one with room for all of them */
void expect_e2big(const struct vcpu *vcpu, uint64_t room, uint64_t needed);
void expect_exact_list(const struct vcpu *vcpu, uint64_t needed);

/* The VM must have the first @n bitmap registers, whatever their values. */
void expect_has(const struct vm *vm, unsigned int n);

/* Bitmap registers @from to @to - 1 */
void expect_reset_values(const struct vcpu *vcpu, unsigned int from, unsigned int to);

/* A value other than @val that bitmap register @n may hold */
uint64_t other_value(unsigned int n, uint64_t val);

/* Values that are not the reset values, for the first @nr bitmap registers */
void set_other_values(const struct vcpu *vcpu, unsigned int nr);
void expect_other_values(const struct vcpu *vcpu, unsigned int nr);

/* All bits of a level register from @from on must be refused. */
void expect_high_bits_refused(const struct vcpu *vcpu, uint64_t id, unsigned int from);

/* WORKAROUND_1 and _3 must take their own level and lower ones. */
void expect_wa_levels(const struct vcpu *vcpu);

/* PSCI_VERSION must be @version for the VMM and for the guest, which runs. */
void expect_psci_version(const struct vcpu *vcpu, uint32_t version, const char *when);

#endif
