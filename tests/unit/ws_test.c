/*
 * ws_test.c - WebSocket framing: rows, each fed whole, cut in two at every byte and byte by byte, flush against a guard page
 */
#include "lib/http/ws.h"

#include "lib/base/mem.h"
#include "tests/t.h"

#define NO_MASK "\0\0\0\0"
#define PONG_OURS "\x8a\x8d" NO_MASK "occ-keepalive"
#define PONG_OTHER "\x8a\x8d" NO_MASK "occ-keepalivE"
#define TEXT "\x81\x82" NO_MASK "hi"
#define S_PONG_OURS "\x8a\x0docc-keepalive"
#define S_TEXT "\x81\x02hi"
#define B126 "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789" "01234567890123456789012345"
#define ROW(in, want) in, sizeof(in) - 1, want, sizeof(want) - 1

/* `state` of the end: "between", "inside", "closing" or "broken", then the pongs still expected. */
static const struct {
	const char *name, *in;
	size_t n_in;
	const char *want;
	size_t n_want;
	enum ws_side side;
	unsigned n_expected;
	const char *state;
} rows[] = {
	{ "text", ROW(TEXT, TEXT), WS_FROM_CLIENT, 0, "between 0" },
	{ "text of a server", ROW(S_TEXT, S_TEXT), WS_FROM_SERVER, 0, "between 0" },
	{ "our pong", ROW(PONG_OURS, ""), WS_FROM_CLIENT, 1, "between 0" },
	{ "our pong of a server", ROW(S_PONG_OURS, ""), WS_FROM_SERVER, 2, "between 1" },
	{ "our pong, masked", ROW("\x8a\x8d\x01\x02\x03\x04" "na`)jgft`njrd", ""), WS_FROM_CLIENT, 1, "between 0" },
	{ "our pong between others", ROW(TEXT PONG_OURS TEXT, TEXT TEXT), WS_FROM_CLIENT, 1, "between 0" },
	{ "two of ours, one expected", ROW(PONG_OURS PONG_OURS, PONG_OURS), WS_FROM_CLIENT, 1, "between 0" },
	{ "none expected", ROW(PONG_OURS TEXT, PONG_OURS TEXT), WS_FROM_CLIENT, 0, "between 0" },
	{ "a foreign pong of the same length", ROW(PONG_OTHER PONG_OURS, PONG_OTHER), WS_FROM_CLIENT, 1, "between 0" },
	{ "a foreign pong, then a reserved opcode", ROW(PONG_OTHER "Z\x80", PONG_OTHER "Z\x80"), WS_FROM_CLIENT, 1, "broken 1" },
	{ "a foreign pong, different from the first byte", ROW("\x8a\x8d" NO_MASK "xcc-keepalive", "\x8a\x8d" NO_MASK "xcc-keepalive"), WS_FROM_CLIENT, 1,
	  "between 1" },
	{ "an empty pong", ROW("\x8a\x80" NO_MASK TEXT, "\x8a\x80" NO_MASK TEXT), WS_FROM_CLIENT, 1, "between 1" },
	{ "an empty pong of a server", ROW("\x8a\0" S_TEXT, "\x8a\0" S_TEXT), WS_FROM_SERVER, 1, "between 1" },
	{ "a shorter pong", ROW("\x8a\x83" NO_MASK "occ" PONG_OURS, "\x8a\x83" NO_MASK "occ"), WS_FROM_CLIENT, 1, "between 0" },
	{ "our token in a ping", ROW("\x89\x8d" NO_MASK "occ-keepalive", "\x89\x8d" NO_MASK "occ-keepalive"), WS_FROM_CLIENT, 1, "between 1" },
	{ "our token in a message", ROW("\x81\x8d" NO_MASK "occ-keepalive", "\x81\x8d" NO_MASK "occ-keepalive"), WS_FROM_CLIENT, 1, "between 1" },
	{ "our pong inside a message", ROW("\x82\x93" NO_MASK PONG_OURS, "\x82\x93" NO_MASK PONG_OURS), WS_FROM_CLIENT, 1, "between 1" },
	{ "our pong between fragments", ROW("\x01\x81" NO_MASK "a" PONG_OURS "\x80\x81" NO_MASK "b", "\x01\x81" NO_MASK "a\x80\x81" NO_MASK "b"),
	  WS_FROM_CLIENT, 1, "between 0" },
	{ "half a pong that may be ours is held", ROW(TEXT "\x8a\x8d" NO_MASK "occ-keep", TEXT), WS_FROM_CLIENT, 1, "inside 1" },
	{ "half a head", ROW("\x81", "\x81"), WS_FROM_CLIENT, 1, "inside 1" },
	{ "half a payload", ROW("\x81\x85" NO_MASK "hell", "\x81\x85" NO_MASK "hell"), WS_FROM_CLIENT, 0, "inside 0" },
	{ "compressed message", ROW("\xc1\x02hi", "\xc1\x02hi"), WS_FROM_SERVER, 0, "between 0" },
	{ "length in two bytes", ROW("\x82\x7e\0\x7e" B126, "\x82\x7e\0\x7e" B126), WS_FROM_SERVER, 0, "between 0" },
	{ "length in two bytes, masked", ROW("\x82\xfe\0\x7e" NO_MASK B126 TEXT, "\x82\xfe\0\x7e" NO_MASK B126 TEXT), WS_FROM_CLIENT, 0, "between 0" },
	{ "length in eight bytes", ROW("\x82\x7f\0\0\0\0\0\1\0\0abc", "\x82\x7f\0\0\0\0\0\1\0\0abc"), WS_FROM_SERVER, 0, "inside 0" },
	{ "the longest length", ROW("\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff" "a", "\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff" "a"), WS_FROM_SERVER, 0,
	  "inside 0" },
	{ "close", ROW("\x88\x82" NO_MASK "\x03\xe8", "\x88\x82" NO_MASK "\x03\xe8"), WS_FROM_CLIENT, 0, "closing 0" },
	{ "our pong behind a close", ROW("\x88\0" S_PONG_OURS, "\x88\0"), WS_FROM_SERVER, 1, "closing 0" },
	{ "unmasked from a client", ROW(S_TEXT S_PONG_OURS, S_TEXT S_PONG_OURS), WS_FROM_CLIENT, 1, "broken 1" },
	{ "masked from a server", ROW(TEXT PONG_OURS, TEXT PONG_OURS), WS_FROM_SERVER, 1, "broken 1" },
	{ "our pong, unmasked from a client", ROW(S_PONG_OURS, S_PONG_OURS), WS_FROM_CLIENT, 1, "broken 1" },
	{ "a control frame in fragments", ROW("\x0a\x0docc-keepalive", "\x0a\x0docc-keepalive"), WS_FROM_SERVER, 1, "broken 1" },
	{ "a control frame too long", ROW("\x89\x7e\0\x7e" B126, "\x89\x7e\0\x7e" B126), WS_FROM_SERVER, 0, "broken 0" },
	{ "a pong too long", ROW("\x8a\x7e\0\x7e" B126, "\x8a\x7e\0\x7e" B126), WS_FROM_SERVER, 1, "broken 1" },
	{ "an opcode that does not exist", ROW("\x83\0", "\x83\0"), WS_FROM_SERVER, 0, "broken 0" },
	{ "two bytes for a length of one", ROW("\x82\x7e\0\x7d", "\x82\x7e\0\x7d"), WS_FROM_SERVER, 0, "broken 0" },
	{ "eight bytes for a length of two", ROW("\x82\x7f\0\0\0\0\0\0\xff\xff", "\x82\x7f\0\0\0\0\0\0\xff\xff"), WS_FROM_SERVER, 0, "broken 0" },
	{ "a length with the highest bit", ROW("\x82\x7f\x80\0\0\0\0\0\0\0", "\x82\x7f\x80\0\0\0\0\0\0\0"), WS_FROM_SERVER, 0, "broken 0" },
};

static void
feed(struct ws *w, const char *p, size_t n, struct buf *out)
{
	struct str in = str_from(t_guard(p, n), n), pass;

	while (in.n > 0) {
		size_t took = ws_feed(w, in, &pass);

		if (took == 0 || took > in.n || pass.n > took + WS_HELD_MAX) {
			T_FAIL("took %zu of %zu, passed %zu", took, in.n, pass.n);
			return;
		}
		buf_putstr(out, pass);
		in = str_skip(in, took);
	}
}

static const char *
state_of(const struct ws *w)
{
	static char text[32];

	snprintf(text, sizeof text, "%s %u", w->is_broken ? "broken" : w->is_between ? "between" : w->is_closing && w->n_frame == 0 ? "closing" : "inside",
			w->n_expected);
	return text;
}

static void
test_rows(void)
{
	AUTO(buf) struct buf out = BUF_INIT(4096);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		t_row("%s", rows[i].name);
		for (size_t cut = 0; cut <= rows[i].n_in + 1; cut++) {
			struct ws w;

			ws_init(&w, rows[i].side);
			w.n_expected = rows[i].n_expected;
			buf_reset(&out);
			size_t first = cut <= rows[i].n_in ? cut : 0;	/* the last round is byte by byte */
			feed(&w, rows[i].in, first, &out);
			for (size_t at = first; at < rows[i].n_in; at += cut <= rows[i].n_in ? rows[i].n_in - first : 1)
				feed(&w, rows[i].in + at, cut <= rows[i].n_in ? rows[i].n_in - first : 1, &out);
			T_OK(out.n == rows[i].n_want && memcmp(out.p, rows[i].want, out.n) == 0);
			T_STR(state_of(&w), rows[i].state);
		}
	}
}

static void
test_between(void)
{
	static const char in[] = TEXT "\x01\x81" NO_MASK "a" "\x80\x80" NO_MASK;
	struct ws w;
	struct str pass;

	t_row("between frames, also those of one message, and nowhere else");
	ws_init(&w, WS_FROM_CLIENT);
	T_OK(w.is_between);
	size_t n_between = 0, at[8] = { 0 };
	for (size_t i = 0; i < sizeof in - 1; i++) {
		T_EQ(ws_feed(&w, str_from(in + i, 1), &pass), 1);
		T_EQ(pass.n, 1);
		if (w.is_between)
			at[n_between++ % ARRAY_LEN(at)] = i + 1;
	}
	T_EQ(n_between, 3);
	T_EQ(at[0], 8);
	T_EQ(at[1], 15);
	T_EQ(at[2], 21);
}

static void
test_ping(void)
{
	static const unsigned char mask[WS_MASK_BYTES] = { 0x12, 0xff, 0x00, 0x81 };
	AUTO(buf) struct buf out = BUF_INIT(64);
	struct ws w;
	struct str pass;

	t_row("a ping to a client");
	ws_init(&w, WS_FROM_CLIENT);
	ws_put_ping(&w, NULL, &out);
	T_VIEW(buf_str(&out), "\x89\x0docc-keepalive");
	T_EQ(w.n_expected, 1);

	t_row("a ping to a server is masked; so would be its pong from a client, and is recognised");
	buf_reset(&out);
	struct ws answers;
	ws_init(&answers, WS_FROM_SERVER);
	ws_put_ping(&answers, mask, &out);
	T_EQ(answers.n_expected, 1);
	T_EQ(out.n, WS_HELD_MAX);
	T_MEM(out.p, "\x89\x8d\x12\xff\x00\x81", 6);
	T_EQ((unsigned char)out.p[6], 'o' ^ 0x12);
	T_EQ((unsigned char)out.p[18], 'e' ^ 0x12);
	out.p[0] = (char)0x8a;
	T_EQ(ws_feed(&w, buf_str(&out), &pass), out.n);
	T_EQ(pass.n, 0);
	T_EQ(w.n_expected, 0);
	T_OK(w.is_between);
}

/* One call takes many frames, as one run: what is foreign is not copied. */
static void
test_runs(void)
{
	struct str in = STR_LIT(S_TEXT S_TEXT S_PONG_OURS S_TEXT), pass;
	struct ws w;

	t_row("runs are views into what came");
	ws_init(&w, WS_FROM_SERVER);
	w.n_expected = 1;
	T_EQ(ws_feed(&w, in, &pass), 8);
	T_OK(pass.p == in.p && pass.n == 8);
	T_EQ(ws_feed(&w, str_skip(in, 8), &pass), 15);
	T_EQ(pass.n, 0);
	T_EQ(ws_feed(&w, str_skip(in, 23), &pass), 4);
	T_EQ(pass.n, 4);
	T_EQ(ws_feed(&w, STR_NULL, &pass), 0);
}

static void
test_close_codes(void)
{
	static const struct {
		const char *name, *in;
		size_t n;
		enum ws_side side;
		unsigned want;
	} codes[] = {
		{ "no close frame", S_TEXT, sizeof S_TEXT - 1, WS_FROM_SERVER, 0 },
		{ "a code", "\x88\x02\x03\xe8", 4, WS_FROM_SERVER, 1000 },
		{ "a code and a reason, masked", "\x88\x85\x01\x02\x03\x04\x02\xeb" "abc", 11, WS_FROM_CLIENT, 1001 },
		{ "behind a message", S_TEXT "\x88\x02\x0f\xa1", 8, WS_FROM_SERVER, 4001 },
		{ "none", "\x88\0", 2, WS_FROM_SERVER, WS_NO_CODE },
		{ "none, and a message that must not be there", "\x88\0" S_TEXT, 6, WS_FROM_SERVER, WS_NO_CODE },
		{ "half of one", "\x88\x02\x03", 3, WS_FROM_SERVER, WS_NO_CODE },
	};

	for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
		t_row("%s", codes[i].name);
		for (size_t piece = 1; piece <= codes[i].n; piece++) {
			AUTO(buf) struct buf out = BUF_INIT(64);
			struct ws w;

			ws_init(&w, codes[i].side);
			for (size_t at = 0; at < codes[i].n; at += piece)
				feed(&w, codes[i].in + at, piece < codes[i].n - at ? piece : codes[i].n - at, &out);
			T_EQ(ws_close_code(&w), codes[i].want);
		}
	}
}

int
main(void)
{
	test_rows();
	test_close_codes();
	test_between();
	test_ping();
	test_runs();
	return t_done();
}
