/* edge_body_test.c - bodies through their framings: whole, cut at every byte, flush against a guard page, broken */
#include "applets/occ-tls/body.h"

#include "lib/base/mem.h"
#include "tests/t.h"

static const struct {
	const char *name;
	enum http_framing from;
	uint64_t length;
	enum http_framing to;
	const char *in, *payload, *rest;	/* payload NULL: refused */
	bool is_done;
} row[] = {
	{ "a length", HTTP_LENGTH, 5, HTTP_LENGTH, "hello", "hello", "", true },
	{ "a length, and what belongs to the next", HTTP_LENGTH, 5, HTTP_LENGTH, "helloGET /", "hello", "GET /", true },
	{ "less than the length", HTTP_LENGTH, 9, HTTP_LENGTH, "hello", "hello", "", false },
	{ "no length at all", HTTP_LENGTH, 0, HTTP_LENGTH, "GET /", "", "GET /", true },
	{ "no body", HTTP_NO_BODY, 7, HTTP_NO_BODY, "GET /", "", "GET /", true },
	{ "chunks", HTTP_CHUNKED, 0, HTTP_CHUNKED, "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "abcde", "", true },
	{ "chunks with extension and trailer", HTTP_CHUNKED, 0, HTTP_CHUNKED, "1;a=b\r\nx\r\n0\r\nT: v\r\n\r\nrest", "x", "rest", true },
	{ "chunks without an end", HTTP_CHUNKED, 0, HTTP_CHUNKED, "3\r\nabc\r\n", "abc", "", false },
	{ "chunks for HTTP/1.0", HTTP_CHUNKED, 0, HTTP_UNTIL_CLOSE, "3\r\nabc\r\n0\r\n\r\n", "abc", "", true },
	{ "broken chunks", HTTP_CHUNKED, 0, HTTP_CHUNKED, "3\r\nabcd\r\n", NULL, NULL, false },
	{ "until the end", HTTP_UNTIL_CLOSE, 0, HTTP_CHUNKED, "0\r\n\r\n", "0\r\n\r\n", "", false },
};

/* Feeds in pieces of `step` bytes; false when refused. */
static bool
feed(struct body *b, struct str in, size_t step, struct buf *payload, struct buf *sent, struct buf *rest)
{
	for (size_t i = 0; i < in.n; i += step) {
		struct str piece = str_take(str_skip(in, i), step), got, left;
		char *bytes = t_guard(piece.p, piece.n);
		const char *why = NULL;

		if (body_take(b, bytes, piece.n, &got, &left, &why) < 0)
			return T_OK(why != NULL) && false;
		buf_putstr(payload, got);
		if (rest->n == 0 && sent->n == 0 && got.n == 0 && b->is_done && left.n == piece.n)
			body_put(b, got, sent);
		else if (rest->n == 0)
			body_put(b, got, sent);
		buf_putstr(rest, left);
	}
	return true;
}

/* What was sent, read again as the one who gets it does. */
static void
reread(enum http_framing to, uint64_t length, struct str sent, bool is_done, const char *want)
{
	AUTO(buf) struct buf payload = BUF_INIT(1024);
	AUTO(buf) struct buf ignored = BUF_INIT(1024);
	AUTO(buf) struct buf rest = BUF_INIT(1024);
	struct body b;

	body_begin(&b, to, length, to);
	T_OK(feed(&b, sent, sent.n ? sent.n : 1, &payload, &ignored, &rest));
	T_VIEW(buf_str(&payload), want);
	T_EQ(body_close(&b), is_done || to == HTTP_UNTIL_CLOSE);
}

static void
test_row(size_t i, size_t step)
{
	AUTO(buf) struct buf payload = BUF_INIT(1024);
	AUTO(buf) struct buf sent = BUF_INIT(4096);
	AUTO(buf) struct buf rest = BUF_INIT(1024);
	struct body b;

	body_begin(&b, row[i].from, row[i].length, row[i].to);
	bool is_read = feed(&b, str_of(row[i].in), step, &payload, &sent, &rest);
	T_EQ(is_read, row[i].payload != NULL);
	if (!is_read || !row[i].payload)
		return;
	T_VIEW(buf_str(&payload), row[i].payload);
	T_VIEW(buf_str(&rest), row[i].rest);
	T_EQ(b.is_done, row[i].is_done);
	T_EQ(b.n_bytes, payload.n);
	if (row[i].to != HTTP_NO_BODY && row[i].rest[0] == '\0')
		reread(row[i].to, row[i].length, buf_str(&sent), row[i].is_done, row[i].payload);
}

static void
test_close(void)
{
	static const struct {
		enum http_framing from;
		bool is_whole;
	} ends[] = { { HTTP_UNTIL_CLOSE, true }, { HTTP_LENGTH, false }, { HTTP_CHUNKED, false }, { HTTP_NO_BODY, true } };
	AUTO(buf) struct buf out = BUF_INIT(64);
	struct body b;

	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		t_row("the sender closes, framing %d", (int)ends[i].from);
		body_begin(&b, ends[i].from, 3, ends[i].from);
		T_EQ(body_close(&b), ends[i].is_whole);
	}
	t_row("an end that was a close leaves as a last chunk");
	body_begin(&b, HTTP_UNTIL_CLOSE, 0, HTTP_CHUNKED);
	body_close(&b);
	body_put(&b, STR_NULL, &out);
	T_VIEW(buf_str(&out), HTTP_LAST_CHUNK);
	t_row("nothing is no chunk, which would be the last");
	buf_reset(&out);
	body_begin(&b, HTTP_CHUNKED, 0, HTTP_CHUNKED);
	body_put(&b, STR_NULL, &out);
	T_EQ(out.n, 0);
}

int
main(void)
{
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		t_row("%s", row[i].name);
		for (size_t step = 1; step <= strlen(row[i].in); step++)
			test_row(i, step);
	}
	test_close();
	return t_done();
}
