/* drive.c - what was seen goes to the policy, what it orders is carried out */
#include <string.h>
#include <sys/stat.h>

#include "applets/occ-watchdog/watchdog.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/base/rand.h"
#include "lib/deploy/up.h"

#define S_MS 1000
#define DOUBT_MS 30000
#define HOUR_MS (60 * 60 * 1000)
#define YIELD_LOOK_MS 250

void
drive_config(struct watchdog *wd)
{
	const struct config *c = &wd->service.config;

	wd->policy_config = (struct policy_config){
		.first_delay_ms = (int64_t)c->watchdog.first_delay_s * S_MS,
		.max_delay_ms = (int64_t)c->watchdog.max_delay_s * S_MS,
		.reset_ms = (int64_t)c->watchdog.reset_s * S_MS,
		.budget = (unsigned)c->watchdog.budget,
		.budget_ms = (int64_t)c->watchdog.budget_s * S_MS,
		.retry_ms = str_is(str_of(c->watchdog.when_failed), "hourly") ? HOUR_MS : 0,
		.hang_ms = (int64_t)c->watchdog.hang_s * S_MS,
		.start_ms = (int64_t)c->watchdog.start_s * S_MS,
		.doubt_ms = DOUBT_MS,
		.plan_wait_ms = (int64_t)c->watchdog.wait_idle_s * S_MS,
	};
}

/* ---- texts ---- */

int64_t
drive_next_try_ms(const struct watchdog *wd)
{
	const struct policy *p = &wd->policy;
	bool is_waiting = p->state == POLICY_BACKOFF || p->state == POLICY_FAILED || p->state == POLICY_BLOCKED;
	int64_t left_ms = p->due_ms - clock_now_ms();

	if (!is_waiting || p->due_ms == POLICY_NEVER)
		return -1;
	return left_ms > 0 ? left_ms : 0;
}

const char *
drive_status(struct watchdog *wd, char *text, size_t n)
{
	AUTO(buf) struct buf out = BUF_INIT(WATCHDOG_TEXT * 2);
	const struct policy *p = &wd->policy;

	buf_puts(&out, policy_state_name(p->state));
	if (p->state == POLICY_UP && wd->probes.version[0])
		buf_printf(&out, ", opencode %s", wd->probes.version);
	if (p->state == POLICY_NO_ENGINE && wd->events.trouble[0])
		buf_printf(&out, ": %s", wd->events.trouble);
	else if (p->cause != CAUSE_NONE && p->state != POLICY_UP && p->state != POLICY_DOWN)
		buf_printf(&out, ": %s", cause_text(p->cause));
	int64_t next_ms = drive_next_try_ms(wd);
	if (next_ms >= 0) {
		buf_puts(&out, "; next try in ");
		num_put_duration(&out, next_ms);
	}
	str_copy(text, n, out.p);
	return text;
}

static void
tell_manager(struct watchdog *wd)
{
	char text[WATCHDOG_TEXT];

	drive_status(wd, text, sizeof text);
	if (strcmp(text, wd->status) == 0)
		return;
	str_copy(wd->status, sizeof wd->status, text);
	notify_send(&wd->notify, "STATUS=%s", text);
}

static void
put_decision(const struct watchdog *wd, const struct policy_orders *o, char *text, size_t n)
{
	AUTO(buf) struct buf out = BUF_INIT(WATCHDOG_TEXT);
	const struct policy *p = &wd->policy;

	if (o->action == POLICY_DO_START)
		buf_puts(&out, "started again");
	else if (o->action == POLICY_DO_RESTART)
		buf_puts(&out, "restarted");
	else if (o->action == POLICY_DO_STOP)
		buf_puts(&out, "stopped");
	else if (p->state == POLICY_FAILED)
		buf_printf(&out, "gave up after %u failures", p->ladder.n_failures);
	else if (p->state == POLICY_BACKOFF) {
		buf_puts(&out, "waiting ");
		num_put_duration(&out, p->due_ms - clock_now_ms());
		buf_puts(&out, " before the next start");
	} else
		buf_puts(&out, "left as it is");
	str_copy(text, n, out.p);
}

/* ---- orders ---- */

static void
save_ladder(struct watchdog *wd)
{
	struct err e = ERR_INIT;

	wd->ladder.policy = wd->policy.ladder;
	if (ladder_save(&wd->ladder_file, &wd->ladder, clock_now_ms(), &e) < 0)
		wd_say(wd, "ladder not saved: %s", e.msg);
}

/* A person's `docker stop` is a decision, and outlives us. */
static void
save_down(struct watchdog *wd)
{
	AUTO(file_lock) struct file_lock lock = FILE_LOCK_INIT;
	struct service *s = &wd->service;
	struct err e = ERR_INIT;

	if (state_lock(&lock, &s->scope, STATE_WATCHDOG, clock_due_ms(0), &e) < 0 || up_save_down(s, &e) < 0)
		wd_say(wd, "the decision to stay down is not saved: %s", e.msg);
}

static void
carry_out(struct watchdog *wd, const struct policy_event *ev, const struct policy_orders *o)
{
	struct wd_job job = { .action = o->action, .records = o->records, .cause = wd->policy.cause, .number = wd->policy.action_number };

	if (o->saves_ladder)
		save_ladder(wd);
	if (o->saves_down)
		save_down(wd);
	if (o->action != POLICY_DO_NOTHING || o->records) {
		if (job.cause == CAUSE_NONE)
			job.cause = ev->cause;
		if (o->action == POLICY_DO_RESTART && wd->policy.planned != CAUSE_NONE) {
			job.cause = wd->policy.planned;
			/* What is above the threshold when it is idle would be restarted for ever. */
			if (job.cause == CAUSE_MEMORY)
				wd->memory_rests_until_ms = ev->now_ms + wd->policy_config.reset_ms;
			job.is_overdue = ev->now_ms - wd->policy.planned_since_ms >= wd->policy_config.plan_wait_ms;
		}
		put_decision(wd, o, job.decided, sizeof job.decided);
		worker_ask(wd, &job);
	}
	if (o->notice != POLICY_NOTIFY_NOTHING)
		tell_trouble(wd, o->notice);
}

void
drive(struct watchdog *wd, enum policy_event_kind kind, enum cause cause, bool is_uncounted)
{
	struct policy_event ev = { .kind = kind, .now_ms = clock_now_ms(), .cause = cause, .is_uncounted = is_uncounted };
	struct policy_orders o;
	enum policy_state before = wd->policy.state;
	struct err ignored = ERR_INIT;

	if (wd->is_ending)
		return;
	if (rand_bytes(&ev.random, sizeof ev.random, &ignored) < 0)
		ev.random = 0;
	if (kind == POLICY_POSTPONED)
		wd->memory_rests_until_ms = 0;
	policy_step(&wd->policy, &wd->policy_config, &ev, &o);
	if (wd->policy.state != before)
		wd_say(wd, "%s, %s -> %s%s%s", policy_event_name(kind), policy_state_name(before), policy_state_name(wd->policy.state),
		    cause != CAUSE_NONE ? ": " : "", cause != CAUSE_NONE ? cause_text(cause) : "");
	carry_out(wd, &ev, &o);
	if (wd->policy.state != before)
		probes_soon(wd);
	if (wd->due.loop)
		loop_due(&wd->due, wd->policy.due_ms);
	tell_manager(wd);
}

void
drive_target(struct watchdog *wd, const struct wd_target *t)
{
	bool is_same = wd->target.is_known && t->is_known && wd->target.started_ns == t->started_ns && strcmp(wd->target.id, t->id) == 0;
	struct err e = ERR_INIT;

	if (is_same)
		return;
	probes_stop(wd);
	activity_unfollow(wd);
	wd->target = *t;
	wd->target.since_ms = clock_now_ms();
	wd->activity.cut[0] = '\0';
	if (t->is_known && probes_prepare(wd, &e) < 0) {
		wd_say(wd, "%s", e.msg);
		wd->target.is_known = false;
		drive(wd, POLICY_START_FAILED, CAUSE_CONFIG, false);
		return;
	}
	probes_soon(wd);
}

/* ---- what others decide ---- */

static int64_t
mtime_ns(const char *path)
{
	struct stat st;

	return stat(path, &st) < 0 ? 0 : file_mtime_ns(&st);
}

void
drive_state(struct watchdog *wd)
{
	const struct scope *s = &wd->service.scope;
	int64_t changed_ns = mtime_ns(s->state_path) ^ mtime_ns(s->config_path);
	struct err e = ERR_INIT;

	if (changed_ns == wd->changed_ns)
		return;
	wd->changed_ns = changed_ns;
	if (wd_reload(wd, &e) < 0)
		wd_say(wd, "%s", e.msg);
	else if (wd->service.state.is_desired_up != wd->policy.is_wanted)
		drive(wd, wd->service.state.is_desired_up ? POLICY_WANT_UP : POLICY_WANT_DOWN, CAUSE_NONE, false);
}

static void
looked(struct watch *w, short got, int64_t now_ms)
{
	struct watchdog *wd = CONTAINER_OF(w, struct watchdog, yield);

	(void)got;
	if (wd->is_lease || file_lock_is_held(wd->service.scope.lock_path)) {
		loop_due(w, now_ms + YIELD_LOOK_MS);
		return;
	}
	loop_remove(&wd->loop, w);
	drive_state(wd);
	drive(wd, POLICY_RESUME, CAUSE_NONE, false);
}

void
drive_yield(struct watchdog *wd)
{
	drive(wd, POLICY_YIELD, CAUSE_NONE, false);
	if (wd->is_ending || wd->yield.loop)
		return;
	wd->yield = (struct watch){ .fd = -1, .due_ms = LOOP_NEVER, .fire = looked };
	loop_timer(&wd->loop, &wd->yield, clock_due_ms(YIELD_LOOK_MS));
}

bool
drive_yields(struct watchdog *wd)
{
	if (wd->policy.state == POLICY_YIELDED)
		return true;
	if (!file_lock_is_held(wd->service.scope.lock_path) || worker_is_acting(wd))
		return false;
	drive_yield(wd);
	return true;
}
