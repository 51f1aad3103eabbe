/* apply_undo.c - a failed start leaves what was there before, or a stopped container whose log can be read */
#include "lib/deploy/apply_undo.h"

#include "lib/base/cancel.h"
#include "lib/base/log.h"
#include "lib/deploy/bring_up.h"
#include "lib/deploy/tail.h"
#include "lib/engine/object.h"

#define BACK_MS (60 * 1000)	/* the old container has answered before */

static void
logged(int r, const char *what, const struct err *inner)
{
	if (r < 0)
		log_line("while taking back: %s: %s", what, inner->msg);
}

static int
remove_created(struct apply *a)
{
	struct err inner = ERR_INIT;

	bring_down(a->s, a->created_id);
	int r = container_remove(&a->s->engine, a->created_id, true, &inner);
	logged(r, "remove the new container", &inner);
	return r;
}

/* Volumes made by this run are empty unless a container has started on them. */
static void
remove_made(struct apply *a)
{
	struct err inner = ERR_INIT;

	for (size_t i = 0; !a->is_created_started && i < a->made_volumes.n; i++)
		logged(volume_remove(&a->s->engine, a->made_volumes.v[i], &inner), "remove the new volume", &inner);
	if (a->made_network)
		logged(network_remove(&a->s->engine, a->s->names.network, &inner), "remove the new network", &inner);
}

static bool
has_note(const struct err *e, const char *label)
{
	for (size_t i = 0; i < e->n_notes; i++) {
		if (str_is(str_of(e->notes[i].label), label))
			return true;
	}
	return false;
}

/* What is gone for good is part of every account of what changed. */
static void
note_changed(struct apply *a, bool is_restored, const char *text, struct err *e)
{
	if (is_restored && !a->removed && has_note(e, "changed"))
		return;			/* who failed has said so */
	if (a->removed)
		err_note(e, "changed", "%s was removed, data stays; %s", a->removed, text);
	else
		err_note(e, "changed", "%s%s", is_restored ? "nothing; " : "", text);
}

/* What ran or was paused before us does so again. */
static bool
put_old_back(struct apply *a, struct err *e)
{
	struct err inner = ERR_INIT;
	const char *text = a->container_id ? "the old container was not touched" : "no container was left behind";
	bool is_restored = true, is_started = false;

	if (a->stopped_id) {
		is_restored = bring_up(a->s, a->stopped_id, a->credentials, BACK_MS, &is_started, &inner) == 0;
		text = is_restored ? "the old container runs again"
		    : inner.code == ERR_REFUSED ? "the old container was started again, let everybody in and was stopped"
		    : is_started ? arena_printf(a->s->arena, "the old container was started again and does not answer: %s", inner.msg)
		    : arena_printf(a->s->arena, "the old container was stopped, and starting it again failed: %s", inner.msg);
	} else if (a->unpaused_id) {
		is_restored = container_pause(&a->s->engine, a->unpaused_id, &inner) == 0;
		text = is_restored ? "the container is paused again"
		    : arena_printf(a->s->arena, "the container was unpaused, and pausing it again failed: %s", inner.msg);
	}
	note_changed(a, is_restored, text, e);
	return is_restored;
}

/* The first start that did not become ready: kept, stopped, so that `occ logs` can tell why; after Ctrl-C, or when it never started, nothing is left. */
static void
undo_first(struct apply *a, struct err *e)
{
	if (!a->is_created_started || e->code == ERR_INTERRUPTED) {
		if (remove_created(a) < 0) {
			err_note(e, "changed", "the new container could not be removed; occ stop --remove does it");
			return;
		}
		remove_made(a);
		note_changed(a, true, "no container was left behind", e);
		return;
	}
	bring_down(a->s, a->created_id);
	if (e->code == ERR_TIMEOUT)
		tail_note(a->s, a->created_id, e);
	note_changed(a, false, "the new container is stopped; occ logs shows what it said", e);
}

static void
undo_replacement(struct apply *a, struct err *e)
{
	const char *why = arena_strdup(a->s->arena, e->msg);
	bool has_switched = a->update && update_has_switched(a->update);
	struct err inner = ERR_INIT;

	if (a->is_created_started && e->code == ERR_TIMEOUT)
		tail_note(a->s, a->created_id, e);
	a->result->is_half_back = has_switched;		/* until it is whole again */
	if (a->update && a->is_created_started && update_failed(a->update, a->created_id, e, &inner) < 0) {
		bring_down(a->s, a->created_id);
		note_changed(a, false, arena_printf(a->s->arena, "the new container was stopped, and the old one was not started: %s; occ start tries again", inner.msg), e);
		return;
	}
	if (remove_created(a) < 0) {		/* two on one database must not be */
		note_changed(a, false, "the new container could not be removed, so the old one was not started; occ start tries again", e);
		return;
	}
	if (a->update && update_undo(a->update, why, &inner) < 0) {
		a->result->is_half_back = true;
		note_changed(a, false, arena_printf(a->s->arena, "not everything could be put back, so the old container was not started: %s; occ start tries again", inner.msg), e);
		return;
	}
	a->result->is_taken_back = put_old_back(a, e) && has_switched;
	a->result->is_half_back = has_switched && !a->result->is_taken_back;
}

/* In place: what lets everybody in must not go on. */
static void
undo_started(struct apply *a, struct err *e)
{
	if (e->code == ERR_REFUSED) {
		bring_down(a->s, a->started_id);
		note_changed(a, false, "the container was stopped", e);
	} else if (a->unpaused_id) {
		note_changed(a, false, "the container is no longer paused; occ logs shows what it says", e);
	} else {
		note_changed(a, false, a->is_started ? "the container was started; occ logs shows what it says" : "the container is stopped", e);
	}
}

int
apply_undo(struct apply *a, struct err *e)
{
	if (a->is_committed)
		return -1;
	cancel_hold();
	if (a->created_id && a->has_replaced)
		undo_replacement(a, e);
	else if (a->created_id)
		undo_first(a, e);
	else if (a->started_id)
		undo_started(a, e);
	else
		(void)put_old_back(a, e);
	/* Without a container of before, what was made for one is of no use. */
	if (!a->created_id && !a->container_id)
		remove_made(a);
	cancel_release();
	return -1;
}
