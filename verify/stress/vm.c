// SPDX-License-Identifier: BSD-3-Clause
#include "vm.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <linux/kvm.h>

#include "report.h"

/* Of vmm/guest/guest.lds. Nothing else of the guest's memory is backed. */
#define RAM_BASE	0x40000000ULL
#define RAM_SIZE	0x10000
#define STOLEN_TIME	(RAM_BASE + 0x8000)	/* 64 bytes for each vCPU */

#define COPROC(id)	((id) & 0x0fff0000ULL)

/* arch/arm64/include/uapi/asm/kvm.h: the core register at an offset, 64 bits wide */
#define CORE_REG(field)								\
	(KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE |			\
	 offsetof(struct kvm_regs, field) / sizeof(__u32))

extern const char guest_image[], guest_image_end[];

static int kvm_fd = -1;
static int run_size;
static void *ram;
static struct kvm_vcpu_init target;

void vm_die(const char *fmt, ...)
{
	int err = errno;
	va_list ap;

	fflush(stdout);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, ": %s\n", strerror(err));
	exit(1);
}

int vm_ioctl(int fd, unsigned long request, void *arg)
{
	int ret = ioctl(fd, request, arg);

	return ret < 0 ? -errno : ret;
}

static int need(int fd, unsigned long request, const char *name, void *arg)
{
	int ret = ioctl(fd, request, arg);

	if (ret < 0)
		vm_die("%s", name);
	return ret;
}

void vm_init(void)
{
	int vm;

	kvm_fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (kvm_fd < 0)
		vm_die("open of /dev/kvm");
	run_size = need(kvm_fd, KVM_GET_VCPU_MMAP_SIZE, "KVM_GET_VCPU_MMAP_SIZE", NULL);
	vm = vm_new();
	if (vm < 0)
		vm_die("KVM_CREATE_VM");
	need(vm, KVM_ARM_PREFERRED_TARGET, "KVM_ARM_PREFERRED_TARGET", &target);
	close(vm);

	ram = mmap(NULL, RAM_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (ram == MAP_FAILED)
		vm_die("mmap of the guest's RAM");
	memcpy(ram, guest_image, guest_image_end - guest_image);
}

int vm_count_all(void)
{
	return vm_ioctl(kvm_fd, KVM_CHECK_EXTENSION, (void *)CAP_FW_BMAP);
}

int vm_new(void)
{
	return vm_ioctl(kvm_fd, KVM_CREATE_VM, NULL);
}

/* The VMs of a process share it: nothing in it is of one VM */
void vm_add_ram(int fd)
{
	struct kvm_userspace_memory_region region = {
		.guest_phys_addr = RAM_BASE,
		.memory_size = RAM_SIZE,
		.userspace_addr = (uintptr_t)ram,
	};

	need(fd, KVM_SET_USER_MEMORY_REGION, "KVM_SET_USER_MEMORY_REGION", &region);
}

int vcpu_new(int fd, unsigned long i)
{
	return vm_ioctl(fd, KVM_CREATE_VCPU, (void *)i);
}

int vcpu_init(int fd, int vcpu, bool psci_0_2)
{
	struct kvm_vcpu_init init = target;

	(void)fd;
	if (psci_0_2)
		init.features[0] |= 1 << KVM_ARM_VCPU_PSCI_0_2;
	return vm_ioctl(vcpu, KVM_ARM_VCPU_INIT, &init);
}

/* PV_TIME is not served without */
static bool set_stolen_time(int vcpu, unsigned int i)
{
	uint64_t ipa = STOLEN_TIME + 64 * i;
	struct kvm_device_attr attr = {
		.group = KVM_ARM_VCPU_PVTIME_CTRL,
		.attr = KVM_ARM_VCPU_PVTIME_IPA,
		.addr = (uintptr_t)&ipa,
	};

	if (ioctl(vcpu, KVM_HAS_DEVICE_ATTR, &attr))
		return false;
	need(vcpu, KVM_SET_DEVICE_ATTR, "KVM_SET_DEVICE_ATTR of PVTIME_IPA", &attr);
	return true;
}

/* All that an initialised vCPU needs to run */
void vcpu_prepare(struct vm *vm, unsigned int i, int vcpu)
{
	uint64_t pc = RAM_BASE;

	vm->vcpu[i] = vcpu;
	/* Populated: where memory is made to fail, a page fault would be tried for ever */
	vm->run[i] = mmap(NULL, run_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, vcpu,
			  0);
	if (vm->run[i] == MAP_FAILED)
		vm_die("mmap of struct kvm_run");
	errno = -vcpu_set(vcpu, CORE_REG(regs.pc), &pc);
	if (errno)
		vm_die("KVM_SET_ONE_REG of the PC");
	vm->pv_time = set_stolen_time(vcpu, i);
}

/* What the list has beside the firmware's registers. Nothing that is done here changes it. */
static unsigned int count_others(int vcpu)
{
	uint64_t n, seen;

	errno = -vcpu_list(vcpu, MAX_LIST, &n, &seen);
	if (errno)
		vm_die("KVM_GET_REG_LIST");
	return n - __builtin_popcountll(seen);
}

void vm_create_empty(struct vm *vm)
{
	unsigned int i;

	*vm = (struct vm){ .fd = vm_new() };
	errno = -vm->fd;
	if (vm->fd < 0)
		vm_die("KVM_CREATE_VM");
	vm_add_ram(vm->fd);
	for (i = 0; i < MAX_VCPUS; i++)
		vm->vcpu[i] = -1;
}

void vm_add_vcpus(struct vm *vm, unsigned int nr, bool psci_0_2)
{
	int vcpu;

	for (; vm->nr < nr; vm->nr++) {
		vcpu = vm->vcpu[vm->nr];
		if (vcpu < 0)
			vcpu = vcpu_new(vm->fd, vm->nr);
		errno = -vcpu;
		if (vcpu < 0)
			vm_die("KVM_CREATE_VCPU");
		errno = -vcpu_init(vm->fd, vcpu, psci_0_2);
		if (errno)
			vm_die("KVM_ARM_VCPU_INIT");
		vcpu_prepare(vm, vm->nr, vcpu);
	}
	vm->others = count_others(vm->vcpu[0]);
}

void vm_create(struct vm *vm, unsigned int nr, bool psci_0_2)
{
	vm_create_empty(vm);
	vm_add_vcpus(vm, nr, psci_0_2);
}

void vm_destroy(struct vm *vm)
{
	unsigned int i;

	for (i = 0; i < vm->nr; i++)
		munmap(vm->run[i], run_size);
	for (i = 0; i < MAX_VCPUS; i++)
		if (vm->vcpu[i] >= 0)
			close(vm->vcpu[i]);
	close(vm->fd);
}

int vcpu_get(int vcpu, uint64_t id, void *addr)
{
	struct kvm_one_reg reg = { .id = id, .addr = (uintptr_t)addr };

	return vm_ioctl(vcpu, KVM_GET_ONE_REG, &reg);
}

int vcpu_set(int vcpu, uint64_t id, const void *addr)
{
	struct kvm_one_reg reg = { .id = id, .addr = (uintptr_t)addr };

	return vm_ioctl(vcpu, KVM_SET_ONE_REG, &reg);
}

static void see(uint64_t id, uint64_t *seen)
{
	uint64_t level = id - MODEL_LEVEL_ID(0), n = id - MODEL_BMAP_ID(0);
	uint64_t bit = 1ULL << 63;

	if (level < MODEL_LEVELS)
		bit = 1ULL << level;
	else if (n < MODEL_BMAPS)
		bit = 1ULL << (MODEL_LEVELS + n);
	*seen |= *seen & bit ? 1ULL << 63 : bit;
}

int vcpu_list(int vcpu, uint64_t room, uint64_t *n, uint64_t *seen)
{
	static _Thread_local struct {
		__u64 n;
		__u64 reg[MAX_LIST];
	} list;
	uint64_t i;
	int ret;

	list.n = room;
	ret = vm_ioctl(vcpu, KVM_GET_REG_LIST, &list);
	*n = list.n;
	*seen = 0;
	for (i = 0; !ret && i < list.n; i++)
		if (COPROC(list.reg[i]) == COPROC(MODEL_LEVEL_ID(0)) ||
		    COPROC(list.reg[i]) == COPROC(MODEL_BMAP_ID(0)))
			see(list.reg[i], seen);
	return ret;
}

int vcpu_run(const struct vm *vm, unsigned int i, uint64_t *report)
{
	const struct kvm_run *run = vm->run[i];
	int ret = vm_ioctl(vm->vcpu[i], KVM_RUN, NULL);

	if (ret)
		return ret;
	if (run->exit_reason != KVM_EXIT_MMIO || !run->mmio.is_write ||
	    run->mmio.phys_addr != STRESS_DOORBELL || run->mmio.len != sizeof(*report)) {
		*report = run->exit_reason;
		return -EIO;
	}
	memcpy(report, run->mmio.data, sizeof(*report));
	return 0;
}

#define PARAMS	"/sys/module/kvm/parameters/"

static int param_open(const char *name, int flags)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), PARAMS "%s", name);
	fd = open(path, flags | O_CLOEXEC);
	if (fd < 0)
		vm_die("open of %s", path);
	return fd;
}

int param_write(const char *name, const char *text)
{
	int fd = param_open(name, O_WRONLY);
	int ret = write(fd, text, strlen(text)) < 0 ? -errno : 0;

	close(fd);
	return ret;
}

void param_read(const char *name, char *text, int size)
{
	int fd = param_open(name, O_RDONLY);
	int ret = read(fd, text, size - 1);

	if (ret <= 0)
		vm_die("read of the parameter %s", name);
	text[ret] = '\0';
	text[strcspn(text, "\n")] = '\0';
	close(fd);
}

/* The highest of each that a parameter takes is what there is */
static void probe_params(struct model_host *host)
{
	char text[16];
	int n, minor;

	for (n = MODEL_BMAPS; n; n--) {
		snprintf(text, sizeof(text), "%d", n);
		if (!param_write("fw_bmap_regs", text))
			break;
	}
	host->known = n;
	for (minor = 9; minor >= 0; minor--) {
		snprintf(text, sizeof(text), "1.%d", minor);
		if (!param_write("psci_version", text))
			break;
	}
	host->psci_latest = minor < 0 ? MODEL_PSCI(0, 2) : MODEL_PSCI(1, minor);
}

void probe_host(struct model_host *host)
{
	uint64_t psci = 0;
	struct vm vm;
	int n;

	probe_params(host);
	vm_create(&vm, 1, true);
	for (n = 1; n < MODEL_LEVELS; n++) {
		errno = -vcpu_get(vm.vcpu[0], MODEL_LEVEL_ID(n), &host->wa[n]);
		if (errno)
			vm_die("KVM_GET_ONE_REG of a level");
	}
	errno = 0;
	if (vcpu_get(vm.vcpu[0], MODEL_LEVEL_ID(0), &psci) || psci != host->psci_latest)
		vm_die("a new VM has PSCI 0x%llx, the parameter takes 0x%llx",
		       (unsigned long long)psci, (unsigned long long)host->psci_latest);
	if (vm_count_all() != (int)host->known)
		vm_die("KVM offers %d bitmap registers, the parameter takes %u", vm_count_all(),
		       host->known);
	vm_destroy(&vm);
}
