/* body.c - RFC 9112 section 6.3: how long a body is, and section 7.1: chunks */
#include "applets/occ-tls/body.h"

#include <string.h>

void
body_begin(struct body *b, enum http_framing from, uint64_t length, enum http_framing to)
{
	*b = (struct body){ .from = from, .to = to, .left = from == HTTP_LENGTH ? length : 0 };
	b->is_done = from == HTTP_NO_BODY || (from == HTTP_LENGTH && length == 0);
}

/* Chunk by chunk; the data moves to the front, where the framing was. */
static int
take_chunks(struct body *b, char *bytes, size_t n, struct str *ret_payload, struct str *ret_rest, const char **ret_why)
{
	struct str in = str_from(bytes, n), data;
	size_t kept = 0;

	while (in.n > 0 && !b->chunks.is_done) {
		long used = http_chunked_feed(&b->chunks, in, &data, ret_why);

		if (used < 0)
			return -1;
		memmove(&bytes[kept], data.p ? data.p : bytes, data.n);
		kept += data.n;
		in = str_skip(in, (size_t)used);
	}
	b->is_done = b->chunks.is_done;
	*ret_payload = str_from(bytes, kept);
	*ret_rest = in;
	return 0;
}

int
body_take(struct body *b, char *bytes, size_t n, struct str *ret_payload, struct str *ret_rest, const char **ret_why)
{
	struct str in = str_from(bytes, n);

	*ret_payload = STR_NULL;
	*ret_rest = in;
	if (b->is_done)
		return 0;
	if (b->from == HTTP_CHUNKED) {
		if (take_chunks(b, bytes, n, ret_payload, ret_rest, ret_why) < 0)
			return -1;
	} else if (b->from == HTTP_LENGTH) {
		*ret_payload = b->left < n ? str_take(in, (size_t)b->left) : in;
		*ret_rest = str_skip(in, ret_payload->n);
		b->left -= ret_payload->n;
		b->is_done = b->left == 0;
	} else {
		*ret_payload = in;
		*ret_rest = STR_NULL;
	}
	b->n_bytes += ret_payload->n;
	return 0;
}

bool
body_close(struct body *b)
{
	if (b->from == HTTP_UNTIL_CLOSE)
		b->is_done = true;
	return b->is_done;
}

bool
body_is_bare(const struct body *b)
{
	return b->to != HTTP_CHUNKED;
}

void
body_put(const struct body *b, struct str payload, struct buf *out)
{
	if (body_is_bare(b)) {
		buf_putstr(out, payload);
		return;
	}
	if (payload.n > 0) {
		http_put_chunk_head(out, payload.n);
		buf_putstr(out, payload);
		buf_puts(out, "\r\n");
	}
	if (b->is_done)
		buf_puts(out, HTTP_LAST_CHUNK);
}
