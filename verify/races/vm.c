// SPDX-License-Identifier: BSD-3-Clause
#include "vm.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli.h"
#include "races.h"

extern const char guest_image[], guest_image_end[];

/* Shared by all VMs, since the guests do not write to it */
static void *ram;

void init_vcpus(struct vm *vm)
{
	need(vm_set_ram(vm->fd, ram), "KVM_SET_USER_MEMORY_REGION");
	while (vm->nr < VM_VCPUS && vm->vcpu[vm->nr].fd >= 0)
		vm_add_vcpu(vm, VCPU_PSCI);
}

void probe_host(struct world *world)
{
	struct vm vm;
	uint64_t psci;
	int known;

	need(ram_new(&ram, guest_image, guest_image_end - guest_image), "mmap of the guest's RAM");
	vm_create(&vm);
	known = kvm_count(kvm_fd);
	if (known < 1 || known > MODEL_BMAPS)
		die("KVM says that it has %d bitmap registers", known);
	vm.vcpu[0].fd = need(vcpu_new(vm.fd, 0), "KVM_CREATE_VCPU");
	init_vcpus(&vm);
	need(vcpu_get(vm.vcpu[0].fd, MODEL_LEVEL_ID(0), &psci), "KVM_GET_ONE_REG of PSCI_VERSION");
	vm_destroy(&vm);

	world->host = (struct model_host){ .known = known, .psci_latest = psci };
	world->params = (struct model_params){ .bmaps = known, .psci = psci };
}

/* The firmware registers, and how many there are */
static int list_regs(int vcpu, uint64_t *got)
{
	uint64_t n;
	int ret = vcpu_list_firmware(vcpu, REGS_MAX, &n, got);

	return ret ? ret : __builtin_popcountll(*got);
}

static int run_guest(const struct vcpu *vcpu, uint64_t *got)
{
	uint64_t addr;
	int ret = vcpu_run(vcpu, &addr, got);

	return ret || addr == DOORBELL ? ret : -EPROTO;
}

/* One for each thread: the kernel serialises accesses to one open file */
static int param_fd(enum kind kind)
{
	static _Thread_local int bmaps, psci;
	bool is_psci = kind == PARAM_PSCI || kind == READ_PSCI;
	const char *name = is_psci ? "psci_version" : "fw_bmap_regs";
	int *fd = is_psci ? &psci : &bmaps;

	if (!*fd)
		*fd = need(param_open(name, O_RDWR), name);
	return *fd;
}

static int write_number(int fd, unsigned int n)
{
	const char text[] = { '0' + n, '\0' };

	return param_fd_write(fd, text);
}

static int write_version(int fd, uint64_t version)
{
	const char text[] = { '0' + (version >> 16), '.', '0' + (version & 0xf), '\0' };

	return param_fd_write(fd, text);
}

static int read_number(int fd, uint64_t *n)
{
	char text[16] = "";
	int err = param_fd_read(fd, text, sizeof(text));

	*n = atoi(text);
	return err;
}

static int read_version(int fd, uint64_t *version)
{
	unsigned int major = 0, minor = 0;
	char text[16] = "";
	int err = param_fd_read(fd, text, sizeof(text));

	sscanf(text, "%u.%u", &major, &minor);
	*version = MODEL_PSCI(major, minor);
	return err;
}

static int keep_fd(int *fd, int new)
{
	*fd = new;
	return new < 0 ? new : 0;
}

void do_op(struct vm *vm, const struct op *op, struct answer *res)
{
	struct vcpu *vcpu = &vm->vcpu[op->vcpu];

	res->got = 0;
	switch (op->kind) {
	case SET:
		res->err = vcpu_set(vcpu->fd, MODEL_BMAP_ID(op->n), &op->val);
		break;
	case GET:
		res->err = vcpu_get(vcpu->fd, MODEL_BMAP_ID(op->n), &res->got);
		break;
	case LIMIT:
		res->err = vm_limit(vm->fd, op->n);
		break;
	case COUNT:
		res->err = kvm_count(vm->fd);
		break;
	case COUNT_ALL:
		res->err = kvm_count(kvm_fd);
		break;
	case LIST:
		res->err = list_regs(vcpu->fd, &res->got);
		break;
	case SET_PSCI:
		res->err = vcpu_set(vcpu->fd, MODEL_LEVEL_ID(0), &op->val);
		break;
	case GET_PSCI:
		res->err = vcpu_get(vcpu->fd, MODEL_LEVEL_ID(0), &res->got);
		break;
	case CREATE:
		res->err = keep_fd(&vm->fd, vm_new());
		break;
	case VCPU:
		res->err = keep_fd(&vcpu->fd, vcpu_new(vm->fd, op->vcpu));
		/* The value does not change from now on */
		res->got = kvm_count(vm->fd);
		break;
	case RUN:
		res->err = run_guest(vcpu, &res->got);
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
		*got |= list_bit(ids[i]);
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
