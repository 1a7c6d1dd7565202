// SPDX-License-Identifier: BSD-3-Clause
/*
 * Compares hypercalls.c of a base with the reference model, for any sequence of operations of
 * userspace, the guest and the administrator. An input is such a sequence, byte by byte, with
 * zeros after its end.
 *
 * FUZZ_TRACE=1 in the environment prints the operations. An input with a divergence runs once more
 * with that, and then aborts, so that libFuzzer keeps it.
 */
#include "../shim/machine.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NR(array)	(sizeof(array) / sizeof((array)[0]))

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

struct input {
	const uint8_t *data;
	size_t left;
};

static unsigned long operations;
static bool trace;

/* The present input, to run it again */
static const uint8_t *input;
static size_t input_size;

/* The model's side */
static struct model_host host;
static struct model_params params;
static struct model model;

bool nondet_bool(void)
{
	return false;
}

/* There is one thread */
void others_had_the_lock(void)
{
}

/* Prints what is wrong, after the operations that led to it */
#define diverged(...)								\
do {										\
	show_input();								\
	printf(__VA_ARGS__);							\
	abort();								\
} while (0)

static void show_input(void)
{
	if (trace)
		return;
	trace = true;
	LLVMFuzzerTestOneInput(input, input_size);
	printf("it does not happen again\n");
}

void shim_failed(const char *what)
{
	diverged("broken rule: %s\n", what);
}

#define operation(...)								\
do {										\
	operations++;								\
	if (trace) {								\
		printf(__VA_ARGS__);						\
		putchar('\n');							\
	}									\
} while (0)

static void agree(const char *what, uint64_t kvm, uint64_t contract)
{
	if (kvm != contract)
		diverged("divergence: %s is %#" PRIx64 " in KVM, %#" PRIx64 " in the model\n",
			 what, kvm, contract);
}

static uint8_t byte(struct input *in)
{
	if (!in->left)
		return 0;
	in->left--;
	return *in->data++;
}

static uint64_t word(struct input *in, unsigned int bytes)
{
	uint64_t val = 0;

	while (bytes--)
		val = val << 8 | byte(in);
	return val;
}

/* An id: of a register, next to one, of another size, or any */
static uint64_t pick_id(struct input *in)
{
	uint8_t pick = byte(in);
	uint64_t id = pick & 8 ? MODEL_BMAP_ID(pick & 7) : MODEL_LEVEL_ID(pick & 7);

	switch (pick >> 4) {
	case 15:
		return word(in, 8);
	case 14:
		return (id & ~KVM_REG_SIZE_MASK) | (uint64_t)(byte(in) & 15) << KVM_REG_SIZE_SHIFT;
	case 13:
		return id ^ 1ULL << (byte(in) & 63);
	default:
		return id;
	}
}

static uint64_t pick_value(struct input *in)
{
	uint8_t pick = byte(in);

	switch (pick >> 5) {
	case 7:
		return word(in, 8);
	case 6:
		return MODEL_PSCI(pick >> 3 & 3, pick & 7);
	case 5:
		return 1ULL << (byte(in) & 63);
	case 4:
		return pick & 0x1f;
	default:
		return pick & 3;
	}
}

/* Registers are got and set on a vCPU, which the VM does not have at first */
static void need_vcpu(void)
{
	if (model.has_vcpu)
		return;
	operation("a vCPU, PSCI %s", model.psci_0_2 ? "v0.2" : "v0.1");
	machine_new_vcpu(model.psci_0_2);
	model.has_vcpu = true;
}

static void do_set(struct input *in)
{
	uint64_t id = pick_id(in), val = pick_value(in);
	int kvm, contract;

	need_vcpu();
	machine.can_read = byte(in) < 0xf0;
	operation("SET %#" PRIx64 " = %#" PRIx64 "%s", id, val,
		  machine.can_read ? "" : ", not readable");
	contract = model_set(&model, id, machine.can_read, val);
	kvm = machine_set(id, val);
	/* The ABI leaves open which error comes first here */
	if (contract == -ENOENT && kvm == -EFAULT && !machine.can_read)
		return;
	agree("the result", kvm, contract);
}

static void do_get(struct input *in)
{
	uint64_t id = pick_id(in), kvm = 0, contract = 0;
	int ret;

	need_vcpu();
	machine.can_write = byte(in) < 0xf0;
	operation("GET %#" PRIx64 "%s", id, machine.can_write ? "" : ", not writable");
	ret = machine_get(id, &kvm);
	agree("the result", ret, model_get(&model, id, machine.can_write, &contract));
	if (!ret)
		agree("the value", kvm, contract);
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void do_list(struct input *in)
{
	uint64_t kvm[MAX_LIST], contract[MAX_LIST];
	unsigned int nr, want;
	uint8_t pick = byte(in);
	bool ok;
	int ret;

	need_vcpu();
	machine.is_user_address = pick < 0xf8;
	machine.list_writable = pick < 0xe0 ? MAX_LIST : pick % MAX_LIST;
	operation("LIST, %u writable%s", machine.list_writable,
		  machine.is_user_address ? "" : ", not an address of userspace");
	ret = machine_list(kvm, &nr);
	want = model_list(&model, contract);
	agree("the number of registers", nr, want);
	ok = machine.is_user_address && nr <= machine.list_writable;
	agree("the result", ret, ok ? 0 : -EFAULT);
	if (ret)
		return;
	qsort(kvm, nr, sizeof(kvm[0]), compare);
	for (unsigned int i = 0; i < nr; i++)
		agree("a register", kvm[i], contract[i]);
}

static void do_enable_cap(struct input *in)
{
	uint8_t pick = byte(in);
	uint64_t args[4] = { pick & 7 };

	if (pick >> 5 == 7)
		args[pick >> 3 & 3] = word(in, 8);
	operation("ENABLE_CAP %#" PRIx64 " %#" PRIx64 " %#" PRIx64 " %#" PRIx64,
		  args[0], args[1], args[2], args[3]);
	/* arm.c refuses it for a protected VM */
	if (!machine.is_protected)
		agree("the result", machine_enable_cap(args), model_enable_cap(&model, 0, args));
}

static void do_check(struct input *in)
{
	(void)in;
	operation("CHECK");
	agree("the count", machine_check(), model.count);
	agree("the ceiling", machine_ceiling(), params.bmaps);
}

static void do_run(struct input *in)
{
	(void)in;
	need_vcpu();
	operation("RUN");
	machine_run();
	model.ran = true;
}

static void do_new_vm(struct input *in)
{
	struct model_params all = { .bmaps = host.known, .psci = host.psci_latest };
	uint8_t pick = byte(in);
	bool psci_0_2 = pick < 0xe0;

	machine.is_protected = MACHINE_HAS_PROTECTED && (pick & 3) == 1;
	operation("a new VM%s", machine.is_protected ? ", protected" : "");
	machine_destroy_vm();
	machine_new_vm();
	model_new_vm(&model, &host, machine.is_protected ? &all : &params, psci_0_2);
}

static void do_bmaps_param(struct input *in)
{
	uint8_t pick = byte(in);
	bool is_number = pick < 0xf0;
	unsigned int nr = pick < 0xc0 ? pick & 7 : word(in, 4);
	bool ok = is_number && nr <= host.known;

	operation("fw_bmap_regs = %s%u", is_number ? "" : "not ", nr);
	agree("the result", machine_set_bmaps_param(is_number, nr), ok ? 0 : -EINVAL);
	if (ok)
		params.bmaps = nr;
	agree("the ceiling", machine_ceiling(), params.bmaps);
}

/* Strings and their PSCI versions. A base implements some of them. The others have none. */
static void do_psci_param(struct input *in)
{
	static const struct {
		const char *text;
		uint64_t version;
	} table[] = {
		{ "0.2", MODEL_PSCI(0, 2) }, { "0.2\n", MODEL_PSCI(0, 2) },
		{ "1.0", MODEL_PSCI(1, 0) }, { "1.0\n", MODEL_PSCI(1, 0) },
		{ "1.1", MODEL_PSCI(1, 1) }, { "1.1\n", MODEL_PSCI(1, 1) },
		{ "1.2", MODEL_PSCI(1, 2) }, { "1.3", MODEL_PSCI(1, 3) },
		{ "1.4", MODEL_PSCI(1, 4) }, { "0.1", MODEL_PSCI(0, 1) },
		{ "", 0 }, { "1", 0 }, { "1.", 0 }, { "1.0\n\n", 0 }, { " 1.0", 0 }, { "1.00", 0 },
	};
	unsigned int i = byte(in) % NR(table);
	bool ok = model_is_psci(table[i].version, host.psci_latest);
	char shown[16];

	operation("psci_version = '%s'", table[i].text);
	agree("the result", machine_set_psci_param(table[i].text), ok ? 0 : -EINVAL);
	if (ok)
		params.psci = table[i].version;
	machine_get_psci_param(shown);
	agree("the digit before the point", shown[0] - '0', params.psci >> 16);
	agree("the digit after it", shown[2] - '0', params.psci & 0xffff);
}

/* Section 3. The proofs cover other functions. */
static void do_hvc(struct input *in)
{
	static const struct {
		uint32_t func;
		struct model_service needs;
	} table[] = {
		{ 0x84000050, MODEL_TRNG }, { 0x84000051, MODEL_TRNG }, { 0x84000052, MODEL_TRNG },
		{ 0x84000053, MODEL_TRNG }, { 0xc4000053, MODEL_TRNG },
		{ 0xc5000020, MODEL_PV_TIME }, { 0xc5000021, MODEL_PV_TIME },
		{ 0x8600ff01, MODEL_FUNC_FEAT }, { 0x86000000, MODEL_FUNC_FEAT },
		{ 0x86000001, MODEL_PTP },
	};
	unsigned int i = byte(in) % NR(table);
	bool on = model_serves(&model, table[i].needs);

	need_vcpu();
	operation("HVC %#x", table[i].func);
	/* A filter leaves it to KVM */
	machine.filter_id = table[i].func;
	/* PTP has two counters, and an answer for no other */
	agree("the result", machine_hvc(table[i].func, byte(in) & 1), 1);
	agree("whether it is served", vcpu.x[0] != ~0ULL, on);
	if (on && table[i].func == 0x86000000)
		agree("FEATURES", vcpu.x[0], model.bmap[2]);
	for (unsigned int x = 1; x < 4 && !on; x++)
		agree("an unused register", vcpu.x[x], 0);
}

/* A filter that leaves all functions to KVM makes no difference to the guest */
static void do_filter(struct input *in)
{
	struct kvm_smccc_filter filter = {
		.base = word(in, 4),
		.nr_functions = byte(in),
		.action = KVM_SMCCC_FILTER_HANDLE,
	};

	machine.can_read = true;
	operation("FILTER %#x + %u", filter.base, filter.nr_functions);
	if (machine_set_filter(&filter) == 0)
		agree("that a vCPU has run", model.ran, false);
}

/* Weights, out of 32 */
static const struct {
	unsigned int share;
	void (*run)(struct input *in);
} kinds[] = {
	{ 8, do_set }, { 6, do_get }, { 2, do_list }, { 4, do_enable_cap }, { 1, do_check },
	{ 1, do_run }, { 2, do_new_vm }, { 1, do_bmaps_param }, { 2, do_psci_param }, { 4, do_hvc },
	{ 1, do_filter },
};

static void do_something(struct input *in)
{
	unsigned int pick = byte(in) & 31, kind = 0;

	while (pick >= kinds[kind].share)
		pick -= kinds[kind++].share;
	kinds[kind].run(in);
}

/* A host with any mitigations, and with no ceilings */
static void new_host(struct input *in)
{
	uint8_t pick = byte(in);

	machine.v2 = (pick & 3) % 3;
	machine.v4 = (pick >> 2 & 3) % 3;
	machine.bhb = (pick >> 4 & 3) % 3;
	machine.ssbs = pick >> 6 & 1;
	machine.snapshot.cs_id = CSID_ARM_ARCH_COUNTER;
	host = machine_host();
	params = (struct model_params){ .bmaps = host.known, .psci = host.psci_latest };
	machine_set_bmaps_param(true, host.known);
	machine_set_psci_version_param(host.psci_latest);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };

	input = data;
	input_size = size;
	vm.lock.held = vm.arch.config_lock.held = false;
	new_host(&in);
	do_new_vm(&(struct input){});
	while (in.left)
		do_something(&in);
	return 0;
}

static void report(void)
{
	printf("%lu operations\n", operations);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	/* An abort must not lose the last line */
	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	trace = getenv("FUZZ_TRACE") && *getenv("FUZZ_TRACE");
	atexit(report);
	return 0;
}
