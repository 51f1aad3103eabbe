/* life.c - taking over from a predecessor, and leaving to a successor */
#include "applets/occ-watchdog/life.h"

bool
life_is_wanted(const struct state *st, const struct ladder *l)
{
	if (st->is_desired_up || st->is_new)
		return true;
	return !l->is_new && l->is_same_boot && l->was_stopped;
}

static int
save_wanted(struct watchdog *wd, struct err *e)
{
	AUTO(file_lock) struct file_lock lock = FILE_LOCK_INIT;
	struct service *s = &wd->service;

	if (s->state.is_desired_up && !s->state.is_new)
		return 0;
	if (state_lock(&lock, &s->scope, STATE_WATCHDOG, clock_due_ms(0), e) < 0) {
		err_clear(e);		/* a command is deciding it just now: seen at the next look */
		return 0;
	}
	s->state.is_desired_up = true;
	return state_save(&s->scope, &s->state, e);
}

/* Made now, so that a disk which is full by then does not keep the first one from being written. */
static int
prepare_incidents(struct watchdog *wd, struct err *e)
{
	AUTO(incident_ring) struct incident_ring ring = INCIDENT_RING_INIT;
	uint64_t numbers[INCIDENTS_MAX];

	if (incident_ring_open(&ring, wd->service.scope.incidents_path, e) < 0)
		return -1;
	wd->last_incident = incident_numbers(&ring, numbers) ? numbers[0] : 0;
	return 0;
}

int
life_take(struct watchdog *wd, int64_t due_ms, struct err *e)
{
	struct service *s = &wd->service;

	if (file_lock_open(&wd->lock, s->scope.watchdog_lock_path, due_ms, e) < 0) {
		if (e->code != ERR_LOCKED)
			return -1;
		err_set(e, ERR_LOCKED, "another watchdog supervises the instance %s", s->scope.instance);
		return err_note(e, "try", "occ service status");
	}
	if (ladder_open(&wd->ladder_file, s->scope.ladder_path, clock_now_ms(), &wd->ladder, e) < 0)
		return -1;
	if (prepare_incidents(wd, e) < 0)
		return -1;
	bool was_down = !s->state.is_desired_up && !s->state.is_new;
	if (life_is_wanted(&s->state, &wd->ladder) && save_wanted(wd, e) < 0)
		return -1;
	wd->is_by_hand = was_down && s->state.is_desired_up;
	if (wd->is_by_hand)		/* as `occ start` after `occ stop`: what failed before is over */
		policy_ladder_clear(&wd->ladder.policy);
	wd->is_fresh = wd->ladder.is_new || !wd->ladder.is_same_boot;
	wd->ladder.was_stopped = false;
	policy_init(&wd->policy, &wd->ladder.policy, clock_now_ms());
	return ladder_save(&wd->ladder_file, &wd->ladder, clock_now_ms(), e);
}

int
life_end(struct watchdog *wd, struct err *e)
{
	wd->ladder.policy = wd->policy.ladder;
	wd->ladder.was_stopped = wd->was_stopped;
	return ladder_save(&wd->ladder_file, &wd->ladder, clock_now_ms(), e);
}
