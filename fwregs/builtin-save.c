// SPDX-License-Identifier: BSD-3-Clause
/* fwregs save and load: a VM that moves from one host to another, in a file */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "fwregs.h"
#include "machine.h"
#include "state.h"

/* How far the guest gets before it is saved, and after it has been loaded */
#define ROUNDS		5

struct save_options {
	struct pinning pin;
	const char *baseline;	/* file to pin the VM to, or NULL */
	const char *output;	/* file for its state, or NULL */
	const char *input;	/* load: file of its state */
	unsigned int vcpus;
	unsigned int rounds;
};

static unsigned int parse_count(const char *text, const char *what, uint64_t max)
{
	uint64_t n = parse_number(text, what);

	if (!n || n > max)
		die_status(STATUS_USAGE, "'%s', for %s, is not from 1 to %" PRIu64, text, what, max);
	return n;
}

static void parse_file(const char **into, const char *command, char *arg)
{
	if (arg[0] == '-' && arg[1])
		die_usage("%s has no option '%s'", command, arg);
	if (*into)
		die_usage("%s wants one file, and not '%s' as well", command, arg);
	*into = arg;
}

static int parse_save_option(int argc, char **argv, int *i, struct save_options *options)
{
	if (!strcmp(argv[*i], "--vcpus"))
		options->vcpus = parse_count(option_value(argc, argv, i), "--vcpus",
					     MOVE_VCPUS_MAX);
	else if (!strcmp(argv[*i], "--pin"))
		options->baseline = option_value(argc, argv, i);
	else
		return parse_pinning_option(argc, argv, i, &options->pin);
	return 1;
}

static int parse_load_option(int argc, char **argv, int *i, struct save_options *options)
{
	if (strcmp(argv[*i], "-o") && strcmp(argv[*i], "--output"))
		return 0;
	options->output = option_value(argc, argv, i);
	return 1;
}

static void parse_options(int argc, char **argv, struct save_options *options,
			  int (*parse)(int, char **, int *, struct save_options *),
			  const char **file)
{
	int i;

	options->vcpus = 1;
	options->rounds = ROUNDS;
	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--rounds"))
			options->rounds = parse_count(option_value(argc, argv, &i), "--rounds",
						      1000000);
		else if (!parse(argc, argv, &i, options))
			parse_file(file, argv[0], argv[i]);
	}
	if (!*file)
		die_usage("%s wants a file", argv[0]);
}

/* Ends the program with what fwregs_restore() or fwregs_pin() has said */
static void check_firmware(int ret, uint64_t refused, const struct fwregs_state *fw)
{
	char name[FWREGS_NAME_SIZE];
	unsigned int i;

	if (!ret)
		return;
	if (ret == -ENOTSUP)
		die("%s (0x%" PRIx64 ") is not in this state, and this KVM cannot hide it (EOPNOTSUPP)",
		    fwregs_name(refused, name), refused);
	for (i = 0; i < fw->nr; i++)
		if (refused && fw->reg[i].id == refused)
			die_reg(-ret, "KVM_SET_ONE_REG", refused, &fw->reg[i].val);
	if (refused)
		die_reg(-ret, "KVM_SET_ONE_REG", refused, NULL);
	die_errno(-ret, "giving the VM its firmware");
}

static void pin(struct machine *machine, const struct save_options *options)
{
	struct state baseline;
	uint64_t refused;
	int ret;

	if (options->baseline) {
		state_read(options->baseline, &baseline);
		ret = fwregs_pin(machine->vmm.vm, machine->vcpu[0].fd, &baseline.fw, &refused);
		check_firmware(ret, refused, &baseline.fw);
		state_free(&baseline);
	}
	pinning_apply(&options->pin, machine->vmm.vm, machine->vcpu[0].fd);
}

/* Saves the VM, and says what there is in the file */
static void save(struct machine *machine, const char *path)
{
	struct state state;
	unsigned int i;

	machine_save(machine, &state);
	state_write(path, &state);
	fprintf(strcmp(path, "-") ? stdout : stderr,
		"saved: %u vCPU%s after round", machine->nr, machine->nr > 1 ? "s" : "");
	for (i = 0; i < machine->nr; i++)
		fprintf(strcmp(path, "-") ? stdout : stderr, " %" PRIu64, machine->vcpu[i].rounds);
	fprintf(strcmp(path, "-") ? stdout : stderr,
		"; %u firmware registers, %u others of a vCPU, %u pages\n", state.fw.nr,
		state.vcpu[0].nr, state.nr_pages);
	state_free(&state);
}

int cmd_save(int argc, char **argv)
{
	static struct machine machine;
	struct save_options options = { 0 };

	parse_options(argc, argv, &options, parse_save_option, &options.output);

	machine_create(&machine, options.vcpus);
	pin(&machine, &options);
	machine_start(&machine);
	machine_run(&machine, options.rounds);
	save(&machine, options.output);
	machine_destroy(&machine);
	return finish_output();
}

static void print_left(const struct refusal *refusal)
{
	char name[REG_LABEL_SIZE], vcpus[32];

	if (refusal->vcpus == 1)
		snprintf(vcpus, sizeof(vcpus), "vCPU %u", refusal->vcpu);
	else
		snprintf(vcpus, sizeof(vcpus), "%u vCPUs", refusal->vcpus);
	printf("left: %s of %s, which the guest has not used (%s)\n",
	       reg_label(refusal->id, name), vcpus, strerrorname_np(refusal->err));
}

/* What KVM does not take: the end, if the guest has used it */
static void check_refusals(const struct refusals *refusals)
{
	const struct refusal *refusal;
	char name[REG_LABEL_SIZE];
	unsigned int i;

	for (i = 0; i < refusals->nr; i++) {
		refusal = &refusals->refusal[i];
		if (refusal->used)
			die("KVM_SET_ONE_REG of %s of vCPU %u, which the guest has used: %s (%s)",
			    reg_label(refusal->id, name), refusal->vcpu, reg_error(refusal->err),
			    strerrorname_np(refusal->err));
	}
	for (i = 0; i < refusals->nr; i++)
		print_left(&refusals->refusal[i]);
}

static void restore(struct machine *machine, const struct state *state)
{
	static struct refusals refusals;
	uint64_t refused;
	int ret;

	ret = fwregs_restore(machine->vmm.vm, machine->vcpu[0].fd, &state->fw, &refused);
	check_firmware(ret, refused, &state->fw);
	machine_load_vcpus(machine, state, &refusals);
	check_refusals(&refusals);
	machine_start(machine);
	machine_load_memory(machine, state);
}

/* A baseline has no vCPUs: a guest that starts with it */
static void start_with(struct machine *machine, const struct state *state)
{
	uint64_t refused;
	int ret;

	ret = fwregs_pin(machine->vmm.vm, machine->vcpu[0].fd, &state->fw, &refused);
	check_firmware(ret, refused, &state->fw);
	machine_start(machine);
}

int cmd_load(int argc, char **argv)
{
	static struct machine machine;
	struct save_options options = { 0 };
	struct state state;

	parse_options(argc, argv, &options, parse_load_option, &options.input);

	/* Before there is a VM: a file that is damaged is refused here */
	state_read(options.input, &state);
	if (state.nr_vcpus) {
		machine_create(&machine, state.nr_vcpus);
		restore(&machine, &state);
	} else {
		machine_create(&machine, 1);
		start_with(&machine, &state);
	}

	machine_run(&machine, options.rounds);
	printf("%s: saved on %s, %u vCPU%s, each %u rounds on with the same answers\n",
	       state.nr_vcpus ? "continued" : "started", state.host, machine.nr,
	       machine.nr > 1 ? "s" : "", options.rounds);
	if (options.output)
		save(&machine, options.output);
	state_free(&state);
	machine_destroy(&machine);
	return finish_output();
}
