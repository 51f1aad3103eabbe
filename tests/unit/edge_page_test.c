/* edge_page_test.c - the pages: what is in them, that nothing breaks out of them, and that their style is the one their policy names */
#include "applets/occ-tls/page.h"

#include "lib/base/mem.h"
#include "lib/tls/digest.h"
#include "tests/t.h"

#define EVIL "\"><script>alert('&')</script>\n\x01"
#define EVIL_ESCAPED "&quot;&gt;&lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;  "

static bool
has(const struct buf *b, const char *part)
{
	return str_find(buf_str(b), str_of(part)) != STR_NONE;
}

static void
test_login(void)
{
	static const char *const parts[] = {
		"<form method=\"post\" action=\"/_occ/login\">", "name=\"next\" value=\"/\"", "name=\"user\" autocomplete=\"username\"", "name=\"password\" type=\"password\"",
		"autocomplete=\"current-password\"", "name=\"viewport\"", "<html lang=\"en\">", "occ password show",
	};
	static const char *const never[] = { "<script", "http://", "https://", "url(", "@import", "style=", "onload", "not encrypted", "role=\"alert\"" };
	const struct page_login p = { .instance = "default", .user = "" };
	AUTO(buf) struct buf out = BUF_INIT(PAGE_MAX);

	t_row("the login page");
	page_put_login(&p, &out);
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		T_HAS(out.p, parts[i]);
	for (size_t i = 0; i < ARRAY_LEN(never); i++)
		T_OK(!has(&out, never[i]));
	t_row("no line of it is wider than 80 columns");
	for (struct str rest = buf_str(&out), line; str_line(&rest, &line);)
		T_OK(line.n <= 80);
}

static void
test_texts(void)
{
	const struct page_login p = {
		.instance = EVIL, .host = STR_LIT(EVIL), .user = EVIL, .next = STR_LIT("/x?" EVIL), .why = EVIL, .is_plain = true,
	};
	AUTO(buf) struct buf out = BUF_INIT(PAGE_MAX);

	t_row("texts are escaped");
	page_put_login(&p, &out);
	T_OK(!has(&out, "<script"));
	T_HAS(out.p, "value=\"/x?" EVIL_ESCAPED "\"");
	T_HAS(out.p, "role=\"alert\">" EVIL_ESCAPED "</p>");
	T_HAS(out.p, "not encrypted");
	t_row("bytes that are not UTF-8 end a text");
	buf_reset(&out);
	page_put_error("gr\xc3\xb6\xc3\x9f" "e", "a\xff<b>", &out);
	T_HAS(out.p, "<h1>gr\xc3\xb6\xc3\x9f" "e</h1>");
	T_HAS(out.p, "<p class=\"text\">a</p>");
	t_row("the longest next fits");
	static char next[8192];
	memset(next, '"', sizeof next);
	const struct page_login longest = { .instance = "x", .user = "", .next = { next, sizeof next } };
	buf_reset(&out);
	page_put_login(&longest, &out);
	T_EQ(out.fault, BUF_OK);
}

static void
test_others(void)
{
	const struct page_login in = { .instance = "team", .host = STR_LIT("x.example"), .user = "", .has_session = true };
	AUTO(buf) struct buf out = BUF_INIT(PAGE_MAX);

	t_row("who is in gets a way on and a way out");
	page_put_login(&in, &out);
	T_HAS(out.p, "team on x.example");
	T_HAS(out.p, "action=\"/_occ/logout\"");
	T_HAS(out.p, "href=\"/\"");
	T_OK(!has(&out, "type=\"password\""));
	t_row("the restarting page loads itself again");
	buf_reset(&out);
	page_put_restarting("default", 3, &out);
	T_HAS(out.p, "<meta http-equiv=\"refresh\" content=\"3\">");
}

static void
test_fields(void)
{
	static const char *const lines[] = {
		"Content-Type: text/html; charset=utf-8\r\n", "X-Frame-Options: DENY\r\n", "X-Content-Type-Options: nosniff\r\n", "Referrer-Policy: same-origin\r\n",
		"Cache-Control: no-store\r\n", "default-src 'none';", "form-action 'self';", "base-uri 'none';", "frame-ancestors 'none'\r\n",
	};
	AUTO(buf) struct buf fields = BUF_INIT(4096), page = BUF_INIT(PAGE_MAX), want = BUF_INIT(256);
	unsigned char digest[DIGEST_SHA256_BYTES];

	t_row("fields");
	page_put_fields(&fields);
	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		T_HAS(fields.p, lines[i]);
	T_OK(!has(&fields, "unsafe"));
	t_row("the style's digest");
	page_put_restarting("", 1, &page);
	size_t from = str_find(buf_str(&page), STR_LIT("<style>")), to = str_find(buf_str(&page), STR_LIT("</style>"));
	T_OK(from != STR_NONE && to != STR_NONE && from < to);
	digest_sha256(str_skip(str_take(buf_str(&page), to), from + strlen("<style>")), digest);
	buf_puts(&want, "style-src 'sha256-");
	buf_putb64(&want, str_from(digest, sizeof digest), false);
	buf_puts(&want, "';");
	T_HAS(fields.p, want.p);
}

int
main(void)
{
	test_login();
	test_texts();
	test_others();
	test_fields();
	return t_done();
}
