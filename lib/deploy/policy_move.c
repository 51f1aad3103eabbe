/* policy_move.c - how the policy gets from one state into another */
#include "lib/deploy/policy_move.h"

/* What is planned lives only where the container goes on, or may be found to. An action fulfils it, or makes it needless. */
static bool
keeps_plan(enum policy_state state)
{
	return state == POLICY_LOOK || state == POLICY_STARTING || state == POLICY_UP || state == POLICY_SILENT || state == POLICY_NO_ENGINE;
}

void
move_to(struct step *s, enum policy_state state, int64_t due_ms)
{
	struct policy *p = s->p;

	if (!keeps_plan(state) || p->state == POLICY_ACTING)
		p->planned = CAUSE_NONE;
	p->state = state;
	p->due_ms = due_ms;
	p->acting = POLICY_DO_NOTHING;
	if (state != POLICY_UP && state != POLICY_SILENT)
		p->healthy_since_ms = POLICY_NEVER;
}

void
move_order(struct step *s, enum policy_action action)
{
	move_to(s, action == POLICY_DO_LOOK ? POLICY_LOOK : POLICY_ACTING, POLICY_NEVER);
	s->p->acting = action;
	s->p->action_number++;
	s->p->has_changed = false;
	s->o->action = action;
}

/* Where nothing is known of the container: what of the three forbids to look? */
void
move_rest(struct step *s)
{
	if (!s->p->is_wanted)
		move_to(s, POLICY_DOWN, POLICY_NEVER);
	else if (s->p->is_yielded)
		move_to(s, POLICY_YIELDED, POLICY_NEVER);
	else if (!s->p->has_engine)
		move_to(s, POLICY_NO_ENGINE, POLICY_NEVER);
	else
		move_order(s, POLICY_DO_LOOK);
}

void
move_start_again(struct step *s)
{
	s->p->has_failed_since_up = true;
	move_order(s, s->p->is_running ? POLICY_DO_RESTART : POLICY_DO_START);
}

void
move_to_starting(struct step *s)
{
	s->p->is_running = true;
	s->p->last_sign_ms = s->ev->now_ms;
	move_to(s, POLICY_STARTING, s->ev->now_ms + s->c->start_ms);
}

void
move_to_doubt(struct step *s)
{
	s->p->is_running = false;
	s->p->is_busy = false;
	s->p->cause = CAUSE_STOPPED;
	move_to(s, POLICY_DOUBT, s->ev->now_ms + s->c->doubt_ms);
}

/* True the first time since the last health. */
static bool
notify_failed(struct step *s, enum cause c)
{
	uint64_t bit = UINT64_C(1) << c;

	if (s->p->notified & bit)
		return false;
	s->p->notified |= bit;
	s->p->was_notified = true;
	s->o->notice = POLICY_NOTIFY_FAILED;
	return true;
}

static int64_t
retry_due(const struct step *s)
{
	return s->c->retry_ms ? s->ev->now_ms + s->c->retry_ms : POLICY_NEVER;
}

void
move_block(struct step *s, enum cause c)
{
	bool can_retry = c == CAUSE_IMAGE || c == CAUSE_PORT || c == CAUSE_MOUNT;

	s->p->cause = c;
	s->o->records = notify_failed(s, c);
	move_to(s, POLICY_BLOCKED, can_retry ? retry_due(s) : POLICY_NEVER);
}

void
move_stop_open(struct step *s)
{
	move_block(s, CAUSE_OPEN);
	move_order(s, POLICY_DO_STOP);
}

void
move_fail(struct step *s, enum cause c)
{
	struct policy *p = s->p;

	if (cause_is_blocking(c)) {
		move_block(s, c);
		return;
	}
	s->o->records = !p->ladder.is_open || p->ladder.cause != c;
	s->o->saves_ladder = true;
	p->cause = c;
	if (!p->is_running)
		p->has_failed_since_up = true;
	if (policy_ladder_fail(&p->ladder, s->c, c, s->ev->now_ms)) {
		(void)notify_failed(s, CAUSE_NONE);
		move_to(s, POLICY_FAILED, retry_due(s));
		return;
	}
	int64_t delay_ms = policy_delay_ms(s->c, p->ladder.step, s->ev->random);
	if (delay_ms == 0)
		move_start_again(s);
	else
		move_to(s, POLICY_BACKOFF, s->ev->now_ms + delay_ms);
}

void
move_fail_ended(struct step *s, enum cause c)
{
	s->p->is_running = false;
	s->p->is_busy = false;
	move_fail(s, c);
}

/* A wait for others that is a whole wait late: the machine slept, and they did, too. */
bool
move_has_slept(struct step *s, int64_t wait_ms)
{
	if (wait_ms <= 0 || s->ev->now_ms - s->p->due_ms < wait_ms)
		return false;
	s->p->due_ms = s->ev->now_ms + wait_ms;
	return true;
}

/* What must not run again is stopped, and what has ended cannot speak. */
bool
move_can_speak(const struct step *s)
{
	return s->p->is_running && !(s->p->state == POLICY_BLOCKED && s->p->cause == CAUSE_OPEN);
}
