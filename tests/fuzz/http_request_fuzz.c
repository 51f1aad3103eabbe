/*
 * http_request_fuzz.c - request heads: what is accepted obeys the RFCs, and how the bytes arrive changes nothing
 *
 * The first byte says where the bytes are cut.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/http/bytes.h"
#include "lib/http/request.h"

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
check_target(const struct http_request_head *h)
{
	CHECK(h->target.n > 0 && h->target.n <= HTTP_TARGET_MAX && http_is_value(h->target));
	CHECK(h->target.p[0] == '/' || (str_is(h->target, "*") && str_is(h->method, "OPTIONS")));
	CHECK(str_find_char(h->target, ' ') == STR_NONE && str_find_char(h->target, '\t') == STR_NONE);
	CHECK(h->path.n + (h->query.p ? h->query.n + 1 : 0) == h->target.n);
	CHECK(str_find_char(h->path, '?') == STR_NONE && str_find_char(h->path, '#') == STR_NONE);
	CHECK(str_find_char(h->path, '\\') == STR_NONE);
}

static unsigned
count(const struct http_request_head *h, const char *name)
{
	unsigned k = 0;

	for (size_t i = 0; i < h->n_fields; i++)
		k += str_ieq(h->fields[i].name, str_of(name));
	return k;
}

static void
check_accepted(const struct http_request_head *h, struct str in, long n)
{
	CHECK(n >= 4 && (size_t)n <= in.n && n <= HTTP_REQUEST_HEAD_MAX);
	CHECK(memcmp(in.p + n - 4, "\r\n\r\n", 4) == 0);
	CHECK(http_is_token(h->method) && h->method.n <= HTTP_METHOD_MAX && is_inside(h->method, in));
	CHECK(!str_ieq(h->method, STR_LIT("connect")) && !str_ieq(h->method, STR_LIT("trace")));
	check_target(h);
	bool is_unnamed = h->is_http10 && count(h, "host") == 0;
	CHECK(h->n_fields <= HTTP_FIELDS_MAX && (is_inside(h->host, in) || (is_unnamed && str_is(h->host, HTTP_HOST_DEFAULT))));
	CHECK(h->host_name.n > 0 && str_eq(str_take(h->host, h->host_name.n), h->host_name));
	CHECK(str_find_char(h->host, ',') == STR_NONE && str_find_char(h->host, '@') == STR_NONE && str_find_char(h->host, '/') == STR_NONE);
	for (size_t i = 0; i < h->n_fields; i++) {
		CHECK(is_inside(h->fields[i].name, in) && http_is_token(h->fields[i].name));
		CHECK(is_inside(h->fields[i].value, in) && http_is_value(h->fields[i].value));
	}
	unsigned lengths = count(h, "content-length"), codings = count(h, "transfer-encoding");
	CHECK((count(h, "host") == 1 || is_unnamed) && lengths <= 1 && (lengths == 0 || codings == 0));
	CHECK((h->framing == HTTP_CHUNKED) == (codings > 0) && (h->framing == HTTP_LENGTH) == (lengths == 1));
	CHECK(codings <= 1 || h->must_close);
	CHECK(h->framing == HTTP_LENGTH || h->length == 0);
	CHECK(h->framing != HTTP_UNTIL_CLOSE && !(h->is_http10 && codings));
	CHECK(!(h->must_close && h->keep_alive) && !(h->is_http10 && (h->expects_continue || h->is_websocket)));
	CHECK(!h->is_websocket || (str_is(h->method, "GET") && h->framing == HTTP_NO_BODY));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct http_request_head whole, cut;
	const char *why = NULL;
	int status = 0;

	if (n == 0)
		return 0;
	struct str in = str_from(data + 1, n - 1);
	long got = http_parse_request(in, &whole, &status, &why);

	CHECK(got >= 0 || ((got == HTTP_INCOMPLETE) == (status == 408) && status >= 400 && status < 600 && why));
	if (got >= 0)
		check_accepted(&whole, in, got);

	/* A copy of its own size, so that reading beyond the cut is seen. */
	size_t at = in.n * data[0] / 256;
	char *part = malloc(at ? at : 1);
	CHECK(part != NULL);
	if (at)
		memcpy(part, in.p, at);
	long early = http_parse_request(str_from(part, at), &cut, &status, &why);
	CHECK(got < 0 || early == ((size_t)got <= at ? got : HTTP_INCOMPLETE));
	CHECK(got != HTTP_INCOMPLETE || early == HTTP_INCOMPLETE);
	CHECK(early < 0 || early == got);
	free(part);
	return 0;
}
