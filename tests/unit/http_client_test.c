/*
 * http_client_test.c - answers of a scripted peer: framings, reuse, hijacking, cuts, silence, cancellation
 */
#include "lib/http/client.h"

#include <signal.h>

#include "lib/base/cancel.h"
#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "tests/peer.h"
#include "tests/t.h"

#define SOON_MS 20000			/* far more than anything here takes */
#define BIG (8u << 20)
#define OK_HEAD "HTTP/1.1 200 OK\r\n"

static int64_t
soon(void)
{
	return clock_due_ms(SOON_MS);
}

static struct http_request
get(const char *target)
{
	return (struct http_request){ .method = "GET", .target = str_of(target), .host = "docker" };
}

/* One GET to its end. */
static int
exchange(struct http_conn *c, bool is_head, struct buf *body, struct err *e)
{
	struct http_request r = get("/x");

	r.method = is_head ? "HEAD" : "GET";
	if (http_send(c, &r, soon(), e) < 0 || http_recv_head(c, is_head, soon(), e) < 0)
		return -1;
	return http_recv_all(c, body, soon(), e);
}

static const struct {
	const char *name, *answer;
	const char *body;		/* NULL: fails */
	int status;
	enum err_code code;
	bool is_reusable, is_head;
} answers[] = {
	{ "length", OK_HEAD "Content-Length: 5\r\n\r\nhello", "hello", 200, ERR_NONE, true, false },
	{ "empty", OK_HEAD "Content-Length: 0\r\n\r\n", "", 200, ERR_NONE, true, false },
	{ "no content", "HTTP/1.1 204 No Content\r\n\r\n", "", 204, ERR_NONE, true, false },
	{ "head", OK_HEAD "Content-Length: 5\r\n\r\n", "", 200, ERR_NONE, true, true },
	{ "head, chunked", OK_HEAD "Transfer-Encoding: chunked\r\n\r\n", "", 200, ERR_NONE, true, true },
	{ "not modified", "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", "", 304, ERR_NONE, true, false },
	{ "chunked", OK_HEAD "Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x\r\nlo\r\n0\r\nT: t\r\n\r\n", "hello", 200,
	  ERR_NONE, true, false },
	{ "until close", OK_HEAD "\r\nhello", "hello", 200, ERR_NONE, false, false },
	{ "close said", OK_HEAD "Connection: close\r\nContent-Length: 5\r\n\r\nhello", "hello", 200, ERR_NONE, false, false },
	{ "old protocol", "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello", 200, ERR_NONE, false, false },
	{ "old protocol kept", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello", "hello", 200, ERR_NONE,
	  true, false },
	{ "interim answers", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" OK_HEAD
	  "Content-Length: 5\r\n\r\nhello", "hello", 200, ERR_NONE, true, false },
	{ "bytes behind a body", OK_HEAD "Content-Length: 5\r\n\r\nhelloHTTP/1.1", "hello", 200, ERR_NONE, false, false },
	{ "an error with a body", "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}", "{}", 404, ERR_NONE, true, false },
	{ "closed at once", "", NULL, 0, ERR_EOF, false, false },
	{ "cut in the status line", "HTTP/1.1 2", NULL, 0, ERR_EOF, false, false },
	{ "cut in the head", OK_HEAD "Content-Le", NULL, 0, ERR_EOF, false, false },
	{ "cut in the body", OK_HEAD "Content-Length: 5\r\n\r\nhell", NULL, 200, ERR_EOF, false, false },
	{ "cut in a chunk", OK_HEAD "Transfer-Encoding: chunked\r\n\r\n5\r\nhell", NULL, 200, ERR_EOF, false, false },
	{ "cut between chunks", OK_HEAD "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", NULL, 200, ERR_EOF, false, false },
	{ "cut before the last line", OK_HEAD "Transfer-Encoding: chunked\r\n\r\n0\r\n", NULL, 200, ERR_EOF, false, false },
	{ "not HTTP", "Welcome to the machine\n", NULL, 0, ERR_PARSE, false, false },
	{ "both framings", OK_HEAD "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", NULL, 0, ERR_PARSE, false, false },
	{ "junk in a chunk", OK_HEAD "Transfer-Encoding: chunked\r\n\r\n5\r\nhello!", NULL, 200, ERR_PARSE, false, false },
};

static void
test_answer(size_t i, enum peer_act how, unsigned pause_us)
{
	const struct peer_step script[] = { { PEER_HEAD, NULL, 0 }, { how, answers[i].answer, 0 }, { PEER_END, NULL, 0 } };
	AUTO(http_conn) struct http_conn c = HTTP_CONN_INIT;
	AUTO(buf) struct buf body = BUF_INIT(64);
	struct err e = ERR_INIT;

	t_row("%s%s%s", answers[i].name, how == PEER_DRIP ? ", byte by byte" : "", pause_us > 0 ? ", gathered" : "");
	c.stream = peer_stream(script);
	c.pause_us = pause_us;
	int got = exchange(&c, answers[i].is_head, &body, &e);
	T_EQ(e.code, answers[i].code);
	T_EQ(got, answers[i].body ? 0 : -1);
	if (answers[i].body) {
		T_STR(body.p, answers[i].body);
		/* Bytes that nobody asked for are seen when they are there; those that come later, at the next request. */
		if (how == PEER_SEND)
			T_EQ(c.is_reusable, answers[i].is_reusable);
	}
	if (answers[i].status)
		T_EQ(c.head.status, answers[i].status);
}

/* Several requests over one connection; views into the head survive the body. */
static void
test_reuse(void)
{
	const struct peer_step script[] = {
		{ PEER_HEAD, NULL, 0 }, { PEER_SEND, OK_HEAD "X-N: one\r\nContent-Length: 3\r\n\r\nabc", 0 },
		{ PEER_HEAD, NULL, 0 }, { PEER_DRIP, OK_HEAD "X-N: two\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ndef\r\n0\r\n\r\n", 0 },
		{ PEER_HEAD, NULL, 0 }, { PEER_SEND, "HTTP/1.1 204 No Content\r\n\r\n", 0 },
		{ PEER_END, NULL, 0 },
	};
	AUTO(http_conn) struct http_conn c = HTTP_CONN_INIT;
	AUTO(buf) struct buf body = BUF_INIT(64);
	struct err e = ERR_INIT;
	struct http_request r = get("/x");

	t_row("three requests over one connection, then it is closed");
	c.stream = peer_stream(script);
	T_CALL(exchange(&c, false, &body, &e));
	T_VIEW(http_field(&c.head, "x-n"), "one");
	T_OK(c.is_reusable);
	T_CALL(exchange(&c, false, &body, &e));
	T_VIEW(http_field(&c.head, "x-n"), "two");
	T_OK(c.is_reusable);
	T_CALL(exchange(&c, false, &body, &e));
	T_OK(c.is_reusable);
	T_STR(body.p, "abcdef");

	/* The peer's end is closed once its script is over: told before anything is sent, so that a retry is safe. */
	T_CALL(fd_wait(c.stream.fd, POLLIN, soon(), &e));
	T_FAILS(http_send(&c, &r, soon(), &e), ERR_EOF);
	T_FAILS(http_send(&c, &r, soon(), &e), ERR_FAIL);
}

static void
test_not_reusable(void)
{
	const struct peer_step script[] = {
		{ PEER_HEAD, NULL, 0 }, { PEER_SEND, OK_HEAD "Content-Length: 3\r\n\r\nabc", 0 }, { PEER_HOLD, NULL, 0 },
		{ PEER_END, NULL, 0 },
	};
	AUTO(http_conn) struct http_conn c = HTTP_CONN_INIT;
	struct err e = ERR_INIT;
	struct http_request r = get("/x");

	t_row("an unread body keeps the connection from being reused");
	c.stream = peer_stream(script);
	T_CALL(http_send(&c, &r, soon(), &e));
	T_CALL(http_recv_head(&c, false, soon(), &e));
	T_OK(!c.is_reusable);
	T_FAILS(http_send(&c, &r, soon(), &e), ERR_FAIL);
}

/* Long bodies come as views into one buffer of fixed size. */
static void
test_big(bool is_chunked)
{
	const struct peer_step by_length[] = {
		{ PEER_HEAD, NULL, 0 }, { PEER_SEND, OK_HEAD "Content-Length: 8388608\r\n\r\n", 0 }, { PEER_FILL, NULL, BIG },
		{ PEER_END, NULL, 0 },
	};
	const struct peer_step by_chunks[] = {
		{ PEER_HEAD, NULL, 0 }, { PEER_SEND, OK_HEAD "Transfer-Encoding: chunked\r\n\r\n400000\r\n", 0 },
		{ PEER_FILL, NULL, BIG / 2 }, { PEER_SEND, "\r\n400000\r\n", 0 }, { PEER_FILL, NULL, BIG / 2 },
		{ PEER_SEND, "\r\n0\r\n\r\n", 0 }, { PEER_END, NULL, 0 },
	};
	AUTO(http_conn) struct http_conn c = HTTP_CONN_INIT;
	struct http_request r = get("/logs");
	struct err e = ERR_INIT;
	struct str data;
	size_t total = 0;
	int got;

	t_row("8 MiB %s, as views", is_chunked ? "in two chunks" : "by length");
	c.stream = peer_stream(is_chunked ? by_chunks : by_length);
	T_CALL(http_send(&c, &r, soon(), &e));
	T_CALL(http_recv_head(&c, false, soon(), &e));
	while ((got = http_recv_body(&c, &data, soon(), &e)) > 0) {
		if (data.n == 0 || data.p < c.in || data.p + data.n > c.in + HTTP_READ_BYTES)
			T_FAIL("not a view into the buffer");
		for (size_t i = 0; i < data.n; i++)
			if (data.p[i] != 'x')
				T_FAIL("foreign byte");
		total += data.n;
	}
	T_EQ(got, 0);
	T_EQ(total, BIG);
	T_OK(c.is_reusable);
	T_EQ(http_recv_body(&c, &data, soon(), &e), 0);
}

static void
test_ceiling(void)
{
	const struct peer_step script[] = {
		{ PEER_HEAD, NULL, 0 }, { PEER_SEND, OK_HEAD "\r\n", 0 }, { PEER_FILL, NULL, BIG }, { PEER_HOLD, NULL, 0 },
		{ PEER_END, NULL, 0 },
	};
	AUTO(http_conn) struct http_conn c = HTTP_CONN_INIT;
	AUTO(buf) struct buf body = BUF_INIT(100000);
	struct err e = ERR_INIT;

	t_row("a body beyond the ceiling is given up");
	c.stream = peer_stream(script);
	T_FAILS(exchange(&c, false, &body, &e), ERR_TOO_BIG);
	T_OK(!c.is_reusable);
}

static void
test_upgrade(const char *head, int status)
{
	struct peer_step script[] = {
		{ PEER_HEAD, NULL, 0 }, { PEER_SEND, NULL, 0 }, { PEER_READ, NULL, 4 }, { PEER_SEND, "pong", 0 }, { PEER_END, NULL, 0 },
	};
	AUTO(http_conn) struct http_conn c = HTTP_CONN_INIT;
	AUTO(buf) struct buf rest = BUF_INIT(64);
	struct http_request r = get("/attach");
	struct err e = ERR_INIT;

	t_row("hijacked by %d: what came behind the head is not lost", status);
	script[1].text = head;
	c.stream = peer_stream(script);
	T_CALL(http_send(&c, &r, soon(), &e));
	T_CALL(http_recv_head(&c, false, soon(), &e));
	T_EQ(c.head.status, status);
	struct str first = http_surplus(&c);
	T_VIEW(first, "first");
	T_EQ(http_surplus(&c).n, 0);
	T_CALL(stream_write_all(&c.stream, STR_LIT("ping"), soon(), &e));
	T_CALL(fd_read_all(c.stream.fd, &rest, soon(), &e));
	T_STR(rest.p, "pong");
	T_OK(!c.is_reusable);
}

static void
test_silence(void)
{
	static const struct peer_step scripts[][4] = {
		{ { PEER_HOLD, NULL, 0 } },
		{ { PEER_HEAD, NULL, 0 }, { PEER_SEND, "HTTP/1.1 200 OK\r\nContent", 0 }, { PEER_HOLD, NULL, 0 } },
		{ { PEER_HEAD, NULL, 0 }, { PEER_SEND, OK_HEAD "Content-Length: 5\r\n\r\nhel", 0 }, { PEER_HOLD, NULL, 0 } },
	};

	for (size_t i = 0; i < ARRAY_LEN(scripts); i++) {
		AUTO(http_conn) struct http_conn c = HTTP_CONN_INIT;
		AUTO(buf) struct buf body = BUF_INIT(64);
		struct http_request r = get("/x");
		struct err e = ERR_INIT;

		t_row("a peer that falls silent ends at the deadline (%zu)", i);
		c.stream = peer_stream(scripts[i]);
		T_CALL(http_send(&c, &r, soon(), &e));
		int64_t due = clock_due_ms(50);
		if (http_recv_head(&c, false, due, &e) == 0)
			T_FAILS(http_recv_all(&c, &body, clock_due_ms(50), &e), ERR_TIMEOUT);
		T_ERR(ERR_TIMEOUT);
		T_OK(clock_now_ms() >= due);
	}
}

static void
test_no_pause(void)
{
	const struct peer_step endless[] = { { PEER_HEAD, NULL, 0 }, { PEER_FILL, NULL, SIZE_MAX / 2 }, { PEER_END, NULL, 0 } };
	AUTO(http_conn) struct http_conn c = HTTP_CONN_INIT;
	struct err e = ERR_INIT;
	struct str data;
	int got;

	t_row("a peer that never pauses does not outlive the deadline");
	c.stream = peer_stream(endless);
	c.head = (struct http_head){ .framing = HTTP_UNTIL_CLOSE };
	T_CALL(stream_write_all(&c.stream, STR_LIT("\r\n\r\n"), soon(), &e));
	int64_t due = clock_due_ms(100);
	while ((got = http_recv_body(&c, &data, due, &e)) > 0)
		;
	T_EQ(got, -1);
	T_ERR(ERR_TIMEOUT);
}

static void
test_interim_flood(void)
{
	const char one[] = "HTTP/1.1 100 Continue\r\n\r\n";
	struct peer_step script[PEER_STEPS_MAX + 24] = { { PEER_HEAD, NULL, 0 } };
	AUTO(http_conn) struct http_conn c = HTTP_CONN_INIT;
	AUTO(buf) struct buf body = BUF_INIT(64);
	struct err e = ERR_INIT;

	t_row("interim answers without end");
	for (size_t i = 1; i < ARRAY_LEN(script) - 1; i++)
		script[i] = (struct peer_step){ PEER_SEND, one, 0 };
	c.stream = peer_stream(script);
	T_FAILS(exchange(&c, false, &body, &e), ERR_PARSE);
}

static void
test_basic(void)
{
	AUTO(buf) struct buf out = BUF_INIT(256);
	AUTO(buf) struct buf tiny = BUF_INIT(3);

	t_row("basic credentials, RFC 7617's own example");
	http_put_basic(&out, "Aladdin", STR_LIT("open sesame"));
	T_STR(out.p, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
	http_put_basic(&tiny, "a", STR_LIT("b"));
	T_EQ(tiny.fault, BUF_CEILING);
}

/* Last: a cancelled process stays cancelled. The peer sends the signal while we wait for it. */
static void
test_cancel(void)
{
	const struct peer_step script[] = {
		{ PEER_HEAD, NULL, 0 }, { PEER_SEND, OK_HEAD "Content-Length: 5\r\n\r\nhel", 0 }, { PEER_RAISE, NULL, SIGINT },
		{ PEER_HOLD, NULL, 0 }, { PEER_END, NULL, 0 },
	};
	AUTO(http_conn) struct http_conn c = HTTP_CONN_INIT;
	AUTO(buf) struct buf body = BUF_INIT(64);
	struct err e = ERR_INIT;

	t_row("a signal in the middle of an answer");
	c.stream = peer_stream(script);
	T_FAILS(exchange(&c, false, &body, &e), ERR_INTERRUPTED);
	T_EQ(cancel_signal(), SIGINT);
}

int
main(void)
{
	struct err e = ERR_INIT;

	if (cancel_install(&e) < 0)
		return 2;
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		test_answer(i, PEER_SEND, 0);
		test_answer(i, PEER_DRIP, 0);
		test_answer(i, PEER_DRIP, 200);
	}
	test_reuse();
	test_not_reusable();
	test_big(false);
	test_big(true);
	test_ceiling();
	test_upgrade("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nfirst", 101);
	test_upgrade(OK_HEAD "Content-Type: application/vnd.docker.raw-stream\r\n\r\nfirst", 200);
	test_silence();
	test_no_pause();
	test_interim_flood();
	test_basic();
	test_cancel();
	return t_done();
}
