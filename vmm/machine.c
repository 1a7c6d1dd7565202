// SPDX-License-Identifier: BSD-3-Clause
#include "machine.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

/* For one round, which takes milliseconds, or far longer on an emulated host that is busy */
#define PATIENCE	120	/* seconds */

extern const char move_guest_image[], move_guest_image_end[];

void machine_create_vm(struct machine *machine)
{
	pthread_condattr_t attr;

	memset(machine, 0, sizeof(*machine));
	pthread_mutex_init(&machine->lock, NULL);
	/* A monotonic clock, so that setting the host's time does not end the wait */
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&machine->progress, &attr);
	pthread_condattr_destroy(&attr);
	vm_load(&machine->vm, move_guest_image, move_guest_image_end - move_guest_image);
}

void machine_limit(struct machine *machine, const struct fwregs_state *fw)
{
	int ret = fwregs_limit_to(machine->vm.fd, fw);

	if (ret)
		die("limiting the VM: %s (%s)", fwregs_strerror(ret), strerrorname_np(-ret));
}

void machine_create_vcpus(struct machine *machine, unsigned int nr)
{
	uint64_t vcpus = nr;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		vm_add_vcpu(&machine->vm, VCPU_PSCI | (i ? 1 << KVM_ARM_VCPU_POWER_OFF : 0));
		machine->vcpu[i].kvm = &machine->vm.vcpu[i];
		machine->vcpu[i].machine = machine;
		machine->vcpu[i].index = i;
	}
	need(vcpu_set(machine->vm.vcpu[0].fd, CORE_REG(regs.regs[0]), &vcpus),
	     "KVM_SET_ONE_REG of x0");
}

/* Registers */

static int is_firmware(uint64_t id)
{
	return fwregs_is_bmap(id) || fwregs_is_level(id);
}

/* All that KVM lists, except for firmware registers, which belong to the VM */
static void get_regs(int vcpu, struct state_vcpu *into)
{
	static struct reg_list list;
	struct state_reg *reg;
	uint64_t i;
	int ret;

	need(vcpu_list(vcpu, &list, REGS_MAX), "KVM_GET_REG_LIST");
	into->nr = 0;
	into->reg = calloc(list.n, sizeof(*into->reg));
	if (!into->reg)
		die_errno(ENOMEM, "registers of a vCPU");

	for (i = 0; i < list.n; i++) {
		if (is_firmware(list.reg[i]))
			continue;
		reg = &into->reg[into->nr++];
		reg->id = list.reg[i];
		if (into->nr > STATE_REGS_MAX || state_reg_size(reg->id) > STATE_REG_BYTES)
			die("KVM_GET_REG_LIST: more, or larger, registers than fwregs can save");
		ret = vcpu_get(vcpu, reg->id, reg->val);
		if (ret)
			die_errno(-ret, "KVM_GET_ONE_REG of 0x%" PRIx64, reg->id);
	}
}

/* KVM finishes the VM here: without a vGIC, the ID registers lose their GIC fields */
void machine_start(struct machine *machine)
{
	unsigned int i;

	for (i = 0; i < machine->vm.nr; i++)
		need(vcpu_settle(machine->vcpu[i].kvm), "KVM_RUN that should not run");
	for (i = 0; i < machine->vm.nr; i++)
		get_regs(machine->vm.vcpu[i].fd, &machine->vcpu[i].start);
}

/* Running */

/* The first vCPU with a complaint ends the program */
__attribute__((noreturn, format(printf, 2, 3)))
static void guest_died(struct machine_vcpu *vcpu, const char *fmt, ...)
{
	static pthread_mutex_t last = PTHREAD_MUTEX_INITIALIZER;
	char text[256];
	va_list ap;

	pthread_mutex_lock(&last);
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	die("the guest, vCPU %u: %s", vcpu->index, text);
}

static void told_of_round(struct machine_vcpu *vcpu, uint64_t rounds)
{
	struct machine *machine = vcpu->machine;

	pthread_mutex_lock(&machine->lock);
	/* A loaded vCPU may be inside a round, or at its end */
	if (rounds != vcpu->rounds + 1 && !(vcpu->is_loaded && rounds == vcpu->rounds))
		guest_died(vcpu, "its round %" PRIu64 " comes after round %" PRIu64, rounds,
			   vcpu->rounds);
	vcpu->rounds = rounds;
	vcpu->is_loaded = 0;
	pthread_cond_signal(&machine->progress);
	pthread_mutex_unlock(&machine->lock);
}

/* Answers of a call that differ come as three messages */
static void told_of_call(struct machine_vcpu *vcpu, unsigned int kind, uint64_t what)
{
	static _Thread_local uint64_t call, was;

	if (kind == MOVE_CALL) {
		call = what;
		return;
	}
	if (kind == MOVE_WAS) {
		was = what;
		return;
	}
	guest_died(vcpu, "%s answered 0x%" PRIx64 " before, and answers 0x%" PRIx64 " now",
		   call < NR_CALLS ? calls[call].name : "a call", was, what);
}

static void told(struct machine_vcpu *vcpu, unsigned int kind, uint64_t what)
{
	switch (kind) {
	case MOVE_ROUND:
		told_of_round(vcpu, what);
		break;
	case MOVE_CALL:
	case MOVE_WAS:
	case MOVE_IS:
		told_of_call(vcpu, kind, what);
		break;
	case MOVE_MEMORY:
		guest_died(vcpu, "its memory is not what it wrote, in round %" PRIu64, what);
	case MOVE_REGISTERS:
		guest_died(vcpu, "register %" PRIu64 " of check_registers() lost its value", what);
	case MOVE_TIME:
		guest_died(vcpu, "the virtual counter went back by %" PRIu64 " ticks", what);
	case MOVE_EXCEPTION:
		guest_died(vcpu, "an exception, ESR_EL1 is 0x%" PRIx64, what);
	case MOVE_NO_CPU:
		guest_died(vcpu, "PSCI CPU_ON returned %" PRId64, (int64_t)what);
	default:
		guest_died(vcpu, "message %u, which there is not", kind);
	}
}

static void handle_exit(struct machine_vcpu *vcpu)
{
	const struct kvm_run *run = vcpu->kvm->run;
	uint64_t from = MESSAGE(vcpu->index, 0), what;

	if (run->exit_reason != KVM_EXIT_MMIO || !run->mmio.is_write || run->mmio.len != 8 ||
	    run->mmio.phys_addr < from || run->mmio.phys_addr >= from + 0x1000)
		guest_died(vcpu, "exit reason %u, address 0x%llx", run->exit_reason,
			   run->exit_reason == KVM_EXIT_MMIO ? run->mmio.phys_addr : 0);
	memcpy(&what, run->mmio.data, sizeof(what));
	told(vcpu, (run->mmio.phys_addr - from) / 8, what);
}

static int is_stopping(struct machine *machine)
{
	int stopping;

	pthread_mutex_lock(&machine->lock);
	stopping = machine->stopping;
	pthread_mutex_unlock(&machine->lock);
	return stopping;
}

/*
 * One vCPU. KVM completes an exit at the next KVM_RUN, and only then can the state be saved. So the
 * loop ends there: with immediate_exit, KVM_RUN returns before the guest runs.
 */
static void *run_vcpu(void *arg)
{
	struct machine_vcpu *vcpu = arg;
	int ret;

	for (;;) {
		ret = vm_ioctl(vcpu->kvm->fd, KVM_RUN, NULL);
		if (!ret)
			handle_exit(vcpu);
		else if (ret != -EINTR)
			guest_died(vcpu, "KVM_RUN: %s (%s)", strerror(-ret), strerrorname_np(-ret));
		else if (is_stopping(vcpu->machine))
			return NULL;
	}
}

static void kicked(int sig)
{
	(void)sig;
}

static void start_threads(struct machine *machine)
{
	struct sigaction action = { .sa_handler = kicked };
	unsigned int i;
	int err;

	sigaction(SIGUSR1, &action, NULL);
	machine->stopping = 0;
	for (i = 0; i < machine->vm.nr; i++) {
		machine->vcpu[i].kvm->run->immediate_exit = 0;
		err = pthread_create(&machine->vcpu[i].thread, NULL, run_vcpu, &machine->vcpu[i]);
		if (err)
			die_errno(err, "a thread for a vCPU");
	}
}

static void stop_threads(struct machine *machine)
{
	unsigned int i;

	pthread_mutex_lock(&machine->lock);
	machine->stopping = 1;
	pthread_mutex_unlock(&machine->lock);

	for (i = 0; i < machine->vm.nr; i++) {
		*(volatile __u8 *)&machine->vcpu[i].kvm->run->immediate_exit = 1;
		pthread_kill(machine->vcpu[i].thread, SIGUSR1);
	}
	for (i = 0; i < machine->vm.nr; i++)
		pthread_join(machine->vcpu[i].thread, NULL);
}

/*
 * A vCPU that has not made so many rounds since, or NULL. Starting counts come from the file, so
 * only differences count.
 */
static struct machine_vcpu *behind(struct machine *machine, const uint64_t *since,
				   unsigned int rounds)
{
	unsigned int i;

	for (i = 0; i < machine->vm.nr; i++)
		if (machine->vcpu[i].rounds - since[i] < rounds)
			return &machine->vcpu[i];
	return NULL;
}

/* Waits until a vCPU reports another round, under machine->lock */
static void wait_for_round(struct machine *machine, struct machine_vcpu *vcpu)
{
	uint64_t before = vcpu->rounds;
	struct timespec limit;
	int err = 0;

	clock_gettime(CLOCK_MONOTONIC, &limit);
	limit.tv_sec += PATIENCE;
	while (vcpu->rounds == before && !err)
		err = pthread_cond_timedwait(&machine->progress, &machine->lock, &limit);
	if (vcpu->rounds == before)
		guest_died(vcpu, "nothing after round %" PRIu64 " for %d seconds", before, PATIENCE);
}

static void wait_for_rounds(struct machine *machine, unsigned int rounds)
{
	uint64_t since[MOVE_VCPUS_MAX];
	struct machine_vcpu *last;
	unsigned int i;

	pthread_mutex_lock(&machine->lock);
	for (i = 0; i < machine->vm.nr; i++)
		since[i] = machine->vcpu[i].rounds;
	while ((last = behind(machine, since, rounds)))
		wait_for_round(machine, last);
	pthread_mutex_unlock(&machine->lock);
}

void machine_run(struct machine *machine, unsigned int rounds)
{
	start_threads(machine);
	wait_for_rounds(machine, rounds);
	stop_threads(machine);
}

/* Saving */

static const struct state_reg *find_reg(const struct state_vcpu *vcpu, uint64_t id)
{
	unsigned int i;

	for (i = 0; i < vcpu->nr; i++)
		if (vcpu->reg[i].id == id)
			return &vcpu->reg[i];
	return NULL;
}

static void save_vcpu(struct machine_vcpu *vcpu, struct state_vcpu *into)
{
	const struct state_reg *start;
	struct kvm_mp_state mp;
	unsigned int i;

	need(vm_ioctl(vcpu->kvm->fd, KVM_GET_MP_STATE, &mp), "KVM_GET_MP_STATE");
	into->mp_state = mp.mp_state;
	get_regs(vcpu->kvm->fd, into);
	for (i = 0; i < into->nr; i++) {
		start = find_reg(&vcpu->start, into->reg[i].id);
		if (!start)
			die("KVM_GET_REG_LIST: it got longer while the VM ran");
		memcpy(into->reg[i].reset, start->val, STATE_REG_BYTES);
	}
}

static int is_zero(const unsigned char *page)
{
	static const unsigned char zero[STATE_PAGE];

	return !memcmp(page, zero, STATE_PAGE);
}

static void save_memory(const struct machine *machine, struct state *state)
{
	const unsigned char *ram = machine->vm.ram;
	size_t at;

	_Static_assert(RAM_SIZE / STATE_PAGE <= STATE_PAGES_MAX, "STATE_PAGES_MAX");
	state->page = calloc(RAM_SIZE / STATE_PAGE, sizeof(*state->page));
	if (!state->page)
		die_errno(ENOMEM, "the guest's memory");
	for (at = 0; at < RAM_SIZE; at += STATE_PAGE) {
		if (is_zero(ram + at))
			continue;
		state->page[state->nr_pages].addr = RAM_BASE + at;
		memcpy(state->page[state->nr_pages++].data, ram + at, STATE_PAGE);
	}
}

void machine_save(struct machine *machine, struct state *state)
{
	struct utsname host;
	unsigned int i;
	int ret;

	memset(state, 0, sizeof(*state));
	if (!uname(&host))
		snprintf(state->host, sizeof(state->host), "%.32s %.64s", host.sysname,
			 host.release);

	ret = fwregs_save(machine->vm.vcpu[0].fd, &state->fw);
	if (ret)
		die_errno(-ret, "reading the firmware registers");
	state->nr_vcpus = machine->vm.nr;
	for (i = 0; i < machine->vm.nr; i++)
		save_vcpu(&machine->vcpu[i], &state->vcpu[i]);
	save_memory(machine, state);
}

/* Loading */

/* arch/arm64/include/uapi/asm/kvm.h: the physical counter, control and compare value of its timer */
#define PTIMER_CNT	0x603000000013df01ULL
#define PTIMER_CTL	0x603000000013df11ULL
#define PTIMER_CVAL	0x603000000013df12ULL

static int has_changed(const struct state_vcpu *vcpu, uint64_t id)
{
	const struct state_reg *reg = find_reg(vcpu, id);

	return reg && memcmp(reg->val, reg->reset, STATE_REG_BYTES);
}

/*
 * The physical counter runs by itself, and older kernels do not list it. A guest that has not set
 * the timer counts as one that has not used it.
 */
static int is_used(const struct state_vcpu *vcpu, const struct state_reg *reg)
{
	if (reg->id == PTIMER_CNT)
		return has_changed(vcpu, PTIMER_CTL) || has_changed(vcpu, PTIMER_CVAL);
	return has_changed(vcpu, reg->id);
}

/* Another vCPU with the same answer for the same register: they share an entry if it is skipped */
static struct refusal *find_refusal(struct refusals *refusals, const struct refusal *like)
{
	unsigned int i;

	for (i = 0; i < refusals->nr; i++)
		if (refusals->refusal[i].id == like->id && refusals->refusal[i].err == like->err &&
		    !refusals->refusal[i].used && !like->used)
			return &refusals->refusal[i];
	return NULL;
}

static void refuse(struct refusals *refusals, struct refusal refusal)
{
	struct refusal *same = find_refusal(refusals, &refusal);

	refusal.vcpus = 1;

	if (same) {
		same->vcpus++;
		return;
	}
	if (refusals->nr == REFUSALS_MAX)
		die("KVM refuses more than %u registers", REFUSALS_MAX);
	refusals->refusal[refusals->nr++] = refusal;
}

static void load_vcpu(struct machine_vcpu *vcpu, const struct state_vcpu *from,
		      struct refusals *refusals)
{
	struct kvm_mp_state mp = { .mp_state = from->mp_state };
	int ret = vm_ioctl(vcpu->kvm->fd, KVM_SET_MP_STATE, &mp);
	unsigned int i;

	if (ret)
		refuse(refusals, (struct refusal) {
			.vcpu = vcpu->index, .id = REFUSED_MP_STATE, .mp_state = mp.mp_state,
			.err = -ret, .used = 1,
		});
	for (i = 0; i < from->nr; i++) {
		ret = vcpu_set(vcpu->kvm->fd, from->reg[i].id, from->reg[i].val);
		if (ret)
			refuse(refusals, (struct refusal) {
				.vcpu = vcpu->index, .id = from->reg[i].id, .err = -ret,
				.used = is_used(from, &from->reg[i]),
			});
	}
}

void machine_load_vcpus(struct machine *machine, const struct state *state,
			struct refusals *refusals)
{
	unsigned int i;

	refusals->nr = 0;
	for (i = 0; i < machine->vm.nr; i++)
		load_vcpu(&machine->vcpu[i], &state->vcpu[i], refusals);
}

/*
 * A register that the guest has used keeps the reset value of the loaded state, so that it counts
 * as used in the next state, too. Other registers have the reset value of this host.
 */
static void keep_used(struct state_vcpu *start, const struct state_vcpu *from)
{
	const struct state_reg *reg;
	unsigned int i;

	for (i = 0; i < start->nr; i++) {
		reg = find_reg(from, start->reg[i].id);
		if (reg && is_used(from, reg))
			memcpy(start->reg[i].val, reg->reset, STATE_REG_BYTES);
	}
}

void machine_load_memory(struct machine *machine, const struct state *state)
{
	unsigned int i;

	memset(machine->vm.ram, 0, RAM_SIZE);
	for (i = 0; i < state->nr_pages; i++) {
		/* state_parse() has checked the address */
		uint64_t at = state->page[i].addr - RAM_BASE;

		memcpy((char *)machine->vm.ram + at, state->page[i].data, STATE_PAGE);
	}

	for (i = 0; i < machine->vm.nr; i++) {
		const struct move_area *area = (void *)((char *)machine->vm.ram + MOVE_AREA(i) -
							RAM_BASE);

		machine->vcpu[i].rounds = area->rounds;
		machine->vcpu[i].is_loaded = 1;
		keep_used(&machine->vcpu[i].start, &state->vcpu[i]);
	}
}

void machine_destroy(struct machine *machine)
{
	unsigned int i;

	for (i = 0; i < machine->vm.nr; i++)
		free(machine->vcpu[i].start.reg);
	vm_destroy(&machine->vm);
}
