/*
 * ws.c - the framing of a WebSocket, byte by byte through heads and in one step over payloads
 */
#include "lib/http/ws.h"

#define FIN 0x80u			/* the three bits below it belong to extensions and are not judged: a compressed message has one set */
#define OPCODE 0x0fu
#define IS_CONTROL 0x08u
#define MASKED 0x80u
#define LENGTH 0x7fu
#define LENGTH_16 126u			/* the length is in the next two bytes */
#define LENGTH_64 127u			/* in the next eight */
#define CONTROL_MAX 125u
#define CLOSE 0x8u
#define CODE_BYTES 2u
#define PING 0x9u
#define PONG 0xau
#define OPCODES (1u << 0 | 1u << 1 | 1u << 2 | 1u << CLOSE | 1u << PING | 1u << PONG)	/* that exist, section 5.2 */
#define TOKEN_N ((unsigned)sizeof WS_PING_TOKEN - 1)

void
ws_init(struct ws *w, enum ws_side side)
{
	*w = (struct ws){ .side = side, .is_between = true };
}

static unsigned
mask_bytes(const struct ws *w)
{
	return w->side == WS_FROM_CLIENT ? WS_MASK_BYTES : 0;
}

/* The bytes of the length that follow the first two. */
static unsigned
length_bytes(unsigned length)
{
	return length == LENGTH_16 ? 2 : length == LENGTH_64 ? 8 : 0;
}

/* Sections 5.1, 5.2 and 5.5, as far as two bytes show it. */
static bool
may_begin_so(const struct ws *w)
{
	unsigned first = w->frame[0], second = w->frame[1];
	bool is_control = first & IS_CONTROL;

	if (!(OPCODES >> (first & OPCODE) & 1))
		return false;
	if (is_control && (!(first & FIN) || (second & LENGTH) > CONTROL_MAX))
		return false;
	return !(second & MASKED) == (w->side == WS_FROM_SERVER);
}

/* The whole head is there: the payload's length. False for one that is not written in the fewest bytes, or has the highest bit set. */
static bool
read_length(struct ws *w)
{
	unsigned length = w->frame[1] & LENGTH, n = length_bytes(length);
	uint64_t v = n ? 0 : length;

	for (unsigned i = 0; i < n; i++)
		v = v << 8 | w->frame[2 + i];
	w->left = v;
	return n == 0 || (n == 2 && v >= LENGTH_16) || (n == 8 && v > UINT16_MAX && v <= INT64_MAX);
}

static void
end_frame(struct ws *w)
{
	w->n_frame = w->want_head = 0;
	w->is_held = false;
	w->is_between = !w->is_closing;
}

/* One more byte of a head. */
static void
take_head(struct ws *w, unsigned char byte)
{
	w->is_between = false;
	w->frame[w->n_frame++] = byte;
	if (w->n_frame == 2) {
		w->want_head = 2 + length_bytes(w->frame[1] & LENGTH) + mask_bytes(w);
		w->is_closing |= (w->frame[0] & OPCODE) == CLOSE;
		w->is_broken = !may_begin_so(w);
	}
	if (!w->is_broken && w->n_frame == w->want_head)
		w->is_broken = !read_length(w);
}

/* Is this the first byte of a pong, while one of ours is expected? */
static bool
begins_candidate(const struct ws *w, char byte)
{
	return w->n_frame == 0 && !w->is_broken && w->n_expected > 0 && (unsigned char)byte == (FIN | PONG);
}

/* Could what has come of a candidate still become the pong to a ping of ours? */
static bool
may_be_ours(const struct ws *w)
{
	unsigned head = 2 + mask_bytes(w);

	if (w->is_broken || (w->n_frame >= 2 && (w->frame[1] & LENGTH) != TOKEN_N))
		return false;
	for (unsigned i = head; i < w->n_frame; i++) {
		unsigned char mask = mask_bytes(w) ? w->frame[2 + (i - head) % WS_MASK_BYTES] : 0;

		if ((w->frame[i] ^ mask) != WS_PING_TOKEN[i - head])
			return false;
	}
	return true;
}

static bool
is_over(const struct ws *w)
{
	return !w->is_broken && w->want_head > 0 && w->n_frame >= w->want_head && w->left == 0;
}

/* One more byte of a frame that is held. */
static void
hold(struct ws *w, unsigned char byte)
{
	if (w->want_head == 0 || w->n_frame < w->want_head) {
		take_head(w, byte);
	} else {
		w->frame[w->n_frame++] = byte;
		w->left--;
	}
	w->is_held = may_be_ours(w);
}

/* Until the held frame is known to be ours, and gone, or to be a foreign one, and let go. */
static size_t
feed_held(struct ws *w, struct str in, struct str *ret_pass)
{
	size_t i = 0;

	do
		hold(w, (unsigned char)in.p[i++]);
	while (w->is_held && !is_over(w) && i < in.n);
	if (!w->is_held)
		*ret_pass = str_from(w->frame, w->n_frame);
	else if (is_over(w))
		w->n_expected--;
	if (is_over(w))
		end_frame(w);
	return i;
}

/* The payload of a close frame; its head stands in `frame`. Section 5.5.1 */
static void
take_code(struct ws *w, struct str payload)
{
	for (size_t i = 0; i < payload.n && w->n_code < CODE_BYTES; i++) {
		unsigned char mask = mask_bytes(w) ? w->frame[2 + w->n_code] : 0;

		w->code = w->code << 8 | ((unsigned char)payload.p[i] ^ mask);
		w->n_code++;
	}
}

/* Bytes from the start of in that belong to the frame under way, or the first one of the next. */
static size_t
follow(struct ws *w, struct str in)
{
	size_t n = 1;

	if (w->want_head == 0 || w->n_frame < w->want_head) {
		take_head(w, (unsigned char)in.p[0]);
	} else {
		n = w->left < in.n ? (size_t)w->left : in.n;
		if ((w->frame[0] & OPCODE) == CLOSE)
			take_code(w, str_take(in, n));
		w->left -= n;
	}
	if (is_over(w))
		end_frame(w);
	return n;
}

size_t
ws_feed(struct ws *w, struct str in, struct str *ret_pass)
{
	size_t i = 0;

	*ret_pass = STR_NULL;
	if (in.n > 0 && (w->is_held || begins_candidate(w, in.p[0])))
		return feed_held(w, in, ret_pass);
	while (i < in.n && !w->is_broken && !begins_candidate(w, in.p[i]))
		i += follow(w, str_skip(in, i));
	if (w->is_broken)
		i = in.n;
	*ret_pass = str_take(in, i);
	return i;
}

unsigned
ws_close_code(const struct ws *w)
{
	if (!w->is_closing)
		return 0;
	return w->n_code == CODE_BYTES ? w->code : WS_NO_CODE;
}

void
ws_put_ping(struct ws *answers, const unsigned char *mask, struct buf *out)
{
	unsigned is_masked = answers->side == WS_FROM_SERVER ? MASKED : 0;

	buf_putc(out, (char)(FIN | PING));
	buf_putc(out, (char)(is_masked | TOKEN_N));
	if (is_masked)
		buf_put(out, mask, WS_MASK_BYTES);
	for (unsigned i = 0; i < TOKEN_N; i++)
		buf_putc(out, (char)(WS_PING_TOKEN[i] ^ (is_masked ? mask[i % WS_MASK_BYTES] : 0)));
	answers->n_expected++;
}
