/* edge_gate_test.c - verdicts: rows, each also cut at every byte and flush against a guard page */
#include "applets/occ-tls/gate.h"

#include "lib/base/mem.h"
#include "tests/unit/edge_gate_kit.h"

#define U "b3BlbmNvZGU6czNjcmV0"		/* opencode:s3cret */
#define HOST "\nHost: x.example\n"
#define HTML "Accept: text/html,application/xhtml+xml,*/*;q=0.8\n"
#define BASIC "Authorization: Basic " U "\n"
#define IN "Cookie: @\n"			/* a session that holds */
#define OURS "Origin: https://x.example\n"
#define FOREIGN "Origin: https://evil.example\n"
#define CROSS "Sec-Fetch-Site: cross-site\n"
#define WS "Connection: upgrade\nUpgrade: websocket\n"
#define PREFLIGHT FOREIGN "Access-Control-Request-Method: POST\n"

/* Over TLS, to x.example. */
static const struct row {
	const char *in, *page, *basic;		/* the verdicts with edge.login page and basic; basic NULL: the same */
} rows[] = {
	/* nobody */
	{ "GET /" HOST HTML, "page 401", "challenge" },
	{ "HEAD /" HOST HTML, "page 401", "challenge" },
	{ "GET /" HOST "Sec-Fetch-Mode: navigate\n", "page 401", "challenge" },
	{ "GET /" HOST "Accept: application/json, TEXT/HTML ;q=0.1\n", "page 401", "challenge" },
	{ "GET /session" HOST "Accept: */*\n", "challenge", NULL },
	{ "GET /session" HOST, "challenge", NULL },
	{ "POST /session" HOST, "challenge", NULL },
	{ "GET /session" HOST "Sec-Fetch-Mode: cors\nAccept: text/html\n", "challenge silent", NULL },
	{ "GET /assets/a.js" HOST "Sec-Fetch-Mode: no-cors\n", "challenge silent", NULL },
	{ "GET /session" HOST "X-Requested-With: XMLHttpRequest\n", "challenge silent", NULL },
	{ "POST /session" HOST "Sec-Fetch-Mode: navigate\n" HTML, "challenge silent", NULL },
	{ "GET /pty/1/connect" HOST WS "Sec-Fetch-Mode: websocket\n", "challenge silent", NULL },
	{ "GET /pty/1/connect" HOST WS, "challenge", NULL },
	/* open to everybody */
	{ "GET /site.webmanifest" HOST, "pass", NULL },
	{ "HEAD /web-app-manifest-192x192.png" HOST, "pass", NULL },
	{ "GET /web-app-manifest-512x512.png?v=2" HOST, "pass", NULL },
	{ "POST /site.webmanifest" HOST, "challenge", NULL },
	{ "GET /site.webmanifest/" HOST, "challenge", NULL },
	{ "GET /x/../site.webmanifest" HOST, "challenge", NULL },
	{ "GET /site.webmanifest" HOST WS, "challenge", NULL },
	{ "OPTIONS /session" HOST PREFLIGHT, "pass", NULL },
	{ "OPTIONS /session" HOST, "challenge", NULL },
	{ "OPTIONS *" HOST, "challenge", NULL },
	/* closed to everybody */
	{ "POST /global/upgrade" HOST BASIC, "refused 403", NULL },
	{ "POST /global/upgrade?x=1" HOST IN OURS, "refused 403", NULL },
	{ "POST //global///upgrade/" HOST BASIC, "refused 403", NULL },
	{ "POST /global/%75pgrade" HOST BASIC, "refused 403", NULL },
	{ "POST /x/..%2Fglobal/./upgrade" HOST BASIC, "refused 403", NULL },
	{ "POST /a/b/../../global/upgrade" HOST BASIC, "refused 403", NULL },
	{ "POST /../global\\upgrade" HOST BASIC, "refused 403", NULL },
	{ "PUT /GLOBAL/Upgrade" HOST BASIC, "refused 403", NULL },
	{ "POST /global/%upgrade" HOST BASIC, "refused 403", NULL },
	{ "POST /global/upgraded" HOST BASIC, "ask opencode s3cret", NULL },
	{ "POST /global/upgrade/x" HOST BASIC, "ask opencode s3cret", NULL },
	{ "GET /global/upgrade" HOST BASIC, "ask opencode s3cret", NULL },
	/* HTTP Basic */
	{ "GET /" HOST HTML BASIC, "ask opencode s3cret", NULL },
	{ "POST /session" HOST BASIC, "ask opencode s3cret", NULL },
	{ "POST /session" HOST "Authorization:  basic   " U " \n", "ask opencode s3cret", NULL },
	{ "POST /session" HOST BASIC OURS, "ask opencode s3cret", NULL },
	{ "POST /session" HOST BASIC "Origin: tauri://localhost\nSec-Fetch-Site: cross-site\n", "ask opencode s3cret", NULL },
	{ "POST /session" HOST BASIC FOREIGN, "refused 403", NULL },
	{ "POST /session" HOST BASIC "Origin: null\n", "refused 403", NULL },
	{ "POST /session" HOST BASIC "Sec-Fetch-Site: cross-site\n", "refused 403", NULL },
	{ "GET /pty/1/connect" HOST WS BASIC FOREIGN, "refused 403", NULL },
	{ "GET /session" HOST BASIC FOREIGN, "ask opencode s3cret", NULL },
	{ "GET /" HOST "Authorization: Basic b3BlbmNvZGU6YTpi\n", "ask opencode a:b", NULL },
	{ "GET /" HOST "Authorization: Basic b3BlbmNvZGU6\n", "ask opencode ", NULL },
	{ "GET /" HOST "Authorization: Basic b3BlbmNvZGU\n", "challenge", NULL },
	{ "GET /" HOST "Authorization: Basic !\n", "challenge", NULL },
	{ "GET /" HOST "Authorization: Basic\n", "challenge", NULL },
	{ "GET /" HOST "Authorization: Basic YTpiAGM=\n", "challenge", NULL },
	{ "GET /" HOST "Authorization: Bearer " U "\n", "challenge", NULL },
	{ "GET /" HOST BASIC BASIC, "challenge", NULL },
	/* in the query, as opencode takes it */
	{ "GET /?auth_token=" U HOST, "ask opencode s3cret -> /", NULL },
	{ "GET /e?a=1&auth_token=" U "&b=%20" HOST, "ask opencode s3cret -> /e?a=1&b=%20", NULL },
	{ "GET /e?auth%5Ftoken=" U "&&c" HOST, "ask opencode s3cret -> /e?c", NULL },
	{ "GET /e?auth_token=YTo%2BPj4%3D" HOST, "ask a >>> -> /e", NULL },
	{ "GET /e?auth_token=YTo+Pj4=" HOST, "ask a >>> -> /e", NULL },
	{ "GET /e?auth_token=" HOST, "challenge -> /e", NULL },
	{ "GET /e?auth_token=junk" HOST HTML, "page 401 -> /e", "challenge -> /e" },
	{ "GET /e?auth_token=junk" HOST BASIC, "ask opencode s3cret -> /e", NULL },
	{ "POST /e?auth_token=" U HOST FOREIGN, "ask opencode s3cret -> /e", NULL },
	{ "GET /e?auth_token=" U HOST IN, "pass -> /e", NULL },
	{ "GET /e?xauth_token=" U HOST, "challenge", NULL },
	/* a session */
	{ "GET /" HOST IN, "pass", NULL },
	{ "GET /" HOST "Cookie: a=b; @;c=d\n", "pass", NULL },
	{ "GET /" HOST "Cookie: a=b\nCookie: @\n", "pass", NULL },
	{ "GET /session" HOST IN FOREIGN, "pass", NULL },
	{ "POST /session" HOST IN OURS, "pass", NULL },
	{ "POST /session" HOST IN "Origin: https://X.example:443\n", "pass", NULL },
	{ "POST /session" HOST IN "Sec-Fetch-Site: same-origin\nOrigin: null\n", "pass", NULL },
	{ "POST /session" HOST IN "Sec-Fetch-Site: none\n", "pass", NULL },
	{ "POST /session" HOST IN "Origin: https://app.example.org\nSec-Fetch-Site: cross-site\n", "pass", NULL },
	{ "POST /session" HOST IN "Origin: http://other.example:8080\n", "pass", NULL },
	{ "POST /session" HOST IN "Origin: http://other.example\n", "refused 403", NULL },
	{ "POST /session" HOST IN "Origin: http://x.example\n", "refused 403", NULL },
	{ "POST /session" HOST IN "Origin: https://x.example.evil\n", "refused 403", NULL },
	{ "POST /session" HOST IN "Origin: https://x.example:8443\n", "refused 403", NULL },
	{ "POST /session" HOST IN "Origin: https://\n", "refused 403", NULL },
	{ "POST /session" HOST IN "Origin: null\n", "refused 403", NULL },
	{ "POST /session" HOST IN OURS OURS, "refused 403", NULL },
	{ "POST /session" HOST IN "Sec-Fetch-Site: same-site\n", "refused 403", NULL },
	{ "POST /session" HOST IN, "refused 403", NULL },
	{ "DELETE /session/1" HOST IN FOREIGN, "refused 403", NULL },
	{ "POST /session" HOST IN BASIC, "ask opencode s3cret", NULL },
	{ "POST /session" HOST IN BASIC FOREIGN, "refused 403", NULL },
	{ "GET /pty/1/connect" HOST WS IN OURS, "pass", NULL },
	{ "GET /pty/1/connect" HOST WS IN FOREIGN, "refused 403", NULL },
	{ "GET /pty/1/connect" HOST WS IN, "refused 403", NULL },
	/* the edge's own pages */
	{ "GET /_occ/login" HOST, "page 200", "challenge" },
	{ "GET /_occ/login?next=/x" HOST IN, "page 200 in", NULL },
	{ "GET /_occ/logout" HOST IN, "page 200 in", NULL },
	{ "POST /_occ/login" HOST, "form", "refused 403" },
	{ "POST /_occ/login" HOST OURS, "form", "refused 403" },
	{ "POST /_occ/login" HOST FOREIGN, "refused 403", NULL },
	{ "POST /_occ/login" HOST "Origin: null\n", "refused 403", NULL },
	{ "PUT /_occ/login" HOST OURS, "refused 403", NULL },
	{ "POST /_occ/logout" HOST IN OURS, "logout", NULL },
	{ "POST /_occ/logout" HOST OURS, "logout", NULL },
	{ "POST /_occ/logout" HOST IN, "refused 403", NULL },
	{ "POST /_occ/logout" HOST IN FOREIGN, "refused 403", NULL },
	{ "GET /_occ/link?t=abc" HOST HTML, "link abc", NULL },
	{ "GET /_occ/link?t=abc" HOST IN, "link abc", NULL },
	{ "GET /_occ/link" HOST HTML, "page 401", "challenge" },
	{ "GET /_occ/link?t=" HOST, "challenge", NULL },
	{ "HEAD /_occ/link?t=abc" HOST, "refused 403", NULL },
	{ "GET /_occ/link?t=abc" HOST "Sec-Purpose: prefetch;prerender\n", "refused 403", NULL },
	{ "GET /_occ/link?t=abc" HOST "Purpose: prefetch\n", "refused 403", NULL },
	/* what a page asks for as often as it likes is counted against nobody */
	{ "GET /_occ/link?t=abc" HOST CROSS "Sec-Fetch-Mode: no-cors\nSec-Fetch-Dest: image\n", "refused 403", NULL },
	{ "GET /_occ/link?t=abc" HOST CROSS "Sec-Fetch-Mode: navigate\nSec-Fetch-Dest: iframe\n", "refused 403", NULL },
	{ "GET /_occ/link?t=abc" HOST CROSS "Sec-Fetch-Mode: navigate\nSec-Fetch-Dest: document\n" HTML, "link abc", NULL },
	{ "GET /?auth_token=" U HOST CROSS "Sec-Fetch-Mode: no-cors\nSec-Fetch-Dest: image\n", "refused 403 -> /", NULL },
	{ "GET /e?auth_token=" U HOST CROSS "Sec-Fetch-Mode: navigate\nSec-Fetch-Dest: document\n", "ask opencode s3cret -> /e", NULL },
	{ "GET /e?auth_token=" U HOST "Sec-Fetch-Site: same-origin\nSec-Fetch-Mode: cors\nSec-Fetch-Dest: empty\n", "ask opencode s3cret -> /e", NULL },
	{ "GET /_occ/" HOST IN, "refused 404", NULL },
	{ "GET /_occ/login/" HOST IN, "refused 404", NULL },
	{ "GET /_occ" HOST IN, "pass", NULL },
};

/* The row's text with a session's cookie in place of '@'. */
static void
fill(const char *in, const char *cookie, struct buf *out)
{
	struct str s = str_of(in);

	buf_reset(out);
	bool has = str_find_char(s, '@') != STR_NONE;
	buf_putstr(out, str_cut(&s, '@'));
	buf_puts(out, has ? cookie : "");
	buf_putstr(out, s);
}

/* From the text's first n bytes on to all of it. */
static void
check(const struct gate_config *c, struct str text, size_t n, const char *want)
{
	AUTO(buf) struct buf scratch = BUF_INIT(HTTP_REQUEST_HEAD_MAX), shown = BUF_INIT(16384);
	struct gate_result r = { .status = 0 };

	for (; n <= text.n; n++) {
		struct http_request_head h = request_kit(str_from(t_guard(text.p, n), n));
		const struct gate_request rq = { .head = &h, .is_secure = true, .now_epoch_s = NOW };
		gate_decide(c, &rq, &scratch, &r);
		T_OK(r.cookie.p != NULL);
		T_OK((r.verdict != GATE_REFUSED) == (r.why == NULL) || r.verdict == GATE_LOGIN_PAGE || r.verdict == GATE_CHALLENGE);
	}
	gate_show(&r, &shown);
	T_STR(shown.p, want);
}

static void
test_rows(void)
{
	struct gate_config basic = gate_page;
	AUTO(buf) struct buf cookie = BUF_INIT(256), text = BUF_INIT(4096);

	basic.is_page = false;
	gate_session(&gate_page, true, NOW, &cookie);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str rest = str_of(rows[i].in), first = str_cut(&rest, '\n');

		t_row("%zu " STR_FMT, i, STR_ARG(first));
		fill(rows[i].in, cookie.p, &text);
		check(&gate_page, buf_str(&text), 0, rows[i].page);
		check(&basic, buf_str(&text), text.n, rows[i].basic ? rows[i].basic : rows[i].page);
	}
}

/* What the keeper's answer makes of it, with a page; a wait is 1500 ms. */
static const struct {
	const char *in, *good, *wrong;
} told[] = {
	{ "GET /" HOST HTML BASIC, "pass", "page 401" },
	{ "GET /session" HOST BASIC, "pass", "challenge" },
	{ "GET /session" HOST "Sec-Fetch-Mode: cors\n" BASIC, "pass", "challenge silent" },
	{ "GET /e?x&auth_token=" U HOST HTML, "pass session -> /e?x", "page 401 -> /e?x" },
	{ "GET /e?x&auth_token=" U HOST, "pass -> /e?x", "challenge -> /e?x" },
	{ "POST /_occ/login" HOST OURS, "pass session", "page 401" },
	{ "GET /_occ/link?t=abc" HOST HTML, "pass session -> /", "page 401" },
	{ "GET /_occ/link?t=abc" HOST, "pass session -> /", "challenge" },
};

static void
test_told(void)
{
	AUTO(buf) struct buf scratch = BUF_INIT(HTTP_REQUEST_HEAD_MAX), shown = BUF_INIT(16384);

	for (size_t i = 0; i < ARRAY_LEN(told); i++) {
		struct http_request_head h = request_kit(str_of(told[i].in));
		const struct gate_request rq = { .head = &h, .is_secure = true, .now_epoch_s = NOW };
		struct gate_result r = { .status = 0 }, asked = { .status = 0 };
		struct str rest = str_of(told[i].in), first = str_cut(&rest, '\n');

		t_row("told about " STR_FMT, STR_ARG(first));
		gate_decide(&gate_page, &rq, &scratch, &asked);
		r = asked;
		gate_told(&gate_page, &rq, true, 0, &r);
		gate_show(&r, &shown);
		T_STR(shown.p, told[i].good);
		T_STR(r.password, "");
		T_STR(r.token, "");
		r = asked;
		gate_told(&gate_page, &rq, false, 0, &r);
		gate_show(&r, &shown);
		T_STR(shown.p, told[i].wrong);
		T_STR(r.password, "");
		T_OK(r.why != NULL);
		for (int is_good = 0; is_good < 2; is_good++) {
			r = asked;
			gate_told(&gate_page, &rq, is_good, 1500, &r);
			T_EQ(r.verdict, GATE_TOO_MANY);
			T_EQ(r.status, 429);
			T_EQ(r.retry_s, 2);
			T_OK(!r.gives_session);
		}
	}
}

static void
test_closed(void)
{
	struct http_request_head h = request_kit(str_of("POST /global/upgrade" HOST));
	const struct gate_request rq = { .head = &h, .is_secure = true, .now_epoch_s = NOW };
	AUTO(buf) struct buf scratch = BUF_INIT(HTTP_REQUEST_HEAD_MAX);
	struct gate_result r = { .status = 0 };

	t_row("the closed route says what to do instead");
	gate_decide(&gate_page, &rq, &scratch, &r);
	T_HAS(r.why, "`occ config set image.opencode`");
}

static const struct {
	const char *field;
	bool is_secret;
} referers[] = {
	{ "Referer: https://x.example/e?auth_token=abc\n", true }, { "Referer: https://x.example/?a&auth%5ftoken\n", true },
	{ "Referer: https://x.example/auth_token=abc\n", false }, { "X: auth_token\n", false },
};

static void
test_referers(void)
{
	AUTO(buf) struct buf scratch = BUF_INIT(HTTP_REQUEST_HEAD_MAX), text = BUF_INIT(1024);
	struct gate_result r = { .status = 0 };

	for (size_t i = 0; i < ARRAY_LEN(referers); i++) {
		t_row("a secret in the Referer, %zu", i);
		buf_reset(&text);
		buf_printf(&text, "GET /assets/a.js" HOST "%s", referers[i].field);
		struct http_request_head h = request_kit(buf_str(&text));
		const struct gate_request rq = { .head = &h, .is_secure = true, .now_epoch_s = NOW };
		gate_decide(&gate_page, &rq, &scratch, &r);
		T_EQ(r.is_referer_secret, referers[i].is_secret);
	}
}

int
main(void)
{
	test_rows();
	test_told();
	test_closed();
	test_referers();
	return t_done();
}
