// SPDX-License-Identifier: BSD-3-Clause
/*
 * Prints what a VMM that uses nothing of the series gets from KVM: capabilities,
 * the register list with values, the answer to many writes of firmware registers
 * before and after the VM has run, and what its guest sees. On the patched and the
 * unpatched kernel, the output has to be the same.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "fwregs.h"
#include "pinned.h"

/* Capabilities have got to about 250 */
#define MAX_CAP		1000

/* Counters, which differ with the time (arch/arm64/include/uapi/asm/kvm.h) */
#define TIMER_CNT	0x603000000013df1aULL
#define PTIMER_CNT	0x603000000013df01ULL
#define TIMER_CVAL	0x603000000013df02ULL

static const uint64_t values[] = {
	0, 1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 18, 19, 31, 32, 255,
	0x10000, 0x10001, 0x10002, 0x10003, 0x10004, 0x10010, 0x20000,
	1ULL << 32, 1ULL << 63, 0x100010001ULL, ~0ULL,
};

static const char *error(int ret)
{
	return ret < 0 ? strerrorname_np(-ret) : "0";
}

static void dump_caps(const char *what, int fd)
{
	int cap, ret;

	for (cap = 0; cap < MAX_CAP; cap++) {
		ret = ioctl(fd, KVM_CHECK_EXTENSION, cap);
		if (ret)
			printf("%s: KVM_CHECK_EXTENSION %d: %d\n", what, cap, ret);
	}
}

static void dump_reg(int vcpu, uint64_t id)
{
	uint8_t val[REG_SIZE_MAX] = { 0 };
	int size = 1 << ((id & KVM_REG_SIZE_MASK) >> KVM_REG_SIZE_SHIFT);
	int ret = vcpu_get(vcpu, id, val);

	printf("0x%016" PRIx64 " %s", id, error(ret));
	if (id != TIMER_CNT && id != PTIMER_CNT && id != TIMER_CVAL)
		while (size--)
			printf("%s%02x", " " + !!(size & 7), val[size]);
	printf("\n");
}

static void dump_list(int vcpu)
{
	static struct reg_list list;
	uint64_t i;
	int ret;

	ret = vcpu_list(vcpu, &list, 0);
	printf("KVM_GET_REG_LIST with no room: %s, %llu registers\n", error(ret), list.n);
	ret = vcpu_list(vcpu, &list, REGS_MAX);
	printf("KVM_GET_REG_LIST: %s, %llu registers\n", error(ret), list.n);
	for (i = 0; i < list.n; i++)
		dump_reg(vcpu, list.reg[i]);
}

static void dump_writes(int vcpu, uint64_t id)
{
	uint64_t old = 0, now = 0;
	unsigned int i;
	int ret;

	printf("KVM_GET_ONE_REG of 0x%" PRIx64 ": %s", id, error(fwregs_get(vcpu, id, &old)));
	printf(" 0x%" PRIx64 "\n", old);
	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		ret = fwregs_set(vcpu, id, values[i]);
		fwregs_get(vcpu, id, &now);
		printf("KVM_SET_ONE_REG of 0x%" PRIx64 " to 0x%" PRIx64 ": %s, now 0x%" PRIx64 "\n",
		       id, values[i], error(ret), now);
	}
	printf("and back: %s\n", error(fwregs_set(vcpu, id, old)));
}

/* Ids that are nearly those of firmware registers: other sizes, other bits */
static void dump_strange_ids(int vcpu)
{
	static const uint64_t ids[] = { FWREGS_PSCI_VERSION, FWREGS_STD_BMAP };
	unsigned int i, shift;

	for (i = 0; i < 2; i++) {
		for (shift = 0; shift < 64; shift++) {
			struct kvm_one_reg reg = { .id = ids[i] ^ 1ULL << shift, .addr = 8 };

			if (shift < 8 && fwregs_is_bmap(reg.id))
				continue;
			printf("GET 0x%llx: %s", reg.id,
			       error(vm_ioctl(vcpu, KVM_GET_ONE_REG, &reg)));
			printf(" SET: %s\n", error(vm_ioctl(vcpu, KVM_SET_ONE_REG, &reg)));
		}
	}
}

static void dump_fw_regs(int vcpu)
{
	unsigned int n;

	for (n = 0; n < 6; n++)
		dump_writes(vcpu, FWREGS_LEVEL(n));
	for (n = 0; n < 6; n++)
		dump_writes(vcpu, FWREGS_BMAP(n));
	dump_strange_ids(vcpu);
}

static void dump_guest(const struct vm *vm)
{
	struct result res[NR_CALLS];
	unsigned int i;

	vm_make_calls(vm, res);
	for (i = 0; i < NR_CALLS; i++) {
		printf("guest: %s: ", calls[i].name);
		if (call_varies(&calls[i]))
			printf("%s\n", (int64_t)res[i].x[0] < 0 ? "error" : "answer");
		else
			printf("%" PRIx64 " %" PRIx64 " %" PRIx64 " %" PRIx64 "\n",
			       res[i].x[0], res[i].x[1], res[i].x[2], res[i].x[3]);
	}
}

int main(void)
{
	struct vm vm;

	vm_create_pinned(&vm, NULL);
	dump_caps("/dev/kvm", kvm_fd);
	dump_caps("VM", vm.fd);
	dump_list(vm.vcpu[0].fd);
	dump_fw_regs(vm.vcpu[0].fd);
	dump_guest(&vm);
	printf("the VM has run\n");
	dump_fw_regs(vm.vcpu[0].fd);
	vm_destroy(&vm);
	return 0;
}
