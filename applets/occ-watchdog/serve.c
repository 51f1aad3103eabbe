/* serve.c - what the control socket asks: how is it, look again, step aside, end as the service manager was told */
#include <unistd.h>

#include "applets/occ-watchdog/life.h"
#include "lib/base/mem.h"

#define DIR_MODE_USER 0700
#define DIR_MODE_SYSTEM 0755

static void
put(void *ctx, unsigned verb, struct jsonw *w)
{
	struct watchdog *wd = ctx;
	const struct policy *p = &wd->policy;
	AUTO(arena) struct arena scratch = ARENA_INIT;
	struct strlist busy = { .v = NULL };
	char text[WATCHDOG_TEXT];
	int64_t next_ms = drive_next_try_ms(wd);

	if (verb != CONTROL_STATUS)
		return;
	jsonw_int(w, "pid", getpid());
	jsonw_str(w, "state", policy_state_name(p->state));
	jsonw_str(w, "desired", p->is_wanted ? "up" : "down");
	jsonw_str(w, "cause", p->cause == CAUSE_NONE ? NULL : cause_name(p->cause));
	jsonw_str(w, "remedy", p->cause == CAUSE_NONE ? NULL : cause_remedy(p->cause));
	jsonw_str(w, "text", drive_status(wd, text, sizeof text));
	jsonw_str(w, "trouble", wd->trouble[0] ? wd->trouble : NULL);
	jsonw_str(w, "suspended", control_server_lease(&wd->control));
	if (next_ms >= 0)
		jsonw_int(w, "next_try_ms", next_ms);
	jsonw_int(w, "failures", p->ladder.n_failures);
	jsonw_str(w, "planned", p->planned == CAUSE_NONE ? NULL : cause_name(p->planned));
	jsonw_int(w, "last_incident", (int64_t)wd->last_incident);
	jsonw_str(w, "opencode", wd->probes.version[0] ? wd->probes.version : NULL);
	activity_list(&wd->activity.activity, &scratch, &busy);
	jsonw_array(w, "busy");
	for (size_t i = 0; i < busy.n; i++)
		jsonw_str(w, NULL, busy.v[i]);
	jsonw_end(w);
}

static int
suspend(void *ctx, const struct control_request *r, struct err *e)
{
	struct watchdog *wd = ctx;

	(void)e;
	wd_say(wd, "suspended: %s", r->why);
	wd->is_lease = true;
	drive_yield(wd);
	return 0;
}

static void
resume(void *ctx)
{
	struct watchdog *wd = ctx;

	wd_say(wd, "resumed");
	wd->is_lease = false;
	if (wd->yield.loop)
		loop_due(&wd->yield, clock_now_ms());
}

static int
down(struct watchdog *wd, struct err *e)
{
	if (wd->is_ending)
		return err_set(e, ERR_CONFLICT, "the watchdog is ending already");
	worker_ask(wd, &(struct wd_job){ .action = POLICY_DO_STOP, .is_down = true, .number = wd->policy.action_number });
	return 0;
}

static int
act(void *ctx, const struct control_request *r, struct err *e)
{
	if (r->verb == CONTROL_RELOAD)
		return watchdog_reload(ctx, e);
	return r->verb == CONTROL_DOWN ? down(ctx, e) : 0;
}

int
serve_start(struct watchdog *wd, struct err *e)
{
	const struct scope *s = &wd->service.scope;
	const struct control_handlers h = { .ctx = wd, .act = act, .put = put, .suspend = suspend, .resume = resume };
	unsigned dir_mode = s->kind == SCOPE_SYSTEM ? DIR_MODE_SYSTEM : DIR_MODE_USER;

	return control_server_open(&wd->control, &wd->loop, &control_watchdog, s->control_path, dir_mode, &h, e);
}
