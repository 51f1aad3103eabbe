/* http_forward_test.c - what goes on: heads written anew in both directions, byte by byte */
#include "lib/http/forward.h"

#include "lib/base/mem.h"
#include "lib/http/ws_accept.h"
#include "tests/t.h"

#define GET "GET /a?b HTTP/1.1\r\nHost: h:8443\r\n"
#define OUT "GET /a?b HTTP/1.1\r\nHost: h:8443\r\n"
#define AUTH "Authorization: Basic inner\r\n"
#define TELL "X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Host: h:8443\r\nX-Forwarded-Proto: https\r\nX-Real-IP: 192.0.2.7\r\n" \
	"Forwarded: for=192.0.2.7;host=\"h:8443\";proto=https\r\n"
#define WS_KEY "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define WS_REST "Sec-WebSocket-Version: 13\r\n" WS_KEY

/* Requests with the plainest settings: client 192.0.2.7, https, "Basic inner". */
static const struct {
	const char *name, *in, *want;
} plain[] = {
	{ "as it is", GET "Accept: */*\r\nX: \t a  b\t\r\n\r\n", OUT "Accept: */*\r\nX: a  b\r\n" AUTH TELL "\r\n" },
	{ "absolute form", "GET http://h:8443/a?b HTTP/1.1\r\nHOST:h:8443\r\n\r\n", OUT AUTH TELL "\r\n" },
	{ "HTTP/1.0 becomes 1.1", "GET /a?b HTTP/1.0\r\nHost: h:8443\r\nConnection: keep-alive\r\n\r\n", OUT AUTH TELL "\r\n" },
	{ "hop by hop", GET "Connection: close\r\nKeep-Alive: 5\r\nProxy-Connection: x\r\nProxy-Authorization: x\r\nTE: trailers\r\nTrailer: x\r\n"
	    "Upgrade: h2c\r\nHTTP2-Settings: x\r\n\r\n", OUT AUTH TELL "\r\n" },
	{ "named by Connection", GET "Connection: X-A, x-b\r\nX-A: 1\r\nX-B: 2\r\nX-C: 3\r\n\r\n", OUT "X-C: 3\r\n" AUTH TELL "\r\n" },
	{ "... on two lines", GET "Connection: X-A\r\nX-A: 1\r\nX-A: 2\r\nConnection: X-B\r\nX-B: 2\r\n\r\n", OUT AUTH TELL "\r\n" },
	{ "what Connection cannot take out",
	    GET "Connection: host, authorization, cookie, origin, x-forwarded-for, x-real-ip\r\nCookie: c\r\nOrigin: o\r\n\r\n",
	    OUT "Cookie: c\r\nOrigin: o\r\n" AUTH TELL "\r\n" },
	{ "... nor the length", "POST /a?b HTTP/1.1\r\nHost: h:8443\r\nConnection: Content-Length\r\nContent-Length: 3\r\n\r\n",
	    "POST /a?b HTTP/1.1\r\nHost: h:8443\r\n" AUTH TELL "Content-Length: 3\r\n\r\n" },
	{ "forwarding fields of the client",
	    GET "X-Forwarded-For: 6.6.6.6\r\nX_Forwarded_For: 6.6.6.6\r\nX-Forwarded-Anything: x\r\nForwarded: for=6.6.6.6\r\nX-Real-Ip: 6.6.6.6\r\n\r\n",
	    OUT AUTH TELL "\r\n" },
	{ "the client's Authorization", GET "Authorization: Basic outer\r\n\r\n", OUT AUTH TELL "\r\n" },
	{ "Expect", "POST /a?b HTTP/1.1\r\nHost: h:8443\r\nExpect: 100-continue\r\nContent-Length: 03\r\n\r\n",
	    "POST /a?b HTTP/1.1\r\nHost: h:8443\r\n" AUTH TELL "Content-Length: 3\r\n\r\n" },
	{ "a length of nothing", GET "Content-Length: 0\r\n\r\n", OUT AUTH TELL "Content-Length: 0\r\n\r\n" },
	{ "chunked", "PUT /a?b HTTP/1.1\r\nHost: h:8443\r\nTransfer-Encoding: Chunked\r\nTrailer: x\r\n\r\n",
	    "PUT /a?b HTTP/1.1\r\nHost: h:8443\r\n" AUTH TELL "Transfer-Encoding: chunked\r\n\r\n" },
	{ "codings before chunked", "PUT /a?b HTTP/1.1\r\nHost: h:8443\r\nTransfer-Encoding: gzip ; x, identity\r\nTransfer-Encoding: chunked;y\r\n\r\n",
	    "PUT /a?b HTTP/1.1\r\nHost: h:8443\r\n" AUTH TELL "Transfer-Encoding: gzip, chunked\r\nConnection: close\r\n\r\n" },
	{ "no path", "GET  HTTP/1.1\r\nHost: h:8443\r\n\r\n", "GET / HTTP/1.1\r\nHost: h:8443\r\n" AUTH TELL "Connection: close\r\n\r\n" },
	{ "websocket", GET "Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n" WS_REST "Sec-WebSocket-Protocol: x\r\n\r\n",
	    OUT WS_REST "Sec-WebSocket-Protocol: x\r\n" AUTH TELL "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n" },
	{ "bytes beyond ASCII", GET "X: \xc3\xa4\xff\r\n\r\n", OUT "X: \xc3\xa4\xff\r\n" AUTH TELL "\r\n" },
};

static const struct http_forward plain_settings = {
	.client = { "192.0.2.7", 9 }, .proto = { "https", 5 }, .authorization = { "Basic inner", 11 },
};

static void
check_request(const char *in, const struct http_forward *f, const char *want)
{
	AUTO(buf) struct buf out = BUF_INIT(65536);
	struct http_request_head h;
	const char *why = "";
	int status = 0;
	struct str s = str_of(in);

	if (http_parse_request(str_from(t_guard(s.p, s.n), s.n), &h, &status, &why) < 0)
		T_FAIL("refused: %d %s", status, why);
	else
		http_put_forward_request(&h, f, &out);
	T_STR(out.p, want);
}

static void
test_requests(void)
{
	for (size_t i = 0; i < ARRAY_LEN(plain); i++) {
		t_row("request: %s", plain[i].name);
		check_request(plain[i].in, &plain_settings, plain[i].want);
	}
}

static void
test_settings(void)
{
	static const char *const drop[] = { "X-Secret", "referer", NULL };
	struct http_forward f = { .client = STR_LIT("2001:db8::1"), .chain = STR_LIT("192.0.2.1, nonsense\", ::1"), .proto = STR_LIT("http"),
		.port = STR_LIT("80"), .target = STR_LIT("/a"), .drop = drop, .cookie = STR_LIT("mine=1") };
	const char *in = "GET /a?auth_token=x HTTP/1.1\r\nHost: h\r\nReferer: r\r\nX_Secret: s\r\nCookie: a\r\nCookie: b\r\n\r\n";

	t_row("every setting");
	check_request(in, &f, "GET /a HTTP/1.1\r\nHost: h\r\nCookie: mine=1\r\n"
	    "X-Forwarded-For: 192.0.2.1, nonsense\", ::1, 2001:db8::1\r\nX-Forwarded-Host: h\r\nX-Forwarded-Proto: http\r\n"
	    "X-Forwarded-Port: 80\r\nX-Real-IP: 2001:db8::1\r\n"
	    "Forwarded: for=192.0.2.1, for=unknown, for=\"[::1]\", for=\"[2001:db8::1]\";host=\"h\";proto=http\r\n\r\n");
	t_row("no cookie is sent");
	f = plain_settings;
	f.cookie = str_from("", 0);
	check_request(GET "Cookie: a\r\n\r\n", &f, OUT AUTH TELL "\r\n");
	t_row("an output that does not fit is latched");
	AUTO(buf) struct buf out = BUF_INIT(40);
	struct http_request_head h;
	struct err e = ERR_INIT;
	const char *why;
	int status;
	T_OK(http_parse_request(STR_LIT(GET "\r\n"), &h, &status, &why) > 0);
	http_put_forward_request(&h, &plain_settings, &out);
	T_FAILS(buf_check(&out, "head", &e), ERR_TOO_BIG);
}

/* --- responses ------------------------------------------------------------------ */

#define OK "HTTP/1.1 200 OK\r\n"
enum { HEAD = 1, OLD = 2, KEEP = 4 };

static const struct {
	const char *name, *in;
	int how;
	const char *want;
	enum http_framing framing;
} responses[] = {
	{ "length", OK "A: b\r\nContent-Length: 3\r\n\r\n", KEEP, OK "A: b\r\nContent-Length: 3\r\n\r\n", HTTP_LENGTH },
	{ "then close", OK "Content-Length: 3\r\n\r\n", 0, OK "Content-Length: 3\r\nConnection: close\r\n\r\n", HTTP_LENGTH },
	{ "to HTTP/1.0, kept", OK "Content-Length: 3\r\n\r\n", KEEP | OLD, OK "Content-Length: 3\r\nConnection: keep-alive\r\n\r\n", HTTP_LENGTH },
	{ "chunked", OK "Transfer-Encoding: chunked\r\nTrailer: x\r\n\r\n", KEEP, OK "Transfer-Encoding: chunked\r\n\r\n", HTTP_CHUNKED },
	{ "chunked to HTTP/1.0", OK "Transfer-Encoding: chunked\r\n\r\n", KEEP | OLD, OK "Connection: close\r\n\r\n", HTTP_UNTIL_CLOSE },
	{ "until close", OK "\r\n", KEEP, OK "Transfer-Encoding: chunked\r\n\r\n", HTTP_CHUNKED },
	{ "until close from and to HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\n", KEEP | OLD, OK "Connection: close\r\n\r\n", HTTP_UNTIL_CLOSE },
	{ "HEAD with a length", OK "Content-Length: 3\r\n\r\n", KEEP | HEAD, OK "Content-Length: 3\r\n\r\n", HTTP_NO_BODY },
	{ "HEAD, chunked", OK "Transfer-Encoding: chunked\r\n\r\n", KEEP | HEAD, OK "\r\n", HTTP_NO_BODY },
	{ "304 with a length", "HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\nETag: x\r\n\r\n", KEEP,
	    "HTTP/1.1 304 Not Modified\r\nETag: x\r\nContent-Length: 3\r\n\r\n", HTTP_NO_BODY },
	{ "204 without one", "HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\n", KEEP, "HTTP/1.1 204 No Content\r\n\r\n", HTTP_NO_BODY },
	{ "204 to HEAD", "HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\n", KEEP | HEAD, "HTTP/1.1 204 No Content\r\n\r\n", HTTP_NO_BODY },
	{ "103", "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", 0, "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", HTTP_NO_BODY },
	{ "no reason", "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", KEEP, "HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", HTTP_LENGTH },
	{ "hop by hop", OK "Connection: X-A\r\nX-A: 1\r\nKeep-Alive: timeout=5\r\nUpgrade: h2c\r\nProxy-Authenticate: x\r\nContent-Length: 0\r\n\r\n", KEEP,
	    OK "Content-Length: 0\r\n\r\n", HTTP_LENGTH },
	{ "fields of requests pass", OK "Set-Cookie: a\r\nSet-Cookie: b\r\nAuthorization: x\r\nContent-Length: 0\r\n\r\n", KEEP,
	    OK "Set-Cookie: a\r\nSet-Cookie: b\r\nAuthorization: x\r\nContent-Length: 0\r\n\r\n", HTTP_LENGTH },
	{ "101", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n", KEEP,
	    "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", HTTP_NO_BODY },
};

static void
check_response(const char *in, const struct http_reply *r, const char *want, enum http_framing want_framing)
{
	AUTO(buf) struct buf out = BUF_INIT(65536);
	enum http_framing framing = HTTP_NO_BODY;
	struct http_head h;
	const char *why = "";
	struct str s = str_of(in);

	if (http_parse_response(str_from(t_guard(s.p, s.n), s.n), r->is_head_request, &h, &why) < 0)
		T_FAIL("refused: %s", why);
	else
		http_put_forward_response(&h, r, &out, &framing);
	T_STR(out.p, want);
	T_EQ(framing, want_framing);
}

static void
test_responses(void)
{
	static const struct http_field set[] = {
		{ { "cache-control", 13 }, { "no-store", 8 } }, { { "Server", 6 }, { "", 0 } }, { { "X-New", 5 }, { "1", 1 } },
	};
	const struct http_reply r = { .keep_alive = true, .set = set, .n_set = ARRAY_LEN(set) };

	for (size_t i = 0; i < ARRAY_LEN(responses); i++) {
		int how = responses[i].how;
		struct http_reply one = { .to_http10 = how & OLD, .keep_alive = how & KEEP, .is_head_request = how & HEAD };

		t_row("response: %s", responses[i].name);
		check_response(responses[i].in, &one, responses[i].want, responses[i].framing);
	}
	t_row("response: fields set, taken out and added");
	check_response(OK "Cache-Control: a\r\nCACHE-CONTROL: b\r\nserver: s\r\nA: b\r\nContent-Length: 0\r\n\r\n", &r,
	    OK "A: b\r\ncache-control: no-store\r\nX-New: 1\r\nContent-Length: 0\r\n\r\n", HTTP_LENGTH);
}

static void
test_chunks(void)
{
	static const struct {
		size_t n;
		const char *want;
	} row[] = { { 1, "1\r\n" }, { 255, "ff\r\n" }, { 16384, "4000\r\n" } };

	t_row("heads of chunks");
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		AUTO(buf) struct buf out = BUF_INIT(32);

		http_put_chunk_head(&out, row[i].n);
		T_STR(out.p, row[i].want);
	}
}

/* --- websockets ------------------------------------------------------------------ */

#define SWITCH "HTTP/1.1 101 Switching Protocols\r\n"
#define UP "Connection: Upgrade\r\nUpgrade: websocket\r\n"
#define ACCEPT "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"

static const struct {
	const char *in;
	bool is_answer;
} answers[] = {
	{ SWITCH UP ACCEPT "\r\n", true },
	{ SWITCH "upgrade: WEBSOCKET\r\nconnection: x, upgrade\r\n" ACCEPT "\r\n", true },
	{ SWITCH UP "\r\n", false },
	{ SWITCH UP "Sec-WebSocket-Accept: S3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n", false },
	{ SWITCH UP "Sec-WebSocket-Accept:\r\n\r\n", false },
	{ SWITCH UP ACCEPT ACCEPT "\r\n", false },
	{ SWITCH "Connection: Upgrade\r\nUpgrade: h2c\r\n" ACCEPT "\r\n", false },
	{ SWITCH UP "Upgrade: websocket\r\n" ACCEPT "\r\n", false },
	{ OK UP ACCEPT "\r\n", false },
};

static void
test_websocket(void)
{
	struct http_request_head ws, other;
	struct http_head h;
	const char *why;
	int status;

	t_row("the key's answer, by RFC 6455 section 1.3");
	AUTO(buf) struct buf accept = BUF_INIT(WS_ACCEPT_BYTES);
	ws_put_accept(STR_LIT("dGhlIHNhbXBsZSBub25jZQ=="), &accept);
	T_STR(accept.p, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
	t_row("... of a key in one block");
	buf_reset(&accept);
	ws_put_accept(STR_LIT("x"), &accept);
	T_STR(accept.p, "JVxkmtKFjDcI/Pm/AGPEKSN6wT8=");

	T_OK(http_parse_request(STR_LIT(GET UP WS_REST "\r\n"), &ws, &status, &why) > 0);
	T_OK(http_parse_request(STR_LIT(GET WS_REST "\r\n"), &other, &status, &why) > 0);
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		t_row("websocket answer %zu", i);
		T_OK(http_parse_response(str_of(answers[i].in), false, &h, &why) > 0);
		T_EQ(http_is_websocket_answer(&h, &ws), answers[i].is_answer);
		T_OK(!http_is_websocket_answer(&h, &other));
	}
}

int
main(void)
{
	test_requests();
	test_settings();
	test_responses();
	test_chunks();
	test_websocket();
	return t_done();
}
