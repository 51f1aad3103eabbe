/* watchdog.c - the supervisor's own life: begin, run, reload, end */
#include "applets/occ-watchdog/watchdog.h"

#include <stdarg.h>
#include <stdio.h>

#include "applets/occ-watchdog/life.h"
#include "applets/occ/common.h"
#include "lib/base/log.h"
#include "lib/base/mem.h"

#define TICK_MS 2000		/* how late a decision is seen that made no event */
#define PING_MS 10000		/* without a service manager that asks for it nothing is sent */
#define LOCK_MS 3000		/* a predecessor that is ending */

void
wd_say(const struct watchdog *wd, const char *fmt, ...)
{
	char text[WATCHDOG_TEXT * 2];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	term_warn(wd->run->term, "occ-watchdog", "%s", text);
}

/* The engine's connection is opened again when it is needed; the event stream has one of its own. */
int
wd_reload(struct watchdog *wd, struct err *e)
{
	struct arena fresh = ARENA_INIT;
	struct service s;
	bool is_remote = wd->service.is_remote, is_podman = wd->service.engine.is_podman;

	if (service_open(&s, &fresh, &wd->service.rq, e) < 0) {
		arena_fini(&fresh);
		return -1;
	}
	service_auto(&wd->service);
	arena_fini(&wd->arena);
	wd->arena = fresh;
	s.arena = &wd->arena;
	s.is_remote = is_remote;
	s.engine.is_podman = is_podman;
	wd->service = s;
	drive_config(wd);
	notice_sender_configure(&wd->sender, &wd->service.scope, &wd->service.config);
	edge_follow(wd);
	return 0;
}

void
wd_ended(struct watchdog *wd)
{
	if (wd->is_ending && !wd->worker.is_running && !wd->edge.is_running && !wd->schedule.running)
		loop_end(&wd->loop);
}

/* ---- timers and signals ---- */

static void
ticked(struct watch *w, short got, int64_t now_ms)
{
	struct watchdog *wd = CONTAINER_OF(w, struct watchdog, tick);

	(void)got;
	loop_due(w, now_ms + TICK_MS);
	if (wd->policy.state != POLICY_YIELDED)
		drive_state(wd);
	/* Started by somebody, and the look at it failed: without its address nobody asks it. */
	if (wd->policy.state == POLICY_STARTING && !wd->target.is_known && !wd->worker.is_running)
		worker_look(wd);
}

static void
pinged(struct watch *w, short got, int64_t now_ms)
{
	struct watchdog *wd = CONTAINER_OF(w, struct watchdog, ping);

	(void)got;
	notify_send(&wd->notify, "WATCHDOG=1");
	loop_due(w, now_ms + (wd->notify.watchdog_ms ? wd->notify.watchdog_ms : PING_MS));
}

static void
came_due(struct watch *w, short got, int64_t now_ms)
{
	struct watchdog *wd = CONTAINER_OF(w, struct watchdog, due);

	(void)got;
	(void)now_ms;
	if (drive_yields(wd))
		return;
	drive_state(wd);		/* a stop of what had ended already makes no event */
	drive(wd, POLICY_DUE, CAUSE_NONE, false);
}

void
watchdog_goodbye(struct watchdog *wd)
{
	bool is_wanted = wd->policy.is_wanted, has_engine = wd->events.is_open;

	if (wd->is_ending)
		return;
	notify_send(&wd->notify, "STOPPING=1");
	wd_say(wd, "ending; the engine's restart policy is set again");
	loop_remove(&wd->loop, &wd->due);
	loop_remove(&wd->loop, &wd->yield);
	loop_remove(&wd->loop, &wd->tick);
	probes_stop(wd);
	activity_unfollow(wd);
	events_stop(wd);
	wd->is_ending = true;
	if (is_wanted && has_engine && wd->policy.cause != CAUSE_OPEN)		/* what lets everybody in is not to come back */
		worker_ask(wd, &(struct wd_job){ .action = POLICY_DO_NOTHING, .is_goodbye = true });
	edge_end(wd);
	schedule_end(wd);
	wd_ended(wd);
}

int
watchdog_reload(struct watchdog *wd, struct err *e)
{
	int r;

	notify_reloading(&wd->notify);
	r = wd_reload(wd, e);
	if (r == 0 && wd->target.is_known)
		r = probes_prepare(wd, e);
	wd_say(wd, "%s%s", r < 0 ? "not reloaded: " : "reloaded", r < 0 ? e->msg : "");
	if (r == 0)
		drive(wd, POLICY_RETRY, CAUSE_NONE, false);
	notify_send(&wd->notify, "READY=1");
	return r;
}

static void
signalled(struct loop_signals *s, int signo, int64_t now_ms)
{
	struct watchdog *wd = CONTAINER_OF(s, struct watchdog, signals);
	struct err told = ERR_INIT;

	(void)now_ms;
	if (signo != SIGHUP)
		watchdog_goodbye(wd);
	else if (watchdog_reload(wd, &told) < 0)
		return;		/* it has said why, and goes on as before */
}

/* ---- begin ---- */

static void
add_timer(struct watchdog *wd, struct watch *w, int64_t due_ms, void (*fire)(struct watch *, short, int64_t))
{
	*w = (struct watch){ .fd = -1, .due_ms = LOOP_NEVER, .fire = fire };
	loop_timer(&wd->loop, w, due_ms);
}

static int
begin_loop(struct watchdog *wd, struct err *e)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	wd->signals.fire = signalled;
	if (loop_init(&wd->loop, e) < 0 || loop_signals(&wd->loop, &wd->signals, &set, e) < 0)
		return -1;
	add_timer(wd, &wd->tick, clock_due_ms(TICK_MS), ticked);
	add_timer(wd, &wd->due, LOOP_NEVER, came_due);
	if (wd->notify.fd >= 0)
		add_timer(wd, &wd->ping, clock_now_ms(), pinged);
	return 0;
}

/* Who takes the restarts over has to be on the engine's own host. */
static int
check_local(struct watchdog *wd, struct err *e)
{
	struct err unreached = ERR_INIT;

	if (service_connect(&wd->service, &unreached) < 0 && unreached.code != ERR_ENGINE && unreached.code != ERR_PERM
	    && unreached.code != ERR_TIMEOUT && unreached.code != ERR_SYS) {
		*e = unreached;
		return -1;
	}
	if (!wd->service.is_remote)
		return 0;
	err_set(e, ERR_REFUSED, "the engine is not on this machine, and restarts are not decided from afar");
	return err_note(e, "try", "occ service install --now   (on the engine's own host)");
}

/* READY means: supervising. Health is told as STATUS. */
static int
begin(struct watchdog *wd, struct err *e)
{
	if (check_local(wd, e) < 0 || life_take(wd, clock_due_ms(LOCK_MS), e) < 0)
		return -1;
	if (notify_open(&wd->notify, occ_env("NOTIFY_SOCKET"), occ_env("WATCHDOG_USEC"), occ_env("WATCHDOG_PID"), e) < 0)
		return -1;
	drive_config(wd);
	if (begin_loop(wd, e) < 0 || serve_start(wd, e) < 0)
		return -1;
	if (notice_sender_open(&wd->sender, &wd->loop, &wd->service.scope, &wd->service.config, e) < 0)
		return -1;
	notify_send(&wd->notify, "READY=1");
	events_start(wd);
	edge_follow(wd);
	schedule_begin(wd);
	drive(wd, wd->service.state.is_desired_up ? POLICY_WANT_UP : POLICY_WANT_DOWN, CAUSE_NONE, false);
	return 0;
}

static void
watchdog_init(struct watchdog *wd, struct run *r)
{
	*wd = (struct watchdog){ .run = r, .service = { .engine = ENGINE_INIT }, .lock = FILE_LOCK_INIT, .ladder_file = LADDER_FILE_INIT,
		.notify = NOTIFY_INIT };
	wd->events.stream = (struct events)EVENTS_INIT;
	worker_init(wd);
	edge_init(wd);
	for (size_t i = 0; i < WATCHDOG_PROBES; i++)
		wd->probes.flight[i].probe = (struct probe)PROBE_INIT;
	wd->probes.request = (struct buf)BUF_SECRET_INIT(1);
	wd->probes.bare_request = (struct buf)BUF_INIT(1);
	activity_init(&wd->activity.activity);
	wd->learn.watch = (struct watch)WATCH_INIT;
	wd->learn.probe = (struct probe)PROBE_INIT;
	control_server_init(&wd->control);
}

static void
watchdog_auto(struct watchdog *wd)
{
	events_stop(wd);
	probes_stop(wd);
	learn_stop(wd);
	buf_wipe(&wd->probes.request);
	buf_fini(&wd->probes.bare_request);
	activity_auto(&wd->activity.activity);
	control_server_close(&wd->control);
	notice_sender_close(&wd->sender);
	edge_close(wd);
	loop_auto(&wd->loop);
	ladder_auto(&wd->ladder_file);
	notify_auto(&wd->notify);
	service_auto(&wd->service);
	file_lock_auto(&wd->lock);
	arena_fini(&wd->arena);
}

int
watchdog_run(struct run *r, struct err *e)
{
	AUTO(watchdog) struct watchdog wd;
	struct service_request rq;

	watchdog_init(&wd, r);
	if (occ_request(r, &rq, e) < 0 || service_open(&wd.service, &wd.arena, &rq, e) < 0 || scope_prepare_state(&wd.service.scope, e) < 0)
		return -1;
	if (begin(&wd, e) < 0 || loop_run(&wd.loop, e) < 0)
		return -1;
	return life_end(&wd, e);
}
