/*
 * gate_fuzz.c - no head gets past the gate without a session that the gate has signed, and no secret goes on to the back end
 *
 * The first byte says whether there is TLS, which kind of login, and whether a preview is meant; then a head as tests/request_kit.h reads it.
 */
#include "applets/occ-tls/gate.h"
#include "applets/occ-tls/query.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tests/request_kit.h"

#define CHECK(cond) \
	do { \
		if (!(cond)) \
			abort(); \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const char *const secrets[] = { "auth_token", NULL };
static const char *const open_paths[] = { "/site.webmanifest", "/web-app-manifest-192x192.png", "/web-app-manifest-512x512.png" };

/* Without a session, which nobody can forge, this alone is let through. */
static bool
may_pass(const struct http_request_head *h)
{
	if (str_is(h->method, "OPTIONS"))
		return true;
	for (size_t i = 0; i < sizeof open_paths / sizeof open_paths[0]; i++)
		if (str_is(h->path, open_paths[i]))
			return str_is(h->method, "GET") || str_is(h->method, "HEAD");
	return false;
}

static bool
has_nul(const char *text, size_t n)
{
	return memchr(text, '\0', n) != NULL;
}

static void
check_result(const struct http_request_head *h, bool is_preview, const struct gate_result *r)
{
	CHECK(r->verdict != GATE_PASS || (may_pass(h) && !is_preview));
	CHECK(r->verdict != GATE_REFUSED || (r->why && r->status >= 400 && !r->password[0]));
	CHECK(r->verdict != GATE_TOO_MANY && !r->gives_session && !r->has_session && r->cookie.p);
	CHECK(has_nul(r->user, sizeof r->user) && has_nul(r->password, sizeof r->password) && has_nul(r->token, sizeof r->token));
	CHECK(has_nul(r->target, sizeof r->target));
	CHECK(!query_has(r->target[0] ? str_of(r->target) : h->target, secrets));
	CHECK(str_find(r->cookie, STR_LIT("; occ_session=")) == STR_NONE && !str_has_prefix(r->cookie, "occ_session="));
	CHECK(str_find(r->cookie, STR_LIT("; __Host-occ_session=")) == STR_NONE && !str_has_prefix(r->cookie, "__Host-occ_session="));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const origins[] = { "https://app.example.org", NULL };
	AUTO(buf) struct buf scratch = BUF_INIT(HTTP_REQUEST_HEAD_MAX);
	static struct gate_result r;

	if (n < 1 || n > HTTP_TARGET_MAX)
		return 0;
	const struct gate_config c = { .is_page = data[0] & 1, .key = "whatever", .origins = data[0] & 4 ? origins : NULL };
	struct http_request_head h = request_kit(str_from(data + 1, n - 1));
	const struct gate_request rq = { .head = &h, .is_secure = data[0] & 2, .is_preview = data[0] & 32, .now_epoch_s = 1700000000 };
	/* a NUL never gets through the parser of heads, and a target begins with its path or is "*" (request_target.c) */
	if (has_nul((const char *)data + 1, n - 1) || (!str_has_prefix(h.target, "/") && !str_is(h.target, "*")))
		return 0;
	gate_decide(&c, &rq, &scratch, &r);
	check_result(&h, rq.is_preview, &r);
	if (r.verdict == GATE_ASK || r.verdict == GATE_FORM || r.verdict == GATE_LINK) {
		gate_told(&c, &rq, data[0] & 8, data[0] & 16 ? 1 : 0, &r);
		CHECK(!r.password[0] && !r.token[0]);
		CHECK((r.verdict == GATE_PASS) == ((data[0] & 24) == 8));
	}
	return 0;
}
