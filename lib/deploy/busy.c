/* busy.c - sessions at work: asked of opencode per directory, and waited for */
#include "lib/deploy/busy.h"

#include "lib/base/cancel.h"
#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/base/log.h"
#include "lib/base/path.h"
#include "lib/deploy/secret_file.h"
#include "lib/deploy/vantage.h"

#define ASK_MS 5000
#define LIST_BYTES_MAX (8u << 20)
#define DIRECTORIES_MAX 16	/* most recently used first; a busy session's is among them */
#define WAIT_DEFAULT_MS (10 * 60 * 1000)
#define WAIT_PAUSE_MS 1000

/* One who asks: with which password, and what came instead of an answer. */
struct asker {
	struct service *s;
	const struct container *c;
	const struct credentials *cr;
	const char *unknown;		/* why nobody can tell, or NULL */
	struct buf body;		/* of the last answer */
};

static int
locked_out(struct asker *q, struct err *e)
{
	struct service *s = q->s;

	err_set(e, ERR_UNHEALTHY, "sessions cannot be told: opencode refuses the password of %s",
	    path_tilde(s->arena, s->scope.credentials_path, s->scope.home));
	e->http = 401;
	return -1;
}

/* 1 with the parsed answer in *ret (views of q->body); 0 when there is none: absent (with may_be_absent), or q->unknown says why; -1 (401: e->http). */
static int
ask(struct asker *q, const char *path, bool may_be_absent, struct arena *scratch, const struct json **ret, struct err *e)
{
	struct service *s = q->s;

	buf_reset(&q->body);
	int status = vantage_http(s, q->c, "GET", path, STR_NULL, q->cr, &q->body, clock_due_ms(ASK_MS), e);
	if (status < 0 && e->code != ERR_PARSE && e->code != ERR_TOO_BIG)
		return -1;
	if (status == 401)
		return locked_out(q, e);
	if (status == 404 && may_be_absent)
		return 0;
	if (status > 0 && status != 200) {
		q->unknown = arena_printf(s->arena, "sessions cannot be told (status %d)", status);
		return 0;
	}
	*ret = status == 200 ? json_parse(scratch, buf_str(&q->body), e) : NULL;
	if (!*ret)
		q->unknown = "sessions cannot be told (an answer that makes no sense)";
	return *ret != NULL;
}

/* The distinct directories of the most recent sessions. Without that list (experimental in opencode) the workspace only. */
static int
list_directories(struct asker *q, struct strlist *ret, struct err *e)
{
	AUTO(arena) struct arena scratch = ARENA_INIT;
	const struct json *list = NULL;

	strlist_add(q->s->arena, ret, SERVICE_WORKSPACE);
	if (ask(q, "/experimental/session?limit=100", true, &scratch, &list, e) < 0)
		return -1;
	for (JSON_EACH(session, list)) {
		const char *dir = json_str(json_get(session, "directory"), NULL);
		if (dir && !strlist_has(ret, dir) && ret->n < DIRECTORIES_MAX)
			strlist_add(q->s->arena, ret, arena_strdup(q->s->arena, dir));
	}
	return 0;
}

static int
count_busy(struct asker *q, const char *dir, unsigned *ret, struct err *e)
{
	AUTO(buf) struct buf path = BUF_INIT(16384);
	AUTO(arena) struct arena scratch = ARENA_INIT;
	const struct json *sessions = NULL;

	*ret = 0;
	buf_puts(&path, "/session/status?directory=");
	buf_puturl(&path, str_of(dir), "");
	if (buf_check(&path, "directory of a session", e) < 0)
		return -1;
	if (ask(q, path.p, false, &scratch, &sessions, e) < 0)
		return -1;
	for (JSON_EACH(one, sessions)) {
		if (!str_is(str_of(json_str(json_get(one, "type"), "idle")), "idle"))
			(*ret)++;
	}
	return 0;
}

static int
find_with(struct asker *q, const char **ret_busy, struct err *e)
{
	AUTO(buf) struct buf where = BUF_INIT(4096);
	struct strlist dirs = { .v = NULL };
	unsigned total = 0;

	if (list_directories(q, &dirs, e) < 0)
		return -1;
	for (size_t i = 0; i < dirs.n && !q->unknown; i++) {
		unsigned n;
		if (count_busy(q, dirs.v[i], &n, e) < 0)
			return -1;
		if (n)
			buf_printf(&where, "%s%s", where.n ? ", " : "", path_tilde(q->s->arena, dirs.v[i], SERVICE_HOME));
		total += n;
	}
	if (total)
		*ret_busy = arena_printf(q->s->arena, "%u session%s busy (%s)", total, total == 1 ? "" : "s", where.p);
	else
		*ret_busy = q->unknown;
	return 0;
}

static int
find_as(struct service *s, const struct container *c, const struct credentials *cr, const char **ret_busy, struct err *e)
{
	struct asker q = { .s = s, .c = c, .cr = cr, .body = BUF_INIT(LIST_BYTES_MAX) };
	int r = find_with(&q, ret_busy, e);

	buf_fini(&q.body);
	return r;
}

/* It was started with another password than ours of today: with its own it answers as well. */
static int
find_with_its_own(struct service *s, const struct container *c, const char **ret_busy, struct err *e)
{
	AUTO(credentials) struct credentials its_own;
	struct err inner = ERR_INIT;

	credentials_init(&its_own);
	if (secret_file_get_password(s, c, &its_own, &inner) < 0) {
		log_line("%s", inner.msg);
		return -1;
	}
	return find_as(s, c, &its_own, ret_busy, e);
}

int
busy_find(struct service *s, const struct container *c, const struct credentials *cr, const char **ret_busy, struct err *e)
{
	*ret_busy = NULL;
	int r = find_as(s, c, cr, ret_busy, e);
	if (r < 0 && e->http == 401)
		r = find_with_its_own(s, c, ret_busy, e);
	return r < 0 && e->http != 401 ? err_wrap(e, "ask for busy sessions") : r;
}

/* 1 idle now, 0 still busy, -1. */
static int
is_idle(struct service *s, const struct container *c, const struct credentials *cr, const char **ret_busy, struct err *e)
{
	if (busy_find(s, c, cr, ret_busy, e) == 0)
		return *ret_busy == NULL;
	if (e->code == ERR_INTERRUPTED || e->http == 401)
		return -1;
	log_line("%s", e->msg);		/* who gives no answer is not protected: a hang must stay restartable */
	return 1;
}

/* Nobody can be asked, and waiting does not change that: a person decides. */
static int
decide_locked_out(const struct up_idle *idle, struct err *e)
{
	struct err inner = ERR_INIT;
	int r = idle->ask ? idle->ask(idle->ctx, e->msg, &inner) : 0;

	if (r < 0)
		*e = inner;
	return r > 0 ? 0 : r < 0 ? -1 : err_note(e, "try", "the same with --now, which stops whatever is at work");
}

int
busy_wait(struct service *s, const struct container *c, const struct credentials *cr, const struct up_idle *idle,
    const struct plan_report *report, struct err *e)
{
	int64_t wait_ms = idle->wait_idle_ms >= 0 ? idle->wait_idle_ms : WAIT_DEFAULT_MS;
	int64_t due_ms = clock_due_ms(wait_ms);
	const char *busy = NULL;
	bool has_asked = idle->wait_idle_ms >= 0 || !idle->ask;

	if (idle->now)
		return 0;
	for (;;) {
		int r = is_idle(s, c, cr, &busy, e);
		if (r < 0 && e->http == 401)
			return decide_locked_out(idle, e);
		if (r)
			return r < 0 ? -1 : 0;
		if (!has_asked) {
			has_asked = true;
			r = idle->ask(idle->ctx, busy, e);
			if (r)
				return r < 0 ? -1 : 0;
		}
		if (clock_now_ms() >= due_ms) {
			err_set(e, ERR_TIMEOUT, "still at work: %s", busy);
			return err_note(e, "try", "the same with --now to stop them, or --wait-idle 1h to wait longer");
		}
		if (report->progress)
			report->progress(report->ctx, "Waiting", busy);
		if (fd_wait_many(NULL, 0, clock_due_ms(WAIT_PAUSE_MS), e) < 0 && e->code != ERR_TIMEOUT)
			return -1;
	}
}

static int
pause_again(struct service *s, const struct container *c, struct err *e)
{
	struct err inner = ERR_INIT;

	cancel_hold();
	int r = container_pause(&s->engine, c->id, &inner);
	cancel_release();
	if (r < 0)
		return err_note(e, "changed", "the container was unpaused, and pausing it again failed: %s", inner.msg);
	return err_note(e, "changed", "nothing; the container is paused again");
}

int
busy_settle(struct service *s, const struct container *c, const struct credentials *cr, const struct up_idle *idle, struct err *e)
{
	const struct plan_report silent = { .row = NULL };
	bool is_paused = c->state == CONTAINER_PAUSED;

	if (!is_paused && c->state != CONTAINER_RUNNING)
		return 0;
	if (is_paused && container_unpause(&s->engine, c->id, e) < 0)
		return -1;
	if (!cr || busy_wait(s, c, cr, idle, &silent, e) == 0)
		return 0;
	return is_paused ? pause_again(s, c, e) : err_note(e, "changed", "nothing");
}
