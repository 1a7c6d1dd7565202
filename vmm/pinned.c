// SPDX-License-Identifier: BSD-3-Clause
#include "vmm/pinned.h"

#include <errno.h>

extern const char guest_image[], guest_image_end[];

void vm_create_pinned(struct vm *vm, const struct pinning *pin)
{
	vm_load(vm, guest_image, guest_image_end - guest_image);
	if (pin)
		pinning_limit_vm(pin, vm->fd);
	vm_add_vcpu(vm, VCPU_PSCI);
	if (pin)
		pinning_set_regs(pin, vm->vcpu[0].fd);
}

/* Only PSCI calls have arguments in x2 and x3. These values are in no answer. */
static void make_call(const struct vm *vm, const struct call *call, struct result *answer)
{
	int ret;

	*answer = (struct result){ { call->func_id, call->x1, 0x2222, 0x3333 } };
	ret = vcpu_call(&vm->vcpu[0], HVC, answer->x);
	if (ret == -EPROTO)
		die("%s: KVM_RUN ended with exit reason %u instead of an answer", call->name,
		    vm->vcpu[0].run->exit_reason);
	if (ret == -EFAULT)
		die("%s: the guest took an exception", call->name);
	need(ret, call->name);
}

void vm_make_calls(const struct vm *vm, struct result answers[NR_CALLS])
{
	unsigned int i;

	for (i = 0; i < NR_CALLS; i++)
		make_call(vm, &calls[i], &answers[i]);
}
