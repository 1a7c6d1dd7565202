// SPDX-License-Identifier: BSD-3-Clause
/*
 * stress [options]: several threads make random ioctls on a VM, and the model checks KVM's
 * answers.
 *
 * A worker is a process with a VM and several threads. The threads make short sequences of
 * operations on the VM at the same time. Then there has to be an order of the operations in which
 * the model gives all the answers (history.h). The operations depend on the seed only, and their
 * timing on the machine.
 */
#include <errno.h>
#include <getopt.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../model.h"
#include "history.h"
#include "vm.h"

#define NR(array)	(sizeof(array) / sizeof((array)[0]))

#define MAX_WORKERS	8
#define MAX_VCPUS	8	/* of a VM */

/* More than KVM has */
#define NO_VCPU		(1 << 20)

static unsigned long operations = 100000;
static unsigned int workers = 2, threads = 3;
static uint64_t seed = 1;

/*
 * PSCI and one bitmap register of each VM, and good values: threads meet more often, which
 * KCSAN needs
 */
static bool narrow;
static unsigned int narrow_reg, narrow_count;

/* What the workers share */
static struct shared {
	pthread_mutex_t params;		/* held from the write of a parameter to the new VM */
	atomic_ulong done;		/* operations */
	atomic_ulong by_kind[NR_OPS];
	atomic_ulong settled;		/* reads after each round */
	atomic_ulong vms, ran, rounds, overlapping;
	atomic_bool stop;
} *shared;

static struct model_host host;

/*
 * Random numbers: splitmix64
 */

static uint64_t random_state;

static uint64_t random64(void)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

/* 0..n-1 */
static unsigned int below(unsigned int n)
{
	return random64() % n;
}

static bool percent(unsigned int p)
{
	return below(100) < p;
}

/*
 * One worker: its VM, its threads
 */

static struct vm vm;
static struct history history;
static atomic_ulong ticket, arrived;
static pthread_barrier_t barrier;
static bool finished;

/* The next vCPU that a thread may create */
static unsigned int next_vcpu[MAX_THREADS];

/* A page that is not mapped, and one that can only be read */
static char *no_access, *read_only;

static void *memory_of(const struct op *op, uint64_t *val)
{
	if (!op->bad)
		return val;
	return op->kind == OP_GET && op->val & 1 ? read_only : no_access;
}

static void do_check(struct op *op)
{
	op->ret = vm_ioctl(vm.fd, KVM_CHECK_EXTENSION, (void *)op->id);
}

static void do_cap(struct op *op)
{
	struct kvm_enable_cap cap = { .cap = op->id, .flags = op->flags };

	memcpy(cap.args, op->args, sizeof(cap.args));
	op->ret = vm_ioctl(vm.fd, KVM_ENABLE_CAP, op->bad ? (void *)no_access : &cap);
}

static void do_list(struct op *op)
{
	if (op->bad)
		op->ret = vm_ioctl(vm.vcpu[op->vcpu].fd, KVM_GET_REG_LIST, no_access);
	else
		op->ret = vcpu_list_firmware(vm.vcpu[op->vcpu].fd, op->val, &op->out, &op->seen);
}

static void do_vcpu(struct op *op)
{
	int fd = vcpu_new(vm.fd, op->bad ? NO_VCPU : op->vcpu);

	op->ret = fd < 0 ? fd : 0;
	if (fd >= 0 && !op->bad)
		vm.vcpu[op->vcpu].fd = fd;
}

static void do_op(struct op *op)
{
	uint64_t val = op->kind == OP_SET ? op->val : 0x5555555555555555;

	op->begin = atomic_fetch_add(&ticket, 1);
	switch (op->kind) {
	case OP_GET:
		op->ret = vcpu_get(vm.vcpu[op->vcpu].fd, op->id, memory_of(op, &val));
		op->out = val;
		break;
	case OP_SET:
		op->ret = vcpu_set(vm.vcpu[op->vcpu].fd, op->id, memory_of(op, &val));
		break;
	case OP_LIST:
		do_list(op);
		break;
	case OP_CAP:
		do_cap(op);
		break;
	case OP_CHECK:
		do_check(op);
		break;
	case OP_VCPU:
		do_vcpu(op);
		break;
	case OP_RUN:
		op->ret = vcpu_report(&vm.vcpu[op->vcpu], &op->out);
		break;
	case NR_OPS:
		break;
	}
	op->end = atomic_fetch_add(&ticket, 1);
}

/* Waits a little for threads that the barrier wakes late, so that all start together */
static void meet(void)
{
	unsigned int yields;

	atomic_fetch_add(&arrived, 1);
	for (yields = 0; yields < 100 && atomic_load(&arrived) % threads; yields++)
		sched_yield();
}

static void do_sequence(unsigned int t)
{
	unsigned int i;

	meet();
	for (i = 0; i < history.nr[t]; i++)
		do_op(&history.op[t][i]);
}

static void *helper(void *arg)
{
	unsigned int t = (uintptr_t)arg;

	for (;;) {
		pthread_barrier_wait(&barrier);
		if (finished)
			return NULL;
		do_sequence(t);
		pthread_barrier_wait(&barrier);
	}
}

/*
 * What to do
 */

/* What a VM is used for: they differ in whether and when vCPUs run */
struct plan {
	bool psci_0_2;
	unsigned int vcpus, rounds;
	unsigned int before;	/* more rounds, before the vCPUs are there */
	unsigned int ops;	/* of a thread in a round */
	unsigned int run_from;	/* no vCPU runs in a round before */
	unsigned int weight[NR_OPS];
};

static uint64_t random_psci(void)
{
	static const uint64_t versions[] = {
		MODEL_PSCI(0, 1), MODEL_PSCI(0, 2), MODEL_PSCI(0, 3), MODEL_PSCI(1, 0),
		MODEL_PSCI(1, 1), MODEL_PSCI(1, 2), MODEL_PSCI(1, 3), MODEL_PSCI(1, 4),
		MODEL_PSCI(2, 0), 0,
	};

	if (percent(30))
		return host.psci_latest;
	if (percent(5))
		return versions[below(NR(versions))] | 1ULL << (32 + below(32));
	return percent(5) ? random64() : versions[below(NR(versions))];
}

static uint64_t random_level(void)
{
	static const uint64_t levels[] = { 0, 1, 2, 3, 4, 0x10, 0x11, 0x12, 0x13, 0x20 };

	if (percent(10))
		return levels[below(NR(levels))] | 1ULL << below(64);
	return levels[below(NR(levels))];
}

static uint64_t random_bits(void)
{
	if (percent(80))
		return below(4);
	if (percent(60))
		return below(4) | 1ULL << below(64);
	return random64();
}

/* An id of another register, or of none */
static uint64_t spoil_id(uint64_t id)
{
	switch (below(4)) {
	case 0:	/* another size */
		return (id & ~(0xfULL << 52)) | (uint64_t)below(16) << 52;
	case 1:	/* another number, that the next kernel may have */
		return id + 1 + below(8);
	case 2:
		return id | 1ULL << below(16);
	default: /* bits that no id has */
		return id | 1ULL << (28 + below(4));
	}
}

static void random_reg(struct op *op)
{
	unsigned int n = below(4);
	bool level = percent(30);

	if (narrow) {
		op->id = level ? MODEL_LEVEL_ID(0) : MODEL_BMAP_ID(narrow_reg);
		op->val = level ? MODEL_PSCI(1, below(2)) : below(2);
		return;
	}
	op->id = level ? MODEL_LEVEL_ID(n) : MODEL_BMAP_ID(n);
	op->val = !level ? random_bits() : n ? random_level() : random_psci();
	if (percent(8))
		op->id = spoil_id(op->id);
	op->bad = percent(4);
}

static void random_list(struct op *op)
{
	switch (below(4)) {
	case 0:
		op->val = below(history.others + 4);
		break;
	case 1: /* about what it takes */
		op->val = history.others + MODEL_LEVELS + below(MODEL_BMAPS + 2);
		break;
	default:
		op->val = REGS_MAX;
	}
	op->bad = percent(4);
}

static void random_cap(struct op *op)
{
	static const uint64_t strange[] = {
		MODEL_BMAPS + 1, 64, UINT32_MAX, 1ULL << 32, 1ULL << 63, UINT64_MAX,
	};

	op->id = percent(5) ? CAP - 1 + 2 * below(2) : CAP;
	op->args[0] = percent(85) ? below(host.known + 1) : strange[below(NR(strange))];
	/* The count only goes down, so use small steps */
	if (percent(50) && op->args[0] < host.known)
		op->args[0]++;
	if (percent(10))
		op->args[1 + below(3)] = 1ULL << below(64);
	if (percent(5))
		op->flags = 1U << below(32);
	op->bad = percent(3);
}

/* A thread has vCPUs of its own to create, each once */
static bool random_vcpu(struct op *op, unsigned int t, unsigned int vcpus)
{
	op->bad = percent(10);
	if (op->bad)
		return true;
	op->vcpu = next_vcpu[t];
	next_vcpu[t] += threads;
	return op->vcpu < vcpus;
}

/* Before the first vCPU, only the count can be used */
static void random_early_op(const struct plan *plan, bool may_create, unsigned int t,
			    struct op *op)
{
	*op = (struct op){ .kind = OP_CHECK, .id = CAP };
	if (percent(40)) {
		op->kind = OP_CAP;
		random_cap(op);
	} else if (may_create && percent(40)) {
		op->kind = OP_VCPU;
		if (!random_vcpu(op, t, plan->vcpus))
			*op = (struct op){ .kind = OP_CHECK, .id = CAP };
	}
}

/* One thread lowers the count, the others read it */
static void narrow_early_op(unsigned int t, struct op *op)
{
	*op = (struct op){ .kind = OP_CHECK, .id = CAP };
	if (!t && narrow_count && percent(20)) {
		op->kind = OP_CAP;
		op->args[0] = --narrow_count;
	}
}

/* Each thread runs its own vCPUs, since KVM describes an exit in a page of the vCPU */
static bool random_run(struct op *op, unsigned int t)
{
	if (t >= vm.nr)
		return false;
	op->vcpu = t + threads * below((vm.nr - t + threads - 1) / threads);
	return true;
}

static void random_op(const struct plan *plan, bool may_run, unsigned int t, struct op *op)
{
	unsigned int kind, r, all = 0;

	for (kind = 0; kind < NR_OPS; kind++)
		all += plan->weight[kind];
	r = below(all);
	for (kind = 0; r >= plan->weight[kind]; kind++)
		r -= plan->weight[kind];

	*op = (struct op){ .kind = kind, .vcpu = below(vm.nr) };
	if (kind == OP_RUN && (!may_run || !random_run(op, t)))
		op->kind = kind = OP_SET;
	if (kind == OP_GET || kind == OP_SET)
		random_reg(op);
	else if (kind == OP_LIST)
		random_list(op);
	else if (kind == OP_CAP)
		random_cap(op);
	else if (kind == OP_CHECK)
		op->id = percent(95) ? CAP : CAP + 1;
}

/* Most VMs are short-lived and test the count, which can change only a few times in each */
static void narrow_plan(struct plan *plan)
{
	bool count = percent(75);

	*plan = (struct plan){
		.psci_0_2 = true,
		.vcpus = threads,
		.rounds = count ? 0 : 20,
		.before = count ? 2 : 0,
		.ops = MAX_OPS - 6,
		.run_from = below(2) * 10,
		.weight = { 20, 64, 1, 2, 1, 0, 12 },
	};
	narrow_reg = below(host.known);
	narrow_count = host.known;
}

static void random_plan(struct plan *plan)
{
	static const unsigned int weights[][NR_OPS] = {
		/* GET SET LIST CAP CHECK VCPU RUN */
		{ 25, 45, 3, 5, 4, 0, 4 },
		{ 15, 60, 1, 3, 1, 0, 20 },	/* races with the first KVM_RUN */
		{ 35, 35, 10, 10, 10, 0, 0 },
	};

	if (narrow) {
		narrow_plan(plan);
		return;
	}
	plan->psci_0_2 = percent(80);
	plan->before = below(4);
	plan->vcpus = 1 + (percent(50) ? below(threads) : below(MAX_VCPUS));
	plan->rounds = 1 + below(16);
	plan->ops = 4 + below(15);
	plan->run_from = percent(50) ? 0 : below(plan->rounds);
	memcpy(plan->weight, weights[below(NR(weights))], sizeof(plan->weight));
}

/*
 * The parameters of section 6, which all workers share
 */

static void diverged(const char *fmt, ...)
	__attribute__((noreturn, format(printf, 1, 2)));

static void diverged(const char *fmt, ...)
{
	va_list ap;

	flockfile(stdout);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf(", seed %llu\n", (unsigned long long)seed);
	fflush(stdout);
	atomic_store(&shared->stop, true);
	_exit(3);
}

static void write_param(const char *name, const char *text, bool good)
{
	int ret = param_write(name, text);

	if (ret != (good ? 0 : -EINVAL))
		diverged("not ok - write of \"%s\" to %s: %d", text, name, ret);
}

static void random_bmaps(struct model_params *params)
{
	static const char *const bad[] = {
		"-1", "x", "\n", " 1", "1 ", "1.0", "4294967296", "18446744073709551616", "0x",
	};
	unsigned int n = below(host.known + 3);
	char text[32];

	if (percent(25)) {
		write_param("fw_bmap_regs", bad[below(NR(bad))], false);
		return;
	}
	snprintf(text, sizeof(text), percent(80) ? "%u" : percent(50) ? "0x%x" : "%u\n", n);
	write_param("fw_bmap_regs", text, n <= host.known);
	if (n <= host.known)
		params->bmaps = n;
}

static void random_psci_param(struct model_params *params)
{
	static const char *const bad[] = {
		"0.1", "0.0", "1", "1.", ".1", "1.1.1", "2.0", "1.01", "0x1.1", " 1.0", "1.0 ",
		"x", "\n", "1.9", "65536",
	};
	unsigned int minor = below(6);
	uint64_t version = MODEL_PSCI(1, minor);
	char text[32];

	if (percent(25)) {
		write_param("psci_version", bad[below(NR(bad))], false);
		return;
	}
	if (percent(20)) {
		version = MODEL_PSCI(0, 2);
		snprintf(text, sizeof(text), "0.2");
	} else {
		snprintf(text, sizeof(text), percent(80) ? "1.%u" : "1.%u\n", minor);
	}
	write_param("psci_version", text, model_is_psci(version, host.psci_latest));
	if (model_is_psci(version, host.psci_latest))
		params->psci = version;
}

/* Reads the parameters, which have to be valid */
static void current_params(struct model_params *params)
{
	unsigned int major, minor;
	char text[32], *end;

	need(param_read("fw_bmap_regs", text, sizeof(text)), "fw_bmap_regs");
	params->bmaps = strtoul(text, &end, 10);
	if (*end || params->bmaps > host.known)
		diverged("not ok - fw_bmap_regs is \"%s\"", text);
	need(param_read("psci_version", text, sizeof(text)), "psci_version");
	if (sscanf(text, "%u.%u", &major, &minor) != 2 ||
	    !model_is_psci(MODEL_PSCI(major, minor), host.psci_latest))
		diverged("not ok - psci_version is \"%s\"", text);
	params->psci = MODEL_PSCI(major, minor);
}

static void change_params(struct model_params *params)
{
	struct model_params now;

	if (percent(40))
		random_bmaps(params);
	if (percent(40))
		random_psci_param(params);
	/* Most VMs should have registers */
	if (percent(40)) {
		write_param("fw_bmap_regs", (char[]){ '0' + host.known, '\0' }, true);
		params->bmaps = host.known;
	}
	current_params(&now);
	if (now.bmaps != params->bmaps || now.psci != params->psci)
		diverged("not ok - the parameters are %u and 0x%llx instead of %u and 0x%llx",
			 now.bmaps, (unsigned long long)now.psci, params->bmaps,
			 (unsigned long long)params->psci);
	if (kvm_count(kvm_fd) != (int)params->bmaps)
		diverged("not ok - KVM_CHECK_EXTENSION of /dev/kvm is %d with a ceiling of %u",
			 kvm_count(kvm_fd), params->bmaps);
}

static void new_vm(const struct plan *plan, struct model *m)
{
	struct model_params params;

	/* A worker that ended with the lock of the parameters has found a fault */
	if (pthread_mutex_lock(&shared->params))
		_exit(0);
	current_params(&params);
	change_params(&params);
	stress_vm(&vm);
	pthread_mutex_unlock(&shared->params);

	model_new_vm(m, &host, &params, plan->psci_0_2);
}

/* Creates the missing vCPUs. From now on, the registers can be read and written. */
static void add_vcpus(const struct plan *plan, struct model *m)
{
	uint64_t n, seen;

	while (vm.nr < plan->vcpus)
		vm_add_vcpu(&vm, plan->psci_0_2 ? VCPU_PSCI : 0);
	m->has_vcpu = true;
	need(vcpu_list_firmware(vm.vcpu[0].fd, REGS_MAX, &n, &seen), "KVM_GET_REG_LIST");
	history.others = n - __builtin_popcountll(seen);
	history.pv_time = !vm.vcpu[0].stolen_time_err;
}

/*
 * A round: sequences at the same time, and a check of the results
 */

static void settle_op(enum op_kind kind, uint64_t id)
{
	struct op *op = &history.op[0][history.nr[0]++];

	*op = (struct op){ .kind = kind, .id = id };
	if (vm.nr)
		op->vcpu = history.nr[0] % vm.nr;
	do_op(op);
	atomic_fetch_add(&shared->settled, 1);
}

/* Reads all that the model has, so that the VM's state is known */
static void settle(void)
{
	unsigned int n;

	settle_op(OP_CHECK, CAP);
	if (!vm.nr)
		return;
	settle_op(OP_GET, MODEL_LEVEL_ID(0));
	for (n = 0; n < MODEL_BMAPS; n++)
		settle_op(OP_GET, MODEL_BMAP_ID(n));
}

/* For the statistics: did two operations of different threads overlap? */
static bool overlaps(unsigned int t)
{
	const struct op *first = &history.op[0][0], *last = &history.op[0][history.nr[0] - 1];
	const struct op *a = &history.op[t][0], *b = &history.op[t][history.nr[t] - 1];

	return a->begin < last->end && first->begin < b->end;
}

static void count_round(void)
{
	unsigned int t, i, nr = 0;
	bool met = false;

	for (t = 0; t < threads; t++) {
		for (i = 0; i < history.nr[t]; i++)
			atomic_fetch_add(&shared->by_kind[history.op[t][i].kind], 1);
		nr += history.nr[t];
		met |= t && overlaps(t);
	}
	atomic_fetch_add(&shared->done, nr);
	atomic_fetch_add(&shared->rounds, 1);
	atomic_fetch_add(&shared->overlapping, met);
}

static void check_round(struct model *m, const struct plan *plan, unsigned int worker)
{
	const struct model was = *m;

	if (history_explain(&history, m))
		return;
	flockfile(stdout);
	printf("# worker %u: %u vCPUs, PSCI 0.2 %d and at most 0x%llx, has a vCPU %d, ran %d\n",
	       worker, plan->vcpus, plan->psci_0_2, (unsigned long long)was.psci_max,
	       was.has_vcpu, was.ran);
	printf("# before: %u bitmaps, %llx %llx %llx %llx, PSCI 0x%llx, %u others in the list\n",
	       was.count, (unsigned long long)was.bmap[0], (unsigned long long)was.bmap[1],
	       (unsigned long long)was.bmap[2], (unsigned long long)was.bmap[3],
	       (unsigned long long)was.psci, history.others);
	history_print(&history, stdout);
	diverged("not ok - no order of these operations has the model give these answers");
}

static void do_round(const struct plan *plan, struct model *m, unsigned int worker)
{
	pthread_barrier_wait(&barrier);
	do_sequence(0);
	pthread_barrier_wait(&barrier);
	count_round();
	settle();
	check_round(m, plan, worker);
}

/* A few operations, since little can change */
static void early_round(const struct plan *plan, unsigned int number, struct model *m,
			unsigned int worker)
{
	unsigned int t, i;
	struct op *op;

	for (t = 0; t < threads; t++) {
		history.nr[t] = narrow ? plan->ops : 1 + below(6);
		for (i = 0; i < history.nr[t]; i++) {
			op = &history.op[t][i];
			if (narrow)
				narrow_early_op(t, op);
			else
				random_early_op(plan, number + 1 == plan->before, t, op);
		}
	}
	do_round(plan, m, worker);
}

static void round_of(const struct plan *plan, unsigned int number, struct model *m,
		     unsigned int worker)
{
	unsigned int t, i;

	for (t = 0; t < threads; t++) {
		history.nr[t] = plan->ops;
		for (i = 0; i < plan->ops; i++)
			random_op(plan, number >= plan->run_from, t, &history.op[t][i]);
	}
	do_round(plan, m, worker);
}

static void vm_life(unsigned int worker)
{
	struct plan plan;
	struct model m;
	unsigned int i;

	random_plan(&plan);
	new_vm(&plan, &m);
	for (i = 0; i < threads; i++)
		next_vcpu[i] = i;
	for (i = 0; i < plan.before && !atomic_load(&shared->stop); i++)
		early_round(&plan, i, &m, worker);
	if (plan.rounds)
		add_vcpus(&plan, &m);
	for (i = 0; i < plan.rounds && !atomic_load(&shared->stop); i++)
		round_of(&plan, i, &m, worker);
	vm_destroy(&vm);
	atomic_fetch_add(&shared->vms, 1);
	atomic_fetch_add(&shared->ran, m.ran);
}

/* One worker, until all workers have made enough operations */
static void work(unsigned int worker)
{
	pthread_t thread[MAX_THREADS];
	unsigned int t;
	int err;

	random_state = seed * MAX_WORKERS + worker;
	history.threads = threads;
	pthread_barrier_init(&barrier, NULL, threads);
	for (t = 1; t < threads; t++) {
		err = pthread_create(&thread[t], NULL, helper, (void *)(uintptr_t)t);
		need(-err, "pthread_create");
	}
	while (atomic_load(&shared->done) < operations && !atomic_load(&shared->stop))
		vm_life(worker);
	finished = true;
	pthread_barrier_wait(&barrier);
	for (t = 1; t < threads; t++)
		pthread_join(thread[t], NULL);
	_exit(0);
}

static unsigned long number(const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 0);

	if (!*text || *end)
		die_errno(EINVAL, "%s", text);
	return n;
}

static void list_wrong(void)
{
	int i;

	for (i = 1; i <= rules_wrong(); i++)
		printf("%d %s\n", i, rules_wrong_name(i));
	exit(0);
}

static void break_rule(unsigned long which)
{
	if (which > (unsigned long)rules_wrong())
		die_errno(EINVAL, "there are %d wrong models", rules_wrong());
	rules_break(which);
}

static void read_options(int argc, char **argv)
{
	static const struct option options[] = {
		{ "ops", required_argument, NULL, 'o' },
		{ "seed", required_argument, NULL, 's' },
		{ "workers", required_argument, NULL, 'w' },
		{ "threads", required_argument, NULL, 't' },
		{ "narrow", no_argument, NULL, 'n' },
		{ "wrong", required_argument, NULL, 'b' },
		{ "list-wrong", no_argument, NULL, 'l' },
		{ 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 'o':
			operations = number(optarg);
			break;
		case 's':
			seed = number(optarg);
			break;
		case 'w':
			workers = number(optarg);
			break;
		case 't':
			threads = number(optarg);
			break;
		case 'n':
			narrow = true;
			break;
		case 'b':
			break_rule(number(optarg));
			break;
		case 'l':
			list_wrong();
			break;
		default:
			exit(2);
		}
	}
	if (optind != argc || !workers || workers > MAX_WORKERS || !threads ||
	    threads > MAX_THREADS)
		die_errno(EINVAL,
			  "usage: stress [--ops=N] [--seed=N] [--workers=1..%d] "
			  "[--threads=1..%d] [--narrow] [--wrong=N | --list-wrong]",
			  MAX_WORKERS, MAX_THREADS);
}

static void make_shared(void)
{
	pthread_mutexattr_t attr;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	no_access = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	read_only = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED || no_access == MAP_FAILED || read_only == MAP_FAILED)
		die_errno(errno, "mmap");
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&shared->params, &attr);
}

static int run_workers(void)
{
	int status, failed = 0;
	unsigned int i;

	fflush(stdout);
	for (i = 0; i < workers; i++)
		if (!fork())
			work(i);
	for (i = 0; i < workers; i++)
		if (wait(&status) < 0 || status)
			failed = 1;
	return failed;
}

static void print_counts(double seconds)
{
	static const char *const names[NR_OPS] = {
		"GET", "SET", "LIST", "CAP", "CHECK", "VCPU", "RUN",
	};
	unsigned int i;

	printf("# %lu operations and %lu reads after them, %lu VMs of which %lu have run\n",
	       shared->done, shared->settled, shared->vms, shared->ran);
	printf("#");
	for (i = 0; i < NR_OPS; i++)
		printf(" %s %lu", names[i], shared->by_kind[i]);
	printf("\n# %lu rounds, threads met in %lu\n", shared->rounds, shared->overlapping);
	printf("# %.0f s, %.0f operations/s\n", seconds, shared->done / seconds);
}

int main(int argc, char **argv)
{
	char bmaps[32], psci[32];
	struct timespec from, to;
	int failed;

	read_options(argc, argv);
	make_shared();
	need(param_read("fw_bmap_regs", bmaps, sizeof(bmaps)), "fw_bmap_regs");
	need(param_read("psci_version", psci, sizeof(psci)), "psci_version");
	probe_host(&host);
	printf("# stress --ops=%lu --seed=%llu --workers=%u --threads=%u%s\n", operations,
	       (unsigned long long)seed, workers, threads, narrow ? " --narrow" : "");
	printf("# %u bitmap registers, PSCI 0x%llx, mitigations %llu %llu %llu\n", host.known,
	       (unsigned long long)host.psci_latest, (unsigned long long)host.wa[1],
	       (unsigned long long)host.wa[2], (unsigned long long)host.wa[3]);

	clock_gettime(CLOCK_MONOTONIC, &from);
	failed = run_workers();
	clock_gettime(CLOCK_MONOTONIC, &to);
	if (param_write("fw_bmap_regs", bmaps) || param_write("psci_version", psci))
		die_errno(EINVAL, "the parameters cannot be restored");
	print_counts(to.tv_sec - from.tv_sec + (to.tv_nsec - from.tv_nsec) / 1e9);
	if (!failed)
		printf("ok - the model gives the same answers\n");
	return failed;
}
