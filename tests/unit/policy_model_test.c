/*
 * policy_model_test.c - the policy against a model of the same rules that was written in another shape
 *
 * The model (policy_model.h) has no states and no table: it keeps facts and waits, and the state is what follows from them. Random sequences of events,
 * plausible ones and nonsense, go into both; they have to agree on everything after every event, and invariants hold whatever comes. OCC_LONG=1: 1,000,000
 * sequences. OCC_SEED sets the seed.
 */
#include "tests/unit/policy_model_step.h"

#include "tests/t.h"

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define EVENTS_MAX 96

struct random {
	uint64_t state;
};

/* splitmix64 */
static uint64_t
draw(struct random *r)
{
	uint64_t z = (r->state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static unsigned
below(struct random *r, unsigned n)
{
	return (unsigned)(draw(r) % n);
}

#define PICK(r, ...) ((const int64_t[]){ __VA_ARGS__ })[below(r, sizeof((const int64_t[]){ __VA_ARGS__ }) / sizeof(int64_t))]

static void
draw_config(struct random *r, struct policy_config *c)
{
	*c = (struct policy_config){
		.first_delay_ms = PICK(r, 0, SECOND, 7 * SECOND, 5 * MINUTE),
		.max_delay_ms = PICK(r, SECOND, 20 * SECOND, 5 * MINUTE, DAY),
		.reset_ms = PICK(r, 10 * SECOND, 10 * MINUTE, HOUR),
		.budget_ms = PICK(r, 10 * SECOND, 10 * MINUTE, DAY),
		.retry_ms = PICK(r, 0, MINUTE, HOUR),
		.hang_ms = PICK(r, 5 * SECOND, MINUTE),
		.start_ms = PICK(r, 10 * SECOND, 2 * MINUTE),
		.doubt_ms = PICK(r, 0, 30 * SECOND),
		.plan_wait_ms = PICK(r, 0, MINUTE, 4 * HOUR),
		.budget = (unsigned)PICK(r, 1, 2, 5, 32),
	};
}

/* ---- the next event ---- */

static enum policy_event_kind
result_of(struct random *r, const struct policy *p)
{
	if (p->acting == POLICY_DO_LOOK)
		return (enum policy_event_kind)PICK(r, POLICY_FOUND_RUNNING, POLICY_FOUND_RUNNING, POLICY_FOUND_ENDED, POLICY_FOUND_ABSENT,
		    POLICY_FOUND_PAUSED, POLICY_START_FAILED);
	if (p->acting == POLICY_DO_STOP)
		return below(r, 3) ? POLICY_STOP_DONE : POLICY_START_FAILED;
	return (enum policy_event_kind)PICK(r, POLICY_STARTED, POLICY_STARTED_OK, POLICY_STARTED_OK, POLICY_POSTPONED, POLICY_START_FAILED, POLICY_ENDED);
}

/* Half of the sequences are a container's life, with all that may befall it; in the others anything follows on anything. */
static enum policy_event_kind
draw_kind(struct random *r, const struct policy *p, bool is_plausible)
{
	if (!is_plausible || below(r, 12) == 0)
		return (enum policy_event_kind)below(r, POLICY__EVENTS);
	if (!p->is_wanted)
		return POLICY_WANT_UP;
	if (p->is_yielded)
		return below(r, 2) ? POLICY_RESUME : (enum policy_event_kind)below(r, POLICY__EVENTS);
	if (!p->has_engine)
		return POLICY_ENGINE_BACK;
	if (p->acting != POLICY_DO_NOTHING)
		return result_of(r, p);
	if (p->due_ms != POLICY_NEVER && below(r, 3) == 0)
		return POLICY_DUE;
	return (enum policy_event_kind)PICK(r, POLICY_ANSWER, POLICY_ANSWER, POLICY_HEARTBEAT, POLICY_NO_ANSWER, POLICY_ENDED, POLICY_STOPPED,
	    POLICY_BUSY, POLICY_IDLE, POLICY_PLAN, POLICY_UNAUTHORIZED, POLICY_LET_IN, POLICY_STARTED);
}

static void
draw_event(struct random *r, const struct policy *p, bool is_plausible, int64_t *now_ms, struct policy_event *ret)
{
	*ret = (struct policy_event){ .kind = draw_kind(r, p, is_plausible), .cause = CAUSE_NONE, .is_uncounted = below(r, 4) == 0 };
	bool is_end = ret->kind == POLICY_ENDED || ret->kind == POLICY_START_FAILED;

	*now_ms += below(r, 4) == 0 ? PICK(r, 0, 1, 500, SECOND, MINUTE, 10 * MINUTE, HOUR, 30 * DAY) : PICK(r, 0, 1, SECOND, 5 * SECOND);
	if (ret->kind == POLICY_DUE && p->due_ms != POLICY_NEVER && below(r, 4) && *now_ms < p->due_ms)
		*now_ms = p->due_ms + PICK(r, 0, 0, 3, HOUR);
	ret->now_ms = *now_ms;
	if (is_end || below(r, 4))
		ret->cause = (enum cause)(1 + below(r, CAUSE__N - 1));
	ret->random = below(r, 2) ? (uint32_t)draw(r) : 0;
}

/* ---- what holds whatever comes ---- */

static bool
ends_action(const struct policy *before, const struct policy_event *ev)
{
	static const struct {
		enum policy_event_kind kind;
		bool of_look, of_start, of_stop;
	} ends[] = {
		{ POLICY_FOUND_RUNNING, true, false, false }, { POLICY_FOUND_ENDED, true, false, false }, { POLICY_FOUND_ABSENT, true, false, false },
		{ POLICY_FOUND_PAUSED, true, false, false }, { POLICY_STARTED_OK, false, true, false }, { POLICY_START_FAILED, true, true, true },
		{ POLICY_POSTPONED, false, true, false },
		{ POLICY_STOP_DONE, false, false, true }, { POLICY_YIELD, true, true, true }, { POLICY_WANT_DOWN, true, true, true },
		{ POLICY_ENGINE_LOST, true, true, true },
	};

	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		if (ends[i].kind == ev->kind)
			return before->acting == POLICY_DO_LOOK ? ends[i].of_look : before->acting == POLICY_DO_STOP ? ends[i].of_stop : ends[i].of_start;
	}
	return false;
}

static const char *
broken_rule(const struct policy *before, const struct policy *p, const struct policy_config *c, const struct policy_event *ev, const struct policy_orders *o)
{
	bool acts = o->action != POLICY_DO_NOTHING, is_count = p->ladder.step > before->ladder.step;

	if (acts && (!p->is_wanted || p->is_yielded || !p->has_engine))
		return "an action while down, yielded or without an engine";
	if (acts && before->acting != POLICY_DO_NOTHING && !ends_action(before, ev))
		return "two actions at once";
	if (p->state == POLICY_LOOK && (p->acting == POLICY_DO_NOTHING) != (p->due_ms != POLICY_NEVER))
		return "a look that nobody asked for";
	if (acts != (p->action_number != before->action_number) || (acts && p->acting != o->action))
		return "an action without its number";
	if ((p->acting == POLICY_DO_LOOK && p->state != POLICY_LOOK) || (p->acting > POLICY_DO_LOOK) != (p->state == POLICY_ACTING))
		return "state and action differ";
	if (ev->kind == POLICY_UNAUTHORIZED && acts)
		return "an action on 401";
	if (before->state == POLICY_BLOCKED && before->cause == CAUSE_PASSWORD && ev->kind != POLICY_ENDED && ev->kind != POLICY_GONE &&
	    (o->action == POLICY_DO_START || o->action == POLICY_DO_RESTART))
		return "a restart on 401";
	if (is_count && p->state == POLICY_BACKOFF && p->due_ms - ev->now_ms > c->max_delay_ms)
		return "a delay beyond the ceiling";
	if (is_count && p->state == POLICY_BACKOFF && p->due_ms - ev->now_ms < policy_delay_ms(c, before->ladder.step ? before->ladder.step : 1, UINT32_MAX))
		return "a delay shorter than the one before";
	if (p->due_ms != POLICY_NEVER && p->due_ms < ev->now_ms && p->due_ms != before->due_ms)
		return "due in the past";
	if (ev->kind == POLICY_DUE && ev->now_ms >= before->due_ms && p->due_ms == before->due_ms && c->plan_wait_ms)
		return "due for ever";
	if (p->is_wanted != before->is_wanted && ev->kind != POLICY_WANT_UP && ev->kind != POLICY_WANT_DOWN && !o->saves_down)
		return "desired changed by itself";
	return NULL;
}

/* ---- the runs ---- */

/* False when the two part. */
static bool
run_sequence(uint64_t seed, uint64_t *n_events, uint64_t *n_visits)
{
	struct random r = { seed };
	struct policy_config c;
	struct policy p;
	struct model m;
	int64_t now_ms = (int64_t)below(&r, 1000);
	bool is_plausible = below(&r, 2);

	draw_config(&r, &c);
	policy_init(&p, NULL, now_ms);
	model_init(&m, NULL, now_ms);
	for (unsigned n = below(&r, EVENTS_MAX) + 1; n > 0; n--) {
		struct policy before = p;
		struct policy_event ev;
		struct policy_orders got, want;
		if (below(&r, 200) == 0) {
			policy_init(&p, &before.ladder, now_ms);
			model_init(&m, &before.ladder, now_ms);
			continue;
		}
		draw_event(&r, &p, is_plausible, &now_ms, &ev);
		policy_step(&p, &c, &ev, &got);
		model_step(&m, &c, &ev, &want);
		const char *wrong = model_difference(&m, &c, &p, &got, &want);
		if (!wrong)
			wrong = broken_rule(&before, &p, &c, &ev, &got);
		if (wrong) {
			T_FAIL("OCC_SEED=%" PRIu64 ": %s, in %s on %s (%s)", seed, wrong, policy_state_name(before.state), policy_event_name(ev.kind),
			    cause_name(ev.cause));
			return false;
		}
		n_visits[p.state]++;
		++*n_events;
	}
	return true;
}

static void
test_sequences(void)
{
	const char *is_long = getenv("OCC_LONG"), *seed_text = getenv("OCC_SEED");
	unsigned n = is_long && *is_long ? 1000000 : 20000, n_bad = 0;
	uint64_t seed = seed_text ? strtoull(seed_text, NULL, 10) : 1, n_events = 0, n_visits[POLICY__STATES] = { 0 };
	int64_t start_ms = t_now_ms();

	t_row("%u random sequences: policy and model agree, and the invariants hold", n);
	for (unsigned i = 0; i < n && n_bad < 5; i++)
		n_bad += !run_sequence(seed + i, &n_events, n_visits);
	printf("# seed %" PRIu64 ", %" PRIu64 " events in %jd ms\n", seed, n_events, (intmax_t)(t_now_ms() - start_ms));
	t_row("every state was visited often");
	for (unsigned i = 0; i < POLICY__STATES; i++) {
		if (n_visits[i] < n_events / 1000)
			T_FAIL("%s: %" PRIu64, policy_state_name((enum policy_state)i), n_visits[i]);
	}
}

/* One simulated day: a probe every 2 s, a heartbeat every 10 s, a crash every 7 min, a hang every 50 min, everything carried out at once. */
struct day {
	struct policy p;
	int64_t now_ms;
	uint64_t n_events, n_starts;
};

static void
tell(struct day *d, const struct policy_config *c, enum policy_event_kind kind, enum cause cause)
{
	const struct policy_event ev = { .kind = kind, .now_ms = d->now_ms, .cause = cause, .random = (uint32_t)(d->now_ms * 2654435761) };
	struct policy_orders o;

	policy_step(&d->p, c, &ev, &o);
	d->n_events++;
	if (o.action == POLICY_DO_LOOK)
		tell(d, c, POLICY_FOUND_RUNNING, CAUSE_NONE);
	if (o.action == POLICY_DO_START || o.action == POLICY_DO_RESTART) {
		d->n_starts++;
		tell(d, c, POLICY_STARTED_OK, CAUSE_NONE);
	}
}

static void
test_day(void)
{
	const struct policy_config c = { .first_delay_ms = SECOND, .max_delay_ms = 5 * MINUTE, .reset_ms = 10 * MINUTE, .budget_ms = 10 * MINUTE,
		.retry_ms = HOUR, .hang_ms = MINUTE, .start_ms = 2 * MINUTE, .doubt_ms = 30 * SECOND, .plan_wait_ms = 4 * HOUR, .budget = 5 };
	struct day d = { .now_ms = 0 };
	int64_t start_ms = t_now_ms();

	t_row("24 simulated hours");
	policy_init(&d.p, NULL, 0);
	tell(&d, &c, POLICY_WANT_UP, CAUSE_NONE);
	for (int64_t at_s = 1; at_s <= 24 * 3600; at_s++) {
		bool hangs = at_s % 3000 < 70;
		d.now_ms = at_s * SECOND;
		if (d.p.due_ms <= d.now_ms)
			tell(&d, &c, POLICY_DUE, CAUSE_NONE);
		if (at_s % 2 == 0)
			tell(&d, &c, hangs ? POLICY_NO_ANSWER : POLICY_ANSWER, CAUSE_NONE);
		if (at_s % 10 == 0 && !hangs)
			tell(&d, &c, POLICY_HEARTBEAT, CAUSE_NONE);
		if (at_s % 420 == 0)
			tell(&d, &c, POLICY_ENDED, CAUSE_KILLED);
	}
	printf("# %" PRIu64 " events, %" PRIu64 " starts, %jd ms\n", d.n_events, d.n_starts, (intmax_t)(t_now_ms() - start_ms));
	T_EQ(d.p.state, POLICY_UP);
	T_OK(d.n_starts > 100 && d.n_starts < 24 * 3600 / 420 + 24 * 3600 / 3000 + 2);
}

int
main(void)
{
	test_sequences();
	test_day();
	return t_done();
}
