// SPDX-License-Identifier: BSD-3-Clause
#define _GNU_SOURCE
#include "vm.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <linux/kvm.h>

#include "../../fwregs/cli.h"
#include "../../fwregs/fwregs.h"
#include "../../fwregs/guest/calls.h"
#include "races.h"

_Static_assert(RACES_DOORBELL == DOORBELL, "the guest's doorbell is the VMM's");

#define PAGE		4096
#define GUEST_RAM	(16 * PAGE)
#define STOLEN		(GUEST_RAM / 2)		/* of the vCPUs, 64 bytes for each */

#define PARAMS		"/sys/module/kvm/parameters/"

extern const char guest_image[], guest_image_end[];

/* The guests do not write to it, all have the same */
static char ram[GUEST_RAM] __attribute__((aligned(PAGE)));
static int kvm, param_bmaps, param_psci;
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

void vm_create(struct vm *vm)
{
	vm->nr_vcpus = 0;
	vm->fd = need(kvm, KVM_CREATE_VM, "KVM_CREATE_VM", NULL);
}

static void add_vcpu(struct vm *vm)
{
	unsigned long i = vm->nr_vcpus++;
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

	vm->vcpu[i] = need(vm->fd, KVM_CREATE_VCPU, "KVM_CREATE_VCPU", (void *)i);
	vm->run[i] = mmap(NULL, run_size, PROT_READ | PROT_WRITE, MAP_SHARED, vm->vcpu[i], 0);
	if (vm->run[i] == MAP_FAILED)
		die_errno(errno, "mmap of struct kvm_run");
	need(vm->vcpu[i], KVM_ARM_VCPU_INIT, "KVM_ARM_VCPU_INIT", &vcpu_init);
	need(vm->vcpu[i], KVM_SET_ONE_REG, "KVM_SET_ONE_REG of the PC", &reg);
	need(vm->vcpu[i], KVM_SET_DEVICE_ATTR, "KVM_SET_DEVICE_ATTR of PVTIME_IPA", &attr);
}

void vm_add_vcpus(struct vm *vm, unsigned int nr_vcpus)
{
	struct kvm_userspace_memory_region region = {
		.guest_phys_addr = RAM_BASE,
		.memory_size = sizeof(ram),
		.userspace_addr = (uintptr_t)ram,
	};

	need(vm->fd, KVM_SET_USER_MEMORY_REGION, "KVM_SET_USER_MEMORY_REGION", &region);
	while (vm->nr_vcpus < nr_vcpus)
		add_vcpu(vm);
}

void vm_destroy(struct vm *vm)
{
	while (vm->nr_vcpus--) {
		munmap(vm->run[vm->nr_vcpus], run_size);
		close(vm->vcpu[vm->nr_vcpus]);
	}
	close(vm->fd);
}

void vm_init(struct world *world)
{
	const struct op psci = { .kind = GET_PSCI };
	struct answer res;
	struct vm vm;
	int count;

	memcpy(ram, guest_image, guest_image_end - guest_image);
	kvm = open_file("/dev/kvm");
	param_bmaps = open_file(PARAMS "fw_bmap_regs");
	param_psci = open_file(PARAMS "psci_version");
	run_size = need(kvm, KVM_GET_VCPU_MMAP_SIZE, "KVM_GET_VCPU_MMAP_SIZE", NULL);

	count = fwregs_count(kvm);
	if (count < 1 || count > MODEL_BMAPS)
		die("KVM says that it has %d bitmap registers", count);
	vm_create(&vm);
	need(vm.fd, KVM_ARM_PREFERRED_TARGET, "KVM_ARM_PREFERRED_TARGET", &vcpu_init);
	vcpu_init.features[0] |= 1 << KVM_ARM_VCPU_PSCI_0_2;
	vm_add_vcpus(&vm, 1);
	do_op(&vm, &psci, &res);
	vm_destroy(&vm);

	world->host = (struct model_host){ .known = count, .psci_latest = res.got };
	world->params = (struct model_params){ .bmaps = count, .psci = res.got };
}

static int get_reg_of(int vcpu, uint64_t id, uint64_t *got)
{
	*got = 0;
	return fwregs_get(vcpu, id, got);
}

/* A bit for each register, and no id twice */
static int list_regs(int vcpu, uint64_t *got)
{
	uint64_t ids[MODEL_LEVELS + 64], bit;
	int nr, i;

	*got = 0;
	nr = fwregs_list(vcpu, ids, MODEL_LEVELS + 64);
	for (i = 0; i < nr && i < MODEL_LEVELS + 64; i++) {
		bit = 1ULL << ((ids[i] & 0x1f) + (fwregs_is_bmap(ids[i]) ? 32 : 0));
		if (*got & bit)
			return -EEXIST;
		*got |= bit;
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

static int create(struct vm *vm)
{
	vm->nr_vcpus = 0;
	vm->fd = ioctl(kvm, KVM_CREATE_VM, NULL);
	return vm->fd < 0 ? -errno : 0;
}

void do_op(struct vm *vm, const struct op *op, struct answer *res)
{
	int vcpu = vm->vcpu[op->vcpu];

	res->got = 0;
	switch (op->kind) {
	case SET:
		res->err = fwregs_set(vcpu, FWREGS_BMAP(op->n), op->val);
		break;
	case GET:
		res->err = get_reg_of(vcpu, FWREGS_BMAP(op->n), &res->got);
		break;
	case SHOW:
		res->err = fwregs_limit(vm->fd, op->n);
		break;
	case COUNT:
		res->err = fwregs_count(vm->fd);
		break;
	case LIST:
		res->err = list_regs(vcpu, &res->got);
		break;
	case SET_PSCI:
		res->err = fwregs_set(vcpu, FWREGS_PSCI_VERSION, op->val);
		break;
	case GET_PSCI:
		res->err = get_reg_of(vcpu, FWREGS_PSCI_VERSION, &res->got);
		break;
	case RUN:
		res->err = run_guest(vm, op->vcpu, &res->got);
		break;
	case CREATE:
		res->err = create(vm);
		break;
	case PARAM_BMAPS:
		res->err = write_number(param_bmaps, op->n);
		break;
	case PARAM_PSCI:
		res->err = write_version(param_psci, op->val);
		break;
	case NOTHING:
		res->err = 0;
		break;
	}
}

/* What the guest of guest.S writes */
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
		*got |= 1ULL << ((ids[i] & 0x1f) + (fwregs_is_bmap(ids[i]) ? 32 : 0));
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
	case SHOW:
		res->err = model_enable_cap(m, 0, args);
		break;
	case COUNT:
		res->err = m->visible;
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
	case RUN:
		res->err = model_run(m, &res->got);
		break;
	case CREATE:
		model_new_vm(m, &world->host, &world->params, true);
		break;
	case PARAM_BMAPS:
		res->err = model_param_bmaps(world, op->n);
		break;
	case PARAM_PSCI:
		res->err = model_param_psci(world, op->val);
		break;
	case NOTHING:
		break;
	}
}

const char *op_name(const struct op *op, char *buf, unsigned int size)
{
	static const char *const names[] = {
		"nothing", "SET", "GET", "show", "count", "list", "SET of PSCI_VERSION",
		"GET of PSCI_VERSION", "KVM_RUN", "KVM_CREATE_VM", "fw_bmap_regs", "psci_version",
	};

	snprintf(buf, size, "%s, %u, %#llx", names[op->kind], op->n, (unsigned long long)op->val);
	return buf;
}
