/* policy_permit.c - what allows the policy to act: the wish, no lease, an engine; and a person who says to try again */
#include "lib/deploy/policy_move.h"

void
move_want_up(struct step *s)
{
	if (s->p->is_wanted)
		return;
	s->p->is_wanted = true;
	s->p->cause = CAUSE_NONE;
	move_rest(s);
}

void
move_want_down(struct step *s)
{
	if (!s->p->is_wanted)
		return;
	s->p->is_wanted = false;
	s->p->cause = CAUSE_NONE;
	move_rest(s);
}

void
move_yield(struct step *s)
{
	if (s->p->is_yielded)
		return;
	s->p->is_yielded = true;
	if (s->p->is_wanted)
		s->p->cause = CAUSE_NONE;
	move_rest(s);
}

void
move_resume(struct step *s)
{
	if (!s->p->is_yielded)
		return;
	s->p->is_yielded = false;
	move_rest(s);
}

void
move_engine_lost(struct step *s)
{
	if (!s->p->has_engine)
		return;
	s->p->has_engine = false;
	move_rest(s);
}

/* It was the engine, then: that end has still to be told. */
void
move_lost_in_doubt(struct step *s)
{
	s->p->is_running = true;
	move_engine_lost(s);
}

void
move_engine_back(struct step *s)
{
	if (s->p->has_engine)
		return;
	s->p->has_engine = true;
	s->p->was_away = true;
	move_rest(s);
}

void
move_retry(struct step *s)
{
	s->o->saves_ladder = !policy_ladder_is_empty(&s->p->ladder);
	policy_ladder_clear(&s->p->ladder);
	s->p->notified = 0;
}

void
move_retry_now(struct step *s)
{
	move_retry(s);
	s->p->cause = CAUSE_NONE;
	move_rest(s);
}
