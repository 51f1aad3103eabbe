/* up_stop.c - `stop`: from every state to not running, with the decision written down first */
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/deploy/busy.h"
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
wait_idle(struct service *s, const struct container *c, const struct up_idle *idle, struct err *e)
{
	AUTO(credentials) struct credentials cr;
	const struct plan_report silent = { .row = NULL };

	credentials_init(&cr);
	if (credentials_load(&s->scope, &cr, e) == 0)
		return busy_wait(s, c, &cr, idle, &silent, e);
	log_line("busy sessions are not asked for: %s", e->msg);
	return 0;
}

static int
stop_live(struct service *s, const struct container *c, unsigned grace_s, const struct up_idle *idle, struct err *e)
{
	if (c->state == CONTAINER_RUNNING && !idle->now && wait_idle(s, c, idle, e) < 0)
		return -1;
	if (keep_down(s, c, e) < 0)
		return -1;
	if (c->state == CONTAINER_PAUSED && container_unpause(&s->engine, c->id, e) < 0)
		return -1;
	return container_stop(&s->engine, c->id, grace_s, e);
}

static bool
is_live(const struct container *c)
{
	return c->state == CONTAINER_RUNNING || c->state == CONTAINER_PAUSED || c->state == CONTAINER_RESTARTING;
}

/* A container of a replacement that was cut. */
static int
remove_next(struct service *s, bool *ret_done, struct err *e)
{
	struct container next;

	if (container_inspect(&s->engine, s->arena, s->names.next_container, &next, e) < 0)
		return e->code == ERR_NOT_FOUND ? 0 : -1;
	const char *deployment = container_label(&next, LABEL_DEPLOYMENT);
	if (!deployment || !str_is(str_of(deployment), s->state.deployment))
		return 0;
	*ret_done = true;
	return container_remove(&s->engine, next.id, true, e);
}

static int
save_down(struct service *s, struct err *e)
{
	const struct status_file f = { .is_up = false, .url = service_url(s, NULL), .version = "", .written_epoch_s = clock_epoch_s() };

	s->state.is_desired_up = false;
	if (state_save(&s->scope, &s->state, e) < 0)
		return -1;
	return status_file_save(&s->scope, &f, e);
}

static int
stop_locked(struct service *s, bool remove, unsigned grace_s, const struct up_idle *idle, struct err *e)
{
	struct container c;
	bool is_done = false;
	int there = service_container(s, &c, e);

	if (there < 0)
		return -1;
	if (there && is_live(&c)) {
		if (stop_live(s, &c, grace_s, idle, e) < 0)
			return -1;
		is_done = true;
	} else if (there && (c.state == CONTAINER_CREATED || c.state == CONTAINER_EXITED) && keep_down(s, &c, e) < 0) {
		return -1;
	}
	if (!s->state.is_new && save_down(s, e) < 0)
		return -1;
	if (remove_next(s, &is_done, e) < 0)
		return -1;
	if (there && remove) {
		if (container_remove(&s->engine, c.id, false, e) < 0)
			return -1;
		is_done = true;
	}
	return is_done;
}

int
up_stop(struct service *s, bool remove, unsigned grace_s, const struct up_idle *idle, struct err *e)
{
	AUTO(file_lock) struct file_lock lock = FILE_LOCK_INIT;

	if (scope_prepare(&s->scope, e) < 0 || state_lock(&lock, &s->scope, "stop", clock_due_ms(0), e) < 0)
		return -1;
	if (service_connect(s, e) < 0)
		return -1;
	return stop_locked(s, remove, grace_s, idle, e);
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
