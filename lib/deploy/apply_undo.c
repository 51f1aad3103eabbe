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

void
apply_stop_for_good(struct service *s, const char *id)
{
	struct err inner = ERR_INIT;

	if (!s->engine.is_podman)
		logged(container_set_restart_policy(&s->engine, id, SPEC_RESTART_STOPPED, &inner), "restart policy", &inner);
	logged(container_stop(&s->engine, id, BRING_UP_GRACE_S, &inner), "stop", &inner);
}

static int
remove_created(struct apply *a)
{
	struct err inner = ERR_INIT;

	apply_stop_for_good(a->s, a->created_id);
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

static int
bring_back(struct apply *a, struct err *inner)
{
	return bring_up(a->s, a->stopped_id, a->credentials, BACK_MS, inner);
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
		err_note(e, "changed", "nothing; no container was left behind");
		return;
	}
	apply_stop_for_good(a->s, a->created_id);
	if (e->code == ERR_TIMEOUT)
		tail_note(a->s, a->created_id, e);
	err_note(e, "changed", "the new container is stopped; occ logs shows what it said");
}

static void
undo_replacement(struct apply *a, struct err *e)
{
	struct err inner = ERR_INIT;

	if (a->is_created_started && e->code == ERR_TIMEOUT)
		tail_note(a->s, a->created_id, e);
	if (remove_created(a) < 0)		/* two on one database must not be */
		err_note(e, "changed", "the new container could not be removed, so the old one was not started; occ start tries again");
	else if (!a->stopped_id)
		err_note(e, "changed", "nothing; the old container was not touched");
	else if (bring_back(a, &inner) < 0)
		err_note(e, "changed", "the old container was stopped, and starting it again failed: %s", inner.msg);
	else
		err_note(e, "changed", "nothing; the old container runs again");
}

/* A restart in place: what answers without a password must not go on; what was cut between stop and start must. */
static void
undo_restart(struct apply *a, struct err *e)
{
	struct err inner = ERR_INIT;

	if (e->code == ERR_REFUSED) {
		apply_stop_for_good(a->s, a->s->names.container);
		err_note(e, "changed", "the container was stopped");
		return;
	}
	if (a->started_ms) {
		err_note(e, "changed", a->is_started ? "the container was started; occ logs shows what it says" : "the container is stopped");
		return;
	}
	if (!a->stopped_id)
		return;
	if (bring_back(a, &inner) < 0)
		err_note(e, "changed", "the container was stopped, and starting it again failed: %s", inner.msg);
	else
		err_note(e, "changed", "nothing; the container runs again");
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
	else if (a->made_network || a->made_volumes.n)
		remove_made(a);
	else
		undo_restart(a, e);
	cancel_release();
	return -1;
}
