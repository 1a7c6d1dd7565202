// SPDX-License-Identifier: BSD-3-Clause
/*
 * order - does a host take a state of its own back?
 *
 * Makes states as KVM has them: PSCI version, bitmaps and fields of ID registers are
 * written at random, and what KVM accepts is the state. Restores each in a new VM, in
 * the order of KVM_GET_REG_LIST, as Firecracker and cloud-hypervisor do, and in that of
 * the ids, with system registers before firmware registers, as QEMU does. Every SET has to
 * succeed, and all has to read back the same. The output is TAP.
 *
 * Uses nothing that an unpatched kernel lacks.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdnoreturn.h>
#include <string.h>
#include <sys/random.h>

#include "vmm/vmm.h"

#define NR_VCPUS	2

#define PSCI_VERSION_REG	0x6030000000140000ULL
#define WORKAROUND_2_REG	0x6030000000140002ULL
#define BMAP_REG(n)		(0x6030000000160000ULL + (n))
#define NR_BMAPS		4
#define ID_AA64PFR1		ARM64_SYS_REG(3, 0, 0, 4, 1)
#define SSBS_SHIFT		4

/* They go on counting: arch/arm64/include/uapi/asm/kvm.h */
#define TIMER_CNT		ARM64_SYS_REG(3, 3, 14, 3, 2)
#define PTIMER_CNT		ARM64_SYS_REG(3, 3, 14, 0, 1)

struct reg {
	uint64_t	id;
	uint8_t		val[REG_SIZE_MAX];
};

/* Of a vCPU */
struct state {
	unsigned int	nr;
	struct reg	reg[REGS_MAX];
};

static uint64_t seed;
static unsigned int nr_changed;	/* fields of ID registers */
static unsigned int nr_ssbs_masked;

static noreturn void die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("Bail out! ", stdout);
	vprintf(fmt, ap);
	putchar('\n');
	va_end(ap);
	exit(2);
}

void die_errno(int err, const char *fmt, ...)
{
	char text[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	die("%s: %s", text, strerror(err));
}

/* splitmix64 */
static uint64_t chance(uint64_t below)
{
	uint64_t z = seed += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return (z ^ z >> 31) % below;
}

static int set(int vcpu, uint64_t id, uint64_t val)
{
	return vcpu_set(vcpu, id, &val);
}

static uint64_t get64(int vcpu, uint64_t id)
{
	uint64_t val = 0;
	int ret = vcpu_get(vcpu, id, &val);

	if (ret)
		die_errno(-ret, "GET of 0x%llx", (unsigned long long)id);
	return val;
}

/* Memory is for stolen time: no guest runs here */
static void new_vm(struct vm *vm)
{
	vm_load(vm, "", 0);
	while (vm->nr < NR_VCPUS)
		vm_add_vcpu(vm, VCPU_PSCI);
}

static void state_save(int vcpu, struct state *s)
{
	static struct reg_list list;
	int ret;

	need(vcpu_list(vcpu, &list, REGS_MAX), "KVM_GET_REG_LIST");
	memset(s, 0, sizeof(*s));
	for (s->nr = 0; s->nr < list.n; s->nr++) {
		s->reg[s->nr].id = list.reg[s->nr];
		ret = vcpu_get(vcpu, list.reg[s->nr], s->reg[s->nr].val);
		if (ret)
			die_errno(-ret, "GET of 0x%llx, which is listed", list.reg[s->nr]);
	}
}

/* op0 3, op1 0, CRn 0, CRm 1 to 7: fields of 4 bits */
static bool is_id_reg(uint64_t id)
{
	return id >= ARM64_SYS_REG(3, 0, 0, 1, 0) && id <= ARM64_SYS_REG(3, 0, 0, 7, 7);
}

/* Mostly a lower value, as more than the host has is refused, and a few that nobody expects */
static void change_field(int vcpu, uint64_t id, unsigned int shift)
{
	uint64_t val = get64(vcpu, id), old = val >> shift & 0xf;
	uint64_t field = chance(8) ? chance(old + 1) : chance(16);

	if (!set(vcpu, id, (val & ~(0xfULL << shift)) | field << shift))
		nr_changed += field != old;
}

static void change_id_reg(int vcpu, uint64_t id)
{
	unsigned int shift;

	for (shift = 0; shift < 64; shift += 4)
		if (!chance(4))
			change_field(vcpu, id, shift);
}

static int mask_ssbs(int vcpu)
{
	return set(vcpu, ID_AA64PFR1, get64(vcpu, ID_AA64PFR1) & ~(0xfULL << SSBS_SHIFT));
}

/* What is refused is not part of the state, so no result is looked at. */
static void change_at_random(struct vm *vm)
{
	static struct state s;
	unsigned int i;

	state_save(vm->vcpu[0].fd, &s);
	for (i = 0; i < s.nr; i++)
		if (is_id_reg(s.reg[i].id) && chance(2))
			change_id_reg(vm->vcpu[chance(NR_VCPUS)].fd, s.reg[i].id);
	if (chance(2))
		mask_ssbs(vm->vcpu[0].fd);
	for (i = 0; i < NR_BMAPS; i++)
		set(vm->vcpu[chance(NR_VCPUS)].fd, BMAP_REG(i), chance(4));
	set(vm->vcpu[0].fd, PSCI_VERSION_REG, chance(2) ? 0x10000 + chance(4) : 2);
	if (chance(2))
		need(vcpu_settle(&vm->vcpu[0]), "KVM_RUN with immediate_exit");
}

static int compare_ids(const void *a, const void *b)
{
	const struct reg *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

static bool is_counter(uint64_t id)
{
	return id == TIMER_CNT || id == PTIMER_CNT;
}

static void complain(const char *what, unsigned int vcpu, const struct reg *reg, const char *how)
{
	uint64_t val;

	memcpy(&val, reg->val, sizeof(val));
	printf("# vCPU %u: %s of 0x%llx, 0x%llx: %s\n", vcpu, what,
	       (unsigned long long)reg->id, (unsigned long long)val, how);
}

static bool restore(int vcpu, unsigned int i, const struct state *s)
{
	unsigned int r;
	int ret;

	for (r = 0; r < s->nr; r++) {
		ret = vcpu_set(vcpu, s->reg[r].id, s->reg[r].val);
		if (ret) {
			complain("SET", i, &s->reg[r], strerrorname_np(-ret));
			return false;
		}
	}
	return true;
}

static bool reads_back(int vcpu, unsigned int i, const struct state *s)
{
	uint8_t val[REG_SIZE_MAX];
	unsigned int r;
	int ret;

	for (r = 0; r < s->nr; r++) {
		memset(val, 0, sizeof(val));
		ret = vcpu_get(vcpu, s->reg[r].id, val);
		if (ret || (memcmp(val, s->reg[r].val, sizeof(val)) && !is_counter(s->reg[r].id))) {
			complain("GET", i, &s->reg[r], ret ? strerrorname_np(-ret) : "differs");
			return false;
		}
	}
	return true;
}

/* A new VM takes the state of each vCPU, and has it. */
static bool comes_back(const struct state state[NR_VCPUS])
{
	struct vm vm;
	bool good = true;
	unsigned int i;

	new_vm(&vm);
	for (i = 0; i < NR_VCPUS && good; i++)
		good = restore(vm.vcpu[i].fd, i, &state[i]);
	for (i = 0; i < NR_VCPUS && good; i++)
		good = reads_back(vm.vcpu[i].fd, i, &state[i]);
	vm_destroy(&vm);
	return good;
}

struct tally {
	unsigned int	list;
	unsigned int	ids;
};

/* How often a state did not come back, by order */
static void try_states(unsigned int nr, struct tally *failed)
{
	static struct state state[NR_VCPUS];
	unsigned int i, v;
	struct vm vm;

	for (i = 0; i < nr; i++) {
		new_vm(&vm);
		change_at_random(&vm);
		for (v = 0; v < NR_VCPUS; v++)
			state_save(vm.vcpu[v].fd, &state[v]);
		nr_ssbs_masked += !(get64(vm.vcpu[0].fd, ID_AA64PFR1) >> SSBS_SHIFT & 0xf);
		vm_destroy(&vm);

		failed->list += !comes_back(state);
		for (v = 0; v < NR_VCPUS; v++)
			qsort(state[v].reg, state[v].nr, sizeof(state[v].reg[0]), compare_ids);
		failed->ids += !comes_back(state);
	}
}

/* The level that KVM has for a VM without SSBS is none that a VM with SSBS may have. */
static bool refuses_level(const char **skip)
{
	uint64_t level, masked;
	struct vm vm, other;
	bool good;

	new_vm(&vm);
	new_vm(&other);
	level = get64(vm.vcpu[0].fd, WORKAROUND_2_REG);
	if (mask_ssbs(vm.vcpu[0].fd))
		*skip = "ID_AA64PFR1_EL1.SSBS cannot be masked here";
	masked = get64(vm.vcpu[0].fd, WORKAROUND_2_REG);
	if (!*skip && level == masked)
		*skip = "WORKAROUND_2 does not depend on SSBS here";

	good = *skip || (set(other.vcpu[0].fd, WORKAROUND_2_REG, masked) == -EINVAL &&
			 get64(other.vcpu[0].fd, WORKAROUND_2_REG) == level &&
			 !mask_ssbs(other.vcpu[0].fd) &&
			 !set(other.vcpu[0].fd, WORKAROUND_2_REG, masked) &&
			 get64(other.vcpu[0].fd, WORKAROUND_2_REG) == masked);
	vm_destroy(&vm);
	vm_destroy(&other);
	return good;
}

static void result(unsigned int number, bool good, const char *what, const char *skip)
{
	printf("%sok %u - %s%s%s\n", good ? "" : "not ", number, what, skip ? " # SKIP " : "",
	       skip ?: "");
}

static unsigned long long number(const char *arg)
{
	char *end;
	unsigned long long n = strtoull(arg, &end, 0);

	if (!*arg || *end)
		die("%s is no number", arg);
	return n;
}

int main(int argc, char **argv)
{
	struct tally failed = {};
	unsigned int nr = argc > 1 ? number(argv[1]) : 40;
	const char *skip = NULL;
	bool refuses;

	if (argc > 2)
		seed = number(argv[2]);
	else if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		die("getrandom: %m");

	printf("TAP version 13\n1..3\n# again with: order %u 0x%llx\n", nr,
	       (unsigned long long)seed);
	try_states(nr, &failed);
	printf("# %u states, %u without SSBS, %u other ID fields changed\n", nr, nr_ssbs_masked,
	       nr_changed);
	printf("# failed: %u in the order of the list, %u with system registers first\n",
	       failed.list, failed.ids);
	refuses = refuses_level(&skip);
	result(1, !failed.list, "states come back in the order of KVM_GET_REG_LIST", NULL);
	result(2, !failed.ids, "states come back with system registers first", NULL);
	result(3, refuses, "a level that the ID registers do not allow is refused", skip);
	return failed.list || failed.ids || !refuses;
}
