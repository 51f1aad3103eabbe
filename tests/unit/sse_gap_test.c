/*
 * sse_gap_test.c - where an event stream is between two events: rows cut at every byte, and what a decoder makes of a comment put in there
 */
#include "lib/http/sse_gap.h"

#include "lib/base/mem.h"
#include "lib/http/sse.h"
#include "tests/t.h"

/* `between` has one character for the state before each byte and behind the last one: '|' between, '.' not. */
static const struct {
	const char *in, *between;
} rows[] = {
	{ "", "|" },
	{ "a", "|." },
	{ "\n", "||" },
	{ "\r", "||" },
	{ "\r\n", "|||" },
	{ "a\n", "|.." },
	{ "a\n\n", "|..|" },
	{ "a\n\n\n", "|..||" },
	{ "a\r\r", "|..|" },
	{ "a\r\n", "|..." },
	{ "a\r\n\r", "|...|" },
	{ "a\r\n\r\n", "|...||" },
	{ "a\n\r", "|..|" },
	{ "a\n\r\n", "|..||" },
	{ "a\r\n\n", "|...|" },
	{ "a\r\r\n", "|..||" },
	{ "a\r\n\r\nb", "|...||." },
	{ "\r\r\n\n", "|||||" },
	{ "data: x\n\ndata: y\n", "|........|........" },
	{ ": comment\n\n", "|..........|" },
	{ "a\n\n\xef\xbb\xbf", "|..|..." },
};

static void
pass(struct sse_gap *g, const char *p, size_t n)
{
	sse_gap_pass(g, str_from(t_guard(p, n), n));
}

static void
test_rows(void)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		size_t n = strlen(rows[i].in);

		t_row("gaps %zu", i);
		for (size_t from = 0; from <= n; from++) {
			for (size_t to = from; to <= n; to++) {
				struct sse_gap g = SSE_GAP_INIT;

				pass(&g, rows[i].in, from);
				T_EQ(g.is_between, rows[i].between[from] == '|');
				pass(&g, rows[i].in + from, to - from);
				T_EQ(g.is_between, rows[i].between[to] == '|');
				T_EQ(g.has_begun, to > 0);
			}
		}
	}
}

/* The data of all events, each behind a '<'. */
static void
decode(struct str in, struct buf *out)
{
	struct sse s = SSE_INIT(4096);

	while (in.n > 0) {
		bool has_event;

		in = str_skip(in, sse_feed(&s, in, &has_event));
		if (has_event) {
			buf_putc(out, '<');
			buf_putstr(out, buf_str(&s.data));
		}
	}
	sse_fini(&s);
}

/* Every stream of up to eight pieces out of these: a comment wherever it may be changes no event. */
static void
test_injected(void)
{
	static const char *const piece[] = { "data:x", "\n", "\r", ":c" };
	AUTO(buf) struct buf in = BUF_INIT(256), with = BUF_INIT(1024), want = BUF_INIT(256), got = BUF_INIT(256);
	unsigned n_put = 0;

	t_row("a comment put in between two events changes no event");
	for (unsigned code = 0; code < 1u << 16; code++) {
		buf_reset(&in);
		for (unsigned i = 0; i < 8; i++)
			buf_puts(&in, piece[code >> 2 * i & 3]);
		buf_reset(&want);
		decode(buf_str(&in), &want);
		struct sse_gap g = SSE_GAP_INIT;
		buf_reset(&with);
		for (size_t i = 0; i <= in.n; i++) {
			if (g.is_between) {
				buf_puts(&with, SSE_KEEPALIVE);
				n_put++;
			}
			sse_gap_pass(&g, str_take(str_skip(buf_str(&in), i), 1));
			buf_putstr(&with, str_take(str_skip(buf_str(&in), i), 1));
		}
		buf_reset(&got);
		decode(buf_str(&with), &got);
		if (!str_eq(buf_str(&got), buf_str(&want)))
			T_FAIL("stream %u: \"%s\" instead of \"%s\"", code, got.p, want.p);
	}
	T_OK(n_put > 1u << 16);
}

int
main(void)
{
	test_rows();
	test_injected();
	return t_done();
}
