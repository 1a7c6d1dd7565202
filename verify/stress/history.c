// SPDX-License-Identifier: BSD-3-Clause
/*
 * The search for an order (a linearisation): depth first, by the next operation of each
 * thread. An operation that ended before another one began comes first. A branch ends
 * where the model has another answer than KVM had, or where the state has been tried before.
 *
 * Each operation is one step, except for KVM_RUN, which is two, since PSCI_VERSION may change while
 * the guest runs: all that the first KVM_RUN fixes, and the answer to PSCI_VERSION.
 */
#include "history.h"

#include <errno.h>
#include <string.h>

#include "report.h"

struct state {
	struct model m;
	unsigned int pos[MAX_THREADS];
	unsigned int phase[MAX_THREADS];
};

/* States that the search has tried without success */
#define MEMO_SLOTS	8192
#define KEY_WORDS	(3 + MODEL_BMAPS)

struct memo {
	uint32_t generation;
	uint64_t key[KEY_WORDS];
};

static _Thread_local struct memo memo[MEMO_SLOTS];
static _Thread_local uint32_t generation;

static void make_key(const struct state *s, uint64_t *key)
{
	unsigned int i;

	memset(key, 0, KEY_WORDS * sizeof(*key));
	for (i = 0; i < MAX_THREADS; i++)
		key[0] = key[0] << 8 | s->pos[i] << 2 | s->phase[i];
	key[1] = s->m.count | s->m.has_vcpu << 8 | s->m.ran << 9;
	key[2] = s->m.psci;
	for (i = 0; i < MODEL_BMAPS; i++)
		key[3 + i] = s->m.bmap[i];
}

/* Marks the state. False if it is marked already. A full table forgets states. */
static bool first_time(const struct state *s)
{
	uint64_t key[KEY_WORDS], hash = 14695981039346656037ULL;
	unsigned int i;
	struct memo *slot;

	make_key(s, key);
	for (i = 0; i < KEY_WORDS; i++)
		hash = (hash ^ key[i]) * 1099511628211ULL;
	slot = &memo[(hash >> 32 ^ hash) % MEMO_SLOTS];
	if (slot->generation == generation && !memcmp(slot->key, key, sizeof(key)))
		return false;
	slot->generation = generation;
	memcpy(slot->key, key, sizeof(key));
	return true;
}

/*
 * Readers
 */

static bool step_get(const struct model *m, const struct op *op)
{
	uint64_t val = 0;
	int ret = rules_get(m, op->id, !op->bad, &val);

	return ret == op->ret && (ret || val == op->out);
}

static bool step_check(const struct model *m, const struct op *op)
{
	return op->ret == (op->id == CAP ? (int)rules_count(m) : 0);
}

static bool step_list(const struct history *h, const struct model *m, const struct op *op)
{
	unsigned int nr;
	uint64_t seen = rules_list(m, &nr);
	bool fails = op->val < h->others + nr;

	if (op->bad)
		return op->ret == -EFAULT;
	return op->ret == (fails ? -E2BIG : 0) && op->out == h->others + nr &&
	       (fails || op->seen == seen);
}

/*
 * Writers
 */

static bool step_set(struct model *m, const struct op *op)
{
	int ret = rules_set(m, op->id, !op->bad, op->val);

	/* The ABI leaves open what KVM checks first, the id or the memory */
	if (op->bad && ret == -ENOENT && op->ret == -EFAULT)
		return true;
	return ret == op->ret;
}

static int cap(struct model *m, const struct op *op)
{
	if (op->bad)
		return -EFAULT;
	return op->id == CAP ? rules_cap(m, op->flags, op->args) : -EINVAL;
}

static bool step_vcpu(struct model *m, const struct op *op)
{
	if (op->ret)
		return op->bad && op->ret == -EINVAL;
	m->has_vcpu = true;
	return !op->bad;
}

static uint64_t served(const struct history *h, const struct model *m)
{
	bool pv_time = rules_serves(m, MODEL_PV_TIME), trng = rules_serves(m, MODEL_TRNG);
	bool feat = rules_serves(m, MODEL_FUNC_FEAT);
	uint64_t features = feat ? m->bmap[MODEL_FUNC_FEAT.n] : UINT16_MAX;

	return (uint64_t)feat << REPORT_FEATURES | (uint64_t)feat << REPORT_UID |
	       (uint64_t)trng << REPORT_TRNG_VERSION | (uint64_t)trng << REPORT_TRNG_RND64 |
	       (uint64_t)(pv_time && h->pv_time) << REPORT_PV_TIME |
	       (uint64_t)pv_time << REPORT_ARCH_PV_TIME |
	       (uint64_t)rules_serves(m, MODEL_PTP) << REPORT_PTP |
	       features << REPORT_FEATURES_SHIFT;
}

static bool step_run(const struct history *h, struct model *m, const struct op *op,
		     unsigned int phase)
{
	const uint64_t psci = 1ULL << REPORT_PSCI;
	uint64_t version = rules_psci_call(m);

	if (phase)
		return op->out >> REPORT_PSCI_SHIFT == version &&
		       !!(op->out & psci) == (version != UINT32_MAX);
	m->ran = true;
	return !op->ret && (op->out & UINT32_MAX & ~psci) == served(h, m);
}

/* One step of an operation. False if KVM had another answer. */
static bool step(const struct history *h, struct state *s, unsigned int t)
{
	const struct op *op = &h->op[t][s->pos[t]];
	unsigned int phase = s->phase[t], phases = op->kind == OP_RUN ? 2 : 1;

	s->phase[t] = (phase + 1) % phases;
	s->pos[t] += !s->phase[t];
	switch (op->kind) {
	case OP_GET:
		return step_get(&s->m, op);
	case OP_SET:
		return step_set(&s->m, op);
	case OP_LIST:
		return step_list(h, &s->m, op);
	case OP_CAP:
		return cap(&s->m, op) == op->ret;
	case OP_CHECK:
		return step_check(&s->m, op);
	case OP_VCPU:
		return step_vcpu(&s->m, op);
	case OP_RUN:
		return step_run(h, &s->m, op, phase);
	case NR_OPS:
		break;
	}
	return false;
}

/* May the next operation of thread @t be the next one of all? */
static bool may_be_next(const struct history *h, const struct state *s, unsigned int t)
{
	uint64_t begin = h->op[t][s->pos[t]].begin;
	unsigned int i;

	for (i = 0; i < h->threads; i++)
		if (i != t && s->pos[i] < h->nr[i] && h->op[i][s->pos[i]].end < begin)
			return false;
	return true;
}

/* The thread of @threads whose next operation ended first: the likeliest to be the next */
static unsigned int take_earliest(const struct history *h, const struct state *s,
				  unsigned int *threads)
{
	unsigned int best = MAX_THREADS, i;

	for (i = 0; i < h->threads; i++)
		if ((*threads & 1U << i) &&
		    (best == MAX_THREADS ||
		     h->op[i][s->pos[i]].end < h->op[best][s->pos[best]].end))
			best = i;
	*threads &= ~(1U << best);
	return best;
}

static bool search(const struct history *h, const struct state *s, struct model *end)
{
	unsigned int threads = 0, i;
	struct state next;

	for (i = 0; i < h->threads; i++)
		threads |= (s->pos[i] < h->nr[i]) << i;
	if (!threads) {
		*end = s->m;
		return true;
	}
	if (!first_time(s))
		return false;
	while (threads) {
		i = take_earliest(h, s, &threads);
		if (!may_be_next(h, s, i))
			continue;
		next = *s;
		if (step(h, &next, i) && search(h, &next, end))
			return true;
	}
	return false;
}

bool history_explain(const struct history *h, struct model *m)
{
	struct state start = { .m = *m };

	generation++;
	return search(h, &start, m);
}

void op_print(const struct op *op, FILE *out)
{
	static const char *const names[NR_OPS] = {
		"GET", "SET", "LIST", "ENABLE_CAP", "CHECK_EXTENSION", "CREATE_VCPU", "RUN",
	};

	fprintf(out, "%6llu..%-6llu %s", (unsigned long long)op->begin,
		(unsigned long long)op->end, names[op->kind]);
	if (op->kind != OP_CAP && op->kind != OP_CHECK)
		fprintf(out, " vcpu %u", op->vcpu);
	if (op->kind != OP_LIST && op->kind != OP_VCPU && op->kind != OP_RUN)
		fprintf(out, " 0x%llx", (unsigned long long)op->id);
	if (op->kind == OP_SET || op->kind == OP_LIST)
		fprintf(out, " %s 0x%llx", op->kind == OP_SET ? "value" : "room",
			(unsigned long long)op->val);
	if (op->kind == OP_CAP)
		fprintf(out, " flags 0x%x args %llx %llx %llx %llx", op->flags,
			(unsigned long long)op->args[0], (unsigned long long)op->args[1],
			(unsigned long long)op->args[2], (unsigned long long)op->args[3]);
	if (op->bad)
		fprintf(out, op->kind == OP_VCPU ? " bad number" : " bad memory");
	fprintf(out, " = %d", op->ret);
	if (op->kind == OP_GET || op->kind == OP_LIST || op->kind == OP_RUN)
		fprintf(out, " 0x%llx", (unsigned long long)op->out);
	if (op->kind == OP_LIST)
		fprintf(out, " seen 0x%llx", (unsigned long long)op->seen);
	fputc('\n', out);
}

void history_print(const struct history *h, FILE *out)
{
	unsigned int t, i;

	for (t = 0; t < h->threads; t++) {
		fprintf(out, "# thread %u\n", t);
		for (i = 0; i < h->nr[t]; i++) {
			fputs("#  ", out);
			op_print(&h->op[t][i], out);
		}
	}
}
