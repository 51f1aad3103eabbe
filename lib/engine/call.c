#include "lib/engine/engine.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/engine/wire.h"
#include "lib/json/jsonw.h"

#define HOST_FIELD "docker"		/* HTTP wants one; engines ignore it */
#define WHAT_MAX 256
#define FIELDS_MAX 4			/* of a caller's own */
#define AGAIN 1				/* no HTTP status: the request is to be sent once more */

/* ---- paths ---- */

void
wire_path(struct buf *path, const char *head, const char *name, const char *tail)
{
	buf_puts(path, head);
	buf_puturl(path, str_of(name), "/:@");
	buf_puts(path, tail);
}

void
wire_query(struct buf *path, const char *key, struct str value)
{
	buf_putc(path, str_find_char(buf_str(path), '?') == STR_NONE ? '?' : '&');
	buf_puts(path, key);
	buf_putc(path, '=');
	buf_puturl(path, value, "");
}

void
wire_filter(struct buf *path, const char *key, const char *value)
{
	AUTO(buf) struct buf json = BUF_INIT(WIRE_PATH_MAX);
	struct jsonw w = JSONW_INIT(&json, 0);

	if (!value)
		return;
	jsonw_object(&w, NULL);
	jsonw_array(&w, key);
	jsonw_str(&w, NULL, value);
	jsonw_end(&w);
	jsonw_end(&w);
	wire_query(path, "filters", buf_str(&json));
}

/* ---- one request ---- */

/* "GET /containers/x/json": for messages and the log. Not the query, which may hold build arguments. */
static void
put_what(struct buf *out, const char *method, const char *path)
{
	struct str rest = str_of(path), name = str_cut(&rest, '?');

	buf_printf(out, "%s " STR_FMT, method, STR_ARG(str_take(name, WHAT_MAX - 20)));
}

static int
send_request(struct engine *en, struct http_conn *c, const struct engine_stream_request *r, bool is_unversioned, int64_t due_ms, struct err *e)
{
	AUTO(buf) struct buf target = BUF_INIT(WIRE_PATH_MAX);
	struct http_field fields[FIELDS_MAX + 3];
	size_t n = 0;

	if (!is_unversioned)
		buf_printf(&target, "/v1.%u", en->api_minor);
	buf_puts(&target, r->path);
	if (buf_check(&target, "request path", e) < 0)
		return -1;
	for (size_t i = 0; i < r->n_fields && n < FIELDS_MAX; i++)
		fields[n++] = r->fields[i];
	if (r->content_type)
		fields[n++] = (struct http_field){ STR_LIT("Content-Type"), str_of(r->content_type) };
	if (r->is_hijack) {
		fields[n++] = (struct http_field){ STR_LIT("Connection"), STR_LIT("Upgrade") };
		fields[n++] = (struct http_field){ STR_LIT("Upgrade"), STR_LIT("tcp") };
	}
	struct http_request q = {
		.method = r->method, .target = buf_str(&target), .host = HOST_FIELD, .fields = fields, .n_fields = n,
		.body = r->body, .has_body = r->content_type && !r->is_chunked, .is_chunked = r->is_chunked,
	};
	return http_send(c, &q, due_ms, e);
}

/* A refusal's body, as far as it can be had, as the error. */
static int
read_refusal(struct http_conn *c, int64_t due_ms, struct err *e)
{
	AUTO(buf) struct buf body = BUF_INIT(WIRE_REFUSAL_MAX);
	struct err ignored = ERR_INIT;
	struct str run;

	while (!body.fault && http_recv_body(c, &run, due_ms, &ignored) == 1)
		buf_putstr(&body, run);
	if (body.fault)
		c->is_reusable = false;
	return wire_refusal(c->head.status, buf_str(&body), e);
}

static bool
is_success(int status)
{
	return (status >= 200 && status < 300) || status == 304 || status == 101;
}

/* ---- exchanges over the keep-alive connection ---- */

/* A connection that an earlier answer left clean, and that the engine has not closed or written to since. */
static bool
is_idle(struct http_conn *c)
{
	struct pollfd p = { .fd = c->stream.fd, .events = POLLIN };

	return c->stream.fd >= 0 && c->is_reusable && c->in_start == c->in_end && poll(&p, 1, 0) == 0;
}

/* *ret_is_unsent: the failure came before a byte of the request was sent. */
static int
exchange_once(struct engine *en, const struct wire_request *r, struct buf *out, bool *ret_is_unsent, int64_t due_ms, struct err *e)
{
	const struct engine_stream_request q = {
		.method = r->method, .path = r->path, .body = r->body, .content_type = r->content_type, .fields = r->fields, .n_fields = r->n_fields,
	};
	struct http_conn *c = &en->conn;

	if (send_request(en, c, &q, r->is_unversioned, due_ms, e) < 0) {
		*ret_is_unsent = e->code == ERR_EOF;
		return -1;
	}
	if (http_recv_head(c, strcmp(r->method, "HEAD") == 0, due_ms, e) < 0)
		return -1;
	if (!is_success(c->head.status))
		return read_refusal(c, due_ms, e);
	return http_recv_all(c, out, due_ms, e) < 0 ? -1 : c->head.status;
}

static bool
is_cut(const struct err *e)
{
	return e->code == ERR_EOF || (e->code == ERR_SYS && (e->sys == EPIPE || e->sys == ECONNRESET));
}

/* A connection that was just made failed before the answer. An ssh that ends there has said why. AGAIN: nothing reached the engine, and e says why. */
static int
fresh_fault(struct engine *en, const char *what, int64_t due_ms, struct err *e)
{
	if (en->at.transport != ENGINE_SSH || !is_cut(e))
		return wire_lost(en, what, e);
	struct err said = ERR_INIT;
	(void)ssh_fault(&en->at, en->ssh_err_fd, &said);
	int turned_away = ssh_was_turned_away(en->ssh_err_fd, due_ms, e);
	if (turned_away < 0)
		return -1;
	*e = said;
	return turned_away ? AGAIN : -1;
}

/* An idle connection turned out to be closed: is the request safe to send again? */
static bool
may_repeat(const char *method, bool is_unsent, const struct err *e)
{
	return is_unsent || (is_cut(e) && (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0));
}

/* One try, on the idle connection if there is one. AGAIN: on a connection of its own. */
static int
try_exchange(struct engine *en, const struct wire_request *r, struct buf *out, const char *what, int64_t due_ms, struct err *e)
{
	bool was_idle = is_idle(&en->conn), is_unsent = false;
	size_t before = out->n;

	if (!was_idle) {
		http_conn_fini(&en->conn);
		if (wire_dial(en, &en->conn, due_ms, e) < 0)
			return -1;
	}
	int status = exchange_once(en, r, out, &is_unsent, due_ms, e);
	if (status >= 0)
		return status;
	if (!en->conn.is_reusable)
		http_conn_fini(&en->conn);
	if (e->http != 0)
		return -1;
	if (was_idle && may_repeat(r->method, is_unsent, e)) {
		buf_trunc(out, before);
		err_clear(e);
		return AGAIN;
	}
	return was_idle ? wire_lost(en, what, e) : fresh_fault(en, what, due_ms, e);
}

int
wire_exchange(struct engine *en, const struct wire_request *r, struct buf *out, int64_t due_ms, struct err *e)
{
	AUTO(buf) struct buf what = BUF_INIT(WHAT_MAX);
	bool may_renegotiate = !r->is_unversioned;
	struct err turned_away = ERR_INIT;

	put_what(&what, r->method, r->path);
	for (;;) {
		int64_t start_ms = clock_now_ms();
		err_clear(e);
		int status = try_exchange(en, r, out, what.p, due_ms, e);
		log_line("engine: %s: %d, %lld ms", what.p, status < 0 ? e->http : status, (long long)(clock_now_ms() - start_ms));
		if (status == AGAIN) {
			turned_away = *e;
			continue;
		}
		if (status >= 0)
			return status;
		/* The time ran out in a later try: what hindered the one before says more. */
		if (e->code == ERR_TIMEOUT && turned_away.code)
			*e = turned_away;
		if (!may_renegotiate || !wire_renegotiate(en, e))
			return -1;
		may_renegotiate = false;
	}
}

int
wire_do(struct engine *en, const char *method, const char *path, struct str json, int64_t due_ms, struct err *e)
{
	AUTO(buf) struct buf answer = BUF_INIT(WIRE_ANSWER_MAX);
	const struct wire_request r = { .method = method, .path = path, .body = json, .content_type = json.p ? "application/json" : NULL };

	return wire_exchange(en, &r, &answer, due_ms, e);
}

int
engine_call(struct engine *en, struct arena *a, const char *method, const char *path, struct str body, int64_t due_ms,
    const struct json **ret, struct err *e)
{
	AUTO(buf) struct buf answer = BUF_INIT(WIRE_ANSWER_MAX);
	AUTO(buf) struct buf what = BUF_INIT(WHAT_MAX);
	const struct wire_request r = { .method = method, .path = path, .body = body, .content_type = body.p ? "application/json" : NULL };

	int status = wire_exchange(en, &r, &answer, due_ms, e);
	if (status < 0)
		return -1;
	const struct json *j = NULL;
	if (str_trim(buf_str(&answer)).n > 0) {
		j = json_parse(a, buf_str(&answer), e);
		if (!j) {
			put_what(&what, method, path);
			return wire_lost(en, what.p, e);
		}
	}
	if (ret)
		*ret = j;
	return status;
}

/* ---- streams ---- */

int
engine_stream_head(struct engine *en, struct http_conn *c, int64_t due_ms, struct err *e)
{
	if (http_recv_head(c, false, due_ms, e) < 0)
		return wire_lost(en, "a request", e);
	log_line("engine: stream: %d", c->head.status);
	return is_success(c->head.status) ? c->head.status : read_refusal(c, due_ms, e);
}

static int
stream_once(struct engine *en, const struct engine_stream_request *r, struct http_conn *c, int64_t due_ms, struct err *e)
{
	AUTO(buf) struct buf what = BUF_INIT(WHAT_MAX);

	put_what(&what, r->method, r->path);
	log_line("engine: %s (stream)", what.p);
	if (wire_dial(en, c, due_ms, e) < 0)
		return -1;
	if (send_request(en, c, r, false, due_ms, e) < 0)
		return fresh_fault(en, what.p, due_ms, e);
	if (r->is_chunked)
		return 0;
	if (http_recv_head(c, false, due_ms, e) < 0)
		return fresh_fault(en, what.p, due_ms, e);
	return is_success(c->head.status) ? c->head.status : read_refusal(c, due_ms, e);
}

int
engine_stream(struct engine *en, const struct engine_stream_request *r, struct http_conn *ret, int64_t due_ms, struct err *e)
{
	bool may_renegotiate = true;

	for (;;) {
		int status = stream_once(en, r, ret, due_ms, e);
		if (status >= 0 && status != AGAIN)
			return status;
		http_conn_fini(ret);
		if (status != AGAIN) {
			if (!may_renegotiate || e->http != 400 || !wire_renegotiate(en, e))
				return -1;
			may_renegotiate = false;
		}
		err_clear(e);
	}
}

ssize_t
wire_read(struct http_conn *c, void *p, size_t n, int64_t due_ms, struct err *e)
{
	ssize_t got = stream_read(&c->stream, p, n, due_ms, e);

	if (got >= 0 || !is_cut(e))
		return got;
	err_clear(e);
	return 0;
}
