/* edge_session_test.c - the session cookie and the login form: rows, each also cut at every byte and flush against a guard page */
#include "applets/occ-tls/gate.h"

#include "lib/base/mem.h"
#include "tests/unit/edge_gate_kit.h"

static bool
is_in(const struct gate_config *c, bool is_secure, int64_t now, const char *cookie, const char *want_rest)
{
	AUTO(buf) struct buf scratch = BUF_INIT(HTTP_REQUEST_HEAD_MAX), text = BUF_INIT(16384);
	struct gate_result r;

	buf_printf(&text, "GET /\nHost: x\n%s%s\n", strncmp(cookie, "Cookie:", 7) == 0 ? "" : "Cookie: ", cookie);
	struct http_request_head h = request_kit(str_from(t_guard(text.p, text.n), text.n));
	const struct gate_request rq = { .head = &h, .is_secure = is_secure, .now_epoch_s = now };
	gate_decide(c, &rq, &scratch, &r);
	if (want_rest)
		T_VIEW(r.cookie, want_rest);
	return r.verdict == GATE_PASS;
}

static void
test_attributes(void)
{
	AUTO(buf) struct buf secure = BUF_INIT(1024), plain = BUF_INIT(1024), again = BUF_INIT(1024);

	t_row("attributes");
	gate_put_cookie(&gate_page, true, NOW, &secure);
	gate_put_cookie(&gate_page, false, NOW, &plain);
	gate_put_cookie(&gate_page, true, NOW, &again);
	T_HAS(secure.p, "__Host-occ_session=1.1702592000.3.");
	T_HAS(secure.p, "; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure");
	T_OK(str_has_prefix(buf_str(&plain), "occ_session=1."));
	T_OK(str_has_suffix(buf_str(&plain), "; SameSite=Lax"));
	T_OK(strcmp(secure.p, again.p) != 0);
	buf_reset(&plain);
	gate_put_no_cookie(true, &plain);
	T_STR(plain.p, "__Host-occ_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure");
}

static void
test_life(void)
{
	struct gate_config other = gate_page;
	AUTO(buf) struct buf secure = BUF_INIT(1024), plain = BUF_INIT(1024);

	gate_session(&gate_page, true, NOW, &secure);
	gate_session(&gate_page, false, NOW, &plain);
	t_row("a session holds until its end");
	T_OK(is_in(&gate_page, true, NOW, secure.p, ""));
	T_OK(is_in(&gate_page, true, NOW + GATE_SESSION_S - 1, secure.p, ""));
	T_OK(!is_in(&gate_page, true, NOW + GATE_SESSION_S, secure.p, ""));
	T_OK(is_in(&gate_page, false, NOW, plain.p, ""));
	t_row("one without TLS is none with it, and under no other name");
	T_OK(!is_in(&gate_page, true, NOW, plain.p, ""));
	T_OK(!is_in(&gate_page, false, NOW, secure.p, ""));
	AUTO(buf) struct buf renamed = BUF_INIT(1024);
	buf_printf(&renamed, "__Host-%s", plain.p);
	T_OK(!is_in(&gate_page, true, NOW, renamed.p, ""));
	t_row("a new password or another key ends it");
	other.generation++;
	T_OK(!is_in(&other, true, NOW, secure.p, ""));
	other = gate_page;
	other.key[31] ^= 1;
	T_OK(!is_in(&other, true, NOW, secure.p, ""));
}

static void
test_forged(void)
{
	AUTO(buf) struct buf good = BUF_INIT(1024), bad = BUF_INIT(1024);

	gate_session(&gate_page, true, NOW, &good);
	t_row("cut anywhere, or with any byte changed");
	for (size_t i = 0; i < good.n; i++) {
		buf_reset(&bad);
		buf_putstr(&bad, str_take(buf_str(&good), i));
		T_OK(!is_in(&gate_page, true, NOW, bad.p, NULL));
		buf_reset(&bad);
		buf_putstr(&bad, buf_str(&good));
		bad.p[i] = bad.p[i] == 'A' ? 'B' : 'A';
		T_OK(!is_in(&gate_page, true, NOW, bad.p, NULL));
	}
	t_row("longer than any");
	buf_reset(&bad);
	buf_putstr(&bad, buf_str(&good));
	buf_putc(&bad, 'A');
	T_OK(!is_in(&gate_page, true, NOW, bad.p, NULL));
	t_row("among others of its name, of which a few are looked at");
	buf_reset(&bad);
	buf_printf(&bad, "__Host-occ_session=x; %s", good.p);
	T_OK(is_in(&gate_page, true, NOW, bad.p, ""));
	buf_reset(&bad);
	for (int i = 0; i < 4; i++)
		buf_puts(&bad, "__Host-occ_session=x; ");
	buf_putstr(&bad, buf_str(&good));
	T_OK(!is_in(&gate_page, true, NOW, bad.p, ""));
}

static const struct {
	const char *in, *rest;
} cookies[] = {
	{ "a=b", "a=b" }, { "a=b; occ_session=x; c=d", "a=b; c=d" }, { "occ_session=x", "" }, { "__Host-occ_session=x;c", "c" }, { "", "" }, { ";;  ; ", "" },
	{ "a=b;c=d", "a=b; c=d" }, { "a=occ_session=x", "a=occ_session=x" }, { "xocc_session=y", "xocc_session=y" }, { "OCC_SESSION=y", "OCC_SESSION=y" },
	{ "occ_session", "" }, { " occ_session = x ; a = b ", "a = b" }, { "a=b\nCookie: c=d; occ_session=y\nCookie: e=f", "a=b; c=d; e=f" },
};

static void
test_cookies(void)
{
	for (size_t i = 0; i < ARRAY_LEN(cookies); i++) {
		t_row("what is left of \"%zu\"", i);
		T_OK(!is_in(&gate_page, true, NOW, cookies[i].in, cookies[i].rest));
	}
}

static const struct {
	const char *in;
	bool is_good;
	const char *user, *password, *next;
} forms[] = {
	{ "user=a&password=b&next=%2Fx%3Fy%3D1", true, "a", "b", "/x?y=1" },
	{ "next=/&password=b+c%2b%C3%A4&user=opencode", true, "opencode", "b c+\xc3\xa4", "/" },
	{ "user=a&password=b", true, "a", "b", "/" },
	{ "user=&password=", true, "", "", "/" },
	{ "user=a&password=b&other=%zz", true, "a", "b", "/" },
	{ "us%65r=a&password=b", true, "a", "b", "/" },
	{ "", false, "", "", "/" },
	{ "user=a", false, "", "", "/" },
	{ "password=b&next=/x", false, "", "", "/x" },
	{ "user=a&password=b&password=c", false, "", "", "/" },
	{ "user=a&user=a&password=b", false, "", "", "/" },
	{ "user=a&password=%", false, "", "", "/" },
	{ "user=a&password=%0", false, "", "", "/" },
	{ "user=a&password=%0g", false, "", "", "/" },
	{ "user=a&password=b%00c", false, "", "", "/" },
	{ "{\"user\":\"a\"}", false, "", "", "/" },
	/* where to go */
	{ "user=a&password=b&next=//evil.example", true, "a", "b", "/" },
	{ "user=a&password=b&next=/%5Cevil.example", true, "a", "b", "/" },
	{ "user=a&password=b&next=https://evil.example/", true, "a", "b", "/" },
	{ "user=a&password=b&next=/x%0d%0aSet-Cookie:y", true, "a", "b", "/" },
	{ "user=a&password=b&next=/%09/evil.example", true, "a", "b", "/" },
	{ "user=a&password=b&next=/%C3%A4", true, "a", "b", "/" },
	{ "user=a&password=b&next=/_occ/logout", true, "a", "b", "/" },
	{ "user=a&password=b&next=/_occ", true, "a", "b", "/_occ" },
	{ "user=a&password=b&next=/x&next=/y", true, "a", "b", "/" },
	{ "user=a&password=b&next=/0123456789012345678901234567890123456789", true, "a", "b", "/" },
};

static void
test_forms(void)
{
	static struct gate_result r;
	char next[32];

	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		struct str in = str_of(forms[i].in);

		t_row("form \"%s\"", forms[i].in);
		for (size_t n = 0; n < in.n; n++) {
			gate_form(str_from(t_guard(in.p, n), n), &r, next, sizeof next);
			T_EQ(next[0], '/');
		}
		T_EQ(gate_form(str_from(t_guard(in.p, in.n), in.n), &r, next, sizeof next), forms[i].is_good);
		T_STR(r.user, forms[i].user);
		T_STR(r.password, forms[i].password);
		T_STR(next, forms[i].next);
	}
}

static void
test_long_forms(void)
{
	static const struct {
		size_t n_user, n_password;
		bool is_good;
	} lengths[] = {
		{ GATE_USER_BYTES - 1, GATE_PASSWORD_BYTES - 1, true }, { GATE_USER_BYTES, 1, false }, { 1, GATE_PASSWORD_BYTES, false }, { 1, GATE_FORM_MAX, false },
	};
	static struct gate_result r;
	char next[32];

	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		AUTO(buf) struct buf body = BUF_INIT(16384);

		t_row("user of %zu bytes, password of %zu", lengths[i].n_user, lengths[i].n_password);
		buf_puts(&body, "user=");
		for (size_t k = 0; k < lengths[i].n_user; k++)
			buf_putc(&body, 'u');
		buf_puts(&body, "&password=");
		for (size_t k = 0; k < lengths[i].n_password; k++)
			buf_putc(&body, 'p');
		T_EQ(gate_form(buf_str(&body), &r, next, sizeof next), lengths[i].is_good);
		T_EQ(strlen(r.password), lengths[i].is_good ? lengths[i].n_password : 0);
	}
}

int
main(void)
{
	test_attributes();
	test_life();
	test_forged();
	test_cookies();
	test_forms();
	test_long_forms();
	return t_done();
}
