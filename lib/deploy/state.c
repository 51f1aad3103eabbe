/*
 * state.c - deployment id and desired state, in state.json; the lock's record
 *
 * The file is this program's own: what it does not know of this format is not kept. A newer format is left alone.
 */
#include "lib/deploy/state.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/path.h"
#include "lib/base/rand.h"
#include "lib/json/json.h"
#include "lib/json/jsonw.h"

#define STATE_BYTES_MAX 65536
#define RECORD_BYTES_MAX 256	/* what file_lock.c shows of one */
#define DEPLOYMENT_BYTES 16
#define DAY_S 86400
#define WATCHDOG_MS 30000	/* a stop with its grace, and a start */
#define ASKED_MS 500

/* ---- the file ---- */

static int
make_new(struct arena *a, struct state *ret, struct err *e)
{
	AUTO(buf) struct buf id = BUF_INIT(2 * DEPLOYMENT_BYTES);

	if (rand_hex(&id, DEPLOYMENT_BYTES, e) < 0)
		return -1;
	*ret = (struct state){ .is_new = true, .deployment = arena_str(a, buf_str(&id)) };
	return 0;
}

static bool
is_deployment(const char *id)
{
	return strlen(id) == 2 * (size_t)DEPLOYMENT_BYTES && strspn(id, "0123456789abcdef") == 2 * (size_t)DEPLOYMENT_BYTES;
}

static int
read_tree(const struct json *j, const char *path, struct state *ret, struct err *e)
{
	int64_t format = json_int(json_get(j, "format"), 0);

	if (format > STATE_FORMAT)
		return err_set(e, ERR_CONFIG, "%s has format %jd, newer than this program knows (%d): use the newer program", path,
			       (intmax_t)format, STATE_FORMAT);
	*ret = (struct state){
		.deployment = json_str(json_get(j, "deployment"), ""),
		.is_desired_up = strcmp(json_str(json_get(j, "desired"), "down"), "up") == 0,
	};
	if (format != STATE_FORMAT || !is_deployment(ret->deployment))
		return err_set(e, ERR_CONFIG, "%s is damaged: it names no %s", path, format == STATE_FORMAT ? "deployment" : "format");
	return 0;
}

int
state_load(struct arena *a, const struct scope *s, struct state *ret, struct err *e)
{
	AUTO(buf) struct buf text = BUF_INIT(STATE_BYTES_MAX);
	const struct json *j;

	if (file_read(s->state_path, &text, e) < 0) {
		if (e->code != ERR_NOT_FOUND && !(e->code == ERR_PERM && s->kind == SCOPE_SYSTEM))
			return err_wrap(e, "read the state");
		if (e->code == ERR_PERM)
			return err_note(e, "try", "run it with sudo");
		err_clear(e);
		return make_new(a, ret, e);
	}
	j = json_parse(a, buf_str(&text), e);
	if (!j) {
		err_wrap(e, "%s", path_tilde(a, s->state_path, s->home));
		e->code = ERR_CONFIG;
		return -1;
	}
	return read_tree(j, path_tilde(a, s->state_path, s->home), ret, e);
}

int
state_save(const struct scope *s, const struct state *st, struct err *e)
{
	AUTO(buf) struct buf out = BUF_INIT(STATE_BYTES_MAX);
	struct jsonw w = JSONW_INIT(&out, 2);

	jsonw_object(&w, NULL);
	jsonw_int(&w, "format", STATE_FORMAT);
	jsonw_str(&w, "deployment", st->deployment);
	jsonw_str(&w, "desired", st->is_desired_up ? "up" : "down");
	jsonw_end(&w);
	buf_putc(&out, '\n');
	if (buf_check(&out, "state", e) < 0 || scope_prepare_state(s, e) < 0)
		return -1;
	if (file_save(s->state_path, buf_str(&out), 0600, e) < 0)
		return err_wrap(e, "save the state");
	return 0;
}

/* ---- the lock ---- */

static void
put_local_time(struct buf *out, int64_t epoch_s)
{
	time_t t = (time_t)epoch_s;
	struct tm tm;
	char text[32];

	if (!localtime_r(&t, &tm))
		return;
	if (strftime(text, sizeof text, clock_epoch_s() - epoch_s < DAY_S ? "%H:%M" : "%Y-%m-%d %H:%M", &tm) > 0)
		buf_puts(out, text);
}

/* The record is foreign by the time it is read (half written, cut): what cannot be read is not there. In the arena. */
static const struct json *
read_record(struct arena *a, const struct scope *s)
{
	AUTO(buf) struct buf text = BUF_INIT(RECORD_BYTES_MAX);
	struct err ignored = ERR_INIT;

	return file_read(s->lock_path, &text, &ignored) == 0 ? json_parse(a, buf_str(&text), &ignored) : NULL;
}

static int
locked(const struct scope *s, struct err *e)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	AUTO(buf) struct buf since = BUF_INIT(64);
	const struct json *j = read_record(&a, s);
	int64_t since_s = json_int(json_get(j, "since"), 0);

	if (since_s > 0)
		put_local_time(&since, since_s);
	if (!j || since.n == 0)
		err_set(e, ERR_LOCKED, "the instance %s is being changed by another command", s->instance);
	else
		err_set(e, ERR_LOCKED, "the instance %s is being changed: occ %s (pid %jd) since %s holds it", s->instance,
			json_str(json_get(j, "verb"), "?"), (intmax_t)json_int(json_get(j, "pid"), 0), since.p);
	return err_note(e, "try", "again when it is done");
}

/* The watchdog brings a service back in a moment, and who only asks whether the lock is taken is gone at once: both are worth waiting for. */
static int64_t
patience_ms(const struct scope *s, const char *verb)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	const char *holder;

	if (str_is(str_of(verb), STATE_WATCHDOG))
		return 0;
	holder = json_str(json_get(read_record(&a, s), "verb"), NULL);
	if (!holder)
		return ASKED_MS;
	return str_is(str_of(holder), STATE_WATCHDOG) ? WATCHDOG_MS : 0;
}

int
state_lock(struct file_lock *l, const struct scope *s, const char *verb, int64_t due_ms, struct err *e)
{
	AUTO(buf) struct buf record = BUF_INIT(RECORD_BYTES_MAX);
	struct jsonw w = JSONW_INIT(&record, 0);

	if (scope_prepare_state(s, e) < 0)
		return -1;
	int r = file_lock_open(l, s->lock_path, due_ms, e);
	int64_t more_ms = r < 0 && e->code == ERR_LOCKED ? patience_ms(s, verb) : 0;
	if (more_ms)
		r = file_lock_open(l, s->lock_path, clock_due_ms(more_ms), e);
	if (r < 0)
		return e->code == ERR_LOCKED ? locked(s, e) : -1;
	jsonw_object(&w, NULL);
	jsonw_int(&w, "pid", getpid());
	jsonw_int(&w, "since", clock_epoch_s());
	jsonw_str(&w, "verb", verb);
	jsonw_end(&w);
	buf_putc(&record, '\n');
	/* The lock is what counts; a full disk that takes no record must not keep a service from being stopped. */
	if (buf_check(&record, "lock record", e) < 0 || file_lock_record(l, buf_str(&record), e) < 0)
		err_clear(e);
	return 0;
}
