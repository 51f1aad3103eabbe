/* login_reply.c - the ways in and out, as answers */
#include "applets/occ-tls/conn.h"
#include "applets/occ-tls/page.h"
#include "applets/occ-tls/reply.h"
#include "lib/net/addr.h"

#define REALM "opencode"

/* Where the form leads: what was asked for, unless that was the login page itself. */
static struct str
next_of(const struct http_request_head *h)
{
	return str_has_prefix(h->path, "/_occ/") ? STR_NULL : h->target;
}

/* Credentials on their way unprotected are worth a word, but not on the way to this very machine. */
static bool
is_plain(const struct conn *c)
{
	return !access_is_secure(c) && addr_scope_of(c->client.text) != ADDR_LOOPBACK;
}

void
login_show_page(struct conn *c)
{
	struct edge *e = c->edge;
	const struct page_login p = { .instance = e->settings.instance, .host = e->request.host, .user = e->gate.user, .next = next_of(&e->request),
		.why = e->gate.why, .is_plain = is_plain(c), .has_session = e->gate.has_session };

	buf_reset(&e->page);
	buf_reset(&e->fields);
	page_put_login(&p, &e->page);
	page_put_fields(&e->fields);
	reply_send(c, e->gate.status, buf_str(&e->fields), buf_str(&e->page));
}

void
login_challenge(struct conn *c)
{
	struct edge *e = c->edge;

	buf_reset(&e->fields);
	buf_reset(&e->page);
	if (!e->gate.is_silent)
		buf_puts(&e->fields, "WWW-Authenticate: Basic realm=\"" REALM "\", charset=\"UTF-8\"\r\n");
	buf_puts(&e->fields, "Content-Type: text/plain; charset=utf-8\r\nCache-Control: no-store\r\n");
	buf_printf(&e->page, "%s\n", e->gate.why ? e->gate.why : "this needs a login");
	reply_send(c, e->gate.status, buf_str(&e->fields), buf_str(&e->page));
}

void
login_too_many(struct conn *c)
{
	struct edge *e = c->edge;

	buf_reset(&e->fields);
	buf_reset(&e->page);
	buf_printf(&e->fields, "Retry-After: %u\r\n", e->gate.retry_s);
	if (c->x.is_navigation) {
		page_put_error("Too many attempts", e->gate.why, &e->page);
		page_put_fields(&e->fields);
	} else {
		buf_puts(&e->fields, "Content-Type: text/plain; charset=utf-8\r\nCache-Control: no-store\r\n");
		buf_printf(&e->page, "%s\n", e->gate.why);
	}
	reply_send(c, e->gate.status, buf_str(&e->fields), buf_str(&e->page));
}

static void
go_to(struct conn *c, struct str where)
{
	struct edge *e = c->edge;

	buf_puts(&e->fields, "\r\nLocation: ");
	buf_putstr(&e->fields, where);
	buf_puts(&e->fields, "\r\nCache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n");
	reply_send(c, 303, buf_str(&e->fields), STR_NULL);
}

void
login_give_session(struct conn *c, struct str where)
{
	struct edge *e = c->edge;

	buf_reset(&e->fields);
	buf_puts(&e->fields, "Set-Cookie: ");
	gate_put_cookie(&e->login.gate, access_is_secure(c), clock_epoch_s(), &e->fields);
	go_to(c, where);
}

void
login_end_session(struct conn *c)
{
	struct edge *e = c->edge;

	buf_reset(&e->fields);
	buf_puts(&e->fields, "Set-Cookie: ");
	gate_put_no_cookie(access_is_secure(c), &e->fields);
	go_to(c, STR_LIT(GATE_LOGIN_PATH));
}
