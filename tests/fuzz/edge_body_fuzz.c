/*
 * edge_body_fuzz.c - bodies through the edge: whatever the cuts, the same payload; and what leaves, read again, is that payload and nothing else
 *
 * First byte: framing in and out, and a length; second: the size of the pieces.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "applets/occ-tls/body.h"

#define CHECK(cond) \
	do { \
		if (!(cond)) \
			abort(); \
	} while (0)

#define OUT_MAX (16u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct passed {
	struct body b;
	struct buf payload, sent;
	size_t n_rest;
	bool is_bad;
};

static void
pass(struct passed *p, struct str in, size_t step)
{
	while (in.n > 0 && !p->is_bad) {
		struct str piece = str_take(in, step), payload, rest;
		char *bytes = malloc(piece.n);
		const char *why = NULL;

		CHECK(bytes != NULL);
		memcpy(bytes, piece.p, piece.n);
		in = str_skip(in, piece.n);
		bool was_done = p->b.is_done;
		p->is_bad = body_take(&p->b, bytes, piece.n, &payload, &rest, &why) < 0;
		CHECK(p->is_bad ? why != NULL : payload.n + rest.n <= piece.n && (rest.n == 0 || p->b.is_done));
		if (!p->is_bad && !was_done) {
			buf_putstr(&p->payload, payload);
			body_put(&p->b, payload, &p->sent);
			p->n_rest = rest.n + in.n;
		}
		free(bytes);
	}
}

static void
passed_fini(struct passed *p)
{
	buf_fini(&p->payload);
	buf_fini(&p->sent);
}

static void
passed_init(struct passed *p, enum http_framing from, uint64_t length, enum http_framing to)
{
	*p = (struct passed){ .payload = BUF_INIT(OUT_MAX), .sent = BUF_INIT(OUT_MAX) };
	body_begin(&p->b, from, length, to);
}

static void
check_reread(const struct passed *p)
{
	struct passed again;

	passed_init(&again, p->b.to, p->b.n_bytes + p->b.left, p->b.to);
	pass(&again, buf_str(&p->sent), SIZE_MAX);
	CHECK(!again.is_bad && str_eq(buf_str(&again.payload), buf_str(&p->payload)));
	CHECK(again.n_rest == 0 && (p->b.to == HTTP_UNTIL_CLOSE || again.b.is_done == p->b.is_done));
	passed_fini(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const enum http_framing ways[][2] = { { HTTP_LENGTH, HTTP_LENGTH }, { HTTP_CHUNKED, HTTP_CHUNKED }, { HTTP_CHUNKED, HTTP_UNTIL_CLOSE },
		{ HTTP_UNTIL_CLOSE, HTTP_CHUNKED }, { HTTP_UNTIL_CLOSE, HTTP_UNTIL_CLOSE } };
	struct passed whole, cut;

	if (n < 2)
		return 0;
	const enum http_framing *way = ways[data[0] % (sizeof ways / sizeof ways[0])];
	struct str in = str_from(&data[2], n - 2);

	passed_init(&whole, way[0], data[0], way[1]);
	passed_init(&cut, way[0], data[0], way[1]);
	pass(&whole, in, SIZE_MAX);
	pass(&cut, in, (size_t)data[1] + 1);
	CHECK(whole.is_bad == cut.is_bad && (whole.is_bad || whole.b.is_done == cut.b.is_done));
	if (!whole.is_bad) {
		CHECK(str_eq(buf_str(&whole.payload), buf_str(&cut.payload)) && whole.n_rest == cut.n_rest);
		check_reread(&whole);
		check_reread(&cut);
	}
	passed_fini(&whole);
	passed_fini(&cut);
	return 0;
}
