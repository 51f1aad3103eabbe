/* policy_plan.c - planned restarts: they wait for busy sessions, but not for ever */
#include "lib/deploy/policy_move.h"

void
move_hold_plan(struct step *s)
{
	if (s->p->planned == CAUSE_NONE)
		s->p->planned_since_ms = s->ev->now_ms;
	s->p->planned = s->ev->cause;
}

static void
restart_planned(struct step *s)
{
	enum cause why = s->p->planned;

	s->p->cause = why;
	s->o->records = true;
	move_order(s, POLICY_DO_RESTART);
	s->p->planned = why;		/* until it is done: it may be put off */
}

void
move_weigh_plan(struct step *s)
{
	struct policy *p = s->p;
	int64_t due_ms = p->planned_since_ms + s->c->plan_wait_ms;

	if (p->planned == CAUSE_NONE)
		p->due_ms = POLICY_NEVER;
	else if (p->is_busy && s->ev->now_ms < due_ms)
		p->due_ms = due_ms;
	else
		restart_planned(s);
}

void
move_plan_due(struct step *s)
{
	if (move_has_slept(s, s->c->plan_wait_ms))
		s->p->planned_since_ms = s->ev->now_ms;
	else
		restart_planned(s);
}

void
move_postponed(struct step *s)
{
	struct policy *p = s->p;
	enum cause why = p->planned;

	if (why == CAUSE_NONE)
		return;
	p->is_busy = true;
	p->cause = CAUSE_NONE;
	p->last_sign_ms = s->ev->now_ms;
	move_to(s, POLICY_UP, POLICY_NEVER);
	p->healthy_since_ms = s->ev->now_ms;
	p->planned = why;
	move_weigh_plan(s);
}
