/* policy.c - the table, and one small function for each thing that can happen */
#include "lib/deploy/policy_move.h"

typedef void handler(struct step *s);

static void
none(struct step *s)
{
	(void)s;
}

/* ---- planned restarts ---- */

static void
plan(struct step *s)
{
	move_hold_plan(s);
	move_weigh_plan(s);
}

static void
busy(struct step *s)
{
	s->p->is_busy = true;
}

static void
idle(struct step *s)
{
	s->p->is_busy = false;
}

static void
idle_up(struct step *s)
{
	idle(s);
	move_weigh_plan(s);
}

/* ---- results ---- */

static void
look_again(struct step *s)
{
	move_order(s, POLICY_DO_LOOK);
}

static bool
is_old(struct step *s)
{
	if (!s->p->has_changed)
		return false;
	look_again(s);
	return true;
}

/* The result of the look that is under way, and not an old one. */
static bool
is_found(struct step *s)
{
	return s->p->acting == POLICY_DO_LOOK && !is_old(s);
}

static void
found_running(struct step *s)
{
	if (!is_found(s))
		return;
	s->p->was_away = false;
	move_to_starting(s);
}

static void
found_end(struct step *s, enum cause c)
{
	struct policy *p = s->p;
	bool is_news = p->is_running, was_away = p->was_away;

	if (!is_found(s))
		return;
	p->is_running = false;
	p->is_busy = false;
	p->was_away = false;
	if (p->cause == CAUSE_OPEN) {
		move_to(s, POLICY_BLOCKED, POLICY_NEVER);
	} else if (!is_news) {
		move_order(s, POLICY_DO_START);
	} else if (was_away || s->ev->is_uncounted) {
		p->cause = was_away && c != CAUSE_OOM && c != CAUSE_ABSENT ? CAUSE_ENGINE : c;
		s->o->records = p->cause != CAUSE_NONE && c != CAUSE_ABSENT;
		move_order(s, POLICY_DO_START);
	} else if (c == CAUSE_STOPPED) {
		move_to_doubt(s);
	} else {
		move_fail(s, c);
	}
}

static void
found_ended(struct step *s)
{
	found_end(s, s->ev->cause);
}

static void
found_absent(struct step *s)
{
	found_end(s, CAUSE_ABSENT);
}

static void
paused(struct step *s)
{
	if (!move_can_speak(s))
		return;
	s->p->cause = CAUSE_PAUSED;
	move_to(s, POLICY_BLOCKED, POLICY_NEVER);
}

static void
found_paused(struct step *s)
{
	if (!is_found(s))
		return;
	s->p->was_away = false;
	s->p->is_running = true;
	paused(s);
}

static void
started_ok(struct step *s)
{
	if (s->p->acting == POLICY_DO_STOP)
		return;
	s->p->is_running = true;
	s->p->is_busy = false;
	if (!is_old(s))
		move_to_starting(s);
}

static void
stop_done(struct step *s)
{
	if (s->p->acting != POLICY_DO_STOP)
		return;
	s->p->is_running = false;
	move_to(s, POLICY_BLOCKED, POLICY_NEVER);
}

/* Some starts fail for what the container does, and it goes on doing it. */
static void
start_failed(struct step *s)
{
	enum cause c = s->ev->cause;

	if (s->p->acting == POLICY_DO_STOP) {
		move_to(s, POLICY_BLOCKED, POLICY_NEVER);
		return;
	}
	s->p->is_running = c == CAUSE_PASSWORD || c == CAUSE_OPEN || c == CAUSE_NEVER_READY;
	s->p->is_busy = false;
	if (c == CAUSE_OPEN)
		move_stop_open(s);
	else
		move_fail(s, c);
}

/* Nothing is known then, so nothing is counted. */
static void
look_failed(struct step *s)
{
	enum cause c = s->ev->cause;

	if (s->p->acting != POLICY_DO_LOOK)
		return;
	if (cause_is_blocking(c) && c != CAUSE_OPEN)
		move_block(s, c);
	else
		move_to(s, POLICY_LOOK, s->ev->now_ms + POLICY_LOOK_AGAIN_MS);
}

/* ---- what the engine tells ---- */

static void
started(struct step *s)
{
	s->p->is_busy = false;
	s->p->planned = CAUSE_NONE;
	move_to_starting(s);
}

/* During a look. */
static void
look_started(struct step *s)
{
	s->p->was_away = false;
	s->p->is_running = true;
	s->p->is_busy = false;
	s->p->planned = CAUSE_NONE;
	s->p->has_changed = true;
}

static void
changed(struct step *s)
{
	s->p->has_changed = true;
}

/* While we start it: an end before this was our own stop. */
static void
unchanged(struct step *s)
{
	s->p->has_changed = false;
}

/* Where it is known, but nothing follows from it. */
static void
note_start(struct step *s)
{
	s->p->was_away = false;
	s->p->is_running = true;
}

static void
note_end(struct step *s)
{
	s->p->is_running = false;
	s->p->is_busy = false;
}

static void
ended(struct step *s)
{
	if (move_can_speak(s))
		move_fail_ended(s, s->ev->cause);
	else
		note_end(s);
}

static void
gone(struct step *s)
{
	if (move_can_speak(s))
		move_fail_ended(s, CAUSE_ABSENT);
	else
		note_end(s);
}

static void
stopped(struct step *s)
{
	if (move_can_speak(s))
		move_to_doubt(s);
	else
		note_end(s);
}

/* ---- what opencode tells ---- */

static void
close_ladder(struct step *s)
{
	struct policy *p = s->p;
	bool was_open = p->ladder.is_open;

	p->ladder.is_open = false;
	s->o->saves_ladder = was_open;
	if (s->ev->now_ms - p->healthy_since_ms < s->c->reset_ms || policy_ladder_is_empty(&p->ladder))
		return;
	policy_ladder_clear(&p->ladder);
	s->o->saves_ladder = true;
}

static void
sign(struct step *s)
{
	struct policy *p = s->p;

	if (!move_can_speak(s))
		return;
	if (p->was_notified)
		s->o->notice = POLICY_NOTIFY_RECOVERED;
	else if (p->has_failed_since_up)
		s->o->notice = POLICY_NOTIFY_RESTARTED;
	p->was_notified = false;
	p->has_failed_since_up = false;
	p->notified = 0;
	p->cause = CAUSE_NONE;
	p->last_sign_ms = s->ev->now_ms;
	move_to(s, POLICY_UP, POLICY_NEVER);
	if (p->healthy_since_ms == POLICY_NEVER)
		p->healthy_since_ms = s->ev->now_ms;
	close_ladder(s);
	move_weigh_plan(s);
}

static void
silent(struct step *s)
{
	int64_t due_ms = s->p->last_sign_ms + s->c->hang_ms;

	move_to(s, POLICY_SILENT, due_ms > s->ev->now_ms ? due_ms : s->ev->now_ms + s->c->hang_ms);
}

static void
hang(struct step *s)
{
	if (!move_has_slept(s, s->c->hang_ms))
		move_fail(s, CAUSE_HANG);
}

static void
never_ready(struct step *s)
{
	if (!move_has_slept(s, s->c->start_ms))
		move_fail(s, CAUSE_NEVER_READY);
}

static void
unauthorized(struct step *s)
{
	if (!move_can_speak(s))
		return;
	s->p->last_sign_ms = s->ev->now_ms;
	move_block(s, CAUSE_PASSWORD);
}

static void
let_in(struct step *s)
{
	if (s->p->is_running)
		move_stop_open(s);
}

/* ---- decisions ---- */

static void
decide(struct step *s)
{
	if (move_has_slept(s, s->c->doubt_ms))
		return;
	s->p->is_wanted = false;
	s->o->saves_down = true;
	s->o->records = true;
	move_to(s, POLICY_DOWN, POLICY_NEVER);
}

/* ---- the table ---- */

#define ON(event, look, down, starting, up, silent, acting, backoff, failed, blocked, doubt, no_engine, yielded) \
	[POLICY_LOOK][event] = (look), [POLICY_DOWN][event] = (down), [POLICY_STARTING][event] = (starting), [POLICY_UP][event] = (up), \
	[POLICY_SILENT][event] = (silent), [POLICY_ACTING][event] = (acting), [POLICY_BACKOFF][event] = (backoff), \
	[POLICY_FAILED][event] = (failed), [POLICY_BLOCKED][event] = (blocked), [POLICY_DOUBT][event] = (doubt), \
	[POLICY_NO_ENGINE][event] = (no_engine), [POLICY_YIELDED][event] = (yielded)
#define ALWAYS(event, h) ON(event, h, h, h, h, h, h, h, h, h, h, h, h)
#define IN_LOOK(event, h) ON(event, h, none, none, none, none, none, none, none, none, none, none, none)
#define IN_ACTING(event, h) ON(event, none, none, none, none, none, h, none, none, none, none, none, none)

static handler *const table[POLICY__STATES][POLICY__EVENTS] = {
	/*                       looking           down              starting          up                silent            acting
	 *                       backoff           failed            blocked           doubt             no-engine         yielded */
	ON(POLICY_DUE,           look_again,       none,             never_ready,      move_plan_due,    hang,             none,
	                         move_start_again, move_start_again, move_start_again, decide,           none,             none),
	IN_LOOK(POLICY_FOUND_RUNNING, found_running),
	IN_LOOK(POLICY_FOUND_ENDED, found_ended),
	IN_LOOK(POLICY_FOUND_ABSENT, found_absent),
	ON(POLICY_FOUND_PAUSED,  found_paused,     none,             paused,           paused,           paused,           none,
	                         paused,           paused,           paused,           none,             none,             none),
	ON(POLICY_STARTED,       look_started,     note_start,       started,          started,          started,          unchanged,
	                         started,          started,          started,          started,          none,             note_start),
	ON(POLICY_ENDED,         changed,          note_end,         ended,            ended,            ended,            changed,
	                         note_end,         note_end,         ended,            none,             none,             note_end),
	ON(POLICY_STOPPED,       changed,          note_end,         stopped,          stopped,          stopped,          changed,
	                         stopped,          stopped,          stopped,          none,             none,             note_end),
	ON(POLICY_GONE,          changed,          note_end,         gone,             gone,             gone,             changed,
	                         note_end,         note_end,         gone,             none,             none,             note_end),
	IN_ACTING(POLICY_STARTED_OK, started_ok),
	IN_ACTING(POLICY_POSTPONED, move_postponed),
	ON(POLICY_START_FAILED,  look_failed,      none,             none,             none,             none,             start_failed,
	                         none,             none,             none,             none,             none,             none),
	IN_ACTING(POLICY_STOP_DONE, stop_done),
	ON(POLICY_ANSWER,        none,             none,             sign,             sign,             sign,             none,
	                         sign,             sign,             sign,             none,             none,             none),
	ON(POLICY_HEARTBEAT,     none,             none,             sign,             sign,             sign,             none,
	                         sign,             sign,             none,             none,             none,             none),
	ON(POLICY_NO_ANSWER,     none,             none,             none,             silent,           none,             none,
	                         none,             none,             none,             none,             none,             none),
	ON(POLICY_UNAUTHORIZED,  none,             none,             unauthorized,     unauthorized,     unauthorized,     none,
	                         unauthorized,     unauthorized,     unauthorized,     none,             none,             none),
	ON(POLICY_LET_IN,        none,             none,             let_in,           let_in,           let_in,           none,
	                         let_in,           let_in,           let_in,           none,             none,             none),
	ALWAYS(POLICY_BUSY, busy),
	ON(POLICY_IDLE,          idle,             idle,             idle,             idle_up,          idle,             idle,
	                         idle,             idle,             idle,             idle,             idle,             idle),
	ON(POLICY_PLAN,          move_hold_plan,   none,             move_hold_plan,   plan,             move_hold_plan,   none,
	                         none,             none,             none,             none,             move_hold_plan,   none),
	ON(POLICY_ENGINE_LOST,   move_engine_lost, move_engine_lost, move_engine_lost, move_engine_lost, move_engine_lost, move_engine_lost,
	                         move_engine_lost, move_engine_lost, move_engine_lost, move_lost_in_doubt, move_engine_lost, move_engine_lost),
	ALWAYS(POLICY_ENGINE_BACK, move_engine_back),
	ALWAYS(POLICY_WANT_UP, move_want_up),
	ALWAYS(POLICY_WANT_DOWN, move_want_down),
	ALWAYS(POLICY_YIELD, move_yield),
	ALWAYS(POLICY_RESUME, move_resume),
	ON(POLICY_RETRY,         move_retry,       move_retry,       move_retry,       move_retry,       move_retry,       move_retry,
	                         move_retry_now,   move_retry_now,   move_retry_now,   move_retry,       move_retry,       move_retry),
};

void
policy_step(struct policy *p, const struct policy_config *c, const struct policy_event *ev, struct policy_orders *ret)
{
	struct step s = { .p = p, .c = c, .ev = ev, .o = ret };

	*ret = (struct policy_orders){ .action = POLICY_DO_NOTHING };
	if (ev->kind == POLICY_DUE && ev->now_ms < p->due_ms)
		return;
	handler *h = table[p->state][ev->kind];
	if (!h)
		BUG("a cell of the policy's table is empty");
	h(&s);
}

void
policy_init(struct policy *p, const struct policy_ladder *ladder, int64_t now_ms)
{
	*p = (struct policy){ .state = POLICY_DOWN, .has_engine = true, .is_running = true, .due_ms = POLICY_NEVER, .last_sign_ms = now_ms,
		.healthy_since_ms = POLICY_NEVER };
	if (!ladder)
		return;
	p->ladder = *ladder;
	if (ladder->is_open) {		/* it has been told */
		p->was_notified = true;
		p->notified = UINT64_C(1) << CAUSE_NONE;
	}
}
