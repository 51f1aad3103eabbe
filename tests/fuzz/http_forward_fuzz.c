/*
 * http_forward_fuzz.c - what is forwarded, read again, means what came in; and forwarded once more it is the same bytes
 *
 * The first byte says which way (bit 0: a response), and for responses how (bits 1 to 3: HTTP/1.0, keep-alive, HEAD).
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/http/forward.h"

#define CHECK(cond) \
	do { \
		if (!(cond)) \
			abort(); \
	} while (0)

#define OUT_MAX (1u << 20)
#define INPUT_MAX (HTTP_REQUEST_HEAD_MAX - 1024)	/* so that what we add still fits a head */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const struct http_forward settings = {
	.client = { "2001:db8::1", 11 }, .proto = { "https", 5 }, .port = { "443", 3 }, .authorization = { "Basic eA==", 10 },
};

/* A field of the request may be there again, and nothing else may claim to be one of ours. */
static void
check_ours(const struct http_request_head *h)
{
	static const struct {
		const char *name, *value;
	} ours[] = { { "authorization", "Basic eA==" }, { "x-forwarded-for", "2001:db8::1" }, { "x-real-ip", "2001:db8::1" },
		{ "x-forwarded-proto", "https" }, { "x-forwarded-port", "443" } };

	for (size_t k = 0; k < sizeof ours / sizeof ours[0]; k++) {
		unsigned n = 0;

		for (size_t i = 0; i < h->n_fields; i++)
			n += str_ieq(h->fields[i].name, str_of(ours[k].name));
		CHECK(n == 1 && str_is(http_request_field(h, ours[k].name), ours[k].value));
	}
	CHECK(http_request_field(h, "te").p == NULL && http_request_field(h, "expect").p == NULL);
}

static void
check_request(struct str in)
{
	AUTO(buf) struct buf out = BUF_INIT(OUT_MAX), twice = BUF_INIT(OUT_MAX);
	struct http_request_head h, again;
	const char *why = NULL;
	int status = 0;

	if (http_parse_request(in, &h, &status, &why) < 0)
		return;
	http_put_forward_request(&h, &settings, &out);
	long got = http_parse_request(buf_str(&out), &again, &status, &why);
	if (got == HTTP_BAD && (status == 431 || status == 414))
		return;			/* so many fields or bytes that ours are too many */
	CHECK(got == (long)out.n);
	CHECK(str_eq(again.method, h.method) && str_eq(again.target, h.target) && str_eq(again.host, h.host));
	CHECK(again.framing == h.framing && again.length == h.length && again.is_websocket == h.is_websocket);
	CHECK(!again.is_http10 && again.keep_alive != h.must_close);
	check_ours(&again);
	http_put_forward_request(&again, &settings, &twice);
	/* what closed before closes no longer when its reason has gone */
	CHECK(h.must_close || str_eq(buf_str(&out), buf_str(&twice)));
}

static void
check_response(struct str in, unsigned how)
{
	struct http_reply r = { .to_http10 = how & 2, .keep_alive = how & 4, .is_head_request = how & 8 };
	AUTO(buf) struct buf out = BUF_INIT(OUT_MAX), twice = BUF_INIT(OUT_MAX);
	enum http_framing framing, framing_again;
	struct http_head h, again;
	const char *why = NULL;

	if (http_parse_response(in, r.is_head_request, &h, &why) < 0)
		return;
	http_put_forward_response(&h, &r, &out, &framing);
	long got = http_parse_response(buf_str(&out), r.is_head_request, &again, &why);
	if (got == HTTP_BAD && (h.n_fields > HTTP_FIELDS_MAX - 2 || out.n > HTTP_HEAD_MAX))
		return;
	CHECK(got == (long)out.n && again.status == h.status && str_eq(again.reason, h.reason));
	CHECK(again.framing == framing && again.length == h.length);
	CHECK(again.keep_alive == (h.status != 101 && (h.status < 200 || (r.keep_alive && framing != HTTP_UNTIL_CLOSE))));
	http_put_forward_response(&again, &r, &twice, &framing_again);
	CHECK(framing_again == framing && str_eq(buf_str(&out), buf_str(&twice)));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	if (n == 0 || n > INPUT_MAX)
		return 0;
	if (data[0] & 1)
		check_response(str_from(data + 1, n - 1), data[0]);
	else
		check_request(str_from(data + 1, n - 1));
	return 0;
}
