/*
 * http_message_test.c - response heads and chunked bodies: rows, each also cut at every byte and flush against a guard page
 */
#include "lib/http/message.h"

#include "lib/base/buf.h"
#include "lib/base/mem.h"
#include "lib/http/bytes.h"
#include "tests/t.h"

#define OK_HEAD "HTTP/1.1 200 OK\r\n"
#define CHUNKED_HEAD OK_HEAD "Transfer-Encoding: chunked\r\n"

/* Heads that are accepted. `want` is "framing length keep-alive [upgrade]". */
static const struct head_row {
	const char *in;
	const char *want;
	int status;
	bool is_head;
} good[] = {
	{ OK_HEAD "\r\n", "close 0 -", 200, false },
	{ OK_HEAD "Content-Length: 0\r\n\r\n", "length 0 keep", 200, false },
	{ OK_HEAD "Content-Length: 9223372036854775807\r\n\r\n", "length 9223372036854775807 keep", 200, false },
	{ OK_HEAD "content-length:12\r\n\r\n", "length 12 keep", 200, false },
	{ OK_HEAD "Content-Length:\t 0012 \t\r\n\r\n", "length 12 keep", 200, false },
	{ CHUNKED_HEAD "\r\n", "chunked 0 keep", 200, false },
	{ OK_HEAD "TRANSFER-ENCODING: Chunked\r\n\r\n", "chunked 0 keep", 200, false },
	{ CHUNKED_HEAD "Connection: close\r\n\r\n", "chunked 0 -", 200, false },
	{ CHUNKED_HEAD "Connection: foo, Close ,bar\r\n\r\n", "chunked 0 -", 200, false },
	{ CHUNKED_HEAD "Connection: keep-alive\r\nConnection: close\r\n\r\n", "chunked 0 -", 200, false },
	{ "HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\n", "length 3 -", 200, false },
	{ "HTTP/1.0 200 OK\r\nContent-Length: 3\r\nConnection: Keep-Alive\r\n\r\n", "length 3 keep", 200, false },
	{ "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\n", "close 0 -", 200, false },
	{ "HTTP/1.1 204 No Content\r\n\r\n", "none 0 keep", 204, false },
	{ "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", "none 0 keep", 204, false },
	{ "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", "none 0 keep", 304, false },
	{ "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n", "none 0 keep", 304, false },
	{ OK_HEAD "Content-Length: 5\r\n\r\n", "none 0 keep", 200, true },
	{ CHUNKED_HEAD "\r\n", "none 0 keep", 200, true },
	{ "HTTP/1.1 100 Continue\r\n\r\n", "none 0 keep", 100, false },
	{ "HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n",
	  "none 0 - upgrade", 101, false },
	{ "HTTP/1.1 200\r\nContent-Length: 1\r\n\r\n", "length 1 keep", 200, false },
	{ "HTTP/1.1 200 \r\nContent-Length: 1\r\n\r\n", "length 1 keep", 200, false },
	{ "HTTP/1.1 599 gr\xc3\xb6\xc3\x9f" "er\t!\r\nX: \xff\r\nContent-Length: 1\r\n\r\n", "length 1 keep", 599, false },
	{ OK_HEAD "X-Empty:\r\nContent-Length: 1\r\n\r\n", "length 1 keep", 200, false },
};

static const struct {
	const char *in;
	const char *why;
	size_t n;			/* 0: strlen */
} bad[] = {
	{ "SSH-2.0-OpenSSH_9.2\r\n", "not HTTP/1", 0 },
	{ "HTTP/2.0 200 OK\r\n\r\n", "not HTTP/1", 0 },
	{ "HTTP/1.2 200 OK\r\n\r\n", "version", 0 },
	{ "\r\nHTTP/1.1 200 OK\r\n\r\n", "not HTTP/1", 0 },
	{ "http/1.1 200 OK\r\n\r\n", "not HTTP/1", 0 },
	{ "HTTP/1.1  200 OK\r\n\r\n", "status", 0 },
	{ "HTTP/1.1\t200 OK\r\n\r\n", "status line", 0 },
	{ "HTTP/1.1 20 OK\r\n\r\n", "status line", 0 },
	{ "HTTP/1.1 20\r\n\r\n", "status line", 0 },
	{ "HTTP/1.1 2000 OK\r\n\r\n", "status line", 0 },
	{ "HTTP/1.1 2a0 OK\r\n\r\n", "number", 0 },
	{ "HTTP/1.1 099 OK\r\n\r\n", "between", 0 },
	{ "HTTP/1.1 600 OK\r\n\r\n", "between", 0 },
	{ "HTTP/1.1 200 OK\n\n", "bare line feed", 0 },
	{ "HTTP/1.1 200 OK\r\r\n\r\n", "bare carriage return", 0 },
	{ "HTTP/1.1 200 O\0K\r\n\r\n", "control byte", 21 },
	{ OK_HEAD "A: b\n\r\n", "bare line feed", 0 },
	{ OK_HEAD "A: b\rC: d\r\n\r\n", "bare carriage return", 0 },
	{ OK_HEAD "A: b\0c\r\n\r\n", "control byte", 27 },
	{ OK_HEAD "A: b\x7f\r\n\r\n", "control byte", 0 },
	{ OK_HEAD "A: b\r\n c\r\n\r\n", "folded", 0 },
	{ OK_HEAD "A: b\r\n\tc\r\n\r\n", "folded", 0 },
	{ OK_HEAD " A: b\r\n\r\n", "folded", 0 },
	{ OK_HEAD "A : b\r\n\r\n", "header name", 0 },
	{ OK_HEAD "A\t: b\r\n\r\n", "header name", 0 },
	{ OK_HEAD ": b\r\n\r\n", "header name", 0 },
	{ OK_HEAD "A\xc3\xa4: b\r\n\r\n", "header name", 0 },
	{ OK_HEAD "A(b): c\r\n\r\n", "header name", 0 },
	{ OK_HEAD "no colon here\r\n\r\n", "without a colon", 0 },
	{ CHUNKED_HEAD "Content-Length: 5\r\n\r\n", "together", 0 },
	{ OK_HEAD "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", "together", 0 },
	{ OK_HEAD "Content-Length: 5\r\nContent-Length: 5\r\n\r\n", "more than one", 0 },
	{ OK_HEAD "Content-Length: 5, 5\r\n\r\n", "Content-Length", 0 },
	{ OK_HEAD "Content-Length: +5\r\n\r\n", "Content-Length", 0 },
	{ OK_HEAD "Content-Length: -5\r\n\r\n", "Content-Length", 0 },
	{ OK_HEAD "Content-Length: 0x5\r\n\r\n", "Content-Length", 0 },
	{ OK_HEAD "Content-Length: 5 5\r\n\r\n", "Content-Length", 0 },
	{ OK_HEAD "Content-Length:\r\n\r\n", "Content-Length", 0 },
	{ OK_HEAD "Content-Length: 9223372036854775808\r\n\r\n", "Content-Length", 0 },
	{ OK_HEAD "Content-Length: 18446744073709551621\r\n\r\n", "Content-Length", 0 },
	{ OK_HEAD "Transfer-Encoding: gzip, chunked\r\n\r\n", "exactly chunked", 0 },
	{ OK_HEAD "Transfer-Encoding: chunked, chunked\r\n\r\n", "exactly chunked", 0 },
	{ OK_HEAD "Transfer-Encoding: chunked;q=1\r\n\r\n", "exactly chunked", 0 },
	{ OK_HEAD "Transfer-Encoding: identity\r\n\r\n", "exactly chunked", 0 },
	{ OK_HEAD "Transfer-Encoding:\r\n\r\n", "exactly chunked", 0 },
	{ OK_HEAD "Transfer-Encoding: xchunked\r\n\r\n", "exactly chunked", 0 },
	{ CHUNKED_HEAD "Transfer-Encoding: chunked\r\n\r\n", "exactly chunked", 0 },
	{ "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "where none may be", 0 },
	{ "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", "where none may be", 0 },
	{ "HTTP/1.1 101 X\r\n\r\n", "without an upgrade", 0 },
	{ "HTTP/1.1 101 X\r\nUpgrade: tcp\r\n\r\n", "without an upgrade", 0 },
	{ "HTTP/1.1 101 X\r\nConnection: upgrade\r\n\r\n", "without an upgrade", 0 },
};

static const char *
describe(const struct http_head *h)
{
	static const char *const framing[] = {
		[HTTP_NO_BODY] = "none", [HTTP_LENGTH] = "length", [HTTP_CHUNKED] = "chunked", [HTTP_UNTIL_CLOSE] = "close",
	};
	static char text[96];

	snprintf(text, sizeof text, "%s %" PRIu64 " %s%s", framing[h->framing], h->length, h->keep_alive ? "keep" : "-",
			h->is_upgrade ? " upgrade" : "");
	return text;
}

/* What came so far is never a whole head, and a prefix of a good one is never refused. */
static void
check_prefixes(struct str in, bool is_head, bool is_good)
{
	struct http_head h;
	const char *why = NULL;
	bool was_bad = false;

	for (size_t n = 0; n < in.n; n++) {
		long got = http_parse_response(str_from(t_guard(in.p, n), n), is_head, &h, &why);

		if (got >= 0 || (is_good && got != HTTP_INCOMPLETE) || (was_bad && got != HTTP_BAD))
			T_FAIL("the first %zu bytes give %ld", n, got);
		was_bad = got == HTTP_BAD;
	}
}

static void
test_heads(void)
{
	struct http_head h;
	const char *why = NULL;

	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		struct str in = str_of(good[i].in);

		t_row("head accepted %zu", i);
		T_EQ(http_parse_response(str_from(t_guard(in.p, in.n), in.n), good[i].is_head, &h, &why), in.n);
		T_EQ(h.status, good[i].status);
		T_STR(describe(&h), good[i].want);
		check_prefixes(in, good[i].is_head, true);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct str in = str_from(bad[i].in, bad[i].n ? bad[i].n : strlen(bad[i].in));

		t_row("head refused %zu (%s)", i, bad[i].why);
		why = NULL;
		T_EQ(http_parse_response(str_from(t_guard(in.p, in.n), in.n), false, &h, &why), HTTP_BAD);
		T_HAS(why, bad[i].why);
		check_prefixes(in, false, false);
	}
}

static void
test_fields(void)
{
	struct str in = STR_LIT(OK_HEAD "Api-Version: 1.41\r\nX-A: one\r\nx-a:two\r\nEmpty: \t\r\n\r\nBODY");
	struct http_head h;
	const char *why = NULL;

	t_row("fields by name");
	T_EQ(http_parse_response(in, false, &h, &why), in.n - 4);
	T_EQ(h.n_fields, 4);
	T_VIEW(h.reason, "OK");
	T_VIEW(http_field(&h, "api-version"), "1.41");	/* the first one of its name */
	T_VIEW(http_field(&h, "X-A"), "one");
	T_VIEW(http_field(&h, "EMPTY"), "");
	T_OK(http_field(&h, "empty").p != NULL);
	T_OK(http_field(&h, "absent").p == NULL);
}

/* A head of exactly n bytes. */
static void
make_head(struct buf *b, size_t n)
{
	buf_reset(b);
	buf_puts(b, OK_HEAD "X: ");
	while (b->n < n - 4)
		buf_putc(b, 'x');
	buf_puts(b, "\r\n\r\n");
}

static void
test_limits(void)
{
	AUTO(buf) struct buf b = BUF_INIT(2 * HTTP_HEAD_MAX);
	struct http_head h;
	const char *why = NULL;

	t_row("a head of the largest size, and one byte more");
	make_head(&b, HTTP_HEAD_MAX);
	T_EQ(http_parse_response(buf_str(&b), false, &h, &why), HTTP_HEAD_MAX);
	make_head(&b, HTTP_HEAD_MAX + 1);
	T_EQ(http_parse_response(buf_str(&b), false, &h, &why), HTTP_BAD);
	T_HAS(why, "too large");
	T_EQ(http_parse_response(str_take(buf_str(&b), HTTP_HEAD_MAX - 1), false, &h, &why), HTTP_INCOMPLETE);

	for (int n = HTTP_FIELDS_MAX; n <= HTTP_FIELDS_MAX + 1; n++) {
		t_row("%d fields", n);
		buf_reset(&b);
		buf_puts(&b, OK_HEAD);
		for (int i = 0; i < n; i++)
			buf_puts(&b, "A: b\r\n");
		buf_puts(&b, "\r\n");
		T_EQ(http_parse_response(buf_str(&b), false, &h, &why), n > HTTP_FIELDS_MAX ? HTTP_BAD : (long)b.n);
	}
}

/* The table against the RFC's words, spelled out anew. */
static void
test_bytes(void)
{
	t_row("byte classes");
	for (int i = 0; i < 256; i++) {
		char c = (char)i;
		bool is_alnum = (i >= '0' && i <= '9') || (i >= 'a' && i <= 'z') || (i >= 'A' && i <= 'Z');
		bool is_token = is_alnum || (i > ' ' && i < 127 && strchr("!#$%&'*+-.^_`|~", i) != NULL);
		bool is_value = i == '\t' || (i >= ' ' && i != 127);

		if (http_is_token(str_from(&c, 1)) != is_token || http_is_value(str_from(&c, 1)) != is_value)
			T_FAIL("byte %d", i);
	}
	T_OK(!http_is_token(STR_NULL));
	T_OK(http_is_value(STR_NULL));
}

/* --- chunked -------------------------------------------------------------------- */

#define EXT_256 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" \
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" \
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" \
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static const struct {
	const char *in;
	const char *body;		/* NULL: refused */
	const char *why;
	size_t left;			/* bytes behind the end that stay */
} chunks[] = {
	{ "0\r\n\r\n", "", NULL, 0 },
	{ "5\r\nhello\r\n0\r\n\r\n", "hello", NULL, 0 },
	{ "5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n", "hello!", NULL, 0 },
	{ "0000000000000005\r\nhello\r\n0\r\n\r\nREST", "hello", NULL, 4 },
	{ "a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n", "01234567890123456789", NULL, 0 },
	{ "4\r\n\r\n\r\n\r\n0\r\n\r\n", "\r\n\r\n", NULL, 0 },
	{ "5;a=b;c=\"d e\"\r\nhello\r\n0;last\r\n\r\n", "hello", NULL, 0 },
	{ "5;" EXT_256 "\r\nhello\r\n0\r\n\r\n", "hello", NULL, 0 },
	{ "5\r\nhello\r\n0\r\nTrailer: x\r\nEmpty:\r\n\r\nR", "hello", NULL, 1 },
	{ "5;" EXT_256 "x\r\nhello\r\n0\r\n\r\n", NULL, "extension too long", 0 },
	{ "00000000000000005\r\nhello\r\n0\r\n\r\n", NULL, "16 digits", 0 },
	{ "FFFFFFFFFFFFFFFFF\r\n", NULL, "16 digits", 0 },
	{ "\r\nhello", NULL, "without a size", 0 },
	{ ";a\r\n", NULL, "without a size", 0 },
	{ "-5\r\nhello\r\n", NULL, "without a size", 0 },
	{ "0x5\r\nhello\r\n", NULL, "junk", 0 },
	{ "5 \r\nhello\r\n", NULL, "junk", 0 },
	{ " 5\r\nhello\r\n", NULL, "without a size", 0 },
	{ "5\nhello\r\n", NULL, "junk", 0 },
	{ "5\r\rhello", NULL, "without line feed", 0 },
	{ "5;a\nhello", NULL, "extension", 0 },
	{ "5;a\rb\r\nhello", NULL, "without line feed", 0 },
	{ "5\r\nhello!\r\n", NULL, "longer than its size", 0 },
	{ "5\r\nhello\n", NULL, "longer than its size", 0 },
	{ "5\r\nhello\r0", NULL, "without line feed", 0 },
	{ "0\r\nA b: c\r\n\r\n", NULL, "trailer name", 0 },
	{ "0\r\n: c\r\n\r\n", NULL, "trailer name", 0 },
	{ "0\r\nA: b\r\n c\r\n\r\n", NULL, "trailer name", 0 },
	{ "0\r\nA\r\n\r\n", NULL, "trailer name", 0 },
	{ "0\r\nA: b\n\r\n", NULL, "in a trailer", 0 },
	{ "0\r\nA: b\rc\r\n", NULL, "without line feed", 0 },
	{ "0\r\n\rX", NULL, "without line feed", 0 },
	{ "0\r\n\n", NULL, "trailer name", 0 },
};

/* Feeds one piece to its end; bytes not taken, or -1. */
static long
feed(struct http_chunked *c, struct str piece, struct buf *body, const char **why)
{
	while (piece.n > 0 && !c->is_done) {
		struct str data;
		long n = http_chunked_feed(c, piece, &data, why);

		if (n < 0)
			return -1;
		if ((size_t)n > piece.n || (data.n && (data.p < piece.p || data.p + data.n > piece.p + n)))
			T_FAIL("view outside of what was fed");
		buf_putstr(body, data);
		piece = str_skip(piece, (size_t)n);
	}
	return (long)piece.n;
}

/* In pieces of `step` bytes; flush against the guard page each. */
static void
check_chunked(size_t row, size_t step)
{
	struct str in = str_of(chunks[row].in);
	AUTO(buf) struct buf body = BUF_INIT(4096);
	struct http_chunked c = { .is_done = false };
	const char *why = NULL;
	long left = 0;

	for (size_t at = 0; at < in.n && left >= 0; at += step) {
		size_t n = in.n - at < step ? in.n - at : step;
		long got = feed(&c, str_from(t_guard(in.p + at, n), n), &body, &why);

		left = got < 0 ? -1 : left + got;
	}
	if (chunks[row].body) {
		T_OK(c.is_done);
		T_STR(body.p, chunks[row].body);
		T_EQ(left, chunks[row].left);
		return;
	}
	T_EQ(left, -1);
	T_HAS(why, chunks[row].why);
	T_OK(!c.is_done);
	T_EQ(feed(&c, STR_LIT("0\r\n\r\n"), &body, &why), -1);
}

static void
test_chunked(void)
{
	for (size_t i = 0; i < ARRAY_LEN(chunks); i++) {
		t_row("chunked %zu", i);
		for (size_t step = 1; step <= strlen(chunks[i].in); step++)
			check_chunked(i, step);
	}
}

static void
test_chunked_limits(void)
{
	AUTO(buf) struct buf body = BUF_INIT(64);
	struct http_chunked c = { .is_done = false };
	const char *why = NULL;
	struct str data;

	t_row("the largest chunk size is counted, not allocated");
	T_EQ(feed(&c, STR_LIT("ffffffffffffffff\r\nabc"), &body, &why), 0);
	T_STR(body.p, "abc");
	T_OK(c.left == UINT64_MAX - 3);

	t_row("endless trailers are refused");
	c = (struct http_chunked){ .is_done = false };
	T_EQ(feed(&c, STR_LIT("0\r\n"), &body, &why), 0);
	long got = 0;
	int lines = 0;
	while (got >= 0 && lines++ < 10000)
		got = http_chunked_feed(&c, STR_LIT("Name: value\r\n"), &data, &why);
	T_EQ(got, HTTP_BAD);
	T_HAS(why, "trailers too long");
	T_OK(lines < 1000);
}

int
main(void)
{
	test_heads();
	test_fields();
	test_limits();
	test_bytes();
	test_chunked();
	test_chunked_limits();
	return t_done();
}
