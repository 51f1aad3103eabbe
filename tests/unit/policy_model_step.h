/*
 * policy_model_step.h - the model's other half: what each event does to its facts and waits
 */
#ifndef OCC_TESTS_POLICY_MODEL_STEP_H
#define OCC_TESTS_POLICY_MODEL_STEP_H

#include "tests/unit/policy_model.h"

/* ---- what is done ---- */

struct model_now {
	const struct policy_config *c;
	const struct policy_event *ev;
	struct policy_orders *o;
	int64_t ms;
};

static inline void
model_wait(struct model *m, enum wait w, int64_t until_ms)
{
	m->flight = POLICY_DO_NOTHING;
	m->has_blocker = false;
	m->wait = w;
	m->until_ms = until_ms;
}

static inline void
model_act(struct model *m, const struct model_now *t, enum policy_action a)
{
	model_wait(m, WAIT_NOTHING, POLICY_NEVER);
	m->flight = a;
	m->is_old = false;
	t->o->action = a;
	if (a != POLICY_DO_LOOK)
		m->planned = CAUSE_NONE;
}

static inline void
model_tell(struct model *m, const struct model_now *t, enum cause what)
{
	if (m->has_told[what])
		return;
	m->has_told[what] = m->owes_recovered = true;
	t->o->notice = POLICY_NOTIFY_FAILED;
}

static inline void
model_block(struct model *m, const struct model_now *t, enum cause c, int64_t until_ms)
{
	model_wait(m, WAIT_NOTHING, until_ms);
	m->has_blocker = true;
	m->trouble = c;
	m->planned = CAUSE_NONE;
	if (c == CAUSE_PAUSED)
		return;
	t->o->records = !m->has_told[c];
	model_tell(m, t, c);
	if (c == CAUSE_OPEN && m->lives)
		model_act(m, t, POLICY_DO_STOP);
}

static inline void
model_attempt(struct model *m, const struct model_now *t)
{
	m->owes_restarted = true;
	model_act(m, t, m->lives ? POLICY_DO_RESTART : POLICY_DO_START);
}

static inline void
model_count(struct model *m, const struct model_now *t, enum cause c)
{
	unsigned n_recent = 0;
	int64_t retry_ms = t->c->retry_ms ? t->ms + t->c->retry_ms : POLICY_NEVER;

	if (cause_is_blocking(c)) {
		model_block(m, t, c, c == CAUSE_IMAGE || c == CAUSE_PORT || c == CAUSE_MOUNT ? retry_ms : POLICY_NEVER);
		return;
	}
	t->o->saves_ladder = true;
	t->o->records = !m->is_open || m->failed_of != c;
	m->failures[m->n_failures++] = t->ms;
	m->n_counted++;
	m->failed_of = m->trouble = c;
	for (unsigned i = 0; i < m->n_failures; i++)
		n_recent += t->ms - m->failures[i] < t->c->budget_ms;
	m->owes_restarted |= !m->lives;
	m->planned = CAUSE_NONE;
	m->is_open |= n_recent >= t->c->budget;
	if (m->is_open) {
		model_wait(m, WAIT_RETRY, retry_ms);
		model_tell(m, t, CAUSE_NONE);
		return;
	}
	int64_t delay_ms = model_delay(t->c, m->n_counted, t->ev->random);
	model_wait(m, WAIT_DELAY, t->ms + delay_ms);
	if (delay_ms == 0)
		model_attempt(m, t);
}

static inline void
model_begin(struct model *m, const struct model_now *t)
{
	m->lives = true;
	m->sign_ms = t->ms;
	model_wait(m, WAIT_FIRST_ANSWER, t->ms + t->c->start_ms);
}

static inline void
model_doubt(struct model *m, const struct model_now *t)
{
	m->lives = m->is_busy = false;
	m->trouble = CAUSE_STOPPED;
	m->planned = CAUSE_NONE;
	model_wait(m, WAIT_DECISION, t->ms + t->c->doubt_ms);
}

static inline void
model_forget_failures(struct model *m, const struct model_now *t)
{
	t->o->saves_ladder |= m->n_counted || m->n_failures || m->is_open;
	m->n_counted = m->n_failures = 0;
	m->is_open = false;
	m->failed_of = CAUSE_NONE;
}

/* ---- what may happen ---- */

static inline void
model_life(struct model *m, const struct model_now *t)
{
	if (!model_hears(m) || (m->has_blocker && t->ev->kind == POLICY_HEARTBEAT))
		return;
	t->o->notice = m->owes_recovered ? POLICY_NOTIFY_RECOVERED : m->owes_restarted ? POLICY_NOTIFY_RESTARTED : POLICY_NOTIFY_NOTHING;
	m->owes_recovered = m->owes_restarted = false;
	for (unsigned i = 0; i < CAUSE__N; i++)
		m->has_told[i] = false;
	if (m->is_open) {
		m->is_open = false;
		t->o->saves_ladder = true;
	}
	m->sign_ms = t->ms;
	m->trouble = CAUSE_NONE;
	model_wait(m, WAIT_NOTHING, POLICY_NEVER);
	if (m->well_ms == POLICY_NEVER)
		m->well_ms = t->ms;
	if (t->ms - m->well_ms >= t->c->reset_ms)
		model_forget_failures(m, t);
}

static inline void
model_found(struct model *m, const struct model_now *t)
{
	enum policy_event_kind kind = t->ev->kind;
	enum cause c = kind == POLICY_FOUND_ABSENT ? CAUSE_ABSENT : t->ev->cause;
	bool is_news = m->lives;

	if (!model_may_act(m) || m->flight != POLICY_DO_LOOK) {
		if (kind == POLICY_FOUND_PAUSED && model_hears(m))
			model_block(m, t, CAUSE_PAUSED, POLICY_NEVER);
		return;
	}
	if (m->is_old) {
		model_act(m, t, POLICY_DO_LOOK);
		return;
	}
	bool was_away = m->was_away;
	m->was_away = false;
	m->lives = kind == POLICY_FOUND_RUNNING || kind == POLICY_FOUND_PAUSED;
	if (kind == POLICY_FOUND_RUNNING) {
		model_begin(m, t);
		return;
	}
	if (kind == POLICY_FOUND_PAUSED) {
		model_block(m, t, CAUSE_PAUSED, POLICY_NEVER);
		return;
	}
	m->is_busy = false;
	if (m->trouble == CAUSE_OPEN) {			/* stays stopped */
		model_wait(m, WAIT_NOTHING, POLICY_NEVER);
		m->has_blocker = true;
		m->planned = CAUSE_NONE;
	} else if (!is_news) {
		model_act(m, t, POLICY_DO_START);
	} else if (was_away || t->ev->is_uncounted) {
		bool is_engines = was_away && c != CAUSE_OOM && c != CAUSE_ABSENT;
		m->trouble = is_engines ? CAUSE_ENGINE : c;
		t->o->records = is_engines || (c != CAUSE_NONE && c != CAUSE_ABSENT);
		model_act(m, t, POLICY_DO_START);
	} else if (c == CAUSE_STOPPED) {
		model_doubt(m, t);
	} else {
		model_count(m, t, c);
	}
}

static inline void
model_started(struct model *m, const struct model_now *t)
{
	if (!m->is_wanted || m->is_leased) {
		m->lives = true;
		m->was_away = false;
	} else if (!m->has_engine) {
		return;
	} else if (model_watches(m)) {
		m->is_busy = false;
		m->planned = CAUSE_NONE;
		model_begin(m, t);
	} else if (model_looks(m)) {
		m->lives = m->is_old = true;
		m->was_away = false;
		m->is_busy = false;
		m->planned = CAUSE_NONE;
	} else {
		m->is_old = false;
	}
}

static inline void
model_ended(struct model *m, const struct model_now *t)
{
	bool is_heard = model_hears(m), is_stop = t->ev->kind == POLICY_STOPPED;
	bool is_waiting = !m->has_blocker && (m->wait == WAIT_DELAY || m->wait == WAIT_RETRY);

	if (m->is_wanted && !m->is_leased && !m->has_engine)
		return;
	if (model_looks(m) || (model_may_act(m) && m->flight != POLICY_DO_NOTHING)) {
		m->is_old = true;
		return;
	}
	if (model_may_act(m) && m->wait == WAIT_DECISION)
		return;
	m->lives = m->is_busy = false;
	if (is_heard && is_stop)
		model_doubt(m, t);
	else if (is_heard && !is_waiting)
		model_count(m, t, t->ev->kind == POLICY_GONE ? CAUSE_ABSENT : t->ev->cause);
}

static inline void
model_plan_runs(struct model *m, const struct model_now *t)
{
	enum cause why = m->planned;

	t->o->records = true;
	model_act(m, t, POLICY_DO_RESTART);
	m->trouble = m->planned = why;
}

static inline void
model_put_off(struct model *m, const struct model_now *t)
{
	if (m->planned == CAUSE_NONE)
		return;
	m->is_busy = true;
	m->trouble = CAUSE_NONE;
	m->sign_ms = m->well_ms = t->ms;
	model_wait(m, WAIT_NOTHING, POLICY_NEVER);
	if (t->ms >= m->planned_ms + t->c->plan_wait_ms)
		model_plan_runs(m, t);
}

static inline void
model_result(struct model *m, const struct model_now *t)
{
	enum cause c = t->ev->cause;
	bool has_failed = t->ev->kind == POLICY_START_FAILED, is_of_stop = m->flight == POLICY_DO_STOP;

	if (!model_may_act(m) || m->flight == POLICY_DO_NOTHING || (!has_failed && is_of_stop != (t->ev->kind == POLICY_STOP_DONE)))
		return;
	if (m->flight == POLICY_DO_LOOK) {
		if (has_failed && cause_is_blocking(c) && c != CAUSE_OPEN)
			model_count(m, t, c);
		else if (has_failed)
			model_wait(m, WAIT_LOOK, t->ms + POLICY_LOOK_AGAIN_MS);
		return;
	}
	if (is_of_stop) {
		m->lives = has_failed;
		model_wait(m, WAIT_NOTHING, POLICY_NEVER);
		m->has_blocker = true;
		return;
	}
	if (t->ev->kind == POLICY_POSTPONED) {
		model_put_off(m, t);
		return;
	}
	m->planned = CAUSE_NONE;
	m->is_busy = false;
	m->lives = t->ev->kind == POLICY_STARTED_OK || c == CAUSE_PASSWORD || c == CAUSE_OPEN || c == CAUSE_NEVER_READY;
	if (t->ev->kind == POLICY_START_FAILED)
		model_count(m, t, c);
	else if (m->is_old)
		model_act(m, t, POLICY_DO_LOOK);
	else
		model_begin(m, t);
}

/* A wait for others, a whole one too late. */
static inline bool
model_slept(struct model *m, const struct model_now *t, int64_t due_ms, int64_t wait_ms)
{
	if (wait_ms == 0 || t->ms < due_ms + wait_ms)
		return false;
	if (model_is_up(m))
		m->planned_ms = t->ms;
	else
		m->until_ms = t->ms + wait_ms;
	return true;
}

static inline void
model_decide(struct model *m, const struct model_now *t)
{
	m->is_wanted = false;
	t->o->saves_down = t->o->records = true;
	model_wait(m, WAIT_NOTHING, POLICY_NEVER);
}

static inline void
model_time(struct model *m, const struct model_now *t)
{
	int64_t due_ms = model_due(m, t->c);

	if (due_ms == POLICY_NEVER || t->ms < due_ms)
		return;
	if (model_is_up(m)) {
		if (!model_slept(m, t, due_ms, t->c->plan_wait_ms))
			model_plan_runs(m, t);
	} else if (m->wait == WAIT_LOOK) {
		model_act(m, t, POLICY_DO_LOOK);
	} else if (m->has_blocker || m->wait == WAIT_DELAY || m->wait == WAIT_RETRY) {
		model_attempt(m, t);
	} else if (m->wait == WAIT_DECISION) {
		if (!model_slept(m, t, due_ms, t->c->doubt_ms))
			model_decide(m, t);
	} else if (m->wait == WAIT_SIGN) {
		if (!model_slept(m, t, due_ms, t->c->hang_ms))
			model_count(m, t, CAUSE_HANG);
	} else if (!model_slept(m, t, due_ms, t->c->start_ms)) {
		model_count(m, t, CAUSE_NEVER_READY);
	}
}

/* One of the three permissions changes: what was going on is off, and a look follows when all are there. */
static inline void
model_permit(struct model *m, const struct model_now *t, bool *which, bool value)
{
	bool is_engine = which == &m->has_engine;

	if (*which == value)
		return;
	*which = value;
	if (which == &m->is_wanted || (which == &m->is_leased && value && m->is_wanted))
		m->trouble = CAUSE_NONE;
	if (!m->is_wanted || m->is_leased || m->flight > POLICY_DO_LOOK)
		m->planned = CAUSE_NONE;
	if (is_engine && value)
		m->was_away = true;
	if (is_engine && m->wait == WAIT_DECISION)	/* that end has still to be told */
		m->lives = true;
	if (is_engine && !(m->is_wanted && !m->is_leased))
		return;
	model_wait(m, WAIT_NOTHING, POLICY_NEVER);
	if (model_may_act(m))
		model_act(m, t, POLICY_DO_LOOK);
}

static inline void
model_retry(struct model *m, const struct model_now *t)
{
	bool is_stuck = model_watches(m) && (m->has_blocker || m->wait == WAIT_DELAY || m->wait == WAIT_RETRY);

	model_forget_failures(m, t);
	for (unsigned i = 0; i < CAUSE__N; i++)
		m->has_told[i] = false;
	if (!is_stuck)
		return;
	m->trouble = CAUSE_NONE;
	model_act(m, t, POLICY_DO_LOOK);
}

static inline void
model_plan(struct model *m, const struct model_now *t)
{
	bool is_held = m->is_wanted && !m->is_leased && !m->has_blocker && m->wait != WAIT_DELAY && m->wait != WAIT_RETRY && m->wait != WAIT_DECISION &&
	    m->flight <= POLICY_DO_LOOK;

	if (!is_held)
		return;
	if (m->planned == CAUSE_NONE)
		m->planned_ms = t->ms;
	m->planned = t->ev->cause;
}

static inline void
model_probe(struct model *m, const struct model_now *t)
{
	switch (t->ev->kind) {
	case POLICY_NO_ANSWER:
		if (model_is_up(m))
			model_wait(m, WAIT_SIGN, (m->sign_ms + t->c->hang_ms > t->ms ? m->sign_ms : t->ms) + t->c->hang_ms);
		break;
	case POLICY_UNAUTHORIZED:
		if (!model_hears(m))
			break;
		m->sign_ms = t->ms;
		model_block(m, t, CAUSE_PASSWORD, POLICY_NEVER);
		break;
	case POLICY_LET_IN:
		if (model_watches(m) && m->lives)
			model_block(m, t, CAUSE_OPEN, POLICY_NEVER);
		break;
	case POLICY_PLAN:
		model_plan(m, t);
		break;
	case POLICY_BUSY:
	case POLICY_IDLE:
		m->is_busy = t->ev->kind == POLICY_BUSY;
		break;
	default:
		model_life(m, t);
	}
}

static inline void
model_permission(struct model *m, const struct model_now *t)
{
	switch (t->ev->kind) {
	case POLICY_ENGINE_LOST:
	case POLICY_ENGINE_BACK:
		model_permit(m, t, &m->has_engine, t->ev->kind == POLICY_ENGINE_BACK);
		break;
	case POLICY_WANT_UP:
	case POLICY_WANT_DOWN:
		model_permit(m, t, &m->is_wanted, t->ev->kind == POLICY_WANT_UP);
		break;
	case POLICY_YIELD:
	case POLICY_RESUME:
		model_permit(m, t, &m->is_leased, t->ev->kind == POLICY_YIELD);
		break;
	default:
		model_retry(m, t);
	}
}

static inline void
model_step(struct model *m, const struct policy_config *c, const struct policy_event *ev, struct policy_orders *ret)
{
	const struct model_now t = { .c = c, .ev = ev, .o = ret, .ms = ev->now_ms };
	bool weighs = ev->kind == POLICY_PLAN || ev->kind == POLICY_IDLE || ev->kind == POLICY_ANSWER || ev->kind == POLICY_HEARTBEAT;

	*ret = (struct policy_orders){ .action = POLICY_DO_NOTHING };
	if (ev->kind == POLICY_DUE)
		model_time(m, &t);
	else if (ev->kind <= POLICY_FOUND_PAUSED)
		model_found(m, &t);
	else if (ev->kind == POLICY_STARTED)
		model_started(m, &t);
	else if (ev->kind <= POLICY_GONE)
		model_ended(m, &t);
	else if (ev->kind <= POLICY_START_FAILED)
		model_result(m, &t);
	else if (ev->kind <= POLICY_PLAN)
		model_probe(m, &t);
	else
		model_permission(m, &t);
	if (weighs && model_is_up(m) && m->planned != CAUSE_NONE && (!m->is_busy || t.ms >= m->planned_ms + c->plan_wait_ms))
		model_plan_runs(m, &t);
	if (!model_is_well(m))
		m->well_ms = POLICY_NEVER;
}

#endif
