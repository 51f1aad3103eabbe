/* worker.c - what blocks, in a child: one job at a time, its result as one record over a pipe */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "applets/occ-watchdog/life.h"
#include "lib/base/fd.h"
#include "lib/base/log.h"
#include "lib/base/mem.h"
#include "lib/deploy/bring_up.h"
#include "lib/deploy/up.h"
#include "lib/deploy/vantage.h"
#include "lib/proc/fork.h"

#define EVIDENCE_MS 2000	/* usually within 50 ms; a log driver that hangs must not keep a service down */
#define JOB_MS (3 * 60 * 1000)	/* longer than the longest start: then the child itself hangs */
#define RETRY_MS 1000		/* until a child can be had again */

_Static_assert(sizeof(struct wd_result) <= 4096, "one atomic write to a pipe (PIPE_BUF)");

/* ---- in the child ---- */

static void
put_target(struct service *s, const struct revive_found *f, struct wd_target *t)
{
	*t = (struct wd_target){ .is_known = f->state == REVIVE_RUNNING, .port = f->port, .started_ns = f->started_ns, .pid = f->pid,
		.memory_limit = f->memory_limit };
	if (f->state == REVIVE_ABSENT)
		return;
	str_copy(t->id, sizeof t->id, f->container.id);
	str_copy(t->host, sizeof t->host, f->host);
	str_copy(t->user, sizeof t->user, vantage_user(s, &f->container));
	t->is_inner = vantage_is_inner(&f->container);
}

static void
failed(struct wd_result *r, const struct err *e)
{
	str_copy(r->text, sizeof r->text, e->msg);
	r->is_locked = e->code == ERR_LOCKED;
	if (r->is_locked)
		return;
	r->kind = e->code == ERR_ENGINE && !e->http ? POLICY_ENGINE_LOST : POLICY_START_FAILED;
	r->cause = cause_of_refusal(e);
}

static void
look(const struct watchdog *wd, struct service *s, struct wd_result *r)
{
	struct revive_found f;
	struct err e = ERR_INIT;

	if (revive_look(s, !wd->is_ending, &f, &e) < 0) {
		failed(r, &e);
		return;
	}
	put_target(s, &f, &r->target);
	switch (f.state) {
	case REVIVE_ABSENT:
		r->kind = POLICY_FOUND_ABSENT;
		r->cause = CAUSE_ABSENT;
		break;
	case REVIVE_ENDED:
		r->kind = POLICY_FOUND_ENDED;
		r->cause = cause_of_end(&f.container, false);
		break;
	case REVIVE_RUNNING:
		r->kind = POLICY_FOUND_RUNNING;
		break;
	case REVIVE_PAUSED:
		r->kind = POLICY_FOUND_PAUSED;
		r->cause = CAUSE_PAUSED;
		break;
	}
}

static void
start(const struct watchdog *wd, struct service *s, const struct wd_job *job, struct wd_result *r)
{
	bool is_restart = job->action == POLICY_DO_RESTART;
	struct revive_found f;
	struct err e = ERR_INIT;

	if (revive_start(s, is_restart, wd->target.id[0] ? wd->target.id : NULL, &f, &e) < 0) {
		failed(r, &e);
		return;
	}
	put_target(s, &f, &r->target);
	r->kind = POLICY_STARTED_OK;
}

static void
stop(struct service *s, const struct wd_job *job, struct wd_result *r)
{
	const struct up_idle now = { .now = true, .wait_idle_ms = -1 };
	struct err e = ERR_INIT;
	struct up_stopped stopped;
	int done = job->is_down ? up_stop(s, false, BRING_UP_GRACE_S, &now, &stopped, &e) : revive_stop(s, &e);

	if (done < 0)
		failed(r, &e);
	else if (!job->is_down)		/* that one is told by the desired state */
		r->kind = POLICY_STOP_DONE;
}

static void
put_samples(const struct watchdog *wd, struct incident *i)
{
	size_t n = wd->n_samples < INCIDENT_SAMPLES_MAX ? wd->n_samples : INCIDENT_SAMPLES_MAX;

	for (size_t k = 0; k < n; k++)
		i->samples[k] = wd->samples[(wd->n_samples - n + k) % INCIDENT_SAMPLES_MAX];
	i->n_samples = n;
}

/* Those at work now, or when it ended. */
static void
put_busy(const struct watchdog *wd, struct arena *a, struct strlist *ret)
{
	struct str rest = str_of(wd->activity.cut), line;

	activity_list(&wd->activity.activity, a, ret);
	while (ret->n == 0 && str_line(&rest, &line))
		strlist_add(a, ret, arena_str(a, line));
	for (size_t i = 0; i < ret->n; i++)
		ret->v[i] = arena_printf(a, "%s: its answer was cut", ret->v[i]);
}

/* Written before the next start overwrites what the engine remembers of this life. */
static void
record(const struct watchdog *wd, struct service *s, const struct wd_job *job, struct wd_result *r)
{
	struct incident *i = arena_zero(s->arena, sizeof *i);
	struct err e = ERR_INIT;

	*i = (struct incident){ .at_epoch_s = clock_epoch_s(), .cause = job->cause, .action = job->decided, .exit_code = -1, .error = "", .container_id = "",
		.image_id = "", .image_ref = "" };
	put_samples(wd, i);
	put_busy(wd, s->arena, &i->busy);
	if (revive_evidence(s, s->names.container, i, clock_due_ms(EVIDENCE_MS), &e) < 0)
		i->error = arena_strdup(s->arena, e.msg);
	if (job->cause == CAUSE_KILLED && i->is_oom_killed)
		i->cause = CAUSE_OOM;
	incident_record(&s->scope, i, &r->incident);
}

/* A planned restart does not cut who began to work a moment ago; the stream may not have told of him yet. */
static bool
is_postponed(struct service *s, const struct wd_job *job, struct wd_result *r)
{
	struct revive_found f;
	struct err ignored = ERR_INIT;
	const char *busy = NULL;

	if (job->action != POLICY_DO_RESTART || job->cause != CAUSE_MEMORY || job->is_overdue)
		return false;
	if (revive_look(s, false, &f, &ignored) < 0 || f.state != REVIVE_RUNNING || up_busy(s, &f.container, &busy, &ignored) < 0 || !busy)
		return false;
	put_target(s, &f, &r->target);
	r->kind = POLICY_POSTPONED;
	return true;
}

static void
work(const struct watchdog *wd, struct service *s, const struct wd_job *job, struct wd_result *r)
{
	struct err e = ERR_INIT;

	if (is_postponed(s, job, r))
		return;
	if (job->records)
		record(wd, s, job, r);
	if (job->is_goodbye && revive_hand_back(s, &e) < 0)
		str_copy(r->text, sizeof r->text, e.msg);
	switch (job->action) {
	case POLICY_DO_NOTHING:
		break;
	case POLICY_DO_LOOK:
		look(wd, s, r);
		break;
	case POLICY_DO_START:
	case POLICY_DO_RESTART:
		start(wd, s, job, r);
		break;
	case POLICY_DO_STOP:
		stop(s, job, r);
		break;
	}
}

struct work {
	struct watchdog *wd;
	int fd;
};

static int
child(void *ctx)
{
	struct work *w = ctx;
	const struct wd_job *job = &w->wd->worker.job;
	AUTO(arena) struct arena a = ARENA_INIT;
	AUTO(service) struct service s = { .engine = ENGINE_INIT };
	struct wd_result r = { .number = job->number, .kind = POLICY__EVENTS };
	struct err e = ERR_INIT;

	fd_auto(&w->wd->lock.fd);	/* ours alone: a successor must not wait for this child */
	/* Everything anew: the configuration may have changed, and connections are the parent's. */
	if (service_open(&s, &a, &w->wd->service.rq, &e) < 0) {
		failed(&r, &e);
	} else if (service_connect(&s, &e) < 0) {
		failed(&r, &e);
		r.kind = POLICY_ENGINE_LOST;
	} else {
		work(w->wd, &s, job, &r);
	}
	return fd_write_all(w->fd, str_from(&r, sizeof r), clock_due_ms(1000), &e) < 0;
}

/* ---- in the parent ---- */

static void begin(struct watchdog *wd);

/* The service manager waits for our end. What the policy asked for meanwhile is dropped: it ends with us, or looks again. */
static void
down_done(struct watchdog *wd, const struct wd_result *r)
{
	wd->worker.has_next = false;
	if (r->kind == POLICY__EVENTS && !r->is_locked) {
		drive_state(wd);
		wd->was_stopped = true;
		watchdog_goodbye(wd);
	} else {
		drive_yield(wd);
	}
}

static void
deliver(struct watchdog *wd, const struct wd_result *r)
{
	const struct wd_job job = wd->worker.job;

	str_copy(wd->trouble, sizeof wd->trouble, r->text);
	if (r->text[0])
		wd_say(wd, "%s", r->text);
	if (r->incident)
		wd->last_incident = r->incident;
	if (job.is_down) {
		down_done(wd, r);
		return;
	}
	if (r->number != wd->policy.action_number)	/* called off meanwhile */
		return;
	if (r->is_locked) {
		drive_yield(wd);
		return;
	}
	if (r->kind == POLICY_ENGINE_LOST) {
		events_lost(wd, r->text);
		return;
	}
	if (r->target.id[0])
		drive_target(wd, &r->target);
	if (r->kind == POLICY__EVENTS)
		return;
	bool is_end = r->kind == POLICY_FOUND_ENDED || r->kind == POLICY_FOUND_ABSENT;
	bool is_known = wd->is_by_hand && is_end, is_uncounted = is_known || (wd->is_fresh && is_end);
	wd->is_fresh = false;
	wd->is_by_hand = false;
	drive(wd, r->kind, is_known ? CAUSE_NONE : r->cause, is_uncounted);
}

static void
finish(struct watchdog *wd, const struct wd_result *r)
{
	struct wd_worker *w = &wd->worker;

	if (w->is_told)
		return;
	w->is_told = true;
	deliver(wd, r);
}

static void
readable(struct watch *p, short got, int64_t now_ms)
{
	struct watchdog *wd = CONTAINER_OF(p, struct watchdog, worker.pipe);
	struct wd_result r = { .kind = POLICY__EVENTS };

	(void)now_ms;
	if (got == 0) {			/* far beyond what any job may take */
		wd_say(wd, "a job hangs and is ended");
		kill(wd->worker.child.pid, SIGKILL);
		return;
	}
	ssize_t n = read(p->fd, &r, sizeof r);
	if (n < 0)
		return;
	loop_remove(&wd->loop, p);
	if (n == (ssize_t)sizeof r)
		finish(wd, &r);
}

/* A child that died without a word (memory, kill -9) did not do its job: looked at again. */
static void
reaped(struct loop_child *c, int status, int64_t now_ms)
{
	struct watchdog *wd = CONTAINER_OF(c, struct watchdog, worker.child);
	struct wd_worker *w = &wd->worker;

	(void)now_ms;
	if (w->pipe.loop)
		readable(&w->pipe, POLLIN, now_ms);
	loop_remove(&wd->loop, &w->pipe);
	fd_auto(&w->pipe.fd);
	w->pipe.fd = -1;
	w->is_running = false;
	if (!w->is_told) {
		struct wd_result r = { .number = w->job.number, .kind = POLICY_START_FAILED, .cause = CAUSE_START };
		snprintf(r.text, sizeof r.text, "the job ended without a result (status %#x)", (unsigned)status);
		finish(wd, &r);
	}
	if (w->has_next && !w->is_running)
		begin(wd);
	wd_ended(wd);
}

static int
launch(struct watchdog *wd, struct err *e)
{
	struct wd_worker *w = &wd->worker;
	int fds[2];

	if (fd_pipe(fds, e) < 0)
		return -1;
	AUTO(fd) int read_fd = fds[0];
	AUTO(fd) int write_fd = fds[1];
	struct work ctx = { .wd = wd, .fd = write_fd };
	pid_t pid;
	if (fd_nonblock(read_fd, e) < 0 || fork_run(child, &ctx, &pid, e) < 0)
		return -1;
	w->is_running = true;
	w->is_told = false;
	w->child = (struct loop_child){ .pid = pid, .fire = reaped };
	w->pipe = (struct watch){ .fd = read_fd, .want = POLLIN, .due_ms = clock_due_ms(JOB_MS), .fire = readable };
	if (loop_add(&wd->loop, &w->pipe, e) == 0 && loop_child(&wd->loop, &w->child, e) == 0) {
		fd_take(&read_fd);
		return 0;
	}
	loop_remove(&wd->loop, &w->pipe);
	w->pipe.fd = -1;
	w->is_running = false;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return -1;
}

/* While it waited a command, a decision or the engine's end may have come. Its record stays worth writing. */
static bool
is_called_off(const struct watchdog *wd, const struct wd_job *job)
{
	if (job->is_down || job->is_goodbye || job->is_extra)
		return false;
	return job->number != wd->policy.action_number || wd->policy.acting != job->action;
}

static void
begin(struct watchdog *wd)
{
	struct wd_worker *w = &wd->worker;
	struct err e = ERR_INIT;

	w->job = w->next;
	w->has_next = false;
	if (is_called_off(wd, &w->job))
		w->job.action = POLICY_DO_NOTHING;
	if (w->job.action == POLICY_DO_NOTHING && !w->job.records && !w->job.is_goodbye)
		return;
	if (launch(wd, &e) == 0)
		return;
	wd_say(wd, "no worker: %s", e.msg);
	w->next = w->job;
	w->has_next = true;
	loop_timer(&wd->loop, &w->retry, clock_due_ms(RETRY_MS));
}

static void
retried(struct watch *timer, short got, int64_t now_ms)
{
	struct watchdog *wd = CONTAINER_OF(timer, struct watchdog, worker.retry);

	(void)got;
	(void)now_ms;
	loop_remove(&wd->loop, timer);
	if (wd->worker.has_next && !wd->worker.is_running)
		begin(wd);
}

void
worker_init(struct watchdog *wd)
{
	wd->worker.pipe.fd = -1;
	wd->worker.retry = (struct watch){ .fd = -1, .due_ms = LOOP_NEVER, .fire = retried };
}

bool
worker_is_acting(const struct watchdog *wd)
{
	const struct wd_worker *w = &wd->worker;

	return w->is_running && !w->job.is_down && w->job.action >= POLICY_DO_START;
}

void
worker_look(struct watchdog *wd)
{
	struct wd_worker *w = &wd->worker;

	if (!w->has_next) {
		worker_ask(wd, &(struct wd_job){ .action = POLICY_DO_LOOK, .number = wd->policy.action_number, .is_extra = true });
	} else if (w->next.action == POLICY_DO_NOTHING && !w->next.is_goodbye) {
		w->next.action = POLICY_DO_LOOK;
		w->next.number = wd->policy.action_number;
		w->next.is_extra = true;
	}
}

/* A record that has not been begun goes with the action that follows it: evidence is taken before it either way. */
void
worker_ask(struct watchdog *wd, const struct wd_job *job)
{
	struct wd_worker *w = &wd->worker;
	struct wd_job merged = *job;

	if (w->has_next && (w->next.is_down || w->next.is_goodbye) && !job->is_down && !job->is_goodbye)
		return;			/* the end comes first, and looks for itself */
	if (w->has_next && w->next.records && !merged.records) {
		merged.records = true;
		merged.cause = w->next.cause;
		memcpy(merged.decided, w->next.decided, sizeof merged.decided);
	}
	w->next = merged;
	w->has_next = true;
	if (!w->is_running)
		begin(wd);
}
