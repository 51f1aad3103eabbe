/* control.c - requests as text, and the asking side */
#include "lib/deploy/control.h"

#include <errno.h>
#include <string.h>

#include "lib/base/fd.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/json/jsonw.h"
#include "lib/net/stream.h"

static const struct control_verb_row watchdog_verbs[] = {
	[CONTROL_STATUS] = { "status", CONTROL_PLAIN },
	[CONTROL_RELOAD] = { "reload", CONTROL_PLAIN },
	[CONTROL_SUSPEND] = { "suspend", CONTROL_TAKE },
	[CONTROL_RESUME] = { "resume", CONTROL_GIVE },
	[CONTROL_DOWN] = { "down", CONTROL_LAST },
};

static const struct control_verb_row edge_verbs[] = {
	[CONTROL_EDGE_STATUS] = { "status", CONTROL_PLAIN },
	[CONTROL_EDGE_RELOAD] = { "reload", CONTROL_PLAIN },
	[CONTROL_EDGE_HOLD] = { "hold", CONTROL_TAKE },
	[CONTROL_EDGE_DRAIN] = { "drain", CONTROL_TIMED },
	[CONTROL_EDGE_RELEASE] = { "release", CONTROL_GIVE },
	[CONTROL_EDGE_LINK] = { "link", CONTROL_PLAIN },
	[CONTROL_EDGE_RENEW] = { "renew", CONTROL_PLAIN },
};

const struct control_protocol control_watchdog = { "the watchdog", watchdog_verbs, ARRAY_LEN(watchdog_verbs) };
const struct control_protocol control_edge = { "the edge", edge_verbs, ARRAY_LEN(edge_verbs) };

/* ---- requests ---- */

static int
no_such_verb(const struct control_protocol *p, struct err *e)
{
	AUTO(buf) struct buf names = BUF_INIT(CONTROL_WHY_MAX);

	for (size_t i = 0; i < p->n_verbs; i++)
		buf_printf(&names, "%s%s", i == 0 ? "" : i + 1 < p->n_verbs ? ", " : " and ", p->verbs[i].name);
	return err_set(e, ERR_USAGE, "no such verb; there are %s", names.p);
}

static int
take_verb(const struct control_protocol *p, const struct json *j, unsigned *ret, struct err *e)
{
	if (!json_is(j, JSON_STRING))
		return err_set(e, ERR_USAGE, "a request names its verb");
	for (size_t i = 0; i < p->n_verbs; i++) {
		if (str_is(j->text, p->verbs[i].name)) {
			*ret = (unsigned)i;
			return 0;
		}
	}
	return no_such_verb(p, e);
}

static int
take_why(const struct json *j, const char **ret, struct err *e)
{
	*ret = "";
	if (!j)
		return 0;
	if (!json_is(j, JSON_STRING) || j->text.n > CONTROL_WHY_MAX)
		return err_set(e, ERR_USAGE, "why is a text of at most %d bytes", CONTROL_WHY_MAX);
	for (size_t i = 0; i < j->text.n; i++)
		if ((unsigned char)j->text.p[i] < 0x20 || j->text.p[i] == 0x7f)
			return err_set(e, ERR_USAGE, "why is one line");
	*ret = json_str(j, "");
	return 0;
}

static bool
has_seconds(enum control_kind k)
{
	return k == CONTROL_TIMED || k == CONTROL_TAKE;
}

int
control_parse(const struct control_protocol *p, struct arena *a, struct str line, struct control_request *ret, struct err *e)
{
	struct control_request r = { .why = "" };
	struct err bad = ERR_INIT;

	if (line.n > CONTROL_REQUEST_MAX)
		return err_set(e, ERR_USAGE, "a request is at most %d bytes", CONTROL_REQUEST_MAX);
	const struct json *root = json_parse(a, line, &bad);
	if (!json_is(root, JSON_OBJECT))
		return err_set(e, ERR_USAGE, "a request is one JSON object");
	if (take_verb(p, json_get(root, "verb"), &r.verb, e) < 0 || take_why(json_get(root, "why"), &r.why, e) < 0)
		return -1;
	if (has_seconds(p->verbs[r.verb].kind)) {
		r.seconds = json_int(json_get(root, "seconds"), 0);
		if (r.seconds < 1 || r.seconds > CONTROL_LEASE_MAX_MS / 1000)
			return err_set(e, ERR_USAGE, "seconds is 1 to %d", CONTROL_LEASE_MAX_MS / 1000);
	}
	*ret = r;
	return 0;
}

void
control_put(const struct control_protocol *p, const struct control_request *r, struct buf *out)
{
	struct jsonw w = JSONW_INIT(out, 0);
	const struct control_verb_row *v = &p->verbs[r->verb];

	jsonw_object(&w, NULL);
	jsonw_str(&w, "verb", v->name);
	if (has_seconds(v->kind))
		jsonw_int(&w, "seconds", r->seconds);
	if (v->kind == CONTROL_TAKE)
		jsonw_str(&w, "why", r->why);
	jsonw_end(&w);
	buf_putc(out, '\n');
}

/* ---- a client ---- */

int
control_open(struct control *c, const struct control_protocol *p, const char *path, int64_t due_ms, struct err *e)
{
	AUTO(stream) struct stream s = STREAM_INIT;

	if (stream_unix(&s, path, due_ms, e) < 0) {
		if (e->sys == ENOENT || e->sys == ECONNREFUSED)
			e->code = ERR_NOT_FOUND;
		return err_wrap(e, "reach %s", p->owner);
	}
	c->fd = fd_take(&s.fd);
	c->protocol = p;
	return 0;
}

/* One line, its end not included. */
static int
read_line(const struct control *c, struct buf *line, int64_t due_ms, struct err *e)
{
	char bytes[4096];

	for (;;) {
		ssize_t n = fd_read(c->fd, bytes, sizeof bytes, due_ms, e);
		if (n < 0)
			return -1;
		if (n == 0)
			return err_set(e, ERR_EOF, "%s has closed the connection", c->protocol->owner);
		struct str got = str_from(bytes, (size_t)n);
		size_t end = str_find_char(got, '\n');
		buf_putstr(line, end == STR_NONE ? got : str_take(got, end));
		if (buf_check(line, "the answer", e) < 0)
			return -1;
		if (end != STR_NONE)
			return 0;
	}
}

int
control_ask(struct control *c, struct arena *a, const struct control_request *r, const struct json **ret, int64_t due_ms, struct err *e)
{
	AUTO(buf) struct buf out = BUF_INIT(CONTROL_REQUEST_MAX), line = BUF_INIT(CONTROL_LINE_MAX);

	control_put(c->protocol, r, &out);
	if (buf_check(&out, "request", e) < 0)
		return -1;
	/* Who is not let in finds the connection closed, with the reason in it. */
	if ((fd_write_all(c->fd, buf_str(&out), due_ms, e) < 0 && e->sys != EPIPE) || read_line(c, &line, due_ms, e) < 0)
		return err_wrap(e, "ask %s", c->protocol->owner);
	const struct json *root = json_parse(a, buf_str(&line), e);
	if (!root)
		return err_wrap(e, "the answer of %s", c->protocol->owner);
	if (!json_bool(json_get(root, "ok"), false))
		return err_set(e, ERR_REFUSED, "%s: %s", c->protocol->owner, json_str(json_get(root, "error"), "no"));
	*ret = root;
	return 0;
}

int
control_wait_end(struct control *c, int64_t due_ms, struct err *e)
{
	char bytes[4096];
	ssize_t n;

	do
		n = fd_read(c->fd, bytes, sizeof bytes, due_ms, e);
	while (n > 0);
	if (n < 0 && e->code == ERR_SYS && e->sys == ECONNRESET)
		return 0;
	return n < 0 ? err_wrap(e, "wait for the end of %s", c->protocol->owner) : 0;
}

void
control_auto(struct control *c)
{
	fd_auto(&c->fd);
	c->fd = -1;
}

bool
control_watchdog_lives(const char *watchdog_lock_path)
{
	return file_lock_is_held(watchdog_lock_path);
}
