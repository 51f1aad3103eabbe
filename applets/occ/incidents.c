/* incidents.c - what happened to the service, newest first: a line each */
#include "applets/occ/incidents.h"

#include "lib/base/clock.h"
#include "lib/base/num.h"

#define JSON_MAX (256 * 1024)

int
incidents_open(struct run *r, struct incident_ring *ring, struct err *e)
{
	struct scope s;

	if (occ_scope(r, &s, e) < 0)
		return -1;
	if (incident_ring_read(ring, s.incidents_path, e) == 0)
		return 0;
	if (e->code == ERR_NOT_FOUND) {
		err_clear(e);
		return 0;
	}
	if (e->code == ERR_PERM && s.kind == SCOPE_SYSTEM)
		return err_note(e, "try", "run it with sudo");
	return -1;
}

const char *
incidents_span(struct arena *a, int64_t seconds, const char *behind)
{
	AUTO(buf) struct buf text = BUF_INIT(128);

	if (seconds < 10)
		buf_printf(&text, "%lld s", (long long)(seconds > 0 ? seconds : 0));
	else
		num_put_duration(&text, (seconds < INT64_MAX / 1000 ? seconds : INT64_MAX / 1000) * 1000);
	buf_puts(&text, behind);
	return arena_str(a, buf_str(&text));
}

const char *
incidents_time(struct arena *a, int64_t epoch_s)
{
	AUTO(buf) struct buf text = BUF_INIT(64);

	clock_put_rfc3339(&text, epoch_s);
	return arena_str(a, buf_str(&text));
}

const char *
incidents_when(struct arena *a, int64_t epoch_s)
{
	int64_t now_s = clock_epoch_s();

	return epoch_s > 0 && epoch_s <= now_s ? incidents_span(a, now_s - epoch_s, " ago") : incidents_time(a, epoch_s);
}

/* ---- the list ---------------------------------------------------------------------------------------------- */

/* A record that the watchdog writes over at this moment is not one any more; returns 1, 0 for such a one, -1. */
static int
get(struct run *r, const struct incident_ring *ring, uint64_t number, struct incident *ret, struct err *e)
{
	if (incident_get(ring, r->arena, number, ret, e) == 0)
		return 1;
	if (e->code != ERR_NOT_FOUND)
		return -1;
	err_clear(e);
	return 0;
}

static void
add_json(struct jsonw *w, const struct incident *i)
{
	jsonw_object(w, NULL);
	jsonw_int(w, "number", (int64_t)i->number);
	jsonw_int(w, "at_epoch_s", i->at_epoch_s);
	jsonw_str(w, "cause", cause_name(i->cause));
	jsonw_str(w, "text", cause_text(i->cause));
	jsonw_str(w, "action", i->action);
	if (i->exit_code >= 0)
		jsonw_int(w, "exit_code", i->exit_code);
	else
		jsonw_null(w, "exit_code");
	jsonw_bool(w, "oom_killed", i->is_oom_killed);
	jsonw_end(w);
}

static void
add_row(struct run *r, struct strlist *cells, const struct incident *i)
{
	strlist_add(r->arena, cells, arena_printf(r->arena, "%llu", (unsigned long long)i->number));
	strlist_add(r->arena, cells, incidents_when(r->arena, i->at_epoch_s));
	strlist_add(r->arena, cells, cause_text(i->cause));
	strlist_add(r->arena, cells, i->action[0] ? i->action : "-");
}

static int
incidents_run(struct run *r, struct err *e)
{
	static const char *const heads[] = { "NUMBER", "WHEN", "WHAT HAPPENED", "WHAT WAS DONE" };
	AUTO(incident_ring) struct incident_ring ring = INCIDENT_RING_INIT;
	AUTO(buf) struct buf out = BUF_INIT(JSON_MAX);
	struct jsonw w = JSONW_INIT(&out, 2);
	struct strlist cells = { .v = NULL };
	uint64_t numbers[INCIDENTS_MAX];
	size_t n;

	if (incidents_open(r, &ring, e) < 0)
		return -1;
	n = incident_numbers(&ring, numbers);
	for (size_t i = 0; i < 4; i++)
		strlist_add(r->arena, &cells, heads[i]);
	jsonw_object(&w, NULL);
	jsonw_array(&w, "incidents");
	for (size_t i = 0; i < n; i++) {
		struct incident one;
		int got = get(r, &ring, numbers[i], &one, e);

		if (got < 0)
			return -1;
		if (got > 0) {
			add_json(&w, &one);
			add_row(r, &cells, &one);
		}
	}
	jsonw_end(&w);
	if (r->g->wants_json)
		return occ_put_json(r, &w, "list of incidents", e);
	if (cells.n == 4)
		term_printf(r->term, "No incidents recorded.\n");
	else
		term_table(r->term, cells.v, 4, cells.n / 4);
	return 0;
}

static const char *const incidents_examples[] = {
	"incidents", "what happened, newest first",
	"incidents show 7 --full", "everything that is known of number 7",
	NULL,
};

#define ABOUT "Each time the service ended, did not answer or could not be started, the watchdog writes down why, and what it did; the last 20 are kept. " \
	"Works without the engine."

CMD(occ_incidents) = {
	.applet = "occ", .name = "incidents", .group = "Service", .args = "", .args_max = 0, .has_json = true,
	.brief = "list what happened to the service",
	.about = ABOUT, .examples = incidents_examples, .run = incidents_run,
};

CMD(occ_incidents_list) = {
	.applet = "occ", .name = "incidents list", .group = "Service", .args = "", .args_max = 0, .has_json = true,
	.brief = "the same as `incidents`",
	.about = ABOUT, .run = incidents_run,
};
