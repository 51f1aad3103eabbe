/* events.c - the engine's event stream: what happens to the container, and whether the engine is there at all */
#include "applets/occ-watchdog/watchdog.h"
#include "lib/base/log.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"

#define OPEN_MS 2000		/* request and head; with service_connect's ping the only waits for the engine in the loop itself, below the service manager's patience */
#define RETRY_LEAST_MS 200
#define RETRY_MOST_MS 5000
#define LATE_MS 10000		/* how late events of an earlier life may come */
#define BATCH_MAX 64		/* events of one callback */
#define READ_MS 1		/* a deadline that has passed reads nothing */

static const char *const names[] = { "die", "oom", "kill", "stop", "start", "destroy", "pause", "unpause", NULL };

/* ---- what an event means ---- */

/* SIGHUP or SIGUSR1 sent through the engine end nothing. */
static bool
is_deadly(struct str signal)
{
	static const char *const deadly[] = { "15", "9", "2", "3", "6", "SIGTERM", "SIGKILL", "SIGINT", "SIGQUIT", "TERM", "KILL", "INT" };

	for (size_t i = 0; i < ARRAY_LEN(deadly); i++) {
		if (str_is(signal, deadly[i]))
			return true;
	}
	return false;
}

static void
ended(struct watchdog *wd, const struct json *attributes)
{
	struct wd_events *ev = &wd->events;
	int64_t exit_code = 0;
	struct err ignored = ERR_INIT;

	if (num_i64(str_of(json_str(json_get(attributes, "exitCode"), "")), INT32_MIN, INT32_MAX, &exit_code, &ignored) < 0)
		exit_code = json_int(json_get(attributes, "exitCode"), 0);
	const struct container c = { .exit_code = (int)exit_code, .is_oom_killed = ev->is_oom, .error = "" };
	bool is_by_engine = ev->is_end_ordered;

	wd->target.is_known = false;
	probes_stop(wd);
	activity_unfollow(wd);
	ev->is_end_ordered = ev->is_oom = false;
	if (drive_yields(wd))
		return;
	drive_state(wd);
	drive(wd, is_by_engine ? POLICY_STOPPED : POLICY_ENDED, cause_of_end(&c, is_by_engine), false);
}

static void
started(struct watchdog *wd)
{
	wd->events.is_end_ordered = wd->events.is_oom = false;
	if (drive_yields(wd))
		return;
	drive_state(wd);
	/* Address, id and times come with a look. */
	if (worker_is_acting(wd))
		return;
	drive(wd, POLICY_STARTED, CAUSE_NONE, false);
	worker_look(wd);
}

/* Podman says "stop" before "died", and of a kill not always the signal (4.3); Docker says "kill" for both, and "stop" when it is over. */
static bool
orders_end(const struct watchdog *wd, struct str name, struct str signal)
{
	bool is_podman = wd->service.engine.is_podman;

	if (str_is(name, "kill"))
		return is_deadly(signal) || (is_podman && !signal.n);
	return is_podman && str_is(name, "stop");
}

/* Our own start may have been answered before the events of the end that led to it are read. For a moment only: the engine's clock may be set back. */
static bool
is_of_earlier_life(const struct watchdog *wd, int64_t at_ns)
{
	return at_ns && at_ns < wd->target.started_ns && clock_now_ms() - wd->target.since_ms < LATE_MS;
}

static void
handle(struct watchdog *wd, const struct json *event)
{
	struct str name = str_of(json_str(json_get(event, "Action"), json_str(json_get(event, "status"), "")));
	const struct json *attributes = json_path(event, "Actor.Attributes");
	int64_t at_ns = json_int(json_get(event, "timeNano"), 0);

	/* The engine's filter takes a name for the beginning of one: other instances' and NAME.next come, too. */
	if (!str_is(str_of(json_str(json_get(attributes, "name"), "")), wd->service.names.container))
		return;
	if (is_of_earlier_life(wd, at_ns))
		return;
	log_line("event " STR_FMT, STR_ARG(name));
	wd->events.pause_ms = RETRY_LEAST_MS;
	if (orders_end(wd, name, str_of(json_str(json_get(attributes, "signal"), ""))))
		wd->events.is_end_ordered = true;
	else if (str_is(name, "oom"))
		wd->events.is_oom = true;
	else if (str_is(name, "die") || str_is(name, "died"))
		ended(wd, attributes);
	else if (str_is(name, "start") || str_is(name, "unpause"))
		started(wd);
	else if (str_is(name, "pause") && !drive_yields(wd))
		drive(wd, POLICY_FOUND_PAUSED, CAUSE_PAUSED, false);
	else if ((str_is(name, "destroy") || str_is(name, "remove")) && !drive_yields(wd))
		drive(wd, POLICY_GONE, CAUSE_ABSENT, false);
}

/* ---- the stream ---- */

void
events_stop(struct watchdog *wd)
{
	struct wd_events *ev = &wd->events;

	loop_remove(&wd->loop, &ev->watch);
	loop_remove(&wd->loop, &ev->retry);
	events_auto(&ev->stream);
	engine_auto(&wd->service.engine);
	arena_fini(&ev->arena);		/* the endpoint that was found */
	wd->service.is_connected = false;
	ev->is_open = false;
}

void
events_lost(struct watchdog *wd, const char *why)
{
	struct wd_events *ev = &wd->events;
	events_stop(wd);
	str_copy(ev->trouble, sizeof ev->trouble, why);
	loop_timer(&wd->loop, &ev->retry, clock_due_ms(ev->pause_ms));
	ev->pause_ms = ev->pause_ms * 2 < RETRY_MOST_MS ? ev->pause_ms * 2 : RETRY_MOST_MS;
	if (!ev->is_lost_told) {
		wd_say(wd, "engine: %s", why);
		ev->is_lost_told = true;
		drive(wd, POLICY_ENGINE_LOST, CAUSE_NONE, false);
	}
}

static void
readable(struct watch *w, short got, int64_t now_ms)
{
	struct watchdog *wd = CONTAINER_OF(w, struct watchdog, events.watch);
	struct err e = ERR_INIT;

	(void)got;
	(void)now_ms;
	for (int i = 0; i < BATCH_MAX; i++) {
		AUTO(arena) struct arena scratch = ARENA_INIT;
		const struct json *event;
		int r = events_next(&wd->events.stream, &scratch, &event, clock_due_ms(READ_MS), &e);
		if (r < 0 && e.code == ERR_TIMEOUT)
			return;
		if (r <= 0) {
			events_lost(wd, r < 0 ? e.msg : "the engine ended its event stream");
			return;
		}
		handle(wd, event);
		if (!wd->events.is_open)
			return;
	}
}

static int
open_stream(struct watchdog *wd, struct err *e)
{
	struct wd_events *ev = &wd->events;
	struct service *s = &wd->service;

	/* In memory of its own: an engine may be away for weeks, and each try looks for it anew. */
	s->arena = &ev->arena;
	int r = service_connect(s, e);
	s->arena = &wd->arena;
	if (r < 0)
		return -1;
	if (events_open(&s->engine, &ev->stream, s->names.container, names, 0, clock_due_ms(OPEN_MS), e) < 0)
		return -1;
	ev->watch = (struct watch){ .fd = ev->stream.conn.stream.fd, .want = POLLIN, .due_ms = LOOP_NEVER, .fire = readable };
	return loop_add(&wd->loop, &ev->watch, e);
}

static void
try_open(struct watch *w, short got, int64_t now_ms)
{
	struct watchdog *wd = CONTAINER_OF(w, struct watchdog, events.retry);
	struct wd_events *ev = &wd->events;
	struct err e = ERR_INIT;

	(void)got;
	(void)now_ms;
	if (open_stream(wd, &e) < 0) {
		events_lost(wd, e.msg);
		return;
	}
	loop_remove(&wd->loop, &ev->retry);
	ev->is_open = true;
	ev->trouble[0] = '\0';
	if (ev->is_lost_told) {
		ev->is_lost_told = false;
		wd->is_fresh = true;
		drive(wd, POLICY_ENGINE_BACK, CAUSE_NONE, false);
	}
}

void
events_start(struct watchdog *wd)
{
	struct wd_events *ev = &wd->events;

	ev->stream = (struct events)EVENTS_INIT;
	ev->watch = (struct watch)WATCH_INIT;
	ev->retry = (struct watch){ .fd = -1, .due_ms = LOOP_NEVER, .fire = try_open };
	ev->pause_ms = RETRY_LEAST_MS;
	try_open(&ev->retry, 0, clock_now_ms());
}
