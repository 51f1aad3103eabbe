/* revive.c - bringing back what should run */
#include "lib/deploy/revive.h"

#include <sys/stat.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/deploy/bring_up.h"
#include "lib/deploy/restore_mark.h"
#include "lib/deploy/secret_file.h"
#include "lib/deploy/spec.h"
#include "lib/deploy/tail.h"
#include "lib/deploy/up.h"
#include "lib/deploy/update.h"
#include "lib/deploy/vantage.h"

#define CLOCKS_APART_S 2	/* file system's and engine's */

static enum revive_state
state_of(const struct container *c)
{
	switch (c->state) {
	case CONTAINER_RUNNING:
	case CONTAINER_RESTARTING:
		return REVIVE_RUNNING;
	case CONTAINER_PAUSED:
		return REVIVE_PAUSED;
	case CONTAINER_CREATED:
	case CONTAINER_REMOVING:
	case CONTAINER_EXITED:
	case CONTAINER_DEAD:
	case CONTAINER_UNKNOWN:
		break;
	}
	return REVIVE_ENDED;
}

static int64_t
started_ns(const struct container *c)
{
	const char *text = json_str(json_path(c->raw, "State.StartedAt"), "");
	struct err ignored = ERR_INIT;
	int64_t ns = 0;

	return clock_parse_rfc3339(str_of(text), &ns, &ignored) < 0 ? 0 : ns;
}

static int
inspect(struct service *s, struct revive_found *ret, struct err *e)
{
	int there = service_container(s, &ret->container, e);

	if (there < 0)
		return -1;
	if (there == 0) {
		ret->state = REVIVE_ABSENT;
		return 0;
	}
	ret->state = state_of(&ret->container);
	ret->started_ns = started_ns(&ret->container);
	ret->pid = json_int(json_path(ret->container.raw, "State.Pid"), 0);
	ret->memory_limit = (uint64_t)json_int(json_path(ret->container.raw, "HostConfig.Memory"), 0);
	if (ret->state == REVIVE_RUNNING && vantage_address(s, &ret->container, &ret->host, &ret->port, e) < 0)
		return -1;
	return 0;
}

/* A command that holds the lock sets the policy by itself. */
static int
take_over(struct service *s, const struct container *c, struct err *e)
{
	AUTO(file_lock) struct file_lock lock = FILE_LOCK_INIT;

	if (s->engine.is_podman || str_is(str_of(container_restart_policy(c)), SPEC_RESTART_STOPPED))
		return 0;
	if (state_lock(&lock, &s->scope, STATE_WATCHDOG, clock_due_ms(0), e) < 0)
		return -1;
	return container_set_restart_policy(&s->engine, c->id, SPEC_RESTART_STOPPED, e);
}

int
revive_look(struct service *s, bool owns_restarts, struct revive_found *ret, struct err *e)
{
	*ret = (struct revive_found){ .state = REVIVE_ABSENT };
	if (inspect(s, ret, e) < 0)
		return -1;
	return owns_restarts && ret->state != REVIVE_ABSENT ? take_over(s, &ret->container, e) : 0;
}

/* ---- starting ---- */

/* The lock is up_start's own here. */
static int
start_whole(struct service *s, struct revive_found *ret, struct err *e)
{
	const struct up_options o = { .is_unattended = true, .timeout_ms = -1, .idle = { .now = true, .wait_idle_ms = -1 } };
	struct up_result result;

	if (up_start(s, &o, &result, e) < 0)
		return -1;
	return inspect(s, ret, e);
}

/* The file is in the container since its last start; copying it again takes the engine up to a third of a second. It is copied when the credentials are newer
 * than that, and when the entrypoint did not find it. */
static bool
needs_secret(const struct service *s, const struct container *c)
{
	struct stat st;

	if (c->started_epoch_s <= 0 || cause_of_exit(c->exit_code, false) == CAUSE_SECRET || stat(s->scope.credentials_path, &st) < 0)
		return true;
	return (int64_t)st.st_mtime + CLOCKS_APART_S >= c->started_epoch_s;
}

static int
start_existing(struct service *s, bool is_restart, const char *id, struct revive_found *ret, struct err *e)
{
	AUTO(credentials) struct credentials cr;
	const struct container *c = &ret->container;

	credentials_init(&cr);
	if (id && !str_is(str_of(id), c->id))		/* somebody has put another in its place */
		is_restart = false;
	if (ret->state != REVIVE_ENDED && !is_restart)
		return 0;
	if (credentials_load(&s->scope, &cr, e) < 0)
		return -1;
	if (ret->state == REVIVE_PAUSED && container_unpause(&s->engine, c->id, e) < 0)
		return -1;
	if (ret->state != REVIVE_ENDED && container_stop(&s->engine, c->id, BRING_UP_GRACE_S, e) < 0)
		return -1;
	if (needs_secret(s, c) && secret_file_put(s, c, &cr, e) < 0)
		return -1;
	if (container_start(&s->engine, c->id, clock_due_ms(BRING_UP_START_MS), e) < 0)
		return -1;
	return inspect(s, ret, e);
}

int
revive_start(struct service *s, bool is_restart, const char *id, struct revive_found *ret, struct err *e)
{
	AUTO(file_lock) struct file_lock lock = FILE_LOCK_INIT;
	struct container next;

	*ret = (struct revive_found){ .state = REVIVE_ABSENT };
	if (state_lock(&lock, &s->scope, STATE_WATCHDOG, clock_due_ms(0), e) < 0)
		return -1;
	if (service_check_wanted(s, e) < 0 || restore_mark_check(s->arena, &s->scope, e) < 0 || inspect(s, ret, e) < 0)
		return -1;
	int is_cut = service_next_container(s, &next, e);
	if (is_cut == 0)
		is_cut = update_is_cut(s, e);
	if (is_cut < 0)
		return -1;
	if (ret->state != REVIVE_ABSENT && !is_cut)
		return start_existing(s, is_restart, id, ret, e);
	file_lock_auto(&lock);
	lock = (struct file_lock)FILE_LOCK_INIT;
	return start_whole(s, ret, e);
}

int
revive_stop(struct service *s, struct err *e)
{
	AUTO(file_lock) struct file_lock lock = FILE_LOCK_INIT;
	struct revive_found found = { .state = REVIVE_ABSENT };

	if (state_lock(&lock, &s->scope, STATE_WATCHDOG, clock_due_ms(0), e) < 0 || inspect(s, &found, e) < 0)
		return -1;
	if (found.state == REVIVE_ABSENT || found.state == REVIVE_ENDED)
		return 0;
	return container_stop(&s->engine, found.container.id, BRING_UP_GRACE_S, e);
}

int
revive_hand_back(struct service *s, struct err *e)
{
	AUTO(file_lock) struct file_lock lock = FILE_LOCK_INIT;
	struct revive_found found = { .state = REVIVE_ABSENT };
	const char *policy = spec_restart_policy(&s->config, s->engine.is_podman);

	if (s->engine.is_podman)
		return 0;
	if (state_lock(&lock, &s->scope, STATE_WATCHDOG, clock_due_ms(0), e) < 0 || service_check_wanted(s, e) < 0) {
		if (e->code != ERR_LOCKED)
			return -1;
		err_clear(e);		/* who decides just now sets it */
		return 0;
	}
	/* What an update that was cut has left is not to be started by the engine. */
	int is_cut = update_is_cut(s, e);
	if (is_cut != 0 || inspect(s, &found, e) < 0)
		return is_cut > 0 ? 0 : -1;
	if (found.state == REVIVE_ABSENT)
		return 0;
	return container_set_restart_policy(&s->engine, found.container.id, policy, e);
}

/* ---- evidence ---- */

int
revive_evidence(struct service *s, const char *id, struct incident *ret, int64_t due_ms, struct err *e)
{
	struct container c;
	int64_t began_ms = clock_now_ms();

	if (container_inspect(&s->engine, s->arena, id, &c, e) < 0)
		return -1;
	ret->exit_code = c.state == CONTAINER_RUNNING || c.state == CONTAINER_PAUSED ? -1 : c.exit_code;		/* the engine says 0 while it runs */
	ret->is_oom_killed = c.is_oom_killed;
	ret->error = c.error;
	ret->started_epoch_s = c.started_epoch_s;
	ret->finished_epoch_s = c.finished_epoch_s;
	ret->container_id = c.id;
	ret->image_id = c.image_id;
	ret->image_ref = json_str(json_path(c.raw, "Config.Image"), "");
	if (tail_read(s, c.id, INCIDENT_LOG_LINES, &ret->log, due_ms, e) < 0) {
		log_line("evidence without the log: %s", e->msg);
		err_clear(e);
	}
	ret->evidence_ms = clock_now_ms() - began_ms;
	return 0;
}
