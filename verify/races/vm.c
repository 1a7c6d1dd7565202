// SPDX-License-Identifier: BSD-3-Clause
#include "vm.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <linux/kvm.h>

#include "cli.h"
#include "vmm/guest/calls.h"
#include "races.h"

_Static_assert(RACES_DOORBELL == DOORBELL, "the guest's doorbell is the VMM's");

#define PAGE		4096
#define GUEST_RAM	(16 * PAGE)
#define STOLEN		(GUEST_RAM / 2)		/* of the vCPUs, 64 bytes for each */

/* include/uapi/linux/kvm.h of the series */
#define CAP_FW_BMAP	10207

#define PARAMS		"/sys/module/kvm/parameters/"

extern const char guest_image[], guest_image_end[];

/* The guests do not write to it, all have the same */
static char ram[GUEST_RAM] __attribute__((aligned(PAGE)));
static int kvm;
static struct kvm_vcpu_init vcpu_init;
static size_t run_size;

static int need(int fd, unsigned long request, const char *name, void *arg)
{
	int ret = ioctl(fd, request, arg);

	if (ret < 0)
		die_errno(errno, "%s", name);
	return ret;
}

static int open_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		die_errno(errno, "open of %s", path);
	return fd;
}

static int count_bmaps(int fd)
{
	int nr = ioctl(fd, KVM_CHECK_EXTENSION, (void *)CAP_FW_BMAP);

	return nr < 0 ? -errno : nr;
}

void vm_reset(struct vm *vm)
{
	unsigned int i;

	vm->fd = -1;
	for (i = 0; i < MAX_VCPUS; i++)
		vm->vcpu[i] = -1;
}

static void init_vcpu(struct vm *vm, unsigned int i)
{
	uint64_t ipa = RAM_BASE + STOLEN + 64 * i, pc = RAM_BASE;
	struct kvm_one_reg reg = {
		.id = KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE |
		      KVM_REG_ARM_CORE_REG(regs.pc),
		.addr = (uintptr_t)&pc,
	};
	struct kvm_device_attr attr = {
		.group = KVM_ARM_VCPU_PVTIME_CTRL,
		.attr = KVM_ARM_VCPU_PVTIME_IPA,
		.addr = (uintptr_t)&ipa,
	};

	vm->run[i] = mmap(NULL, run_size, PROT_READ | PROT_WRITE, MAP_SHARED, vm->vcpu[i], 0);
	if (vm->run[i] == MAP_FAILED)
		die_errno(errno, "mmap of struct kvm_run");
	need(vm->vcpu[i], KVM_ARM_VCPU_INIT, "KVM_ARM_VCPU_INIT", &vcpu_init);
	need(vm->vcpu[i], KVM_SET_ONE_REG, "KVM_SET_ONE_REG of the PC", &reg);
	need(vm->vcpu[i], KVM_SET_DEVICE_ATTR, "KVM_SET_DEVICE_ATTR of PVTIME_IPA", &attr);
}

void vm_init_vcpus(struct vm *vm)
{
	struct kvm_userspace_memory_region region = {
		.guest_phys_addr = RAM_BASE,
		.memory_size = sizeof(ram),
		.userspace_addr = (uintptr_t)ram,
	};
	unsigned int i;

	need(vm->fd, KVM_SET_USER_MEMORY_REGION, "KVM_SET_USER_MEMORY_REGION", &region);
	for (i = 0; i < MAX_VCPUS; i++)
		if (vm->vcpu[i] >= 0)
			init_vcpu(vm, i);
}

void vm_destroy(struct vm *vm)
{
	unsigned int i;

	for (i = 0; i < MAX_VCPUS; i++) {
		if (vm->vcpu[i] < 0)
			continue;
		munmap(vm->run[i], run_size);
		close(vm->vcpu[i]);
	}
	close(vm->fd);
}

void vm_init(struct world *world)
{
	static const struct op ops[] = { { .kind = CREATE }, { .kind = VCPU } };
	const struct op psci = { .kind = GET_PSCI };
	struct answer res;
	unsigned int i;
	struct vm vm;
	int known;

	memcpy(ram, guest_image, guest_image_end - guest_image);
	kvm = open_file("/dev/kvm");
	run_size = need(kvm, KVM_GET_VCPU_MMAP_SIZE, "KVM_GET_VCPU_MMAP_SIZE", NULL);

	known = count_bmaps(kvm);
	if (known < 1 || known > MODEL_BMAPS)
		die("KVM says that it has %d bitmap registers", known);
	vm_reset(&vm);
	for (i = 0; i < 2; i++) {
		do_op(&vm, &ops[i], &res);
		if (res.err)
			die_errno(-res.err, i ? "KVM_CREATE_VCPU" : "KVM_CREATE_VM");
	}
	need(vm.fd, KVM_ARM_PREFERRED_TARGET, "KVM_ARM_PREFERRED_TARGET", &vcpu_init);
	vcpu_init.features[0] |= 1 << KVM_ARM_VCPU_PSCI_0_2;
	vm_init_vcpus(&vm);
	do_op(&vm, &psci, &res);
	vm_destroy(&vm);

	world->host = (struct model_host){ .known = known, .psci_latest = res.got };
	world->params = (struct model_params){ .bmaps = known, .psci = res.got };
}

static int one_reg(int vcpu, unsigned long request, uint64_t id, uint64_t *val)
{
	struct kvm_one_reg reg = { .id = id, .addr = (uintptr_t)val };

	return ioctl(vcpu, request, &reg) ? -errno : 0;
}

static int vcpu_set(int vcpu, uint64_t id, uint64_t val)
{
	return one_reg(vcpu, KVM_SET_ONE_REG, id, &val);
}

static int vcpu_get(int vcpu, uint64_t id, uint64_t *got)
{
	*got = 0;
	return one_reg(vcpu, KVM_GET_ONE_REG, id, got);
}

static int limit(int vm, unsigned int n)
{
	struct kvm_enable_cap cap = { .cap = CAP_FW_BMAP, .args = { n } };

	return ioctl(vm, KVM_ENABLE_CAP, &cap) ? -errno : 0;
}

/* A bit for each firmware register. 0: the register is another one. */
static uint64_t bit_of(uint64_t id)
{
	const uint64_t coproc = ~0x1fULL;

	if ((id & coproc) == MODEL_LEVEL_ID(0))
		return 1ULL << (id & 0x1f);
	if ((id & coproc) == MODEL_BMAP_ID(0))
		return 1ULL << (32 + (id & 0x1f));
	return 0;
}

/* The firmware registers, no id twice, and how many there are */
static int list_regs(int vcpu, uint64_t *got)
{
	static struct {
		__u64 n;
		__u64 reg[2048];
	} list;
	uint64_t i, bit;
	int nr = 0;

	*got = 0;
	list.n = sizeof(list.reg) / sizeof(list.reg[0]);
	if (ioctl(vcpu, KVM_GET_REG_LIST, &list))
		return -errno;
	for (i = 0; i < list.n; i++) {
		bit = bit_of(list.reg[i]);
		if (*got & bit)
			return -EEXIST;
		*got |= bit;
		nr += !!bit;
	}
	return nr;
}

static int run_guest(struct vm *vm, unsigned int i, uint64_t *got)
{
	struct kvm_run *run = vm->run[i];

	*got = 0;
	if (ioctl(vm->vcpu[i], KVM_RUN, NULL))
		return -errno;
	if (run->exit_reason != KVM_EXIT_MMIO || !run->mmio.is_write ||
	    run->mmio.phys_addr != RACES_DOORBELL || run->mmio.len != sizeof(*got))
		return -EPROTO;
	memcpy(got, run->mmio.data, sizeof(*got));
	return 0;
}

/* Each thread has its own: what is done to one open file is done one after the other */
static int param_fd(enum kind kind)
{
	static _Thread_local int bmaps, psci;
	bool is_psci = kind == PARAM_PSCI || kind == READ_PSCI;
	int *fd = is_psci ? &psci : &bmaps;

	if (!*fd)
		*fd = open_file(is_psci ? PARAMS "psci_version" : PARAMS "fw_bmap_regs");
	return *fd;
}

static int write_param(int fd, const char *text)
{
	return pwrite(fd, text, strlen(text), 0) < 0 ? -errno : 0;
}

static int write_number(int fd, unsigned int n)
{
	const char text[] = { '0' + n, '\0' };

	return write_param(fd, text);
}

static int write_version(int fd, uint64_t version)
{
	const char text[] = { '0' + (version >> 16), '.', '0' + (version & 0xf), '\0' };

	return write_param(fd, text);
}

static int read_param(int fd, char *text, size_t size)
{
	ssize_t len = pread(fd, text, size - 1, 0);

	if (len < 0)
		return -errno;
	text[len] = '\0';
	return 0;
}

static int read_number(int fd, uint64_t *n)
{
	char text[16] = "";
	int err = read_param(fd, text, sizeof(text));

	*n = atoi(text);
	return err;
}

static int read_version(int fd, uint64_t *version)
{
	unsigned int major = 0, minor = 0;
	char text[16] = "";
	int err = read_param(fd, text, sizeof(text));

	sscanf(text, "%u.%u", &major, &minor);
	*version = MODEL_PSCI(major, minor);
	return err;
}

static int create(int fd, unsigned long request, unsigned long arg, int *new)
{
	*new = ioctl(fd, request, arg);
	return *new < 0 ? -errno : 0;
}

void do_op(struct vm *vm, const struct op *op, struct answer *res)
{
	int vcpu = vm->vcpu[op->vcpu];

	res->got = 0;
	switch (op->kind) {
	case SET:
		res->err = vcpu_set(vcpu, MODEL_BMAP_ID(op->n), op->val);
		break;
	case GET:
		res->err = vcpu_get(vcpu, MODEL_BMAP_ID(op->n), &res->got);
		break;
	case LIMIT:
		res->err = limit(vm->fd, op->n);
		break;
	case COUNT:
		res->err = count_bmaps(vm->fd);
		break;
	case COUNT_ALL:
		res->err = count_bmaps(kvm);
		break;
	case LIST:
		res->err = list_regs(vcpu, &res->got);
		break;
	case SET_PSCI:
		res->err = vcpu_set(vcpu, MODEL_LEVEL_ID(0), op->val);
		break;
	case GET_PSCI:
		res->err = vcpu_get(vcpu, MODEL_LEVEL_ID(0), &res->got);
		break;
	case CREATE:
		res->err = create(kvm, KVM_CREATE_VM, 0, &vm->fd);
		break;
	case VCPU:
		res->err = create(vm->fd, KVM_CREATE_VCPU, op->vcpu, &vm->vcpu[op->vcpu]);
		/* From now on it stays as it is */
		res->got = count_bmaps(vm->fd);
		break;
	case RUN:
		res->err = run_guest(vm, op->vcpu, &res->got);
		break;
	case PARAM_BMAPS:
		res->err = write_number(param_fd(op->kind), op->n);
		break;
	case PARAM_PSCI:
		res->err = write_version(param_fd(op->kind), op->val);
		break;
	case READ_BMAPS:
		res->err = read_number(param_fd(op->kind), &res->got);
		break;
	case READ_PSCI:
		res->err = read_version(param_fd(op->kind), &res->got);
		break;
	case NOTHING:
		res->err = 0;
		break;
	}
}

/* What the guest of races-guest.S writes */
static uint64_t model_saw(const struct model *m)
{
	bool features = model_serves(m, MODEL_FUNC_FEAT);
	uint64_t saw = 0;

	saw |= (uint64_t)features << SAW_FEATURES;
	saw |= (uint64_t)features << SAW_UID;
	saw |= (uint64_t)model_serves(m, MODEL_TRNG) << SAW_TRNG;
	saw |= (uint64_t)model_serves(m, MODEL_PV_TIME) << SAW_PV_TIME;
	saw |= (uint64_t)model_serves(m, MODEL_PTP) << SAW_PTP;
	if (features)
		saw |= m->bmap[MODEL_FUNC_FEAT.n] << SAW_FEATURES_SHIFT;
	return saw | m->psci << SAW_PSCI_SHIFT;
}

static int model_run(struct model *m, uint64_t *got)
{
	m->ran = true;
	*got = model_saw(m);
	return 0;
}

static int model_list_bits(const struct model *m, uint64_t *got)
{
	uint64_t ids[MODEL_LEVELS + MODEL_BMAPS];
	unsigned int nr = model_list(m, ids), i;

	for (i = 0; i < nr; i++)
		*got |= bit_of(ids[i]);
	return nr;
}

static int model_param_bmaps(struct world *world, unsigned int n)
{
	if (n > world->host.known)
		return -EINVAL;
	world->params.bmaps = n;
	return 0;
}

static int model_param_psci(struct world *world, uint64_t version)
{
	if (!model_is_psci(version, world->host.psci_latest))
		return -EINVAL;
	world->params.psci = version;
	return 0;
}

void model_op(struct world *world, const struct op *op, struct answer *res)
{
	const uint64_t args[4] = { op->n };
	struct model *m = &world->model;

	res->got = 0;
	res->err = 0;
	switch (op->kind) {
	case SET:
		res->err = model_set(m, MODEL_BMAP_ID(op->n), true, op->val);
		break;
	case GET:
		res->err = model_get(m, MODEL_BMAP_ID(op->n), true, &res->got);
		break;
	case LIMIT:
		res->err = model_enable_cap(m, 0, args);
		break;
	case COUNT:
		res->err = m->count;
		break;
	case COUNT_ALL:
		res->err = world->params.bmaps;
		break;
	case LIST:
		res->err = model_list_bits(m, &res->got);
		break;
	case SET_PSCI:
		res->err = model_set(m, MODEL_LEVEL_ID(0), true, op->val);
		break;
	case GET_PSCI:
		res->err = model_get(m, MODEL_LEVEL_ID(0), true, &res->got);
		break;
	case CREATE:
		model_new_vm(m, &world->host, &world->params, true);
		break;
	case VCPU:
		m->has_vcpu = true;
		res->got = m->count;
		break;
	case RUN:
		res->err = model_run(m, &res->got);
		break;
	case PARAM_BMAPS:
		res->err = model_param_bmaps(world, op->n);
		break;
	case PARAM_PSCI:
		res->err = model_param_psci(world, op->val);
		break;
	case READ_BMAPS:
		res->got = world->params.bmaps;
		break;
	case READ_PSCI:
		res->got = world->params.psci;
		break;
	case NOTHING:
		break;
	}
}

const char *op_name(const struct op *op, char *buf, unsigned int size)
{
	static const char *const names[] = {
		"nothing", "SET", "GET", "limit", "count", "count of /dev/kvm", "list",
		"SET of PSCI_VERSION", "GET of PSCI_VERSION", "KVM_CREATE_VM", "KVM_CREATE_VCPU",
		"KVM_RUN", "fw_bmap_regs", "psci_version", "read of fw_bmap_regs",
		"read of psci_version",
	};

	snprintf(buf, size, "%s, %u, %#llx", names[op->kind], op->n, (unsigned long long)op->val);
	return buf;
}
