/*
 * ws_fuzz.c - the frames of a WebSocket: the same bytes go on however they come, and the frames are those of a plain decoder that has everything at once
 *
 * The first byte is the size of the pieces; the second says whose stream it is and how many pongs are expected. Where the stream is between two frames, a ping is put into
 * what goes on: it has to come out as a frame of its own.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/http/ws.h"

#define CHECK(cond) \
	do { \
		if (!(cond)) \
			abort(); \
	} while (0)

#define IN_MAX 4096
#define OUT_MAX (1u << 20)
#define TOKEN_N (sizeof WS_PING_TOKEN - 1)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const unsigned char mask[WS_MASK_BYTES] = { 1, 2, 3, 4 };

static void
put_ping(enum ws_side from, struct buf *out)
{
	struct ws other;

	ws_init(&other, from == WS_FROM_CLIENT ? WS_FROM_SERVER : WS_FROM_CLIENT);
	ws_put_ping(&other, mask, out);
}

/* The frame at the start of in, whole: its length, 0 when it is not, or breaks a rule (*ret_is_bad). */
static size_t
plain_frame(struct str in, enum ws_side side, bool *ret_is_bad)
{
	const unsigned char *p = (const unsigned char *)in.p;
	size_t head = 2 + (side == WS_FROM_CLIENT ? 4u : 0);

	if (in.n < 2)
		return 0;
	unsigned opcode = p[0] & 15, length = p[1] & 127;
	*ret_is_bad = (opcode > 2 && opcode < 8) || opcode > 10 || (opcode >= 8 && (p[0] < 128 || length > 125)) || (p[1] >= 128) != (side == WS_FROM_CLIENT);
	uint64_t left = length;
	if (!*ret_is_bad && length >= 126) {
		unsigned more = length == 126 ? 2 : 8;
		head += more;
		if (in.n < head)
			return 0;
		left = 0;
		for (unsigned i = 0; i < more; i++)
			left = left * 256 + p[2 + i];
		*ret_is_bad = left < (more == 2 ? 126 : 65536) || left >> 63;
	}
	return *ret_is_bad || in.n < head || in.n - head < left ? 0 : head + (size_t)left;
}

static bool
plain_is_ours(struct str frame, enum ws_side side)
{
	size_t head = side == WS_FROM_CLIENT ? 6 : 2;

	if ((unsigned char)frame.p[0] != 0x8a || frame.n != head + TOKEN_N)
		return false;
	for (size_t i = 0; i < TOKEN_N; i++)
		if ((frame.p[head + i] ^ (head == 6 ? frame.p[2 + i % 4] : 0)) != WS_PING_TOKEN[i])
			return false;
	return true;
}

/* The frames, as ws_feed should pass them on, a ping behind each of them if `pings`; *ret_rest: what came after the last whole one. */
static void
plain_pass(struct str in, enum ws_side side, unsigned n_expected, bool pings, struct buf *out, struct str *ret_rest, bool *ret_is_bad)
{
	bool is_closing = false;
	size_t n;

	if (pings)
		put_ping(side, out);
	*ret_is_bad = false;
	while ((n = plain_frame(in, side, ret_is_bad)) > 0) {
		bool is_ours = n_expected > 0 && plain_is_ours(str_take(in, n), side);

		is_closing |= (in.p[0] & 15) == 8;
		if (is_ours)
			n_expected--;
		else
			buf_putstr(out, str_take(in, n));
		if (pings && !is_closing)
			put_ping(side, out);
		in = str_skip(in, n);
	}
	*ret_rest = in;
}

static void
pass(struct ws *w, struct str in, size_t step, bool pings, struct buf *out)
{
	if (pings && w->is_between)
		put_ping(w->side, out);
	while (in.n > 0) {
		struct str now = str_take(in, step), run;
		size_t took = ws_feed(w, now, &run);

		CHECK(took > 0 && took <= now.n && run.n <= took + WS_HELD_MAX);
		buf_putstr(out, run);
		in = str_skip(in, took);
		if (pings && w->is_between)
			put_ping(w->side, out);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	AUTO(buf) struct buf got = BUF_INIT(OUT_MAX), want = BUF_INIT(OUT_MAX);

	if (n < 2 || n > IN_MAX)
		return 0;
	enum ws_side side = data[1] & 1 ? WS_FROM_SERVER : WS_FROM_CLIENT;
	unsigned n_expected = data[1] >> 1 & 3;
	bool pings = data[1] & 8;		/* then byte by byte, so that no place is missed */
	struct str in = str_from(data + 2, n - 2), rest;
	struct ws w;
	bool is_bad;

	ws_init(&w, side);
	w.n_expected = n_expected;
	pass(&w, in, pings ? 1 : (size_t)data[0] + 1, pings, &got);
	plain_pass(in, side, n_expected, pings, &want, &rest, &is_bad);
	CHECK(got.fault == BUF_OK && want.fault == BUF_OK);
	CHECK(w.is_broken == is_bad);
	if (rest.n > 0 && !w.is_held)
		buf_putstr(&want, rest);
	else if (rest.n > 0)
		CHECK(rest.n == w.n_frame && memcmp(rest.p, w.frame, rest.n) == 0);
	CHECK(str_eq(buf_str(&got), buf_str(&want)));
	return 0;
}
