/* busy.c - sessions at work: asked of opencode per directory, and waited for */
#include "lib/deploy/busy.h"

#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/base/log.h"
#include "lib/base/path.h"
#include "lib/deploy/vantage.h"

#define ASK_MS 5000
#define LIST_BYTES_MAX (8u << 20)
#define DIRECTORIES_MAX 16	/* most recently used first; a busy session's is among them */
#define WAIT_DEFAULT_MS (10 * 60 * 1000)
#define WAIT_PAUSE_MS 1000

/* The distinct directories of the most recent sessions. */
static int
list_directories(struct service *s, const struct container *c, const struct credentials *cr, struct strlist *ret, struct err *e)
{
	AUTO(buf) struct buf body = BUF_INIT(LIST_BYTES_MAX);
	AUTO(arena) struct arena scratch = ARENA_INIT;
	int status = vantage_http(s, c, "GET", "/experimental/session?limit=100", STR_NULL, cr, &body, clock_due_ms(ASK_MS), e);

	if (status < 0)
		return -1;
	strlist_add(s->arena, ret, SERVICE_WORKSPACE);
	if (status != 200) {
		log_line("session list: status %d; only the workspace is asked for busy sessions", status);
		return 0;
	}
	const struct json *list = json_parse(&scratch, buf_str(&body), e);
	if (!list)
		return -1;
	for (JSON_EACH(session, list)) {
		const char *dir = json_str(json_get(session, "directory"), NULL);
		if (dir && !strlist_has(ret, dir) && ret->n < DIRECTORIES_MAX)
			strlist_add(s->arena, ret, arena_strdup(s->arena, dir));
	}
	return 0;
}

static int
count_busy(struct service *s, const struct container *c, const struct credentials *cr, const char *dir, unsigned *ret, struct err *e)
{
	AUTO(buf) struct buf path = BUF_INIT(16384), body = BUF_INIT(LIST_BYTES_MAX);
	AUTO(arena) struct arena scratch = ARENA_INIT;

	buf_puts(&path, "/session/status?directory=");
	buf_puturl(&path, str_of(dir), "");
	if (buf_check(&path, "directory of a session", e) < 0)
		return -1;
	int status = vantage_http(s, c, "GET", path.p, STR_NULL, cr, &body, clock_due_ms(ASK_MS), e);
	if (status < 0)
		return -1;
	*ret = 0;
	if (status != 200)
		return 0;
	const struct json *sessions = json_parse(&scratch, buf_str(&body), e);
	if (!sessions)
		return -1;
	for (JSON_EACH(one, sessions)) {
		if (!str_is(str_of(json_str(json_get(one, "type"), "idle")), "idle"))
			(*ret)++;
	}
	return 0;
}

int
busy_find(struct service *s, const struct container *c, const struct credentials *cr, const char **ret_busy, struct err *e)
{
	AUTO(buf) struct buf where = BUF_INIT(4096);
	struct strlist dirs = { .v = NULL };
	unsigned total = 0;

	*ret_busy = NULL;
	if (list_directories(s, c, cr, &dirs, e) < 0)
		return err_wrap(e, "ask for busy sessions");
	for (size_t i = 0; i < dirs.n; i++) {
		unsigned n;
		if (count_busy(s, c, cr, dirs.v[i], &n, e) < 0)
			return err_wrap(e, "ask for busy sessions");
		if (n)
			buf_printf(&where, "%s%s", where.n ? ", " : "", path_tilde(s->arena, dirs.v[i], SERVICE_HOME));
		total += n;
	}
	if (total)
		*ret_busy = arena_printf(s->arena, "%u session%s busy (%s)", total, total == 1 ? "" : "s", where.p);
	return 0;
}

/* 1 idle now, 0 still busy, -1. */
static int
is_idle(struct service *s, const struct container *c, const struct credentials *cr, const char **ret_busy, struct err *e)
{
	if (busy_find(s, c, cr, ret_busy, e) == 0)
		return *ret_busy == NULL;
	if (e->code == ERR_INTERRUPTED)
		return -1;
	log_line("%s", e->msg);		/* who cannot say that it works is not protected: a hang must stay restartable */
	return 1;
}

int
busy_wait(struct service *s, const struct container *c, const struct credentials *cr, const struct up_idle *idle,
    const struct plan_report *report, struct err *e)
{
	int64_t wait_ms = idle->wait_idle_ms >= 0 ? idle->wait_idle_ms : WAIT_DEFAULT_MS;
	int64_t due_ms = clock_due_ms(wait_ms);
	const char *busy = NULL;

	if (idle->now)
		return 0;
	int r = is_idle(s, c, cr, &busy, e);
	if (r)
		return r < 0 ? -1 : 0;
	if (idle->ask && idle->wait_idle_ms < 0) {
		r = idle->ask(idle->ctx, busy, e);
		if (r)
			return r < 0 ? -1 : 0;
	}
	for (;;) {
		if (clock_now_ms() >= due_ms) {
			err_set(e, ERR_TIMEOUT, "still at work: %s", busy);
			err_note(e, "changed", "nothing");
			return err_note(e, "try", "the same with --now to stop them, or --wait-idle 1h to wait longer");
		}
		if (report->progress)
			report->progress(report->ctx, "Waiting", busy);
		if (fd_wait_many(NULL, 0, clock_due_ms(WAIT_PAUSE_MS), e) < 0 && e->code != ERR_TIMEOUT)
			return -1;
		r = is_idle(s, c, cr, &busy, e);
		if (r)
			return r < 0 ? -1 : 0;
	}
}
