/*
 * http_response_fuzz.c - response heads: what is accepted obeys the RFC, and how the bytes arrive changes nothing
 *
 * The first byte says whether the answer is to HEAD and where the bytes are cut.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/http/bytes.h"
#include "lib/http/message.h"

#define CHECK(cond) \
	do { \
		if (!(cond)) \
			abort(); \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static bool
is_inside(struct str part, struct str whole)
{
	return part.n == 0 || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n);
}

static void
check_accepted(const struct http_head *h, struct str in, long n, bool is_head)
{
	unsigned lengths = 0, codings = 0;

	CHECK(n >= 4 && (size_t)n <= in.n && n <= HTTP_HEAD_MAX);
	CHECK(memcmp(in.p + n - 4, "\r\n\r\n", 4) == 0);
	CHECK(h->status >= 100 && h->status <= 599 && h->n_fields <= HTTP_FIELDS_MAX);
	CHECK(is_inside(h->reason, in) && http_is_value(h->reason));
	for (size_t i = 0; i < h->n_fields; i++) {
		CHECK(is_inside(h->fields[i].name, in) && http_is_token(h->fields[i].name));
		CHECK(is_inside(h->fields[i].value, in) && http_is_value(h->fields[i].value));
		lengths += str_ieq(h->fields[i].name, STR_LIT("content-length"));
		codings += str_ieq(h->fields[i].name, STR_LIT("transfer-encoding"));
	}
	CHECK(lengths + codings <= 1);
	bool never = is_head || h->status < 200 || h->status == 204 || h->status == 304;
	CHECK(!never || h->framing == HTTP_NO_BODY);
	CHECK(never || (h->framing == HTTP_CHUNKED) == (codings == 1));
	CHECK(never || (h->framing == HTTP_LENGTH) == (lengths == 1));
	CHECK(h->framing == HTTP_LENGTH || h->length == 0);
	CHECK(h->framing != HTTP_UNTIL_CLOSE || !h->keep_alive);
	CHECK(h->is_upgrade == (h->status == 101));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct http_head whole, cut;
	const char *why = NULL;

	if (n == 0)
		return 0;
	bool is_head = data[0] & 1;
	struct str in = str_from(data + 1, n - 1);
	long got = http_parse_response(in, is_head, &whole, &why);

	CHECK(got >= 0 || got == HTTP_INCOMPLETE || (got == HTTP_BAD && why));
	if (got >= 0)
		check_accepted(&whole, in, got, is_head);

	/* A copy of its own size, so that reading beyond the cut is seen. */
	size_t at = in.n * (data[0] >> 1) / 128;
	char *part = malloc(at + 1);
	CHECK(part != NULL);
	memcpy(part, in.p, at);
	char *tight = realloc(part, at ? at : 1);
	CHECK(tight != NULL);
	long early = http_parse_response(str_from(tight, at), is_head, &cut, &why);
	CHECK(got < 0 || early == ((size_t)got <= at ? got : HTTP_INCOMPLETE));
	CHECK(got != HTTP_INCOMPLETE || early == HTTP_INCOMPLETE);
	CHECK(early < 0 || early == got);
	free(tight);
	return 0;
}
