/*
 * sse_gap_fuzz.c - a comment put in wherever the stream is said to be between two events leaves the decoded events as they were
 *
 * The first byte is the size of the pieces, the second says at which of the possible places something is put in. A byte order mark at the very beginning is the exception
 * that sse_gap.h names.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/http/sse.h"
#include "lib/http/sse_gap.h"

#define CHECK(cond) \
	do { \
		if (!(cond)) \
			abort(); \
	} while (0)

#define IN_MAX 4096
#define OUT_MAX (1u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
decode(struct str in, struct buf *out)
{
	struct sse s = SSE_INIT(IN_MAX);

	while (in.n > 0) {
		bool has_event;
		size_t took = sse_feed(&s, in, &has_event);

		CHECK(took > 0 && took <= in.n);
		in = str_skip(in, took);
		if (has_event) {
			buf_putc(out, '<');
			buf_putstr(out, buf_str(&s.data));
		}
	}
	sse_fini(&s);
}

/* From the whole of what has passed: does it end with an empty line? */
static bool
plain_is_between(struct str in)
{
	bool was_empty = true;
	size_t n_line = 0;

	for (size_t i = 0; i < in.n; i++) {
		if (in.p[i] == '\n' && i > 0 && in.p[i - 1] == '\r')
			continue;
		bool is_end = in.p[i] == '\n' || in.p[i] == '\r';
		was_empty = is_end && n_line == 0;
		n_line = is_end ? 0 : n_line + 1;
	}
	return was_empty;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	AUTO(buf) struct buf with = BUF_INIT(OUT_MAX), want = BUF_INIT(OUT_MAX), got = BUF_INIT(OUT_MAX);
	struct sse_gap g = SSE_GAP_INIT;

	if (n < 2 || n > IN_MAX)
		return 0;
	size_t step = (size_t)data[0] + 1, n_places = 0;
	struct str all = str_from(data + 2, n - 2), in = all;
	bool has_mark = str_has_prefix(in, "\xef\xbb\xbf");
	for (size_t passed = 0;;) {
		CHECK(g.is_between == plain_is_between(str_take(all, passed)) && g.has_begun == (passed > 0));
		if (g.is_between && (passed > 0 || !has_mark) && (data[1] >> n_places++ % 8 & 1))
			buf_puts(&with, SSE_KEEPALIVE);
		if (in.n == 0)
			break;
		struct str now = str_take(in, step);
		sse_gap_pass(&g, now);
		buf_putstr(&with, now);
		passed += now.n;
		in = str_skip(in, now.n);
	}
	decode(all, &want);
	decode(buf_str(&with), &got);
	CHECK(with.fault == BUF_OK && str_eq(buf_str(&got), buf_str(&want)));
	return 0;
}
