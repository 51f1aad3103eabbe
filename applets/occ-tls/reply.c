/* reply.c - status line, fields, a few bytes of text */
#include "applets/occ-tls/reply.h"

#include <stdio.h>
#include <time.h>

#include "applets/occ-tls/conn.h"
#include "applets/occ-tls/page.h"
#include "lib/base/mem.h"

#define TEXT_FIELDS "Content-Type: text/plain; charset=utf-8\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
#define HSTS "max-age=31536000"
#define RETRY_S 2
#define HTTPS_PORT 443

static const struct {
	int status;
	const char *reason;
} reasons[] = {
	{ 200, "OK" }, { 303, "See Other" }, { 308, "Permanent Redirect" }, { 400, "Bad Request" }, { 401, "Unauthorized" }, { 403, "Forbidden" },
	{ 404, "Not Found" }, { 405, "Method Not Allowed" }, { 408, "Request Timeout" }, { 413, "Content Too Large" }, { 414, "URI Too Long" },
	{ 415, "Unsupported Media Type" }, { 417, "Expectation Failed" }, { 429, "Too Many Requests" }, { 431, "Request Header Fields Too Large" },
	{ 501, "Not Implemented" }, { 502, "Bad Gateway" }, { 503, "Service Unavailable" }, { 505, "HTTP Version Not Supported" },
};

static const char *
reason_of(int status)
{
	for (size_t i = 0; i < ARRAY_LEN(reasons); i++) {
		if (reasons[i].status == status)
			return reasons[i].reason;
	}
	return "";
}

/* RFC 9110 section 5.6.7; the C locale's names are the ones it wants. */
static void
put_date(struct buf *out)
{
	time_t now = (time_t)clock_epoch_s();
	struct tm tm;
	char text[64];

	if (gmtime_r(&now, &tm) && strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &tm) > 0)
		buf_printf(out, "Date: %s\r\n", text);
}

static bool
has_hsts(const struct conn *c)
{
	return c->kind == LISTENER_TLS && c->edge->settings.has_hsts && !c->x.is_quiet;
}

static void
put_connection(const struct conn *c, struct buf *out)
{
	if (!c->keeps)
		buf_puts(out, "Connection: close\r\n");
	else if (c->x.is_http10)
		buf_puts(out, "Connection: keep-alive\r\n");
}

void
reply_send(struct conn *c, int status, struct str fields, struct str body)
{
	struct edge *e = c->edge;
	struct buf *out = &e->tx;

	c->keeps = c->keeps && c->x.up.is_done && !e->is_ending;
	c->x.status = status;
	c->x.answered_us = access_now_us();
	c->x.down.n_bytes = body.n;
	buf_reset(out);
	buf_printf(out, "HTTP/1.1 %d %s\r\n", status, reason_of(status));
	put_date(out);
	buf_putstr(out, fields);
	buf_printf(out, "Content-Length: %zu\r\n", body.n);
	if (has_hsts(c))
		buf_puts(out, "Strict-Transport-Security: " HSTS "\r\n");
	put_connection(c, out);
	buf_puts(out, "\r\n");
	if (!c->x.is_head_request)
		buf_putstr(out, body);
	buf_wipe(&c->head);
	conn_send(c, buf_str(out));
	access_done(c, status, true);
	conn_answered(c);
}

void
reply_text(struct conn *c, int status, const char *text)
{
	struct buf *body = &c->edge->page;

	buf_reset(body);
	buf_printf(body, "%s\n", text);
	reply_send(c, status, STR_LIT(TEXT_FIELDS), buf_str(body));
}

/* Fields of a page, behind what stands in edge->fields already; and the page. */
static void
send_page(struct conn *c, int status)
{
	page_put_fields(&c->edge->fields);
	reply_send(c, status, buf_str(&c->edge->fields), buf_str(&c->edge->page));
}

void
reply_error(struct conn *c, int status, const char *why)
{
	struct edge *e = c->edge;

	if (!c->x.is_navigation) {
		reply_text(c, status, why);
		return;
	}
	buf_reset(&e->fields);
	buf_reset(&e->page);
	page_put_error(reason_of(status), why, &e->page);
	send_page(c, status);
}

void
reply_unavailable(struct conn *c)
{
	struct edge *e = c->edge;

	e->facts.n_failed++;
	buf_reset(&e->fields);
	buf_reset(&e->page);
	buf_printf(&e->fields, "Retry-After: %d\r\n", RETRY_S);
	if (c->x.is_navigation) {
		page_put_restarting(e->settings.instance, RETRY_S, &e->page);
		send_page(c, 503);
		return;
	}
	buf_puts(&e->fields, TEXT_FIELDS);
	buf_puts(&e->page, "opencode is restarting, or not running; try again\n");
	reply_send(c, 503, buf_str(&e->fields), buf_str(&e->page));
}

/* ---- to https ---- */

/* Names match as a certificate's do: a leading "*." stands for one label (RFC 6125 section 6.4.3). */
static bool
is_name(const char *pattern, struct str host)
{
	struct str p = str_of(pattern);

	if (str_has_prefix(p, "*.")) {
		p = str_skip(p, 1);
		size_t dot = str_find_char(host, '.');
		host = dot == STR_NONE || dot == 0 ? STR_NULL : str_skip(host, dot);
	}
	return p.n > 0 && str_ieq(p, host);
}

/* A host that the client made up is not sent on to others: it may be in somebody's cache. */
static struct str
host_to_go(const struct conn *c)
{
	const struct edge_settings *s = &c->edge->settings;
	struct str host = c->edge->request.host_name;

	if (str_ieq(host, str_of(s->public_host)))
		return host;
	for (size_t i = 0; i < WIRE_LIST_MAX && s->names[i][0]; i++) {
		if (is_name(s->names[i], host) || is_name(s->names[i], str_trim_char(str_trim_char(host, '['), ']')))
			return host;
	}
	if (s->public_host[0])
		return str_of(s->public_host);
	return s->names[0][0] && !str_has_prefix(str_of(s->names[0]), "*") ? str_of(s->names[0]) : host;
}

static void
put_https(const struct conn *c, struct buf *out)
{
	const struct edge_settings *s = &c->edge->settings;
	struct str host = host_to_go(c);
	bool is_bare_ipv6 = host.n > 0 && host.p[0] != '[' && str_find_char(host, ':') != STR_NONE;

	buf_printf(out, is_bare_ipv6 ? "https://[" STR_FMT "]" : "https://" STR_FMT, STR_ARG(host));
	if (s->https_port && s->https_port != HTTPS_PORT)
		buf_printf(out, ":%u", (unsigned)s->https_port);
	buf_putstr(out, str_is(c->edge->request.target, "*") ? STR_LIT("/") : c->edge->request.target);
}

void
reply_redirect(struct conn *c)
{
	struct buf *fields = &c->edge->fields;

	buf_reset(fields);
	buf_puts(fields, "Location: ");
	put_https(c, fields);
	buf_puts(fields, "\r\n");
	reply_send(c, 308, buf_str(fields), STR_NULL);
}

void
reply_not_tls(struct conn *c)
{
	struct buf *text = &c->edge->page;

	c->keeps = false;
	buf_reset(text);
	buf_puts(text, "this port speaks TLS: use ");
	put_https(c, text);
	buf_puts(text, "\n");
	reply_send(c, 400, STR_LIT(TEXT_FIELDS), buf_str(text));
}

/* ---- what is passed on ---- */

size_t
reply_fields(const struct conn *c, struct http_field *set)
{
	if (!has_hsts(c))
		return 0;
	set[0] = (struct http_field){ .name = STR_LIT("Strict-Transport-Security"), .value = STR_LIT(HSTS) };
	return 1;
}
