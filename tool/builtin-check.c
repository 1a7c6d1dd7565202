// SPDX-License-Identifier: BSD-3-Clause
/* fwregs check: would this host's KVM accept a state? Asks it with a scratch VM. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "fwregs.h"
#include "json.h"
#include "machine.h"
#include "options.h"
#include "state.h"

/* KVM's answer for one register, or for an MP state: REFUSED_MP_STATE */
struct answer {
	uint64_t id;
	int has_val;
	uint64_t val;		/* of an MP state, or a firmware register that is in the state */
	int vcpu;		/* -1: several, or the firmware, which is the VM's */
	unsigned int vcpus;	/* number of vCPUs with this answer, */
	unsigned int of;	/* of this many; 0: all, or the VM */
	int err;		/* positive errno value */
	int is_refusal;		/* 0: load skips it, since the guest has not used it */
};

struct answers {
	unsigned int nr;
	unsigned int refused;
	struct answer answer[2 * FWREGS_STATE_MAX + REFUSALS_MAX];
};

static void add(struct answers *answers, struct answer answer)
{
	answers->answer[answers->nr++] = answer;
	answers->refused += answer.is_refusal;
}

/* fwregs_restore() or fwregs_pin() has failed at one register: tries the others */
static void ask_each(int vcpu, const struct fwregs_state *fw, struct answers *answers)
{
	unsigned int i;
	int ret;

	for (i = 0; i < fw->nr; i++) {
		ret = fwregs_set(vcpu, fw->reg[i].id, fw->reg[i].val);
		if (ret)
			add(answers, (struct answer) {
				.id = fw->reg[i].id, .has_val = 1, .val = fw->reg[i].val,
				.vcpu = -1, .err = -ret, .is_refusal = 1,
			});
	}
}

static int is_in(const struct fwregs_state *fw, uint64_t id)
{
	unsigned int i;

	for (i = 0; i < fw->nr && fw->reg[i].id != id; i++)
		;
	return i < fw->nr;
}

/* All bitmap registers that are not in the state. fwregs_pin() names the first. */
static void ask_others(int vcpu, const struct fwregs_state *fw, struct answers *answers)
{
	uint64_t ids[FWREGS_STATE_MAX];
	int nr = fwregs_list(vcpu, ids, FWREGS_STATE_MAX), i;

	for (i = 0; i < nr && i < FWREGS_STATE_MAX; i++)
		if (fwregs_is_bmap(ids[i]) && !is_in(fw, ids[i]))
			add(answers, (struct answer) {
				.id = ids[i], .vcpu = -1, .err = ENOTSUP, .is_refusal = 1,
			});
}

static void ask_firmware(const struct machine *machine, const struct state *state,
			 struct answers *answers)
{
	int vcpu = machine->vm.vcpu[0].fd, ret;
	uint64_t refused;

	/* A baseline is what VMs are pinned to, anything else has been saved */
	if (state->nr_vcpus)
		ret = fwregs_restore(vcpu, &state->fw, &refused);
	else
		ret = fwregs_pin(vcpu, &state->fw, &refused);
	if (!ret)
		return;

	ask_each(vcpu, &state->fw, answers);
	if (!state->nr_vcpus)
		ask_others(vcpu, &state->fw, answers);
	if (answers->nr)
		return;
	if (!refused)
		die_errno(-ret, "giving the VM its firmware");
	add(answers, (struct answer) {
		.id = refused, .vcpu = -1, .err = -ret, .is_refusal = 1,
	});
}

static void add_refusals(const struct refusals *refusals, const struct state *state,
			 struct answers *answers)
{
	unsigned int i;

	for (i = 0; i < refusals->nr; i++) {
		const struct refusal *refusal = &refusals->refusal[i];

		add(answers, (struct answer) {
			.id = refusal->id,
			.has_val = refusal->id == REFUSED_MP_STATE,
			.val = refusal->mp_state,
			.vcpu = refusal->vcpus > 1 ? -1 : (int)refusal->vcpu,
			.vcpus = refusal->vcpus,
			.of = refusal->vcpus > 1 && refusal->vcpus < state->nr_vcpus ?
			      state->nr_vcpus : 0,
			.err = refusal->err, .is_refusal = refusal->used,
		});
	}
}

static const char *label(const struct answer *answer, char buf[REG_LABEL_SIZE])
{
	return answer->id == REFUSED_MP_STATE ? "KVM_SET_MP_STATE" : reg_label(answer->id, buf);
}

static const char *explain(const struct answer *answer)
{
	if (answer->err == ENOTSUP)
		return "not in this state, and KVM cannot limit the VM";
	if (!answer->is_refusal)
		return "left as it is, the guest has not used it";
	return fwregs_strerror(-answer->err);
}

static void print_answer(const struct answer *answer)
{
	char name[REG_LABEL_SIZE], value[24] = "-", vcpu[24] = "all";

	if (answer->has_val)
		snprintf(value, sizeof(value), "0x%" PRIx64, answer->val);
	if (answer->vcpu >= 0)
		snprintf(vcpu, sizeof(vcpu), "%d", answer->vcpu);
	else if (answer->of)
		snprintf(vcpu, sizeof(vcpu), "%u of %u", answer->vcpus, answer->of);
	printf("%-7s  %-4s  %-42s  %-8s  %s (%s)\n", answer->is_refusal ? "refused" : "left",
	       vcpu, label(answer, name), value, explain(answer),
	       strerrorname_np(answer->err));
}

static void print_answers(const struct answers *answers, int has_id_regs)
{
	unsigned int i;

	if (!has_id_regs)
		printf("%s\n", NO_ID_REGS);
	if (answers->nr)
		printf("%-7s  %-4s  %-42s  %-8s  %s\n", "RESULT", "VCPU", "REGISTER", "VALUE",
		       "ANSWER");
	for (i = 0; i < answers->nr; i++)
		print_answer(&answers->answer[i]);
	if (answers->refused)
		printf("this host would not take it: %u refused\n", answers->refused);
	else
		printf("this host would take it\n");
}

static struct json_object *answer_to_json(const struct answer *answer)
{
	struct json_object *obj = json_object_new_object();
	char name[REG_LABEL_SIZE];

	if (answer->id != REFUSED_MP_STATE)
		json_put(obj, "id", json_new_hex(answer->id));
	json_put(obj, "name", json_object_new_string(label(answer, name)));
	if (answer->has_val)
		json_put(obj, "value", json_new_hex(answer->val));
	if (answer->vcpu >= 0)
		json_put(obj, "vcpu", json_object_new_int(answer->vcpu));
	else if (answer->of)
		json_put(obj, "vcpus", json_object_new_int64(answer->vcpus));
	json_put(obj, "refused", json_object_new_boolean(answer->is_refusal));
	json_put(obj, "error", json_object_new_string(strerrorname_np(answer->err)));
	json_put(obj, "answer", json_object_new_string(explain(answer)));
	return obj;
}

static void print_json(const struct answers *answers, int has_id_regs)
{
	struct json_object *obj = json_object_new_object(), *array = json_object_new_array();
	unsigned int i;

	json_put(obj, "taken", json_object_new_boolean(!answers->refused));
	json_put(obj, "id_registers", json_object_new_boolean(has_id_regs));
	json_put(obj, "registers", array);
	for (i = 0; i < answers->nr; i++)
		json_append(array, answer_to_json(&answers->answer[i]));
	json_print(obj);
}

int cmd_check(const struct options *options)
{
	static struct refusals refusals;
	static struct answers answers;
	static struct machine machine;
	struct state state;

	state_read(options->operand[0], &state);

	machine_create_vm(&machine);
	machine_limit(&machine, &state.fw);
	machine_create_vcpus(&machine, state.nr_vcpus ? state.nr_vcpus : 1);
	machine_load_vcpus(&machine, &state, &refusals);
	ask_firmware(&machine, &state, &answers);
	add_refusals(&refusals, &state, &answers);
	if (options->json)
		print_json(&answers, state_has_id_regs(&state));
	else
		print_answers(&answers, state_has_id_regs(&state));
	machine_destroy(&machine);
	state_free(&state);
	finish_output();
	return answers.refused ? STATUS_REFUSED : 0;
}
