/* schedule.c - what is due now and then, each in a child of its own: backups, and the question for a newer opencode */
#include <signal.h>
#include <sys/wait.h>

#include "applets/occ-watchdog/watchdog.h"
#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/base/mem.h"
#include "lib/deploy/backup_round.h"
#include "lib/deploy/image_source.h"
#include "lib/deploy/update_news.h"
#include "lib/loop/loop_fork.h"

#define LOOK_MS 30000
#define IS_NEWS 2		/* exit status of the child that has found a newer version */

/* Fills the service and does it in the child; its exit status. */
struct chore_kind {
	int64_t (*due)(const struct watchdog *wd, struct arena *a);	/* epoch; 0: never */
	int (*run)(struct watchdog *wd, struct service *s);
	void (*ended)(struct watchdog *wd, int exit_status);		/* -1: it was killed */
};

/* ---- backups ---- */

static int64_t
backup_due(const struct watchdog *wd, struct arena *a)
{
	struct backup_round last;

	backup_round_load(a, &wd->service.scope, &last);
	return backup_round_due(&wd->service.config, &last);
}

static int
backup_run(struct watchdog *wd, struct service *s)
{
	const struct plan_report silent = { .ctx = NULL };
	struct backup_round last;
	struct err e = ERR_INIT;

	if (service_open(s, s->arena, &wd->service.rq, &e) == 0 && backup_round_run(s, wd->run->cli->version, &silent, &last, &e) == 0) {
		wd_say(wd, "backup: %s", last.file);
		return 0;
	}
	wd_say(wd, "backup: %s", e.msg);
	return e.code == ERR_LOCKED ? 0 : 1;
}

static void
backup_ended(struct watchdog *wd, int exit_status)
{
	if (exit_status != 0)
		tell_backup(wd);
}

/* ---- a newer opencode ---- */

static int64_t
news_due(const struct watchdog *wd, struct arena *a)
{
	struct update_news last;

	update_news_load(a, &wd->service.scope, &last);
	return update_news_due(&wd->service.config, &last, wd->schedule.since_epoch_s);
}

static int
look_for_news(struct watchdog *wd, struct service *s, const char **ret_newest, struct err *e)
{
	struct container c;
	const char *now;

	if (service_open(s, s->arena, &wd->service.rq, e) < 0 || service_connect(s, e) < 0)
		return -1;
	if (image_source_look(s, &c, &now, e) < 0)
		return e->code == ERR_NOT_RUNNING ? 0 : -1;
	return c.state == CONTAINER_RUNNING ? update_news_look(s, &c, now, ret_newest, e) : 0;
}

static int
news_run(struct watchdog *wd, struct service *s)
{
	const char *newest = "";
	struct err e = ERR_INIT;
	int r = look_for_news(wd, s, &newest, &e);

	if (r < 0)
		wd_say(wd, "%s", e.msg);
	else if (r > 0)
		wd_say(wd, "opencode %s is there: occ update", newest);
	return r > 0 ? IS_NEWS : 0;
}

static void
news_ended(struct watchdog *wd, int exit_status)
{
	if (exit_status == IS_NEWS)
		tell_news(wd);
}

/* ---- all of them ---- */

static const struct chore_kind kinds[] = {
	{ backup_due, backup_run, backup_ended },
	{ news_due, news_run, news_ended },
};

static int
chore_child(void *ctx)
{
	struct watchdog *wd = ctx;
	AUTO(arena) struct arena a = ARENA_INIT;
	AUTO(service) struct service s = { .engine = ENGINE_INIT, .arena = &a };

	fd_auto(&wd->lock.fd);		/* a successor must not wait for this child */
	return wd->schedule.running->run(wd, &s);
}

static void
ended(struct loop_child *c, int status, int64_t now_ms)
{
	struct watchdog *wd = CONTAINER_OF(c, struct watchdog, schedule.child);
	const struct chore_kind *kind = wd->schedule.running;

	(void)now_ms;
	wd->schedule.running = NULL;
	if (!wd->is_ending)
		kind->ended(wd, status != LOOP_CHILD_LOST && WIFEXITED(status) ? WEXITSTATUS(status) : -1);
	wd_ended(wd);
}

static void
begin(struct watchdog *wd, const struct chore_kind *kind)
{
	struct err e = ERR_INIT;

	wd->schedule.running = kind;
	if (loop_fork(&wd->loop, &wd->schedule.child, chore_child, wd, ended, &e) == 0)
		return;
	wd->schedule.running = NULL;
	wd_say(wd, "what is due now and then is not done: %s", e.msg);
}

/* One at a time; not while a command or the worker changes something, nor for what is not wanted: its data does not change. */
static void
looked(struct watch *w, short got, int64_t now_ms)
{
	struct watchdog *wd = CONTAINER_OF(w, struct watchdog, schedule.look);
	AUTO(arena) struct arena scratch = ARENA_INIT;

	(void)got;
	loop_due(w, now_ms + LOOK_MS);
	if (wd->is_ending || !wd->service.state.is_desired_up || wd->policy.state != POLICY_UP)
		return;
	for (size_t i = 0; i < ARRAY_LEN(kinds) && !wd->schedule.running; i++) {
		int64_t due = kinds[i].due(wd, &scratch);

		if (due > 0 && due <= clock_epoch_s())
			begin(wd, &kinds[i]);
	}
}

void
schedule_begin(struct watchdog *wd)
{
	wd->schedule.since_epoch_s = clock_epoch_s();
	wd->schedule.look = (struct watch){ .fd = -1, .due_ms = LOOP_NEVER, .fire = looked };
	loop_timer(&wd->loop, &wd->schedule.look, clock_now_ms());
}

/* What it leaves the next helper removes; a file appears only when it is whole. */
void
schedule_end(struct watchdog *wd)
{
	loop_remove(&wd->loop, &wd->schedule.look);
	if (wd->schedule.running)
		kill(wd->schedule.child.pid, SIGTERM);
}
