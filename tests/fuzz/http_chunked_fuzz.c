/*
 * http_chunked_fuzz.c - chunked bodies: the same result whole and in pieces, and the same as a plain second decoder's
 *
 * The first byte is the size of the pieces.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/http/message.h"

#define CHECK(cond) \
	do { \
		if (!(cond)) \
			abort(); \
	} while (0)

#define BODY_MAX (1u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct result {
	struct buf body;
	size_t taken;			/* bytes consumed until the end or the refusal */
	bool is_bad, is_done;
};

static void
decode(struct str in, size_t step, struct result *ret)
{
	struct http_chunked c = { .is_done = false };
	const char *why = NULL;

	while (in.n > 0 && !ret->is_done && !ret->is_bad) {
		size_t n = in.n < step ? in.n : step;
		char *piece = malloc(n);
		CHECK(piece != NULL);
		memcpy(piece, in.p, n);
		struct str rest = str_from(piece, n), data;

		while (rest.n > 0 && !c.is_done) {
			long got = http_chunked_feed(&c, rest, &data, &why);

			if (got < 0) {
				CHECK(got == HTTP_BAD && why && !c.is_done);
				ret->is_bad = true;
				break;
			}
			CHECK((size_t)got <= rest.n && (got > 0 || c.is_done));
			CHECK(data.n == 0 || (data.p >= rest.p && data.p + data.n == rest.p + got));
			buf_putstr(&ret->body, data);
			rest = str_skip(rest, (size_t)got);
			ret->taken += (size_t)got;
		}
		ret->is_done = c.is_done;
		free(piece);
		in = str_skip(in, n);
	}
}

/* Line by line, the way one writes it when speed does not matter: body and bytes taken of a complete, valid body. It knows nothing
 * of limits, so it judges only what the real one accepted. */
static bool
plain_decode(struct str in, struct buf *body, size_t *ret_taken)
{
	struct str all = in;

	for (;;) {
		size_t end = str_find(in, STR_LIT("\r\n"));

		if (end == STR_NONE)
			return false;
		char digits[32] = "";
		struct str line = str_take(in, end);
		struct str size = str_cut(&line, ';');
		if (size.n == 0 || size.n > 16)
			return false;
		memcpy(digits, size.p, size.n);
		unsigned long long left = strtoull(digits, NULL, 16);
		in = str_skip(in, end + 2);
		if (left == 0)
			break;
		if (in.n < left || in.n - left < 2 || memcmp(in.p + left, "\r\n", 2) != 0)
			return false;
		buf_putstr(body, str_take(in, (size_t)left));
		in = str_skip(in, (size_t)left + 2);
	}
	size_t end = str_has_prefix(in, "\r\n") ? 0 : str_find(in, STR_LIT("\r\n\r\n"));
	if (end == STR_NONE)
		return false;
	in = str_skip(in, end ? end + 4 : 2);
	*ret_taken = all.n - in.n;
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct result whole = { .body = BUF_INIT(BODY_MAX) }, parts = { .body = BUF_INIT(BODY_MAX) };
	AUTO(buf) struct buf plain = BUF_INIT(BODY_MAX);
	size_t taken = 0;

	if (n < 2 || n > BODY_MAX)
		return 0;
	struct str in = str_from(data + 1, n - 1);
	decode(in, in.n, &whole);
	decode(in, (size_t)data[0] + 1, &parts);
	CHECK(whole.is_bad == parts.is_bad && whole.is_done == parts.is_done);
	if (!whole.is_bad)
		CHECK(whole.taken == parts.taken);
	CHECK(str_eq(buf_str(&whole.body), buf_str(&parts.body)));
	if (whole.is_done) {
		CHECK(plain_decode(in, &plain, &taken));
		CHECK(taken == whole.taken && str_eq(buf_str(&plain), buf_str(&whole.body)));
	}
	buf_fini(&whole.body);
	buf_fini(&parts.body);
	return 0;
}
