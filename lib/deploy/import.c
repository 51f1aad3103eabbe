/* import.c - copy, look again, prove; or take it all back */
#include "lib/deploy/import.h"

#include <string.h>

#include "lib/base/cancel.h"
#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/base/num.h"
#include "lib/deploy/beside.h"
#include "lib/deploy/helper.h"
#include "lib/deploy/helper_body.h"
#include "lib/deploy/observe.h"
#include "lib/deploy/restore.h"
#include "lib/deploy/restore_mark.h"
#include "lib/engine/tar_stream.h"

#define HEAD_BYTES_MAX 65536
#define INFO_MAX (1u << 20)
#define PROGRESS_EVERY (1u << 20)	/* bytes */

static const char script[] =
	"set -e\n"
	"cd " SERVICE_HOME "\n"
	"install -d -o 1000 -g 1000 workspace .config .local .local/share .local/state\n"
	"tar -xpf - --numeric-owner --same-owner\n"
	"sync -f .\n"
	"exec python3 -I -c \"$@\"\n";

/*
 * What is written is looked at by its user: SQLite puts the log of changes into the database, checks it and counts. Without a database it is data of before there was one, which
 * opencode takes over when it starts. The further words are what will be mounted, as container.mounts has it.
 */
static const char look[] =
	"import json, os, sqlite3, sys\n"
	"os.setgid(1000)\n"
	"os.setuid(1000)\n"
	"f = '.local/share/opencode/opencode.db'\n"
	"n, absent = -1, []\n"
	"try:\n"
	" if os.path.exists(f):\n"
	"  q = sqlite3.connect(f).execute\n"
	"  for s, in q('pragma quick_check(1)'):\n"
	"   if s != 'ok':\n"
	"    sys.exit(s)\n"
	"  for n, in q('select count(*) from session'): pass\n"
	"  for d, in q('select distinct directory from session'):\n"
	"   if not os.path.isdir(d) and not any((d + '/').startswith(m.split(':')[1] + '/') for m in sys.argv[1:]):\n"
	"    absent.append(d)\n"
	"except sqlite3.Error as e:\n"
	" sys.exit('the session database: %s' % e)\n"
	"print(json.dumps([n, sorted(absent)[:100]]))\n";

struct import {
	struct service *s;
	struct beside b;		/* all that is done is done through it */
	const struct import_source *from;
	const struct plan_report *report;
	struct import_result *result;
	struct sink out;
	struct buf plain;		/* of the archive: what is no file's data */
	int64_t n_sessions;		/* of the original; -1: it has no database */
	int fd;
	uint64_t n_read, told;
};

static void
progress(struct import *x, const char *text)
{
	if (x->report->progress)
		x->report->progress(x->report->ctx, "Import", text);
}

/* ---- is there nothing yet? ---- */

/* 1 when an import was cut here. */
static int
is_cut(struct service *s, struct err *e)
{
	struct restore_mark m;
	int there = restore_mark_get(s->arena, &s->scope, &m, e);

	return there > 0 ? strcmp(m.from, RESTORE_MARK_IMPORT) == 0 : there;
}

static int
has_data(struct service *s, struct err *e)
{
	struct container c;
	int there = service_container(s, &c, e);

	if (there == 0)
		there = observe_volume(s, s->names.home_volume, e);
	return there == 0 ? observe_volume(s, s->names.workspace_volume, e) : there;
}

int
import_check_new(struct service *s, struct err *e)
{
	int there = is_cut(s, e);

	if (there != 0 || (there = has_data(s, e)) <= 0)
		return there < 0 ? -1 : 0;
	err_set(e, ERR_REFUSED, "the instance %s has data of its own: an import goes into a new one", s->scope.instance);
	err_note(e, "try", "occ --instance NAME import");
	return err_note(e, "or", "occ --instance %s reset data   (makes a backup first)", s->scope.instance);
}

/* ---- copying ---- */

/* The file that is open. */
static ssize_t
read_file(void *ctx, void *p, size_t n, struct err *e)
{
	AUTO(buf) struct buf text = BUF_INIT(64);
	struct import *x = ctx;
	ssize_t got = fd_read(x->fd, p, n, CLOCK_NEVER, e);

	x->n_read += got > 0 ? (size_t)got : 0;
	if (x->n_read - x->told >= PROGRESS_EVERY) {
		x->told = x->n_read;
		num_put_bytes(&text, x->n_read);
		progress(x, text.p);
	}
	return got;
}

static int
put_entry(void *ctx, const struct tar_entry *t, int fd, struct err *e)
{
	const struct source data = { .read = read_file, .ctx = ctx };
	struct import *x = ctx;

	x->fd = fd;
	return tar_send(&x->out, &x->plain, t, &data, e);
}

/* What `look` has printed, from a container that has all of its input. */
static const struct json *
read_info(struct import *x, struct pipe *p, struct err *e)
{
	AUTO(buf) struct buf text = BUF_INIT(INFO_MAX);
	struct source out = pipe_source(p);
	struct err ignored = ERR_INIT;
	char run[4096];
	int status = 0;
	ssize_t n;

	(void)!stream_shutdown_write(&p->conn.stream, &ignored);
	while ((n = source_read(&out, run, sizeof run, e)) > 0)
		buf_put(&text, run, (size_t)n);
	if (n < 0 || pipe_end(p, &status, e) < 0)
		return NULL;
	if (status == 0)
		return json_parse(x->s->arena, buf_str(&text), e);
	struct str said = str_trim(buf_str(&p->said));
	err_set(e, ERR_FAIL, "what was copied does not hold: " STR_FMT, STR_ARG(said));
	return NULL;
}

static void
put_body(struct import *x, struct buf *out)
{
	static const char *const rights[] = { "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "SETUID", "SETGID", NULL };
	static const char *const entrypoint[] = { "/bin/sh", "-c", script, "sh", look, NULL };
	const struct helper_body h = { .in = &x->b.spec, .rights = rights, .entrypoint = entrypoint, .command = x->s->config.container.mounts.v, .has_stdin = true,
		.volumes = { { .name = x->b.spec.names->home_volume, .target = SERVICE_HOME, .is_filled = true } } };

	helper_put_body(&h, out);
}

static int
copy(struct import *x, struct err *e)
{
	AUTO(buf) struct buf body = BUF_INIT(HELPER_BODY_MAX);
	AUTO(pipe) struct pipe p = PIPE_INIT;
	struct import_visit v = { .entry = put_entry, .ctx = x };
	struct import_seen after;

	put_body(x, &body);
	if (buf_check(&body, "container specification", e) < 0 || helper_open(&p, &x->b.there, buf_str(&body), true, e) < 0)
		return -1;
	x->out = pipe_sink(&p);
	if (import_source_walk(x->s->arena, x->from, &v, &x->result->seen, e) < 0 || tar_send_end(&x->out, &x->plain, e) < 0)
		return -1;
	const struct json *info = read_info(x, &p, e);
	if (!info || !(x->result->absent = json_at(info, 1)))
		return -1;
	x->n_sessions = json_int(json_at(info, 0), -1);
	/* As long as nobody has written, what was read file by file is one state. */
	v.entry = NULL;
	if (import_source_walk(x->s->arena, x->from, &v, &after, e) < 0)
		return -1;
	return after.print == x->result->seen.print ? 0 : err_set(e, ERR_CONFLICT, "the original was changed while it was copied");
}

static int
copy_and_prove(struct import *x, struct err *e)
{
	struct import_result *res = x->result;

	if (copy(x, e) < 0)
		return -1;
	progress(x, "opencode starts on it");
	if (beside_ask(&x->b, &res->version, &res->n_sessions, e) < 0)
		return err_wrap(e, "opencode on the copy");
	if (x->n_sessions >= 0 && res->n_sessions != x->n_sessions && res->n_sessions < BESIDE_SESSIONS_MAX)
		return err_set(e, ERR_UNHEALTHY, "opencode lists %lld sessions on the copy, and the original has %lld", (long long)res->n_sessions, (long long)x->n_sessions);
	if (res->n_sessions < x->n_sessions)
		res->n_sessions = x->n_sessions;
	return beside_remove(&x->b, 0, e);
}

/* ---- all of it, or nothing ---- */

static int
take_back(struct import *x, struct err *e)
{
	struct service *t = &x->b.there;

	return beside_remove(&x->b, 2, e) < 0 ? -1 : restore_mark_remove(&t->scope, e);
}

/* Under the instance's lock. What an import that was killed has made is of no use to anybody. */
static int
begin(struct import *x, struct err *e)
{
	const struct restore_mark m = { .from = RESTORE_MARK_IMPORT, .before = "", .has_workspace = true, .has_settings = true };
	struct service *t = &x->b.there;
	int cut = is_cut(t, e);

	if (cut < 0 || (cut && take_back(x, e) < 0))
		return -1;
	return restore_mark_put(&t->scope, &m, e);
}

static int
all_or_nothing(struct import *x, struct err *e)
{
	struct err left = ERR_INIT;

	if (begin(x, e) < 0)
		return -1;
	cancel_hold();		/* an engine goes on with what nobody waits for */
	int made = restore_ensure_volumes(&x->b.there, &x->b.spec, e);
	cancel_release();
	if (made == 0 && copy_and_prove(x, e) == 0)
		return restore_mark_remove(&x->s->scope, e);
	cancel_hold();
	if (take_back(x, &left) < 0)
		err_note(e, "left", "%s; the next import takes it back", left.msg);
	else
		err_note(e, "changed", "nothing");
	cancel_release();
	return -1;
}

int
import_run(struct service *s, const struct import_source *from, const struct plan_report *report, struct import_result *ret, struct err *e)
{
	AUTO(file_lock) struct file_lock helpers = FILE_LOCK_INIT;
	AUTO(file_lock) struct file_lock lock = FILE_LOCK_INIT;
	struct import x = { .s = s, .from = from, .report = report, .result = ret, .plain = BUF_INIT(HEAD_BYTES_MAX) };
	const char *image;

	*ret = (struct import_result){ .version = NULL };
	if (scope_prepare_state(&s->scope, e) < 0 || helper_lock(&helpers, s, "import", e) < 0)
		return -1;
	/* Before the lock: it may have to be built. */
	image = helper_image(s, report, e);
	if (!image || state_lock(&lock, &s->scope, "import", clock_due_ms(0), e) < 0 || import_check_new(s, e) < 0 ||
	    beside_open(&x.b, s, image, false, e) < 0)
		return -1;
	int r = all_or_nothing(&x, e);
	beside_close(&x.b, s);
	buf_fini(&x.plain);
	return r;
}
