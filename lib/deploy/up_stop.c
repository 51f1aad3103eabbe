/* up_stop.c - `stop`: from every state to not running, with the decision written down first */
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/mem.h"
#include "lib/deploy/busy.h"
#include "lib/deploy/edge_hold.h"
#include "lib/deploy/update.h"
#include "lib/deploy/spec.h"
#include "lib/deploy/status_file.h"
#include "lib/deploy/up.h"

/* Before the stop: whatever happens to the engine in between, it is not to bring back what was asked to end. */
static int
keep_down(struct service *s, const struct container *c, struct err *e)
{
	return s->engine.is_podman ? 0 : container_set_restart_policy(&s->engine, c->id, SPEC_RESTART_STOPPED, e);
}

/* Credentials that cannot be read must not keep a service from being stopped. */
static int
settle(struct service *s, const struct container *c, const struct up_idle *idle, struct err *e)
{
	AUTO(credentials) struct credentials cr;
	struct err inner = ERR_INIT;

	credentials_init(&cr);
	if (credentials_load(&s->scope, &cr, &inner) == 0)
		return busy_settle(s, c, &cr, idle, e);
	log_line("busy sessions are not asked for: %s", inner.msg);
	return busy_settle(s, c, NULL, idle, e);
}

/* Written before it is done: a command that is cut in between has decided, and a disk that is too full to remember it leaves everything as it is. */
static int
decide(struct service *s, struct err *e)
{
	s->state.is_desired_up = false;
	return s->state.is_new ? 0 : state_save(&s->scope, &s->state, e);
}

static int
stop_live(struct service *s, const struct container *c, unsigned grace_s, const struct up_idle *idle, struct err *e)
{
	struct edge_hold hold = EDGE_HOLD_INIT;

	if (settle(s, c, idle, e) < 0 || edge_hold_begin(&hold, s, "opencode is stopped", e) < 0)
		return -1;
	int r = decide(s, e) < 0 || keep_down(s, c, e) < 0 ? -1 : container_stop(&s->engine, c->id, grace_s, e);
	edge_hold_end(&hold);
	return r;
}

/* A container of a replacement that was cut; when it runs, it is what serves. 1 when there was one. */
static int
find_next(struct service *s, struct container *ret, struct err *e)
{
	int there = service_next_container(s, ret, e);

	if (there <= 0)
		return there;
	return service_owns(s, ret);
}

int
up_save_down(struct service *s, struct err *e)
{
	const struct status_file f = { .is_up = false, .url = service_url(s, NULL), .version = "", .written_epoch_s = clock_epoch_s() };

	s->state.is_desired_up = false;
	if (state_save(&s->scope, &s->state, e) < 0)
		return -1;
	return status_file_save(&s->scope, &f, e);
}

static int
stop_both(struct service *s, const struct container *c, const struct container *next, unsigned grace_s, const struct up_idle *idle,
    struct up_stopped *ret, struct err *e)
{
	const struct container *live[] = { next, c };

	for (size_t i = 0; i < ARRAY_LEN(live); i++) {
		if (!live[i] || !plan_is_live(live[i]->state))
			continue;
		if (stop_live(s, live[i], grace_s, idle, e) < 0)
			return -1;
		ret->is_changed = true;
	}
	if (c && (c->state == CONTAINER_CREATED || c->state == CONTAINER_EXITED))
		return keep_down(s, c, e);
	return 0;
}

static int
stop_locked(struct service *s, bool remove, unsigned grace_s, const struct up_idle *idle, struct up_stopped *ret, struct err *e)
{
	struct container c, next;
	int there = service_container(s, &c, e);
	int has_next = there < 0 ? -1 : find_next(s, &next, e);

	if (has_next < 0 || stop_both(s, there ? &c : NULL, has_next ? &next : NULL, grace_s, idle, ret, e) < 0)
		return -1;
	if (!s->state.is_new && up_save_down(s, e) < 0)
		return -1;
	/* Of an update that was cut: the next start completes it. */
	int is_cut = has_next ? update_is_cut(s, e) : 0;
	if (is_cut < 0)
		return -1;
	if (has_next && !is_cut) {
		if (container_remove(&s->engine, next.id, true, e) < 0)
			return -1;
		ret->is_changed = true;
	}
	if (there && remove) {
		if (container_remove(&s->engine, c.id, false, e) < 0)
			return -1;
		ret->is_changed = ret->is_removed = true;
	}
	return 0;
}

int
up_stop(struct service *s, bool remove, unsigned grace_s, const struct up_idle *idle, struct up_stopped *ret, struct err *e)
{
	AUTO(file_lock) struct file_lock lock = FILE_LOCK_INIT;

	*ret = (struct up_stopped){ .is_changed = false };
	if (state_lock(&lock, &s->scope, "stop", clock_due_ms(0), e) < 0)
		return -1;
	if (service_connect(s, e) < 0)
		return -1;
	return stop_locked(s, remove, grace_s, idle, ret, e);
}

int
up_busy(struct service *s, const struct container *c, const char **ret_busy, struct err *e)
{
	AUTO(credentials) struct credentials cr;

	credentials_init(&cr);
	if (credentials_load(&s->scope, &cr, e) < 0)
		return -1;
	return busy_find(s, c, &cr, ret_busy, e);
}
