/* page.c - the HTML that the edge shows by itself */
#include "applets/occ-tls/page.h"

#include <stdio.h>

#include "applets/occ-tls/gate.h"
#include "lib/tls/digest.h"

/* Input fields have 16 px: below that a phone zooms into them. */
static const char style[] =
	":root{color-scheme:light dark;--back:#f5f4f1;--card:#fff;--text:#1d1c1a;\n"
	"--soft:#6a6761;--line:#d9d6cf;--deed:#1d1c1a;--on:#fff;--bad:#a5261b}\n"
	"@media(prefers-color-scheme:dark){:root{--back:#141312;--card:#1f1e1c;\n"
	"--text:#ecebe8;--soft:#a09c94;--line:#3b3935;--deed:#ecebe8;--on:#1d1c1a;\n"
	"--bad:#ff9b8e}}\n"
	"*{box-sizing:border-box}\n"
	"body{margin:0;min-height:100vh;min-height:100dvh;display:grid;\n"
	"place-items:center;padding:1rem;background:var(--back);color:var(--text);\n"
	"font:16px/1.5 system-ui,-apple-system,\"Segoe UI\",sans-serif}\n"
	"main{width:100%;max-width:23rem;padding:2rem 1.75rem;background:var(--card);\n"
	"border:1px solid var(--line);border-radius:14px;overflow-wrap:anywhere}\n"
	"h1{margin:0;font-size:1.4rem;line-height:1.25;font-weight:600}\n"
	"h1::first-letter,.why::first-letter,.text::first-letter{\n"
	"text-transform:uppercase}\n"
	"p{margin:.4rem 0 0}\n"
	"a{color:inherit}\n"
	".soft{color:var(--soft);font-size:.9rem}\n"
	".why{margin-top:1rem;padding-left:.75rem;border-left:3px solid var(--bad);\n"
	"color:var(--bad)}\n"
	"form{margin:1.25rem 0 0}\n"
	"label{display:block;margin:.9rem 0 .25rem;font-size:.9rem}\n"
	"input,button,.button{display:block;width:100%;padding:.65rem .8rem;\n"
	"font:inherit;border:1px solid var(--line);border-radius:9px}\n"
	"input{background:var(--back);color:var(--text)}\n"
	"button,.button{margin-top:1.25rem;background:var(--deed);color:var(--on);\n"
	"border-color:var(--deed);font-weight:600;text-align:center;cursor:pointer;\n"
	"text-decoration:none}\n"
	"button:hover,.button:hover{opacity:.88}\n"
	"button.quiet{background:none;color:var(--text);border-color:var(--line);\n"
	"margin-top:0}\n"
	":focus-visible{outline:2px solid var(--text);outline-offset:2px}\n"
	".foot{margin-top:1.25rem}\n"
	"code{font:.95em ui-monospace,Menlo,Consolas,monospace}\n"
	".busy{width:1.6rem;height:1.6rem;margin-bottom:1rem;border-radius:50%;\n"
	"border:3px solid var(--line);border-top-color:var(--text)}\n"
	"@media(prefers-reduced-motion:no-preference){\n"
	".busy{animation:turn 1s linear infinite}}\n"
	"@keyframes turn{to{transform:rotate(1turn)}}\n";

/* For text and for attributes in double quotes (HTML, sections 13.1.2.3 and 13.1.4). Control bytes have no place in either. */
static void
put_text(struct str s, struct buf *out)
{
	static const char *const escapes[256] = {
		['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;", ['\''] = "&#39;",
		[0 ... 0x1f] = " ", [0x7f] = " ",
	};

	for (size_t i = 0; i < s.n; i++) {
		const char *escape = escapes[(unsigned char)s.p[i]];

		if (escape)
			buf_puts(out, escape);
		else
			buf_putc(out, s.p[i]);
	}
}

/* Text for people: bytes that are not UTF-8 end it. */
static void
put_cstr(const char *text, struct buf *out)
{
	struct str s = str_of(text);

	put_text(str_take(s, str_utf8_valid(s)), out);
}

static void
put_begin(const char *title, const char *meta, struct buf *out)
{
	buf_puts(out, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>");
	put_cstr(title, out);
	buf_printf(out, "</title>\n%s<style>", meta);
	buf_puts(out, style);
	buf_puts(out, "</style>\n</head>\n<body>\n<main>\n");
}

static void
put_end(struct buf *out)
{
	buf_puts(out, "</main>\n</body>\n</html>\n");
}

/* "opencode", and which one it is. */
static void
put_name(const char *instance, struct str host, struct buf *out)
{
	bool is_named = instance[0] && !str_is(str_of(instance), "default");

	buf_puts(out, "<h1>opencode</h1>\n");
	if (!is_named && host.n == 0)
		return;
	buf_puts(out, "<p class=\"soft\">");
	if (is_named)
		put_cstr(instance, out);
	buf_puts(out, is_named && host.n > 0 ? " on " : "");
	put_text(str_take(host, str_utf8_valid(host)), out);
	buf_puts(out, "</p>\n");
}

static void
put_why(const char *why, struct buf *out)
{
	if (!why)
		return;
	buf_puts(out, "<p class=\"why\" role=\"alert\">");
	put_cstr(why, out);
	buf_puts(out, "</p>\n");
}

static void
put_form(const struct page_login *p, struct buf *out)
{
	bool has_user = p->user[0];

	buf_puts(out, "<form method=\"post\" action=\"" GATE_LOGIN_PATH "\">\n<input type=\"hidden\" name=\"next\" value=\"");
	put_text(p->next.n > 0 ? p->next : STR_LIT("/"), out);
	buf_puts(out, "\">\n<label for=\"user\">User</label>\n"
	    "<input id=\"user\" name=\"user\" autocomplete=\"username\"\n"
	    " autocapitalize=\"none\" autocorrect=\"off\" spellcheck=\"false\" required\n value=\"");
	put_cstr(p->user, out);
	buf_printf(out, "\"%s>\n<label for=\"password\">Password</label>\n"
	    "<input id=\"password\" name=\"password\" type=\"password\"\n"
	    " autocomplete=\"current-password\" required%s>\n"
	    "<button>Log in</button>\n</form>\n", has_user ? "" : " autofocus", has_user ? " autofocus" : "");
	if (p->is_plain)
		buf_puts(out, "<p class=\"why\">This connection is not encrypted: who is on the way can\n read the password.</p>\n");
	buf_puts(out, "<p class=\"soft foot\">On the server, <code>occ password show</code> tells user\n and password.</p>\n");
}

static void
put_way_out(struct buf *out)
{
	buf_puts(out, "<p>You are logged in.</p>\n<a class=\"button\" href=\"/\">Go to opencode</a>\n"
	    "<form method=\"post\" action=\"" GATE_LOGOUT_PATH "\">\n<button class=\"quiet\">Log out</button>\n</form>\n");
}

void
page_put_login(const struct page_login *p, struct buf *out)
{
	put_begin(p->has_session ? "opencode" : "Log in - opencode", "", out);
	put_name(p->instance, p->host, out);
	put_why(p->why, out);
	if (p->has_session)
		put_way_out(out);
	else
		put_form(p, out);
	put_end(out);
}

void
page_put_restarting(const char *instance, unsigned retry_s, struct buf *out)
{
	char meta[64];

	snprintf(meta, sizeof meta, "<meta http-equiv=\"refresh\" content=\"%u\">\n", retry_s);
	put_begin("Restarting - opencode", meta, out);
	buf_puts(out, "<div class=\"busy\"></div>\n");
	put_name(instance, STR_NULL, out);
	buf_puts(out, "<p role=\"status\">The service is restarting. This page loads again by\n itself as soon as it can.</p>\n"
	    "<p class=\"soft\">Sessions and files are kept.</p>\n");
	put_end(out);
}

void
page_put_error(const char *title, const char *text, struct buf *out)
{
	put_begin(title, "", out);
	buf_puts(out, "<h1>");
	put_cstr(title, out);
	buf_puts(out, "</h1>\n<p class=\"text\">");
	put_cstr(text, out);
	buf_puts(out, "</p>\n<p class=\"soft foot\"><a href=\"/\">Go to opencode</a></p>\n");
	put_end(out);
}

/* Referrer-Policy is same-origin: with no-referrer a browser sends the login form with "Origin: null" (Fetch, "append a request Origin header"), which is a foreign page's
 * mark, and without TLS there is no Sec-Fetch-Site to tell otherwise. Other sites learn as little from it. */
void
page_put_fields(struct buf *out)
{
	unsigned char digest[DIGEST_SHA256_BYTES];

	digest_sha256(str_of(style), digest);
	buf_puts(out, "Content-Type: text/html; charset=utf-8\r\n"
	    "Content-Security-Policy: default-src 'none'; style-src 'sha256-");
	buf_putb64(out, str_from(digest, sizeof digest), false);
	buf_puts(out, "'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'\r\n"
	    "X-Frame-Options: DENY\r\n"
	    "X-Content-Type-Options: nosniff\r\n"
	    "X-Robots-Tag: noindex\r\n"
	    "Referrer-Policy: same-origin\r\n"
	    "Cache-Control: no-store\r\n");
}
