/*
 * http_request_test.c - request heads: rows, each also cut at every byte and flush against a guard page
 */
#include "lib/http/request.h"

#include "lib/base/buf.h"
#include "lib/base/mem.h"
#include "tests/t.h"

#define GET "GET / HTTP/1.1\r\n"
#define POST "POST /a HTTP/1.1\r\nHost: a\r\n"
#define HOST "Host: a\r\n"
#define WS "GET /ws HTTP/1.1\r\nHost: a\r\n"
#define WS_UP "Connection: Upgrade\r\nUpgrade: websocket\r\n"
#define WS_VERSION "Sec-WebSocket-Version: 13\r\n"
#define WS_KEY "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

/* Heads that are accepted. `want` is "method target path query name framing [flags]". */
static const struct {
	const char *in, *want;
} good[] = {
	{ GET HOST "\r\n", "GET / / - a none keep" },
	{ "\r\n" GET HOST "\r\n", "GET / / - a none keep" },
	{ GET "host:a\r\n\r\n", "GET / / - a none keep" },
	{ GET "HOST: \t a \t\r\n\r\n", "GET / / - a none keep" },
	{ GET "Host: a.example.com:8443\r\n\r\n", "GET / / - a.example.com none keep" },
	{ GET "Host: [2001:db8::1]\r\n\r\n", "GET / / - [2001:db8::1] none keep" },
	{ GET "Host: [::1]:65535\r\n\r\n", "GET / / - [::1] none keep" },
	{ GET "Host: 192.0.2.1:1\r\n\r\n", "GET / / - 192.0.2.1 none keep" },
	{ GET "Host: my_box\r\n\r\n", "GET / / - my_box none keep" },
	{ "GET /a?b=c?d HTTP/1.1\r\n" HOST "\r\n", "GET /a?b=c?d /a b=c?d a none keep" },
	{ "GET /? HTTP/1.1\r\n" HOST "\r\n", "GET /? /  a none keep" },
	{ "GET //x/../%2e HTTP/1.1\r\n" HOST "\r\n", "GET //x/../%2e //x/../%2e - a none keep" },
	{ "GET /\xd1\x81{}|^`\"<> HTTP/1.1\r\n" HOST "\r\n", "GET /\xd1\x81{}|^`\"<> /\xd1\x81{}|^`\"<> - a none keep" },
	{ "GET /a?#\\ HTTP/1.1\r\n" HOST "\r\n", "GET /a?#\\ /a #\\ a none keep" },
	{ "GET http://a/b?c HTTP/1.1\r\n" HOST "\r\n", "GET /b?c /b c a none keep" },
	{ "GET HTTPS://A/b HTTP/1.1\r\n" HOST "\r\n", "GET /b /b - a none keep" },
	{ "GET http://a HTTP/1.1\r\n" HOST "\r\n", "GET / / - a none keep" },
	{ "OPTIONS http://a HTTP/1.1\r\n" HOST "\r\n", "OPTIONS * * - a none keep" },
	{ "OPTIONS * HTTP/1.1\r\n" HOST "\r\n", "OPTIONS * * - a none keep" },
	{ "GET  HTTP/1.1\r\n" HOST "\r\n", "GET / / - a none must-close" },
	{ "M-SEARCH /a HTTP/1.1\r\n" HOST "\r\n", "M-SEARCH /a /a - a none keep" },
	{ GET HOST "Connection: close\r\n\r\n", "GET / / - a none" },
	{ GET HOST "Connection: x, Close\r\n\r\n", "GET / / - a none" },
	{ GET HOST "Connection: x\r\nConnection: close\r\n\r\n", "GET / / - a none" },
	{ "GET / HTTP/1.0\r\n" HOST "\r\n", "GET / / - a none 1.0" },
	{ "GET / HTTP/1.0\r\n\r\n", "GET / / - localhost none 1.0" },
	{ "GET / HTTP/1.0\r\n" HOST "Connection: Keep-Alive\r\n\r\n", "GET / / - a none 1.0 keep" },
	{ "GET / HTTP/1.0\r\n" HOST "Connection: keep-alive, close\r\n\r\n", "GET / / - a none 1.0" },
	{ GET HOST "Content-Length: 0\r\n\r\n", "GET / / - a length 0 keep" },
	{ POST "\r\n", "POST /a /a - a none keep" },
	{ POST "Content-Length: 12\r\n\r\n", "POST /a /a - a length 12 keep" },
	{ POST "Content-Length: 9223372036854775807\r\n\r\n", "POST /a /a - a length 9223372036854775807 keep" },
	{ POST "Transfer-Encoding: chunked\r\n\r\n", "POST /a /a - a chunked keep" },
	{ POST "transfer-encoding:\tCHUNKED\t\r\n\r\n", "POST /a /a - a chunked keep" },
	{ POST "Transfer-Encoding: gzip, chunked\r\n\r\n", "POST /a /a - a chunked must-close" },
	{ POST "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n", "POST /a /a - a chunked must-close" },
	{ POST "Transfer-Encoding: chunked;x\r\n\r\n", "POST /a /a - a chunked must-close" },
	{ POST "Content-Length: 1\r\nExpect: 100-Continue\r\n\r\n", "POST /a /a - a length 1 keep continue" },
	{ POST "Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n", "POST /a /a - a chunked keep continue" },
	{ POST "Expect: 100-continue\r\n\r\n", "POST /a /a - a none keep" },
	{ POST "Content-Length: 0\r\nExpect: 100-continue\r\n\r\n", "POST /a /a - a length 0 keep" },
	{ "POST /a HTTP/1.0\r\nHost: a\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n", "POST /a /a - a length 1 1.0" },
	{ "POST /a HTTP/1.0\r\nHost: a\r\nContent-Length: 1\r\nExpect: x\r\n\r\n", "POST /a /a - a length 1 1.0" },
	{ WS WS_UP WS_VERSION WS_KEY "\r\n", "GET /ws /ws - a none keep websocket" },
	{ WS "Connection: keep-alive, upgrade\r\nUpgrade: WebSocket\r\n" WS_VERSION WS_KEY "\r\n", "GET /ws /ws - a none keep websocket" },
	{ WS "Upgrade: websocket\r\n" WS_VERSION WS_KEY "\r\n", "GET /ws /ws - a none keep" },
	{ WS "Connection: Upgrade\r\n" WS_VERSION WS_KEY "\r\n", "GET /ws /ws - a none keep" },
	{ WS WS_UP WS_KEY "\r\n", "GET /ws /ws - a none keep" },
	{ WS WS_UP "Sec-WebSocket-Version: 8\r\n" WS_KEY "\r\n", "GET /ws /ws - a none keep" },
	{ WS WS_UP WS_VERSION "\r\n", "GET /ws /ws - a none keep" },
	{ WS WS_UP WS_VERSION "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ\r\n\r\n", "GET /ws /ws - a none keep" },
	{ WS WS_UP WS_VERSION "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZR==\r\n\r\n", "GET /ws /ws - a none keep" },
	{ WS WS_UP WS_VERSION "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j-Q==\r\n\r\n", "GET /ws /ws - a none keep" },
	{ WS "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n", "GET /ws /ws - a none keep" },
	{ WS WS_UP "Content-Length: 0\r\n" WS_VERSION WS_KEY "\r\n", "GET /ws /ws - a length 0 keep" },
	{ "GET /ws HTTP/1.0\r\n" HOST WS_UP WS_VERSION WS_KEY "\r\n", "GET /ws /ws - a none 1.0" },
	{ "POST /ws HTTP/1.1\r\n" HOST WS_UP WS_VERSION WS_KEY "\r\n", "POST /ws /ws - a none keep" },
	{ GET HOST "X-A: \xc3\xa4\xff\tb\r\nEmpty:\r\n\r\n", "GET / / - a none keep" },
	{ GET HOST "My_Header: 1\r\nlength-content: 2\r\n\r\n", "GET / / - a none keep" },
};

static const struct {
	const char *in;
	int status;
	const char *why;
	size_t n;			/* 0: strlen */
} bad[] = {
	{ "\x16\x03\x01", 400, "control byte", 0 },
	{ "GET\r\n\r\n", 400, "request line", 0 },
	{ "GET /\r\n\r\n", 400, "request line", 0 },
	{ "GET HTTP/1.1\r\n" HOST "\r\n", 400, "request line", 0 },
	{ "\r\n\r\n" GET HOST "\r\n", 400, "request line", 0 },
	{ "\n" GET HOST "\r\n", 400, "bare line feed", 0 },
	{ " GET / HTTP/1.1\r\n" HOST "\r\n", 400, "method", 0 },
	{ "GET  / HTTP/1.1\r\n" HOST "\r\n", 400, "blank in the target", 0 },
	{ "GET /  HTTP/1.1\r\n" HOST "\r\n", 400, "blank in the target", 0 },
	{ "GET / HTTP/1.1 \r\n" HOST "\r\n", 400, "request line", 0 },
	{ "GET / HTTP/1.1 HTTP/1.1\r\n" HOST "\r\n", 400, "blank in the target", 0 },
	{ "GET\t/ HTTP/1.1\r\n" HOST "\r\n", 400, "request line", 0 },
	{ "GET /\tHTTP/1.1\r\n" HOST "\r\n", 400, "request line", 0 },
	{ "GET /\t HTTP/1.1\r\n" HOST "\r\n", 400, "blank in the target", 0 },
	{ "GET /\x01 HTTP/1.1\r\n" HOST "\r\n", 400, "control byte", 0 },
	{ "GET /\0 HTTP/1.1\r\n" HOST "\r\n", 400, "control byte", 27 },
	{ "GET / HTTP/1.1\n" HOST "\r\n", 400, "bare line feed", 0 },
	{ "GET / HTTP/1.1\r" HOST "\r\n", 400, "bare carriage return", 0 },
	{ "G(T / HTTP/1.1\r\n" HOST "\r\n", 400, "method", 0 },
	{ "G\xc3\x84T / HTTP/1.1\r\n" HOST "\r\n", 400, "method", 0 },
	{ "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFG / HTTP/1.1\r\n" HOST "\r\n", 501, "method too long", 0 },
	{ "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFG", 501, "method too long", 0 },
	{ "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", 405, "method", 0 },
	{ "TRACE / HTTP/1.1\r\n" HOST "\r\n", 405, "method", 0 },
	{ "trace / HTTP/1.1\r\n" HOST "\r\n", 405, "method", 0 },
	{ "GET / HTTP/0.9\r\n" HOST "\r\n", 505, "version", 0 },
	{ "GET / HTTP/1.2\r\n" HOST "\r\n", 505, "version", 0 },
	{ "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "version", 0 },
	{ "GET / http/1.1\r\n" HOST "\r\n", 400, "request line", 0 },
	{ "GET / HTTP/1.10\r\n" HOST "\r\n", 400, "request line", 0 },
	{ "GET / HTTP/01.1\r\n" HOST "\r\n", 400, "request line", 0 },
	{ "GET / HTTPS/1.1\r\n" HOST "\r\n", 400, "request line", 0 },
	{ "GET a HTTP/1.1\r\n" HOST "\r\n", 400, "neither a path", 0 },
	{ "GET * HTTP/1.1\r\n" HOST "\r\n", 400, "OPTIONS", 0 },
	{ "GET ** HTTP/1.1\r\n" HOST "\r\n", 400, "neither a path", 0 },
	{ "GET /a#b HTTP/1.1\r\n" HOST "\r\n", 400, "encoded", 0 },
	{ "GET /a\\b HTTP/1.1\r\n" HOST "\r\n", 400, "encoded", 0 },
	{ "GET /a#?b HTTP/1.1\r\n" HOST "\r\n", 400, "encoded", 0 },
	{ "GET http://b/ HTTP/1.1\r\n" HOST "\r\n", 400, "not that of Host", 0 },
	{ "GET http://ab/ HTTP/1.1\r\n" HOST "\r\n", 400, "not that of Host", 0 },
	{ "GET http://a:80/ HTTP/1.1\r\n" HOST "\r\n", 400, "not that of Host", 0 },
	{ "GET http://x@a/ HTTP/1.1\r\n" HOST "\r\n", 400, "not that of Host", 0 },
	{ "GET http://a@b/ HTTP/1.1\r\n" HOST "\r\n", 400, "not that of Host", 0 },
	{ "GET http://a?b HTTP/1.1\r\n" HOST "\r\n", 400, "no path", 0 },
	{ "GET http:/// HTTP/1.1\r\n" HOST "\r\n", 400, "not that of Host", 0 },
	{ "GET http:// HTTP/1.1\r\n" HOST "\r\n", 400, "neither a path", 0 },
	{ "GET ftp://a/ HTTP/1.1\r\n" HOST "\r\n", 400, "neither a path", 0 },
	{ GET "\r\n", 400, "no Host", 0 },
	{ GET HOST HOST "\r\n", 400, "more than one Host", 0 },
	{ GET "Host:\r\n\r\n", 400, "name or an address", 0 },
	{ GET "Host: a,b\r\n\r\n", 400, "name or an address", 0 },
	{ GET "Host: a b\r\n\r\n", 400, "name or an address", 0 },
	{ GET "Host: x@a\r\n\r\n", 400, "name or an address", 0 },
	{ GET "Host: a/b\r\n\r\n", 400, "name or an address", 0 },
	{ GET "Host: a?b\r\n\r\n", 400, "name or an address", 0 },
	{ GET "Host: http://a\r\n\r\n", 400, "port", 0 },
	{ GET "Host: a%41\r\n\r\n", 400, "name or an address", 0 },
	{ GET "Host: \xc3\xa4\r\n\r\n", 400, "name or an address", 0 },
	{ GET "Host: a:\r\n\r\n", 400, "port", 0 },
	{ GET "Host: a:0\r\n\r\n", 400, "port", 0 },
	{ GET "Host: a:65536\r\n\r\n", 400, "port", 0 },
	{ GET "Host: a:000080\r\n\r\n", 400, "port", 0 },
	{ GET "Host: a:80:80\r\n\r\n", 400, "port", 0 },
	{ GET "Host: a:+1\r\n\r\n", 400, "port", 0 },
	{ GET "Host: :80\r\n\r\n", 400, "name or an address", 0 },
	{ GET "Host: ::1\r\n\r\n", 400, "name or an address", 0 },
	{ GET "Host: [::1\r\n\r\n", 400, "name or an address", 0 },
	{ GET "Host: [a]\r\n\r\n", 400, "name or an address", 0 },
	{ GET "Host: []\r\n\r\n", 400, "name or an address", 0 },
	{ GET "Host: [::1]x\r\n\r\n", 400, "port", 0 },
	{ GET "Host: [fe80::1%25eth0]\r\n\r\n", 400, "name or an address", 0 },
	{ GET HOST "A b\r\n\r\n", 400, "without a colon", 0 },
	{ GET HOST "A : b\r\n\r\n", 400, "header name", 0 },
	{ GET HOST ": b\r\n\r\n", 400, "header name", 0 },
	{ GET HOST "A: b\r\n c\r\n\r\n", 400, "folded", 0 },
	{ GET " " HOST "\r\n", 400, "folded", 0 },
	{ GET HOST "A: b\n\r\n", 400, "bare line feed", 0 },
	{ GET HOST "A: b\rC: d\r\n\r\n", 400, "bare carriage return", 0 },
	{ GET HOST "A: \0\r\n\r\n", 400, "control byte", sizeof GET HOST + 6 },
	{ GET HOST "Authorization: a\r\nauthorization: b\r\n\r\n", 400, "more than one Authorization", 0 },
	{ GET HOST "Origin: http://a\r\nOrigin: http://a\r\n\r\n", 400, "more than one Origin", 0 },
	{ WS WS_UP WS_VERSION WS_KEY WS_KEY "\r\n", 400, "more than one Sec-WebSocket-Key", 0 },
	{ WS WS_UP "Upgrade: h2c\r\n" WS_VERSION WS_KEY "\r\n", 400, "more than one Upgrade", 0 },
	{ GET HOST "Content-Length: 1\r\n\r\n", 400, "body of a GET", 0 },
	{ "get / HTTP/1.1\r\n" HOST "Content-Length: 1\r\n\r\n", 400, "body of a GET", 0 },
	{ "HEAD / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n", 400, "body of a GET", 0 },
	{ POST "Content-Length: 1\r\nContent-Length: 1\r\n\r\n", 400, "more than one Content-Length", 0 },
	{ POST "Content-Length:\r\n\r\n", 400, "malformed Content-Length", 0 },
	{ POST "Content-Length: +1\r\n\r\n", 400, "malformed Content-Length", 0 },
	{ POST "Content-Length: -1\r\n\r\n", 400, "malformed Content-Length", 0 },
	{ POST "Content-Length: 1, 1\r\n\r\n", 400, "malformed Content-Length", 0 },
	{ POST "Content-Length: 0x1\r\n\r\n", 400, "malformed Content-Length", 0 },
	{ POST "Content-Length: 9223372036854775808\r\n\r\n", 400, "malformed Content-Length", 0 },
	{ POST "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "together", 0 },
	{ POST "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", 400, "together", 0 },
	{ "POST / HTTP/1.0\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n", 400, "in HTTP/1.0", 0 },
	{ POST "Transfer-Encoding: gzip\r\n\r\n", 501, "not chunked", 0 },
	{ POST "Transfer-Encoding: identity\r\n\r\n", 501, "not chunked", 0 },
	{ POST "Transfer-Encoding: xchunked\r\n\r\n", 501, "not chunked", 0 },
	{ POST "Transfer-Encoding: chunked, gzip\r\n\r\n", 501, "not chunked", 0 },
	{ POST "Transfer-Encoding: chunked, chunked\r\n\r\n", 501, "not chunked", 0 },
	{ POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 501, "not chunked", 0 },
	{ POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n", 501, "not chunked", 0 },
	{ POST "Transfer-Encoding: chunked,\r\n\r\n", 501, "not chunked", 0 },
	{ POST "Transfer-Encoding: ,chunked\r\n\r\n", 501, "not chunked", 0 },
	{ POST "Transfer-Encoding:\r\n\r\n", 501, "not chunked", 0 },
	{ POST "Transfer-Encoding: cow, chunked\r\n\r\n", 501, "not chunked", 0 },
	{ POST "Transfer-Encoding: \"chunked\"\r\n\r\n", 501, "not chunked", 0 },
	{ POST "Transfer_Encoding: chunked\r\n\r\n", 400, "resembles", 0 },
	{ POST "Transfer--Encoding: chunked\r\n\r\n", 400, "resembles", 0 },
	{ POST "content.length: 1\r\n\r\n", 400, "resembles", 0 },
	{ POST "Content-Length: 1\r\nExpect: 200-ok\r\n\r\n", 417, "Expect", 0 },
	{ POST "Content-Length: 1\r\nExpect:\r\n\r\n", 417, "Expect", 0 },
	{ POST "Expect: 100-continue\r\nExpect: 100-continue\r\n\r\n", 400, "more than one Expect", 0 },
};

static const char *
describe(const struct http_request_head *h)
{
	static const char *const framing[] = { [HTTP_NO_BODY] = "none", [HTTP_LENGTH] = "length ", [HTTP_CHUNKED] = "chunked" };
	static char text[512];
	char length[24] = "";

	if (h->framing == HTTP_LENGTH)
		snprintf(length, sizeof length, "%" PRIu64, h->length);
	snprintf(text, sizeof text, STR_FMT " " STR_FMT " " STR_FMT " " STR_FMT " " STR_FMT " %s%s%s%s%s%s%s", STR_ARG(h->method),
	    STR_ARG(h->target), STR_ARG(h->path), STR_ARG(h->query.p ? h->query : STR_LIT("-")), STR_ARG(h->host_name), framing[h->framing],
	    length, h->is_http10 ? " 1.0" : "", h->keep_alive ? " keep" : "", h->must_close ? " must-close" : "",
	    h->expects_continue ? " continue" : "", h->is_websocket ? " websocket" : "");
	return text;
}

/* What came so far is never a whole head, and a prefix of a good one is never refused. */
static void
check_prefixes(struct str in, bool is_good)
{
	struct http_request_head h;
	const char *why = NULL;
	bool was_bad = false;
	int status = 0;

	for (size_t n = 0; n < in.n; n++) {
		long got = http_parse_request(str_from(t_guard(in.p, n), n), &h, &status, &why);

		if (got >= 0 || (is_good && got != HTTP_INCOMPLETE) || (was_bad && got != HTTP_BAD))
			T_FAIL("the first %zu bytes give %ld", n, got);
		if (got == HTTP_INCOMPLETE && status != 408)
			T_FAIL("the first %zu bytes are to end with %d", n, status);
		was_bad = got == HTTP_BAD;
	}
}

static void
test_rows(void)
{
	struct http_request_head h;
	const char *why = NULL;
	int status = 0;

	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		struct str in = str_of(good[i].in);

		t_row("accepted %zu (%s)", i, good[i].want);
		T_EQ(http_parse_request(str_from(t_guard(in.p, in.n), in.n), &h, &status, &why), in.n);
		T_STR(describe(&h), good[i].want);
		check_prefixes(in, true);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct str in = str_from(bad[i].in, bad[i].n ? bad[i].n : strlen(bad[i].in));

		t_row("refused %zu (%d, %s)", i, bad[i].status, bad[i].why);
		why = NULL;
		T_EQ(http_parse_request(str_from(t_guard(in.p, in.n), in.n), &h, &status, &why), HTTP_BAD);
		T_EQ(status, bad[i].status);
		T_HAS(why, bad[i].why);
		check_prefixes(in, false);
	}
}

static void
test_fields(void)
{
	struct str in = STR_LIT(GET HOST "X-A: one\r\nx-a:two\r\nEmpty: \t\r\n\r\nBODY");
	struct http_request_head h;
	const char *why = NULL;
	int status = 0;

	t_row("fields by name, and bytes behind the head left alone");
	T_EQ(http_parse_request(in, &h, &status, &why), in.n - 4);
	T_EQ(h.n_fields, 4);
	T_VIEW(http_request_field(&h, "X-A"), "one");
	T_VIEW(http_request_field(&h, "EMPTY"), "");
	T_OK(http_request_field(&h, "empty").p != NULL);
	T_OK(http_request_field(&h, "absent").p == NULL);

	t_row("a token in a list");
	T_OK(http_list_has(STR_LIT("a, B ,c"), "b"));
	T_OK(http_list_has(STR_LIT("c"), "C"));
	T_OK(!http_list_has(STR_LIT("ab, c d"), "c"));
	T_OK(!http_list_has(STR_NULL, "c"));
}

/* Parses what is in b, at once and as far as it goes before its last byte. */
static void
check_limit(const struct buf *b, long want, int want_status)
{
	struct http_request_head h;
	const char *why = NULL;
	int status = 0;

	T_EQ(http_parse_request(buf_str(b), &h, &status, &why), want);
	if (want < 0)
		T_EQ(status, want_status);
}

static void
fill(struct buf *b, const char *start, size_t n)
{
	buf_reset(b);
	buf_puts(b, start);
	while (b->n < n)
		buf_putc(b, 'x');
}

static void
test_limits(void)
{
	AUTO(buf) struct buf b = BUF_INIT(2 * HTTP_REQUEST_HEAD_MAX);

	t_row("a head of the largest size, and larger ones");
	fill(&b, GET HOST "X: ", HTTP_REQUEST_HEAD_MAX - 4);
	buf_puts(&b, "\r\n\r\n");
	check_limit(&b, HTTP_REQUEST_HEAD_MAX, 0);
	fill(&b, GET HOST "X: ", HTTP_REQUEST_HEAD_MAX - 3);
	buf_puts(&b, "\r\n\r\n");
	check_limit(&b, HTTP_BAD, 431);
	fill(&b, GET HOST "X: ", HTTP_REQUEST_HEAD_MAX);
	check_limit(&b, HTTP_BAD, 431);
	fill(&b, GET HOST "X: ", HTTP_REQUEST_HEAD_MAX - 1);
	check_limit(&b, HTTP_INCOMPLETE, 408);

	t_row("the largest target, and longer ones");
	fill(&b, "GET /", 4 + HTTP_TARGET_MAX);
	buf_puts(&b, " HTTP/1.1\r\n" HOST "\r\n");
	check_limit(&b, (long)b.n, 0);
	fill(&b, "GET /", 5 + HTTP_TARGET_MAX);
	buf_puts(&b, " HTTP/1.1\r\n" HOST "\r\n");
	check_limit(&b, HTTP_BAD, 414);
	fill(&b, "GET /", HTTP_TARGET_MAX + 100);
	check_limit(&b, HTTP_BAD, 414);

	for (int n = HTTP_FIELDS_MAX; n <= HTTP_FIELDS_MAX + 1; n++) {
		t_row("%d fields", n);
		buf_reset(&b);
		buf_puts(&b, GET HOST);
		for (int i = 1; i < n; i++)
			buf_puts(&b, "A: b\r\n");
		buf_puts(&b, "\r\n");
		check_limit(&b, n > HTTP_FIELDS_MAX ? HTTP_BAD : (long)b.n, 431);
	}

	t_row("the longest host name, and a longer one");
	for (size_t n = 253; n <= 254; n++) {
		fill(&b, GET "Host: ", sizeof GET "Host: " - 1 + n);
		buf_puts(&b, "\r\n\r\n");
		check_limit(&b, n > 253 ? HTTP_BAD : (long)b.n, 400);
	}
}

int
main(void)
{
	test_rows();
	test_fields();
	test_limits();
	return t_done();
}
