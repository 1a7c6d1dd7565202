// SPDX-License-Identifier: BSD-3-Clause
/* fwregs save and load: a VM that moves from one host to another, in a file */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "file.h"
#include "fwregs.h"
#include "machine.h"
#include "options.h"
#include "state.h"

/* Ends the program with the error of fwregs_restore() or fwregs_pin() */
static void check_firmware(int ret, uint64_t refused, const struct fwregs_state *fw)
{
	char name[FWREGS_NAME_SIZE];
	unsigned int i;

	if (!ret)
		return;
	if (ret == -ENOTSUP)
		die("%s (0x%" PRIx64 ") is not in this state, and KVM cannot limit the VM (EOPNOTSUPP)",
		    fwregs_name(refused, name), refused);
	for (i = 0; i < fw->nr; i++)
		if (refused && fw->reg[i].id == refused)
			die_reg(-ret, "KVM_SET_ONE_REG", refused, &fw->reg[i].val);
	if (refused)
		die_reg(-ret, "KVM_SET_ONE_REG", refused, NULL);
	die_errno(-ret, "giving the VM its firmware");
}

static void pin(struct machine *machine, const struct fwregs_state *fw)
{
	uint64_t refused;
	int ret = fwregs_pin(machine->vm.vcpu[0].fd, fw, &refused);

	check_firmware(ret, refused, fw);
}

/* Where messages go: to stderr if the state goes to stdout */
static FILE *message_stream(const char *output)
{
	return output && file_is_stdout(output) ? stderr : stdout;
}

/* Saves the VM, and prints what the file has */
static void save(struct machine *machine, const char *path)
{
	FILE *out = message_stream(path);
	struct state state;
	unsigned int i;

	machine_save(machine, &state);
	state_write(path, &state);
	fprintf(out, "saved: %u vCPU%s after round", machine->vm.nr, machine->vm.nr > 1 ? "s" : "");
	for (i = 0; i < machine->vm.nr; i++)
		fprintf(out, " %" PRIu64, machine->vcpu[i].rounds);
	fprintf(out, "; %u firmware registers, %u others of a vCPU, %u pages\n", state.fw.nr,
		state.vcpu[0].nr, state.nr_pages);
	state_free(&state);
}

int cmd_save(const struct options *options)
{
	static struct machine machine;
	struct state baseline = { 0 };

	if (options->pin_to && options->pin.has_limit)
		die_usage("save takes --limit or --pin, which has a limit, not both");

	/* First, as in cmd_load(): a damaged file is refused before there is a VM */
	if (options->pin_to)
		state_read(options->pin_to, &baseline);
	machine_create_vm(&machine);
	if (options->pin_to)
		machine_limit(&machine, &baseline.fw);
	pinning_limit_vm(&options->pin, machine.vm.fd);
	machine_create_vcpus(&machine, options->vcpus);
	if (options->pin_to)
		pin(&machine, &baseline.fw);
	pinning_set_regs(&options->pin, machine.vm.vcpu[0].fd);
	machine_start(&machine);
	machine_run(&machine, options->rounds);
	save(&machine, options->operand[0]);
	state_free(&baseline);
	machine_destroy(&machine);
	return finish_output();
}

static void print_left(const struct refusal *refusal, FILE *out)
{
	char name[REG_LABEL_SIZE], vcpus[32];

	if (refusal->vcpus == 1)
		snprintf(vcpus, sizeof(vcpus), "vCPU %u", refusal->vcpu);
	else
		snprintf(vcpus, sizeof(vcpus), "%u vCPUs", refusal->vcpus);
	fprintf(out, "left: %s of %s, which the guest has not used (%s)\n",
		reg_label(refusal->id, name), vcpus, strerrorname_np(refusal->err));
}

/* Registers that KVM refuses. Ends the program if the guest has used one. */
static void check_refusals(const struct refusals *refusals, FILE *out)
{
	const struct refusal *refusal;
	char name[REG_LABEL_SIZE];
	unsigned int i;

	for (i = 0; i < refusals->nr; i++) {
		refusal = &refusals->refusal[i];
		if (refusal->id == REFUSED_MP_STATE)
			die("KVM_SET_MP_STATE of vCPU %u to %u: %s (%s)", refusal->vcpu,
			    refusal->mp_state, fwregs_strerror(-refusal->err),
			    strerrorname_np(refusal->err));
		if (refusal->used)
			die("KVM_SET_ONE_REG of %s of vCPU %u, which the guest has used: %s (%s)",
			    reg_label(refusal->id, name), refusal->vcpu,
			    fwregs_strerror(-refusal->err),
			    strerrorname_np(refusal->err));
	}
	for (i = 0; i < refusals->nr; i++)
		print_left(&refusals->refusal[i], out);
}

static void restore(struct machine *machine, const struct state *state, FILE *out)
{
	static struct refusals refusals;
	uint64_t refused;
	int ret;

	machine_load_vcpus(machine, state, &refusals);
	ret = fwregs_restore(machine->vm.vcpu[0].fd, &state->fw, &refused);
	check_firmware(ret, refused, &state->fw);
	check_refusals(&refusals, out);
	machine_start(machine);
	machine_load_memory(machine, state);
}

int cmd_load(const struct options *options)
{
	FILE *out = message_stream(options->output);
	static struct machine machine;
	struct state state;

	/* A damaged file is refused before there is a VM */
	state_read(options->operand[0], &state);
	machine_create_vm(&machine);
	machine_limit(&machine, &state.fw);
	if (!state_has_id_regs(&state))
		fprintf(out, "%s\n", NO_ID_REGS);
	if (state.nr_vcpus) {
		machine_create_vcpus(&machine, state.nr_vcpus);
		restore(&machine, &state, out);
	} else {
		/* A baseline has no vCPUs: a new guest starts */
		machine_create_vcpus(&machine, 1);
		pin(&machine, &state.fw);
		machine_start(&machine);
	}

	machine_run(&machine, options->rounds);
	fprintf(out, "%s: saved on %s, %u vCPU%s, each %u rounds on with the same answers\n",
		state.nr_vcpus ? "continued" : "started", state.host, machine.vm.nr,
		machine.vm.nr > 1 ? "s" : "", options->rounds);
	if (options->output)
		save(&machine, options->output);
	state_free(&state);
	machine_destroy(&machine);
	return finish_output();
}
