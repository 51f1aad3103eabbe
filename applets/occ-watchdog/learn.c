/*
 * learn.c - who is at work, asked for once opencode's event stream has begun: its events tell only of what changes from then on
 *
 * One question after another, each a connection of its own: for the latest sessions, then for each of their directories. What cannot be learned stays as it is: a planned
 * restart asks again before it cuts anybody.
 */
#include "applets/occ-watchdog/watchdog.h"
#include "lib/base/log.h"
#include "lib/base/mem.h"
#include "lib/deploy/vantage.h"
#include "lib/net/addr.h"

#define LEARN_MS 5000
#define PLACES_MAX 16
#define LIST_PATH "/experimental/session?limit=16"	/* its answer has to fit PROBE_ANSWER_MAX */

static void next(struct watchdog *wd);

static void
heard_places(struct wd_learn *l, int status, struct str body)
{
	AUTO(arena) struct arena scratch = ARENA_INIT;
	struct err ignored = ERR_INIT;
	const struct json *list = status == 200 ? json_parse(&scratch, body, &ignored) : NULL;

	for (JSON_EACH(session, list)) {
		const char *dir = json_str(json_get(session, "directory"), NULL);
		if (dir && l->places.n < PLACES_MAX && !strlist_has(&l->places, dir))
			strlist_add(&l->arena, &l->places, arena_strdup(&l->arena, dir));
	}
}

static void
heard_status(struct watchdog *wd, const char *place, int status, struct str body)
{
	AUTO(arena) struct arena scratch = ARENA_INIT;
	struct activity_event ev;

	if (status != 200)
		return;
	if (activity_learn(&wd->activity.activity, &scratch, place, body, wd->learn.asked_turn, &ev) > 0)
		drive(wd, ev.kind == ACTIVITY_BUSY ? POLICY_BUSY : POLICY_IDLE, CAUSE_NONE, false);
}

static void
fired(struct watch *w, short got, int64_t now_ms)
{
	struct watchdog *wd = CONTAINER_OF(w, struct watchdog, learn.watch);
	struct wd_learn *l = &wd->learn;
	int status = 0;
	enum probe_result r = got ? probe_step(&l->probe, &status) : PROBE_FAILED;

	(void)now_ms;
	if (r == PROBE_PENDING)
		return;
	loop_remove(&wd->loop, w);
	if (r == PROBE_ANSWERED && l->at == 0)
		heard_places(l, status, buf_str(&l->probe.answer));
	else if (r == PROBE_ANSWERED)
		heard_status(wd, l->places.v[l->at - 1], status, buf_str(&l->probe.answer));
	probe_stop(&l->probe);
	l->at++;
	next(wd);
}

/* The question at l->at: 0 for the list, then the places. */
static int
ask(struct watchdog *wd, const struct credentials *cr, struct err *e)
{
	struct wd_learn *l = &wd->learn;
	AUTO(buf) struct buf request = BUF_SECRET_INIT(32768), path = BUF_INIT(16384), host = BUF_INIT(256);
	int64_t due_ms = clock_due_ms(LEARN_MS);

	if (l->at == 0) {
		buf_puts(&path, LIST_PATH);
	} else {
		buf_puts(&path, "/session/status?directory=");
		buf_puturl(&path, str_of(l->places.v[l->at - 1]), "");
	}
	addr_put_hostport(&host, wd->target.host, wd->target.port);
	vantage_put_request("GET", path.p, buf_str(&host), wd->target.user,
	    credentials_for_opencode(cr, wd->target.is_inner), STR_NULL, &request);
	if (buf_check(&path, "directory of a session", e) < 0 || buf_check(&request, "question for sessions", e) < 0)
		return -1;
	l->asked_turn = wd->activity.activity.turn;
	if (!probe_start(&l->probe, wd->target.host, wd->target.port, buf_str(&request), due_ms))
		return err_set(e, ERR_FAIL, "nobody listens");
	l->watch = (struct watch){ .fd = l->probe.stream.fd, .want = POLLIN, .due_ms = due_ms, .fire = fired };
	return loop_add(&wd->loop, &l->watch, e);
}

static void
next(struct watchdog *wd)
{
	struct wd_learn *l = &wd->learn;
	AUTO(credentials) struct credentials cr;
	struct err e = ERR_INIT;

	credentials_init(&cr);
	if (l->at <= l->places.n && credentials_load(&wd->service.scope, &cr, &e) == 0 && ask(wd, &cr, &e) == 0)
		return;
	if (e.code != ERR_NONE)
		log_line("who is at work: %s", e.msg);
	learn_stop(wd);
}

void
learn_begin(struct watchdog *wd)
{
	struct wd_learn *l = &wd->learn;
	const struct activity *a = &wd->activity.activity;

	learn_stop(wd);
	strlist_add(&l->arena, &l->places, SERVICE_WORKSPACE);
	for (size_t i = 0; i < a->n_sessions && l->places.n < PLACES_MAX; i++) {
		if (a->sessions[i].is_busy && !strlist_has(&l->places, a->sessions[i].directory))
			strlist_add(&l->arena, &l->places, arena_strdup(&l->arena, a->sessions[i].directory));
	}
	next(wd);
}

void
learn_stop(struct watchdog *wd)
{
	struct wd_learn *l = &wd->learn;

	loop_remove(&wd->loop, &l->watch);
	probe_stop(&l->probe);
	arena_fini(&l->arena);
	l->places = (struct strlist){ .v = NULL };
	l->at = 0;
}
