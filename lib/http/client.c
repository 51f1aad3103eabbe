/*
 * client.c - sending requests and reading responses over one stream
 *
 * Everything is read into one fixed buffer. A head is parsed there and copied out (a few hundred bytes), a body is handed out
 * as views, so that 76 MB of logs cost no copy. While a request is sent the answer is watched for: a daemon that refuses a
 * build early stops reading, and two sides that only write wait for each other for ever.
 */
#include "lib/http/client.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/base/mem.h"
#include "lib/http/bytes.h"

#define INTERIM_MAX 16			/* 1xx answers before the real one */
#define BANNER_BYTES 16			/* enough to tell whether a peer speaks HTTP at all */

void
http_conn_fini(struct http_conn *c)
{
	stream_close(&c->stream);
	buf_fini(&c->head_bytes);
	mem_free(c->in);
	*c = (struct http_conn)HTTP_CONN_INIT;
}

void
http_conn_auto(struct http_conn *c)
{
	http_conn_fini(c);
}

/* --- sending ------------------------------------------------------------------ */

static bool
is_gone(const struct err *e)
{
	return e->sys == EPIPE || e->sys == ECONNRESET;
}

/* Takes n written bytes off the front of the parts. */
static void
advance(struct str *parts, size_t n_parts, size_t n)
{
	for (size_t i = 0; i < n_parts && n > 0; i++) {
		size_t here = n < parts[i].n ? n : parts[i].n;

		parts[i] = str_skip(parts[i], here);
		n -= here;
	}
}

static size_t
total(const struct str *parts, size_t n_parts)
{
	size_t n = 0;

	for (size_t i = 0; i < n_parts; i++)
		n += parts[i].n;
	return n;
}

/* 0 when all parts are sent, 1 when the peer answers or has closed before that (the parts keep what was not sent), -1. */
static int
push(struct http_conn *c, struct str *parts, size_t n_parts, int64_t due_ms, struct err *e)
{
	if (c->is_send_cut)
		return 1;
	while (total(parts, n_parts) > 0) {
		int got = fd_wait(c->stream.fd, POLLIN | POLLOUT, due_ms, e);

		if (got < 0)
			return err_wrap(e, "send the request");
		if (got & (POLLIN | POLLHUP | POLLERR)) {
			c->is_send_cut = true;
			return 1;
		}
		ssize_t n = stream_write_some(&c->stream, parts, n_parts, e);
		if (n < 0) {
			if (!is_gone(e))
				return err_wrap(e, "send the request");
			err_clear(e);
			c->is_send_cut = true;
			return 1;
		}
		advance(parts, n_parts, (size_t)n);
	}
	return 0;
}

/* What a caller puts into a head may come from a person or a file: nothing in it may end a line or a word. */
static bool
is_target(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~')
			return false;
	return s.n > 0;
}

static int
check_request(const struct http_request *r, struct err *e)
{
	if (!http_is_token(str_of(r->method)) || !is_target(r->target) || !is_target(str_of(r->host)))
		return err_set(e, ERR_USAGE, "request line or host holds a byte that may not stand there");
	for (size_t i = 0; i < r->n_fields; i++)
		if (!http_is_token(r->fields[i].name) || !http_is_value(r->fields[i].value))
			return err_set(e, ERR_USAGE, "request header %zu holds a byte that may not stand there", i + 1);
	return 0;
}

static void
put_head(struct buf *b, const struct http_request *r)
{
	buf_puts(b, r->method);
	buf_putc(b, ' ');
	buf_putstr(b, r->target);
	buf_puts(b, " HTTP/1.1\r\nHost: ");
	buf_puts(b, r->host);
	buf_puts(b, "\r\n");
	for (size_t i = 0; i < r->n_fields; i++) {
		buf_putstr(b, r->fields[i].name);
		buf_puts(b, ": ");
		buf_putstr(b, r->fields[i].value);
		buf_puts(b, "\r\n");
	}
	if (r->is_chunked)
		buf_puts(b, "Transfer-Encoding: chunked\r\n");
	else if (r->has_body)
		buf_printf(b, "Content-Length: %zu\r\n", r->body.n);
	buf_puts(b, "\r\n");
}

int
http_send(struct http_conn *c, const struct http_request *r, int64_t due_ms, struct err *e)
{
	AUTO(buf) struct buf head = BUF_SECRET_INIT(HTTP_HEAD_MAX);	/* it may carry credentials */
	bool is_first = c->head.status == 0;

	if (check_request(r, e) < 0)
		return -1;
	if (!is_first && !c->is_reusable)
		return err_set(e, ERR_FAIL, "the connection cannot take another request");
	put_head(&head, r);
	if (buf_check(&head, "the request head", e) < 0)
		return -1;

	struct str parts[] = { buf_str(&head), r->has_body && !r->is_chunked ? r->body : STR_NULL };
	c->is_reusable = c->is_request_sent = c->is_send_cut = false;
	int got = push(c, parts, ARRAY_LEN(parts), due_ms, e);
	if (got < 0)
		return -1;
	/* Readable before a byte was sent: closed while idle, or it speaks unasked, which no answer to this request can be. */
	if (got == 1 && !is_first && parts[0].n == head.n)
		return err_set(e, ERR_EOF, "the peer closed the idle connection");
	c->is_request_sent = got == 0 && !r->is_chunked;
	return 0;
}

int
http_send_chunk(struct http_conn *c, struct str data, int64_t due_ms, struct err *e)
{
	char size[24];

	if (data.n == 0)
		return c->is_send_cut;		/* an empty chunk would end the body */
	int n = snprintf(size, sizeof size, "%zx\r\n", data.n);
	struct str parts[] = { str_from(size, (size_t)n), data, STR_LIT("\r\n") };
	return push(c, parts, ARRAY_LEN(parts), due_ms, e);
}

int
http_send_end(struct http_conn *c, int64_t due_ms, struct err *e)
{
	struct str parts[] = { STR_LIT("0\r\n\r\n") };
	int got = push(c, parts, ARRAY_LEN(parts), due_ms, e);

	c->is_request_sent = got == 0;
	return got;
}

/* --- receiving ---------------------------------------------------------------- */

/* Too short for anything to be done meanwhile, Ctrl-C included. */
static void
let_gather(unsigned us)
{
	struct timespec t = { .tv_nsec = (long)us * 1000 };

	if (us > 0)
		(void)nanosleep(&t, NULL);
}

/* Reads more behind what is in the buffer: > 0, 0 at the end of the stream, -1. There has to be room. */
static ssize_t
fill(struct http_conn *c, int64_t due_ms, struct err *e)
{
	if (!c->in)
		c->in = mem_new(HTTP_READ_BYTES);
	if (c->in_start == c->in_end)
		c->in_start = c->in_end = 0;
	if (clock_now_ms() >= due_ms)
		return err_set(e, ERR_TIMEOUT, "timed out");	/* a peer that never pauses would outlive any deadline */
	let_gather(c->pause_us);
	ssize_t n = stream_read(&c->stream, c->in + c->in_end, HTTP_READ_BYTES - c->in_end, due_ms, e);
	if (n > 0)
		c->in_end += (size_t)n;
	if (n >= 0 || !is_gone(e))
		return n;
	err_clear(e);
	return 0;			/* reset: an end like any other here, where it comes too early is told by the caller */
}

static struct str
unread(const struct http_conn *c)
{
	return c->in ? str_from(c->in + c->in_start, c->in_end - c->in_start) : STR_NULL;
}

/* A head is at most half of the buffer, so moving it to the front always makes room. */
static void
make_room(struct http_conn *c)
{
	if (c->in_start > 0) {
		memmove(c->in, c->in + c->in_start, c->in_end - c->in_start);
		c->in_end -= c->in_start;
		c->in_start = 0;
	}
}

/* Bytes of one head at the front of the buffer, parsed into c->head (views into the buffer). A slow peer's bytes are parsed anew
 * only when a line has ended, or a quadratic number of steps would be his to choose. */
static int
read_head(struct http_conn *c, bool is_head_request, size_t *ret_n, int64_t due_ms, struct err *e)
{
	const char *why = NULL;
	struct str fresh = unread(c);

	for (;;) {
		struct str all = unread(c);

		if (all.n <= BANNER_BYTES || all.n >= HTTP_HEAD_MAX || str_find_char(fresh, '\n') != STR_NONE) {
			long n = http_parse_response(all, is_head_request, &c->head, &why);

			if (n >= 0) {
				*ret_n = (size_t)n;
				return 0;
			}
			if (n == HTTP_BAD)
				return err_set(e, ERR_PARSE, "malformed answer: %s", why);
		}
		make_room(c);
		ssize_t got = fill(c, due_ms, e);
		if (got < 0)
			return err_wrap(e, "read the answer");
		if (got == 0)
			return err_set(e, ERR_EOF, "the connection was closed %s", all.n ? "within the head of the answer" :
				"without an answer");
		fresh = str_from(c->in + c->in_end - (size_t)got, (size_t)got);
	}
}

static void
finish_body(struct http_conn *c)
{
	c->is_body_done = true;
	/* Bytes behind the answer are an answer to nothing: whoever sends them cannot be trusted with another request. */
	c->is_reusable = c->head.keep_alive && c->is_request_sent && c->in_start == c->in_end;
}

/* The head moves into memory of its own, because the body will overwrite the buffer. */
static int
keep_head(struct http_conn *c, bool is_head_request, size_t n, struct err *e)
{
	const char *why = NULL;

	buf_reset(&c->head_bytes);
	buf_putstr(&c->head_bytes, str_take(unread(c), n));
	if (buf_check(&c->head_bytes, "the head of the answer", e) < 0)
		return -1;
	if (http_parse_response(buf_str(&c->head_bytes), is_head_request, &c->head, &why) != (long)n)
		BUG("a head parsed twice differs");
	c->in_start += n;
	return 0;
}

int
http_recv_head(struct http_conn *c, bool is_head_request, int64_t due_ms, struct err *e)
{
	c->is_reusable = false;
	c->chunked = (struct http_chunked){ .is_done = false };
	for (int i = 0; i < INTERIM_MAX; i++) {
		size_t n = 0;

		if (read_head(c, is_head_request, &n, due_ms, e) < 0)
			return -1;
		if (c->head.status < 200 && !c->head.is_upgrade) {
			c->in_start += n;
			continue;
		}
		if (keep_head(c, is_head_request, n, e) < 0)
			return -1;
		c->body_left = c->head.length;
		c->is_body_done = false;
		if (c->head.framing == HTTP_NO_BODY || (c->head.framing == HTTP_LENGTH && c->body_left == 0))
			finish_body(c);
		return 0;
	}
	return err_set(e, ERR_PARSE, "malformed answer: more than %d interim ones", INTERIM_MAX);
}

/* Hands out what the buffer holds of the body: 1 with data, 0 when more has to be read (or the body is done), -1. */
static int
take_body(struct http_conn *c, struct str *ret_data, struct err *e)
{
	struct str all = unread(c);
	const char *why = NULL;

	if (c->head.framing == HTTP_CHUNKED) {
		long n = http_chunked_feed(&c->chunked, all, ret_data, &why);

		if (n < 0)
			return err_set(e, ERR_PARSE, "malformed answer: %s", why);
		c->in_start += (size_t)n;
		if (c->chunked.is_done)
			finish_body(c);
		return ret_data->n > 0;
	}
	if (c->head.framing == HTTP_LENGTH) {
		all = str_take(all, c->body_left < HTTP_READ_BYTES ? (size_t)c->body_left : HTTP_READ_BYTES);
		c->body_left -= all.n;
	}
	c->in_start += all.n;
	*ret_data = all;
	if (c->head.framing == HTTP_LENGTH && c->body_left == 0)
		finish_body(c);
	return all.n > 0;
}

int
http_recv_body(struct http_conn *c, struct str *ret_data, int64_t due_ms, struct err *e)
{
	*ret_data = STR_NULL;
	while (!c->is_body_done) {
		int got = c->in_start < c->in_end ? take_body(c, ret_data, e) : 0;

		if (got || c->is_body_done)
			return got;
		ssize_t n = fill(c, due_ms, e);
		if (n < 0)
			return err_wrap(e, "read the answer");
		if (n == 0 && c->head.framing != HTTP_UNTIL_CLOSE)
			return err_set(e, ERR_EOF, "the connection was closed within the answer");
		if (n == 0)
			finish_body(c);
	}
	return 0;
}

int
http_recv_all(struct http_conn *c, struct buf *out, int64_t due_ms, struct err *e)
{
	struct str data;
	int got;

	while ((got = http_recv_body(c, &data, due_ms, e)) > 0) {
		buf_putstr(out, data);
		if (buf_check(out, "the answer", e) < 0)
			return -1;
	}
	return got;
}

struct str
http_surplus(struct http_conn *c)
{
	struct str rest = unread(c);

	c->in_start = c->in_end;
	c->is_reusable = false;
	return rest;
}

void
http_put_basic(struct buf *out, const char *user, struct str password)
{
	AUTO(buf) struct buf plain = BUF_SECRET_INIT(strlen(user) + 1 + password.n);

	buf_puts(&plain, user);
	buf_putc(&plain, ':');
	buf_putstr(&plain, password);
	if (plain.fault != BUF_OK) {
		out->fault = plain.fault;
		return;
	}
	buf_puts(out, "Basic ");
	buf_putb64(out, buf_str(&plain), false);
}
