/* activity.c - opencode's own event stream: a sign of life every 10 s, and who is at work */
#include "applets/occ-watchdog/watchdog.h"
#include "lib/base/log.h"
#include "lib/base/mem.h"

#define RETRY_LEAST_MS 500
#define RETRY_MOST_MS 15000

static void
told(struct watchdog *wd, const struct activity_event *ev)
{
	drive(wd, POLICY_HEARTBEAT, CAUSE_NONE, false);
	if (ev->kind == ACTIVITY_BUSY)
		drive(wd, POLICY_BUSY, CAUSE_NONE, false);
	else if (ev->kind == ACTIVITY_IDLE)
		drive(wd, POLICY_IDLE, CAUSE_NONE, false);
	tell_activity(wd, ev);
}

static void
lost(struct watchdog *wd)
{
	struct wd_activity *a = &wd->activity;

	/* Opened anew after the next healthy answer, not before the pause is over. */
	a->not_before_ms = clock_due_ms(a->pause_ms);
	a->pause_ms = a->pause_ms * 2 < RETRY_MOST_MS ? a->pause_ms * 2 : RETRY_MOST_MS;
}

static void
readable(struct watch *w, short got, int64_t now_ms)
{
	struct watchdog *wd = CONTAINER_OF(w, struct watchdog, activity.watch);
	AUTO(arena) struct arena scratch = ARENA_INIT;
	struct activity *a = &wd->activity.activity;
	struct activity_event ev;
	struct err e = ERR_INIT;
	int r;

	(void)got;
	(void)now_ms;
	loop_remove(&wd->loop, w);		/* the step may close the descriptor */
	while ((r = activity_step(a, &scratch, &ev, &e)) > 0) {
		wd->activity.pause_ms = RETRY_LEAST_MS;
		if (!wd->activity.is_learned)
			learn_begin(wd);
		wd->activity.is_learned = true;
		told(wd, &ev);
		if (a->stream.fd < 0)		/* what was told has ended it */
			return;
	}
	if (r == 0) {
		w->want = activity_wants(a);
		w->due_ms = a->due_ms;
		r = loop_add(&wd->loop, w, &e);
		if (r < 0)
			activity_close(a);
	}
	if (r == 0)
		return;
	log_line("opencode's events: %s", e.msg);
	lost(wd);
}

void
activity_follow(struct watchdog *wd)
{
	struct wd_activity *a = &wd->activity;
	AUTO(credentials) struct credentials cr;
	struct err e = ERR_INIT;

	if (a->activity.stream.fd >= 0 || !wd->target.is_known || clock_now_ms() < a->not_before_ms)
		return;
	credentials_init(&cr);
	if (credentials_load(&wd->service.scope, &cr, &e) < 0
	    || activity_open(&a->activity, wd->target.host, wd->target.port, wd->target.user,
	        credentials_for_opencode(&cr, wd->target.is_inner), &e) < 0) {
		log_line("opencode's events: %s", e.msg);
		a->not_before_ms = clock_due_ms(a->pause_ms);
		return;
	}
	a->is_learned = false;
	a->watch = (struct watch){ .fd = a->activity.stream.fd, .want = activity_wants(&a->activity), .due_ms = a->activity.due_ms,
		.fire = readable };
	if (loop_add(&wd->loop, &a->watch, &e) < 0)
		activity_close(&a->activity);
}

static void
remember_cut(struct wd_activity *a)
{
	AUTO(arena) struct arena scratch = ARENA_INIT;
	AUTO(buf) struct buf text = BUF_INIT(sizeof a->cut - 1);
	struct strlist busy = { .v = NULL };

	activity_list(&a->activity, &scratch, &busy);
	for (size_t i = 0; i < busy.n; i++)
		buf_printf(&text, "%s\n", busy.v[i]);
	str_copy(a->cut, sizeof a->cut, text.p);
}

/* Another life of the container: nobody is at work in it yet. */
void
activity_unfollow(struct watchdog *wd)
{
	struct wd_activity *a = &wd->activity;
	struct activity_event ev;

	loop_remove(&wd->loop, &a->watch);
	learn_stop(wd);
	activity_close(&a->activity);
	if (activity_is_busy(&a->activity))
		remember_cut(a);
	if (activity_forget(&a->activity, &ev))
		drive(wd, POLICY_IDLE, CAUSE_NONE, false);
	a->pause_ms = RETRY_LEAST_MS;
	a->not_before_ms = 0;
}
