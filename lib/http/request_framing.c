/* request_framing.c - how a request's body is delimited, with every doubtful case refused */
#include "lib/http/request_part.h"

#include "lib/base/mem.h"

/* Transfer codings that may stand before the last, chunked one: IANA's registry, and identity of RFC 2616. The body passes with them as they
 * are. Without a row here the coding has to be exactly chunked. */
static const char *const codings[] = { "gzip", "x-gzip", "deflate", "compress", "x-compress", "identity" };

static bool
is_known_coding(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(codings); i++)
		if (str_ieq(name, str_of(codings[i])))
			return true;
	return false;
}

/* One field's list: known codings, chunked once and behind all others. */
static bool
read_codings(struct str list, bool *has_chunked)
{
	bool has_more;

	do {
		has_more = str_find_char(list, ',') != STR_NONE;
		struct str item = str_cut(&list, ',');
		struct str name = str_trim(str_cut(&item, ';'));

		if (*has_chunked)
			return false;
		*has_chunked = str_ieq(name, STR_LIT("chunked"));
		if (!*has_chunked && !is_known_coding(name))
			return false;
	} while (has_more);
	return true;
}

static bool
ends_chunked(const struct http_request_head *h)
{
	bool has_chunked = false;

	for (size_t i = 0; i < h->n_fields; i++)
		if (str_ieq(h->fields[i].name, STR_LIT("transfer-encoding")) && !read_codings(h->fields[i].value, &has_chunked))
			return false;
	return has_chunked;
}

static bool
is_alnum(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* "content_length", "transfer---encoding": a name that some take for the one it resembles. */
static bool
resembles(struct str name, const char *letters)
{
	struct str want = str_of(letters);

	for (size_t i = 0; i < name.n; i++) {
		struct str c = str_take(str_skip(name, i), 1);

		if (!is_alnum(c.p[0]))
			continue;
		if (!str_ieq(c, str_take(want, 1)))
			return false;
		want = str_skip(want, 1);
	}
	return want.n == 0;
}

static bool
has_lookalike(const struct http_request_head *h)
{
	for (size_t i = 0; i < h->n_fields; i++) {
		struct str name = h->fields[i].name;

		if (!str_ieq(name, STR_LIT("content-length")) && !str_ieq(name, STR_LIT("transfer-encoding")) &&
		    (resembles(name, "contentlength") || resembles(name, "transferencoding")))
			return true;
	}
	return false;
}

static int
check_claims(struct http_request_head *h, const struct http_claims *k, struct http_refusal *r)
{
	if (has_lookalike(h))
		return http_refuse(r, 400, "a field's name resembles Content-Length or Transfer-Encoding");
	if (k->n_length > 1)
		return http_refuse(r, 400, "more than one Content-Length");
	if (k->n_length && !http_head_length(k->length, &h->length))
		return http_refuse(r, 400, "malformed Content-Length");
	if (k->n_coding && k->n_length)
		return http_refuse(r, 400, "Transfer-Encoding together with Content-Length");
	if (k->n_coding && h->is_http10)
		return http_refuse(r, 400, "Transfer-Encoding in HTTP/1.0");
	if (k->n_coding && !ends_chunked(h))
		return http_refuse(r, 501, "Transfer-Encoding is not chunked");
	return 0;
}

int
http_request_framing(struct http_request_head *h, const struct http_claims *k, struct http_refusal *r)
{
	h->length = 0;
	if (check_claims(h, k, r) < 0)
		return HTTP_BAD;
	if (k->n_coding)
		h->framing = HTTP_CHUNKED;
	else
		h->framing = k->n_length ? HTTP_LENGTH : HTTP_NO_BODY;

	/* RFC 9110 section 9.3.1: such a body means nothing, and some servers leave it lying in the connection. */
	bool has_body = h->framing == HTTP_CHUNKED || h->length > 0;
	if (has_body && (str_ieq(h->method, STR_LIT("GET")) || str_ieq(h->method, STR_LIT("HEAD"))))
		return http_refuse(r, 400, "body of a GET or HEAD request");
	if (k->n_coding > 1 || (k->n_coding && !str_ieq(k->coding, STR_LIT("chunked"))))
		h->must_close = true;
	return 0;
}
