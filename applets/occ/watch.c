/* watch.c - the supervisor as the status sees it */
#include "applets/occ/watch.h"

#include "lib/base/clock.h"
#include "lib/base/num.h"
#include "lib/deploy/control.h"
#include "lib/deploy/incident.h"
#include "lib/deploy/spec.h"

#define ASK_MS 500

/* Two restarters fight, none leaves a crash as it is: both are said. */
static const char *
owner_of(const struct status *st, bool has_watchdog)
{
	bool has_policy = !str_is(str_of(container_restart_policy(&st->container)), SPEC_RESTART_STOPPED);

	if (has_watchdog)
		return has_policy ? "both" : "watchdog";
	return has_policy ? "engine" : "nobody";
}

void
watch_ask(struct run *r, struct service *s, const struct status *st, struct watch_report *ret)
{
	AUTO(control) struct control c = CONTROL_INIT;
	const struct control_request ask = { .verb = CONTROL_STATUS, .why = "" };
	int64_t due_ms = clock_due_ms(ASK_MS);
	struct err e = ERR_INIT;

	*ret = (struct watch_report){ .has_watchdog = control_watchdog_lives(s->scope.watchdog_lock_path) };
	ret->owner = owner_of(st, ret->has_watchdog);
	if (!ret->has_watchdog)
		return;
	if (control_open(&c, &control_watchdog, s->scope.control_path, due_ms, &e) < 0 || control_ask(&c, r->arena, &ask, &ret->answer, due_ms, &e) < 0)
		ret->trouble = arena_strdup(r->arena, e.msg);
}

static void
show_incident(struct run *r, const struct service *s)
{
	AUTO(incident_ring) struct incident_ring ring = INCIDENT_RING_INIT;
	AUTO(buf) struct buf age = BUF_INIT(64);
	uint64_t numbers[INCIDENTS_MAX];
	struct incident *i = arena_zero(r->arena, sizeof *i);
	struct err ignored = ERR_INIT;

	if (incident_ring_read(&ring, s->scope.incidents_path, &ignored) < 0 || incident_numbers(&ring, numbers) == 0
	    || incident_get(&ring, r->arena, numbers[0], i, &ignored) < 0)
		return;
	num_put_duration(&age, (clock_epoch_s() - i->at_epoch_s) * 1000);
	term_item(r->term, "last event", "%s ago: %s, %s; %s incidents show %llu", age.p, cause_text(i->cause), i->action, r->cli->prog,
	    (unsigned long long)i->number);
}

static void
show_owner(struct run *r, const struct watch_report *w, bool is_running)
{
	if (str_is(str_of(w->owner), "both"))
		term_item(r->term, "restarts", "owned by the watchdog and by the engine: %s config set container.restart no", r->cli->prog);
	else if (str_is(str_of(w->owner), "nobody") && is_running)
		term_item(r->term, "restarts", "owned by nobody: %s service install --now", r->cli->prog);
}

static void
show_remedy(struct run *r, const char *remedy)
{
	AUTO(buf) struct buf text = BUF_INIT(1024);

	term_put_called(str_of(remedy), r->cli->prog, &text);
	term_item(r->term, "remedy", "%s", text.p);
}

void
watch_show(struct run *r, const struct service *s, const struct watch_report *w)
{
	const char *remedy = json_str(json_get(w->answer, "remedy"), NULL);
	const char *suspended = json_str(json_get(w->answer, "suspended"), NULL);
	const char *text = json_str(json_get(w->answer, "text"), w->trouble ? w->trouble : "says nothing");
	const char *planned = json_str(json_get(w->answer, "planned"), NULL);

	if (w->has_watchdog) {
		term_item(r->term, "watchdog", "%s%s%s%s%s", text, suspended ? "; suspended: " : "", suspended ? suspended : "",
		    planned ? "; restarts when idle: " : "", planned ? planned : "");
		if (remedy)
			show_remedy(r, remedy);
	}
	show_owner(r, w, s->state.is_desired_up);
	show_incident(r, s);
}

/* ---- as JSON ---- */

void
watch_put_json(const struct watch_report *w, struct jsonw *out)
{
	static const char *const texts[] = { "state", "desired", "cause", "remedy", "text", "trouble", "suspended", "planned",
		"opencode" };
	static const char *const numbers[] = { "pid", "next_try_ms", "failures", "last_incident" };

	jsonw_str(out, "restarts_owned_by", w->owner);
	if (!w->has_watchdog) {
		jsonw_null(out, "watchdog");
		return;
	}
	jsonw_object(out, "watchdog");
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		jsonw_str(out, texts[i], json_str(json_get(w->answer, texts[i]), NULL));
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		if (json_get(w->answer, numbers[i]))
			jsonw_int(out, numbers[i], json_int(json_get(w->answer, numbers[i]), 0));
	}
	jsonw_array(out, "busy");
	for (JSON_EACH(one, json_get(w->answer, "busy")))
		jsonw_str(out, NULL, json_str(one, NULL));
	jsonw_end(out);
	jsonw_end(out);
}
