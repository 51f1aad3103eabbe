/* intake.c - one request head at a time */
#include "applets/occ-tls/intake.h"

#include "applets/occ-tls/conn.h"
#include "applets/occ-tls/health.h"
#include "applets/occ-tls/reply.h"

#define STATUS_TIMEOUT 408

/* The request in edge->request, n bytes of the work area. */
static void
route(struct conn *c, size_t n)
{
	struct edge *e = c->edge;

	e->raw = str_from(e->rx, n);
	c->is_fresh = false;
	conn_list_move(c, NULL);
	conn_due(c, DUE_CLIENT, LOOP_NEVER);
	access_begin(c);
	exchange_init(c);
	if (c->kind == LISTENER_CROSSED)
		reply_not_tls(c);
	else if (!c->x.preview && health_answers(c))
		return;
	else if (c->kind == LISTENER_REDIRECT)
		reply_redirect(c);
	else
		login_decide(c);
}

static void
refuse(struct conn *c, int status, const char *why)
{
	c->x = (struct exchange){ .began_us = access_now_us() };
	c->keeps = false;
	c->edge->facts.n_failed++;
	reply_error(c, status, why);
}

/* The whole of it has to come in time from its first byte on, whatever comes in between. */
static void
wait_for_rest(struct conn *c, size_t n)
{
	struct edge *e = c->edge;
	int64_t due_ms = e->now_ms + edge_wait_ms(e, EDGE_WAIT_HEAD);

	conn_store(c, str_from(e->rx, n));
	c->is_partial = true;
	if (due_ms < c->due[DUE_CLIENT])
		conn_due(c, DUE_CLIENT, due_ms);
}

static void
take(struct conn *c, bool can_read)
{
	struct edge *e = c->edge;
	bool was_partial = c->is_partial;
	size_t before = c->in.n, n = conn_load(c, can_read);
	const char *why = "";
	int status = 0;

	if (n == 0)
		return;
	/* A head ends with a line: without the end of one more there is nothing new to see. */
	struct str fresh = str_skip(str_from(e->rx, n), before);
	if (was_partial && n < sizeof e->rx && str_find_char(fresh, '\n') == STR_NONE) {
		wait_for_rest(c, n);
		return;
	}
	long used = http_parse_request(str_from(e->rx, n), &e->request, &status, &why);
	if (used == HTTP_INCOMPLETE) {
		wait_for_rest(c, n);
	} else if (used < 0) {
		refuse(c, status, why);
	} else {
		conn_store(c, str_from(&e->rx[used], n - (size_t)used));
		route(c, (size_t)used);
	}
}

void
intake_head(struct conn *c)
{
	take(c, true);
}

void
intake_kept(struct conn *c)
{
	take(c, false);
}

/* Who has said nothing hears nothing. But when this machine had no time for us, it may have come in time and not been read. */
void
intake_late(struct conn *c)
{
	if (c->state == CONN_HEAD && c->in.n == 0)
		intake_head(c);
	if (c->state == CONN_HEAD && c->in.n == 0)
		conn_close(c);
	else if (c->state == CONN_FORM || (c->state == CONN_HEAD && c->is_partial))
		refuse(c, STATUS_TIMEOUT, "the request came too slowly");
}
