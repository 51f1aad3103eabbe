/*
 * policy_model.h - the rules of lib/deploy/policy.h once more, for comparison: facts and waits instead of states and a table
 *
 * Written from the rules' words. At any time: what is wanted and allowed, what is in flight, whether the container lives as far as is known, what blocks,
 * and for what we wait until when. At most one of the waits is there. What events do to them is in policy_model_step.h. Header-only, for
 * policy_model_test.c.
 */
#ifndef OCC_TESTS_POLICY_MODEL_H
#define OCC_TESTS_POLICY_MODEL_H

#include "lib/deploy/policy.h"

#define MODEL_FAILURES 1024

enum wait { WAIT_NOTHING, WAIT_FIRST_ANSWER, WAIT_SIGN, WAIT_DELAY, WAIT_RETRY, WAIT_DECISION, WAIT_LOOK };

struct model {
	bool is_wanted, is_leased, has_engine;		/* what is allowed */
	enum policy_action flight;
	bool is_old;					/* what is in flight will bring yesterday's news */
	bool lives, is_busy, was_away;
	enum wait wait;
	int64_t until_ms;				/* of the wait; POLICY_NEVER: without end */
	bool has_blocker;				/* .trouble is it */
	enum cause trouble, planned;
	int64_t planned_ms, sign_ms, well_ms;		/* well_ms: since when; POLICY_NEVER: it is not */
	bool owes_recovered, owes_restarted, has_told[CAUSE__N];
	unsigned n_counted, n_failures;
	int64_t failures[MODEL_FAILURES];
	bool is_open;
	enum cause failed_of;
};

static inline void
model_init(struct model *m, const struct policy_ladder *saved, int64_t now_ms)
{
	*m = (struct model){ .has_engine = true, .lives = true, .sign_ms = now_ms, .well_ms = POLICY_NEVER, .until_ms = POLICY_NEVER };
	if (!saved)
		return;
	m->n_counted = saved->step;
	m->n_failures = saved->n_failures;
	for (unsigned i = 0; i < saved->n_failures; i++)
		m->failures[i] = saved->failed_ms[i];
	m->failed_of = saved->cause;
	m->is_open = m->owes_recovered = m->has_told[CAUSE_NONE] = saved->is_open;
}

/* ---- what follows from the facts ---- */

static inline bool
model_may_act(const struct model *m)
{
	return m->is_wanted && !m->is_leased && m->has_engine;
}

/* Nothing is in flight and nothing forbids: the container is watched, or waited for. */
static inline bool
model_watches(const struct model *m)
{
	return model_may_act(m) && m->flight == POLICY_DO_NOTHING && m->wait != WAIT_LOOK;
}

static inline bool
model_looks(const struct model *m)
{
	return model_may_act(m) && (m->flight == POLICY_DO_LOOK || m->wait == WAIT_LOOK);
}

static inline bool
model_is_well(const struct model *m)
{
	return model_watches(m) && !m->has_blocker && (m->wait == WAIT_NOTHING || m->wait == WAIT_SIGN);
}

static inline bool
model_is_up(const struct model *m)
{
	return model_is_well(m) && m->wait == WAIT_NOTHING;
}

/* What it says is of interest. */
static inline bool
model_hears(const struct model *m)
{
	return model_watches(m) && m->lives && m->wait != WAIT_DECISION && !(m->has_blocker && m->trouble == CAUSE_OPEN);
}

static inline enum policy_state
model_state(const struct model *m)
{
	static const enum policy_state of_wait[] = { POLICY_UP, POLICY_STARTING, POLICY_SILENT, POLICY_BACKOFF, POLICY_FAILED, POLICY_DOUBT,
		POLICY_LOOK };

	if (!m->is_wanted)
		return POLICY_DOWN;
	if (m->is_leased)
		return POLICY_YIELDED;
	if (!m->has_engine)
		return POLICY_NO_ENGINE;
	if (model_looks(m))
		return POLICY_LOOK;
	if (m->flight != POLICY_DO_NOTHING)
		return POLICY_ACTING;
	return m->has_blocker ? POLICY_BLOCKED : of_wait[m->wait];
}

static inline int64_t
model_due(const struct model *m, const struct policy_config *c)
{
	if (!model_watches(m) && m->wait != WAIT_LOOK)
		return POLICY_NEVER;
	if (model_is_up(m))
		return m->planned == CAUSE_NONE ? POLICY_NEVER : m->planned_ms + c->plan_wait_ms;
	return m->until_ms;
}

static inline int64_t
model_delay(const struct policy_config *c, unsigned n, uint64_t random)
{
	unsigned doublings = c->first_delay_ms ? n - 1 : n - 2;
	int64_t base = c->first_delay_ms ? c->first_delay_ms : 1000, delay;

	if (c->first_delay_ms == 0 && n == 1)
		return 0;
	delay = doublings > 30 || base << doublings > c->max_delay_ms ? c->max_delay_ms : base << doublings;
	return delay - (int64_t)((uint64_t)(delay / 4) * random / (UINT64_C(1) << 32));
}

/* What the policy has otherwise, or NULL. */
static inline const char *
model_difference(const struct model *m, const struct policy_config *c, const struct policy *p, const struct policy_orders *got,
    const struct policy_orders *want)
{
	unsigned n_recent = 0;

	for (unsigned i = 0; i < m->n_failures; i++)
		n_recent += p->ladder.n_failures && m->failures[i] >= p->ladder.failed_ms[0];
	if (p->state != model_state(m))
		return "another state";
	if (p->due_ms != model_due(m, c))
		return "due at another time";
	if (got->action != want->action || p->acting != m->flight)
		return "another action";
	if (got->notice != want->notice)
		return "another notice";
	if (got->saves_down != want->saves_down || p->is_wanted != m->is_wanted)
		return "another wish";
	if (got->records != want->records)
		return "another record";
	if (got->saves_ladder != want->saves_ladder || p->ladder.step != m->n_counted || p->ladder.is_open != m->is_open || p->ladder.cause != m->failed_of)
		return "another ladder";
	if (p->ladder.n_failures != (n_recent < POLICY_BUDGET_MAX ? n_recent : POLICY_BUDGET_MAX))
		return "other failures";
	if (p->cause != m->trouble || p->planned != m->planned)
		return "another cause";
	if (p->is_busy != m->is_busy || p->is_running != m->lives)
		return "another container";
	if (p->was_away != m->was_away)
		return "another engine";
	return NULL;
}

#endif
