/*
 * http_send_test.c - requests: what is on the wire, what is refused, a peer that answers or closes before the end
 */
#include "lib/http/client.h"

#include "lib/base/cancel.h"
#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "tests/peer.h"
#include "tests/t.h"

#define SOON_MS 20000			/* far more than anything here takes */
#define BIG (8u << 20)

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

static const struct {
	const char *name;
	struct http_request r;
	struct http_field field;
} refused[] = {
	{ "line end in the target", { .method = "GET", .target = { "/a\r\nX: y", 8 }, .host = "h" }, { { "A", 1 }, { "b", 1 } } },
	{ "space in the target", { .method = "GET", .target = { "/a b", 4 }, .host = "h" }, { { "A", 1 }, { "b", 1 } } },
	{ "NUL in the target", { .method = "GET", .target = { "/a\0b", 4 }, .host = "h" }, { { "A", 1 }, { "b", 1 } } },
	{ "umlaut in the target", { .method = "GET", .target = { "/\xc3\xa4", 3 }, .host = "h" }, { { "A", 1 }, { "b", 1 } } },
	{ "empty target", { .method = "GET", .target = { "", 0 }, .host = "h" }, { { "A", 1 }, { "b", 1 } } },
	{ "space in the method", { .method = "GET /", .target = { "/", 1 }, .host = "h" }, { { "A", 1 }, { "b", 1 } } },
	{ "line end in the host", { .method = "GET", .target = { "/", 1 }, .host = "h\r\n" }, { { "A", 1 }, { "b", 1 } } },
	{ "line feed in a value", { .method = "GET", .target = { "/", 1 }, .host = "h" }, { { "A", 1 }, { "b\nc", 3 } } },
	{ "carriage return in a value", { .method = "GET", .target = { "/", 1 }, .host = "h" }, { { "A", 1 }, { "b\r", 2 } } },
	{ "NUL in a value", { .method = "GET", .target = { "/", 1 }, .host = "h" }, { { "A", 1 }, { "b\0c", 3 } } },
	{ "colon in a name", { .method = "GET", .target = { "/", 1 }, .host = "h" }, { { "A:", 2 }, { "b", 1 } } },
	{ "empty name", { .method = "GET", .target = { "/", 1 }, .host = "h" }, { { "", 0 }, { "b", 1 } } },
};

static void
test_refused(void)
{
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		struct http_request r = refused[i].r;
		AUTO(http_conn) struct http_conn c = HTTP_CONN_INIT;
		struct err e = ERR_INIT;

		t_row("request refused: %s", refused[i].name);
		r.fields = &refused[i].field;
		r.n_fields = 1;
		T_FAILS(http_send(&c, &r, soon(), &e), ERR_USAGE);
	}
}

/* What is really on the wire, read by this side from the other end of a socket pair. */
static void
test_wire(void)
{
	const struct http_field fields[] = { { STR_LIT("X-A"), STR_LIT("1") }, { STR_LIT("X-B"), STR_LIT("") } };
	struct http_request r = { .method = "POST", .target = STR_LIT("/v1.41/a?b=c%20d"), .host = "docker", .fields = fields,
		.n_fields = 2, .body = STR_LIT("body"), .has_body = true };
	AUTO(http_conn) struct http_conn c = HTTP_CONN_INIT;
	AUTO(buf) struct buf seen = BUF_INIT(4096);
	struct err e = ERR_INIT;
	int ends[2];

	t_row("bytes of a request with a body, and of a chunked one");
	T_CALL(fd_socketpair(ends, &e));
	T_CALL(fd_nonblock(ends[0], &e));
	c.stream.fd = ends[0];
	T_CALL(http_send(&c, &r, soon(), &e));
	r.is_chunked = true;
	r.has_body = false;
	r.n_fields = 0;
	T_CALL(http_send(&c, &r, soon(), &e));
	T_EQ(http_send_chunk(&c, STR_LIT("hello, chunked world"), soon(), &e), 0);
	T_EQ(http_send_chunk(&c, STR_LIT(""), soon(), &e), 0);
	T_EQ(http_send_end(&c, soon(), &e), 0);
	T_CALL(stream_shutdown_write(&c.stream, &e));
	T_CALL(fd_read_all(ends[1], &seen, soon(), &e));
	T_STR(seen.p, "POST /v1.41/a?b=c%20d HTTP/1.1\r\nHost: docker\r\nX-A: 1\r\nX-B: \r\nContent-Length: 4\r\n\r\nbody"
		"POST /v1.41/a?b=c%20d HTTP/1.1\r\nHost: docker\r\nTransfer-Encoding: chunked\r\n\r\n"
		"14\r\nhello, chunked world\r\n0\r\n\r\n");
	close(ends[1]);
}

/* A daemon that refuses a build answers while we still send; then it reads no more, or closes. */
static void
test_early_answer(enum peer_act after)
{
	const struct peer_step script[] = {
		{ PEER_HEAD, NULL, 0 }, { PEER_READ, NULL, 100000 },
		{ PEER_SEND, "HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\nno", 0 }, { after, NULL, 0 }, { PEER_END, NULL, 0 },
	};
	AUTO(buf) struct buf block = BUF_INIT(65536);
	AUTO(buf) struct buf body = BUF_INIT(64);
	AUTO(http_conn) struct http_conn c = HTTP_CONN_INIT;
	struct http_request r = get("/build");
	struct err e = ERR_INIT;
	int got = 0;

	t_row("an early answer to an upload, then the peer %s", after == PEER_HOLD ? "goes on reading" : "closes");
	while (block.n < block.ceiling)
		buf_putc(&block, 'y');
	c.stream = peer_stream(script);
	r.is_chunked = true;
	T_CALL(http_send(&c, &r, soon(), &e));
	for (unsigned sent = 0; sent < 64 * BIG && got == 0; sent += 65536)
		got = http_send_chunk(&c, buf_str(&block), soon(), &e);
	T_EQ(got, 1);
	T_EQ(http_send_chunk(&c, buf_str(&block), soon(), &e), 1);
	T_EQ(http_send_end(&c, soon(), &e), 1);
	T_CALL(http_recv_head(&c, false, soon(), &e));
	T_EQ(c.head.status, 400);
	T_CALL(http_recv_all(&c, &body, soon(), &e));
	T_STR(body.p, "no");
	T_OK(!c.is_reusable);
}

/* The same with a body given whole: a peer that never reads it may not block the sender. */
static void
test_early_answer_whole(void)
{
	const struct peer_step script[] = {
		{ PEER_HEAD, NULL, 0 }, { PEER_SEND, "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n", 0 }, { PEER_END, NULL, 0 },
	};
	AUTO(http_conn) struct http_conn c = HTTP_CONN_INIT;
	struct http_request r = get("/x");
	struct err e = ERR_INIT;
	char *big = mem_new(BIG);

	t_row("an early answer to a body given whole");
	c.stream = peer_stream(script);
	r.body = str_from(big, BIG);
	r.has_body = true;
	T_CALL(http_send(&c, &r, soon(), &e));
	T_CALL(http_recv_head(&c, false, soon(), &e));
	T_EQ(c.head.status, 413);
	T_OK(!c.is_reusable);
	mem_free(big);
}

static void
test_closed_while_sending(void)
{
	const struct peer_step script[] = { { PEER_HEAD, NULL, 0 }, { PEER_END, NULL, 0 } };
	AUTO(http_conn) struct http_conn c = HTTP_CONN_INIT;
	struct http_request r = get("/x");
	struct err e = ERR_INIT;
	char *big = mem_new(BIG);

	t_row("a peer that closes during an upload, without an answer");
	c.stream = peer_stream(script);
	r.is_chunked = true;
	T_CALL(http_send(&c, &r, soon(), &e));
	T_EQ(http_send_chunk(&c, str_from(big, BIG), soon(), &e), 1);
	T_FAILS(http_recv_head(&c, false, soon(), &e), ERR_EOF);
	mem_free(big);
}

static void
test_no_reader(void)
{
	AUTO(http_conn) struct http_conn c = HTTP_CONN_INIT;
	struct http_request r = get("/x");
	struct err e = ERR_INIT;
	char *big = mem_new(BIG);
	int ends[2];

	t_row("a peer that never reads ends at the deadline");
	T_CALL(fd_socketpair(ends, &e));
	T_CALL(fd_nonblock(ends[0], &e));
	c.stream.fd = ends[0];
	r.body = str_from(big, BIG);
	r.has_body = true;
	T_FAILS(http_send(&c, &r, clock_due_ms(50), &e), ERR_TIMEOUT);
	mem_free(big);
	close(ends[1]);
}

int
main(void)
{
	struct err e = ERR_INIT;

	if (cancel_install(&e) < 0)
		return 2;
	test_refused();
	test_wire();
	test_early_answer(PEER_HOLD);
	test_early_answer(PEER_END);
	test_early_answer_whole();
	test_closed_while_sending();
	test_no_reader();
	return t_done();
}
