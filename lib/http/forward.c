/*
 * forward.c - heads written anew: which fields pass, and what stands in place of the others
 *
 * Both directions go through one table of names. Framing and Connection are never a field that passes: they are written from the
 * parsed message.
 */
#include "lib/http/forward.h"

#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/http/head.h"
#include "lib/http/ws_accept.h"

enum pass {
	GOES = 1,		/* hop by hop: in neither direction */
	ANEW = 2,		/* in a request: written here, or answered here */
	KEPT = 4,		/* in a request: Connection cannot take it out */
};

/* RFC 9110 section 7.6.1 and what older ones called so; HTTP2-Settings belongs to the upgrade to h2c. */
static const struct {
	struct str name;		/* in lower case */
	int pass;
} table[] = {
	{ STR_INIT("connection"), GOES }, { STR_INIT("keep-alive"), GOES }, { STR_INIT("proxy-connection"), GOES }, { STR_INIT("proxy-authenticate"), GOES },
	{ STR_INIT("proxy-authentication-info"), GOES }, { STR_INIT("proxy-authorization"), GOES }, { STR_INIT("te"), GOES }, { STR_INIT("trailer"), GOES },
	{ STR_INIT("transfer-encoding"), GOES }, { STR_INIT("upgrade"), GOES }, { STR_INIT("http2-settings"), GOES }, { STR_INIT("content-length"), GOES },
	{ STR_INIT("host"), ANEW }, { STR_INIT("expect"), ANEW }, { STR_INIT("authorization"), ANEW }, { STR_INIT("forwarded"), ANEW }, { STR_INIT("x-real-ip"), ANEW },
	{ STR_INIT("cookie"), KEPT }, { STR_INIT("origin"), KEPT }, { STR_INIT("sec-websocket-key"), KEPT }, { STR_INIT("sec-websocket-version"), KEPT },
};
#define FORWARDED_PREFIX "x-forwarded-"

#define put_text(out, text) buf_putstr((out), STR_LIT(text))

static char
fold(char c)
{
	if (c == '_')
		return '-';
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* Names as a back end may read them that turns '-' into '_', as CGI does (RFC 3875 section 4.1.18). */
static bool
is_same(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (fold(a[i]) != fold(b[i]))
			return false;
	return true;
}

static inline bool
is_name(struct str name, struct str want)
{
	return name.n == want.n && is_same(name.p, want.p, name.n);
}

static int
pass_of(struct str name)
{
	if (is_name(str_take(name, sizeof FORWARDED_PREFIX - 1), STR_LIT(FORWARDED_PREFIX)))
		return ANEW;
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (is_name(name, table[i].name))
			return table[i].pass;
	return 0;
}

/* Does a Connection field name it? */
static bool
is_named(const struct http_field *fields, size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++) {
		struct str list = fields[i].value;

		if (!str_ieq(fields[i].name, STR_LIT("connection")))
			continue;
		while (list.n > 0)
			if (str_ieq(str_trim(str_cut(&list, ',')), name))
				return true;
	}
	return false;
}

static void
put_field(struct buf *out, struct str name, struct str value)
{
	buf_putstr(out, name);
	put_text(out, ": ");
	buf_putstr(out, value);
	put_text(out, "\r\n");
}

static void
put_length(struct buf *out, uint64_t n)
{
	put_text(out, "Content-Length: ");
	num_put_u64(out, n);
	put_text(out, "\r\n");
}

/* --- requests ------------------------------------------------------------------- */

static bool
is_in(const char *const *names, struct str name)
{
	for (size_t i = 0; names && names[i]; i++)
		if (is_name(name, str_of(names[i])))
			return true;
	return false;
}

static bool
passes(const struct http_request_head *h, const struct http_forward *f, struct str name)
{
	int pass = pass_of(name);

	if (pass & (GOES | ANEW) || is_in(f->drop, name) || (f->cookie.p && is_name(name, STR_LIT("cookie"))))
		return false;
	return pass & KEPT || !is_named(h->fields, h->n_fields, name);
}

/* Codings that the body keeps, in lower case and without parameters, which none of them has; chunked is the last (request_framing.c). */
static void
put_codings(const struct http_request_head *h, struct buf *out)
{
	put_text(out, "Transfer-Encoding: ");
	for (size_t i = 0; i < h->n_fields; i++) {
		struct str list = h->fields[i].value;

		if (!str_ieq(h->fields[i].name, STR_LIT("transfer-encoding")))
			continue;
		while (list.n > 0) {
			struct str item = str_cut(&list, ',');
			struct str name = str_trim(str_cut(&item, ';'));

			if (str_ieq(name, STR_LIT("identity")) || str_ieq(name, STR_LIT("chunked")))
				continue;
			buf_putstr(out, name);
			put_text(out, ", ");
		}
	}
	put_text(out, "chunked\r\n");
}

static void
put_request_framing(const struct http_request_head *h, struct buf *out)
{
	if (h->framing == HTTP_LENGTH)
		put_length(out, h->length);
	else if (h->framing == HTTP_CHUNKED)
		put_codings(h, out);
	if (h->is_websocket)
		put_text(out, "Connection: Upgrade\r\nUpgrade: websocket\r\n");
	else if (h->must_close)
		put_text(out, "Connection: close\r\n");
}

/* RFC 7239 section 6: an address; IPv6 in brackets and quoted; what is neither is "unknown". */
static void
put_node(struct buf *out, struct str node)
{
	size_t n = 0;

	while (n < node.n && str_find_char(STR_LIT("0123456789abcdefABCDEF.:"), node.p[n]) != STR_NONE)
		n++;
	if (n == 0 || n < node.n)
		node = STR_LIT("unknown");
	bool is_ipv6 = str_find_char(node, ':') != STR_NONE;
	put_text(out, "for=");
	if (is_ipv6)
		put_text(out, "\"[");
	buf_putstr(out, node);
	if (is_ipv6)
		put_text(out, "]\"");
}

static void
put_forwarded(const struct http_request_head *h, const struct http_forward *f, struct buf *out)
{
	put_text(out, "Forwarded: ");
	for (struct str list = f->chain; list.n > 0;) {
		put_node(out, str_trim(str_cut(&list, ',')));
		put_text(out, ", ");
	}
	put_node(out, f->client);
	put_text(out, ";host=\"");
	buf_putstr(out, h->host);
	put_text(out, "\";proto=");
	buf_putstr(out, f->proto);
	put_text(out, "\r\n");
}

static void
put_origin(const struct http_request_head *h, const struct http_forward *f, struct buf *out)
{
	put_text(out, "X-Forwarded-For: ");
	if (f->chain.n > 0) {
		buf_putstr(out, f->chain);
		put_text(out, ", ");
	}
	buf_putstr(out, f->client);
	put_text(out, "\r\n");
	put_field(out, STR_LIT("X-Forwarded-Host"), h->host);
	put_field(out, STR_LIT("X-Forwarded-Proto"), f->proto);
	if (f->port.n > 0)
		put_field(out, STR_LIT("X-Forwarded-Port"), f->port);
	put_field(out, STR_LIT("X-Real-IP"), f->client);
	put_forwarded(h, f, out);
}

void
http_put_forward_request(const struct http_request_head *h, const struct http_forward *f, struct buf *out)
{
	buf_putstr(out, h->method);
	buf_putc(out, ' ');
	buf_putstr(out, f->target.p ? f->target : h->target);
	put_text(out, " HTTP/1.1\r\n");
	put_field(out, STR_LIT("Host"), f->host.p ? f->host : h->host);
	for (size_t i = 0; i < h->n_fields; i++)
		if (passes(h, f, h->fields[i].name))
			put_field(out, h->fields[i].name, h->fields[i].value);
	if (f->authorization.n > 0)
		put_field(out, STR_LIT("Authorization"), f->authorization);
	if (f->cookie.n > 0)
		put_field(out, STR_LIT("Cookie"), f->cookie);
	put_origin(h, f, out);
	put_request_framing(h, out);
	put_text(out, "\r\n");
}

/* --- responses ------------------------------------------------------------------ */

static bool
is_set(const struct http_reply *r, struct str name)
{
	for (size_t i = 0; i < r->n_set; i++)
		if (str_ieq(r->set[i].name, name))
			return true;
	return false;
}

static enum http_framing
framing_to_client(const struct http_head *h, const struct http_reply *r)
{
	if (h->framing != HTTP_CHUNKED && h->framing != HTTP_UNTIL_CLOSE)
		return h->framing;
	return r->to_http10 ? HTTP_UNTIL_CLOSE : HTTP_CHUNKED;
}

/* HEAD and 304 tell the length of a body that does not follow (RFC 9110 section 8.6). */
static void
put_response_length(const struct http_head *h, const struct http_reply *r, struct buf *out)
{
	uint64_t n = 0;

	if (h->framing == HTTP_LENGTH)
		put_length(out, h->length);
	else if (h->framing == HTTP_NO_BODY && h->status >= 200 && h->status != 204 && (r->is_head_request || h->status == 304) &&
	    http_head_length(http_field(h, "content-length"), &n))
		put_length(out, n);
}

static void
put_response_connection(const struct http_head *h, const struct http_reply *r, enum http_framing framing, struct buf *out)
{
	if (h->status == 101)
		put_text(out, "Connection: Upgrade\r\nUpgrade: websocket\r\n");
	else if (h->status < 200)
		return;
	else if (!r->keep_alive || framing == HTTP_UNTIL_CLOSE)
		put_text(out, "Connection: close\r\n");
	else if (r->to_http10)
		put_text(out, "Connection: keep-alive\r\n");
}

void
http_put_forward_response(const struct http_head *h, const struct http_reply *r, struct buf *out, enum http_framing *ret_framing)
{
	*ret_framing = framing_to_client(h, r);
	put_text(out, "HTTP/1.1 ");
	num_put_u64(out, (uint64_t)h->status);
	buf_putc(out, ' ');
	buf_putstr(out, h->reason);
	put_text(out, "\r\n");
	for (size_t i = 0; i < h->n_fields; i++) {
		struct str name = h->fields[i].name;

		if (!(pass_of(name) & GOES) && !is_set(r, name) && !is_named(h->fields, h->n_fields, name))
			put_field(out, name, h->fields[i].value);
	}
	for (size_t i = 0; i < r->n_set; i++)
		if (r->set[i].value.n > 0)
			put_field(out, r->set[i].name, r->set[i].value);
	put_response_length(h, r, out);
	if (*ret_framing == HTTP_CHUNKED)
		put_text(out, "Transfer-Encoding: chunked\r\n");
	put_response_connection(h, r, *ret_framing, out);
	put_text(out, "\r\n");
}

void
http_put_chunk_head(struct buf *out, size_t n)
{
	buf_printf(out, "%zx\r\n", n);
}

/* --- websockets ------------------------------------------------------------------- */

/* The field's value when it stands exactly once. */
static struct str
only(const struct http_head *h, const char *name)
{
	struct str value = STR_NULL;
	unsigned n = 0;

	for (size_t i = 0; i < h->n_fields; i++)
		if (str_ieq(h->fields[i].name, str_of(name))) {
			value = h->fields[i].value;
			n++;
		}
	return n == 1 ? value : STR_NULL;
}

bool
http_is_websocket_answer(const struct http_head *h, const struct http_request_head *request)
{
	AUTO(buf) struct buf accept = BUF_INIT(WS_ACCEPT_BYTES);

	if (!request->is_websocket || h->status != 101 || !is_named(h->fields, h->n_fields, STR_LIT("upgrade")))
		return false;
	ws_put_accept(http_request_field(request, "sec-websocket-key"), &accept);
	return accept.n == WS_ACCEPT_BYTES && str_eq(only(h, "sec-websocket-accept"), buf_str(&accept)) &&
		str_ieq(only(h, "upgrade"), STR_LIT("websocket"));
}
