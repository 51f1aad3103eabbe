/* exchange_down.c - the way down: the answer's head, its body, its end */
#include <string.h>

#include "applets/occ-tls/access.h"
#include "applets/occ-tls/conn.h"
#include "applets/occ-tls/reply.h"
#include "applets/occ-tls/served.h"
#include "applets/occ-tls/tunnel.h"
#include "lib/base/mem.h"

#define TURNS_MAX 8		/* reads in one callback: others want their turn */

/* ---- end ---- */

void
exchange_count(struct conn *c, bool is_in_flight)
{
	struct edge *e = c->edge;

	if (c->x.is_counted == is_in_flight)
		return;
	c->x.is_counted = is_in_flight;
	if (is_in_flight) {
		e->n_in_flight++;
		return;
	}
	e->n_in_flight--;
	hold_check_drained(e);
}

void
exchange_detach(struct conn *c, bool is_reusable)
{
	struct back_conn *b = c->back;

	exchange_count(c, false);
	if (c->x.is_stream)
		c->edge->facts.n_streams--;
	c->x.is_stream = false;
	c->back = NULL;
	if (b)
		back_give(b, is_reusable && !c->x.preview);
}

void
exchange_ended(struct conn *c, enum exchange_end why)
{
	if (c->x.ended == EXCHANGE_GOES_ON)
		c->x.ended = why;
}

void
exchange_drop(struct conn *c)
{
	if (!c->back)
		return;
	exchange_ended(c, EXCHANGE_BY_CLIENT);
	access_done(c, c->x.status, false);
	exchange_detach(c, false);
}

static void
finish(struct conn *c)
{
	if (c->state == CONN_GONE)
		return;
	access_done(c, c->x.status, true);
	exchange_detach(c, c->x.back_keeps && c->x.up.is_done);
	served_free(c);
	conn_answered(c);
}

/* Half an answer must not look like a whole one. */
static void
cut(struct conn *c)
{
	c->edge->facts.n_failed++;
	conn_close(c);
}

static void
bad_answer(struct conn *c, const char *why)
{
	exchange_detach(c, false);
	reply_error(c, 502, why);
}

void
exchange_end_stream(struct conn *c, enum exchange_end why)
{
	struct edge *e = c->edge;

	exchange_ended(c, why);
	if (c->x.down.to == HTTP_LENGTH) {
		cut(c);
		return;
	}
	c->x.down.is_done = true;
	c->x.back_keeps = false;
	buf_reset(&e->tx);
	body_put(&c->x.down, STR_NULL, &e->tx);
	conn_send(c, buf_str(&e->tx));
	finish(c);
}

/* The end of a preview says nothing of opencode. */
static void
suspect(struct conn *c)
{
	if (!c->x.preview)
		hold_suspect(c->edge);
}

static void
back_ended(struct conn *c, bool is_orderly)
{
	struct exchange *x = &c->x;

	if (!x->has_begun) {
		exchange_lost(c);
	} else if (!x->has_head) {
		suspect(c);
		bad_answer(c, "the connection was closed in the middle of an answer");
	} else if (x->is_stream || (is_orderly && body_close(&x->down))) {
		exchange_end_stream(c, EXCHANGE_BY_BACK);
	} else {
		suspect(c);
		cut(c);
	}
}

/* ---- body ---- */

static void
stay_awake(struct conn *c)
{
	if (c->x.is_stream)
		conn_due(c, DUE_QUIET_CLIENT, c->edge->now_ms + edge_wait_ms(c->edge, EDGE_WAIT_QUIET));
}

/* n bytes of the work area from `at` on, behind the head if that stands in tx. */
static void
give(struct conn *c, size_t at, size_t n, bool has_head_in_tx)
{
	struct edge *e = c->edge;
	struct exchange *x = &c->x;
	struct str payload, rest;
	const char *why;

	if (body_take(&x->down, &e->rx[at], n, &payload, &rest, &why) < 0) {
		cut(c);
		return;
	}
	x->back_keeps = x->back_keeps && rest.n == 0;
	payload = served_pass(c, payload, x->down.is_done);
	if (x->is_stream)
		sse_gap_pass(&x->gap, payload);
	if (has_head_in_tx || !body_is_bare(&x->down)) {
		if (!has_head_in_tx)
			buf_reset(&e->tx);
		body_put(&x->down, payload, &e->tx);
		payload = buf_str(&e->tx);
	}
	conn_send(c, payload);
	if (c->state == CONN_GONE)
		return;
	if (payload.n > 0)
		stay_awake(c);
	if (x->down.is_done)
		finish(c);
}

/* A comment goes in only where no event is under way, and only when the client takes what it is given. */
void
exchange_quiet(struct conn *c)
{
	struct edge *e = c->edge;

	if (c->state == CONN_TUNNEL) {
		tunnel_quiet_client(c);
		return;
	}
	if (c->x.gap.is_between && !c->x.is_encoded && c->out.n == 0 && c->x.down.to != HTTP_LENGTH) {
		buf_reset(&e->tx);
		body_put(&c->x.down, STR_LIT(SSE_KEEPALIVE), &e->tx);
		conn_send(c, buf_str(&e->tx));
	}
	if (c->state != CONN_GONE)
		stay_awake(c);
}

/* ---- head ---- */

static bool
is_event_stream(const struct http_head *h)
{
	static const char type[] = "text/event-stream";

	return str_ieq(str_take(http_field(h, "content-type"), sizeof type - 1), str_of(type));
}

static void
put_head(struct conn *c)
{
	struct edge *e = c->edge;
	struct exchange *x = &c->x;
	struct http_field set[REPLY_FIELDS_MAX + ASSET_FIELDS_MAX];
	struct http_reply r = { .to_http10 = x->is_http10, .keep_alive = c->keeps && x->up.is_done && !e->is_ending, .set = set,
		.n_set = reply_fields(c, set), .is_head_request = x->is_head_request };
	enum http_framing from = e->response.framing, to;

	r.n_set += served_plan(c, &set[r.n_set]);
	if (served_is_working(c) && c->served->is_gzip)
		e->response.framing = HTTP_CHUNKED;	/* how long it will be is not known */

	buf_reset(&e->tx);
	http_put_forward_response(&e->response, &r, &e->tx, &to);
	c->keeps = r.keep_alive && to != HTTP_UNTIL_CLOSE;
	x->has_head = true;
	if (back_pending(c->back) == 0)
		back_forget(c->back);
	x->back_keeps = e->response.keep_alive && !x->must_close;
	x->answered_us = access_now_us();
	x->status = e->response.status;
	body_begin(&x->down, from, e->response.length, to);
	if (x->down.is_done || !is_event_stream(&e->response))
		return;
	x->is_stream = true;
	x->is_encoded = http_field(&e->response, "content-encoding").n > 0;
	e->facts.n_streams++;
	exchange_count(c, false);
}

static void
switch_protocols(struct conn *c, struct str rest)
{
	struct edge *e = c->edge;

	/* All that an answer is compared with. */
	e->request = (struct http_request_head){ .is_websocket = c->x.is_websocket, .n_fields = 1,
		.fields = { { STR_LIT("Sec-WebSocket-Key"), str_of(c->x.websocket_key) } } };
	if (!c->x.is_websocket || !http_is_websocket_answer(&e->response, &e->request)) {
		bad_answer(c, "opencode changed to a protocol that was not asked for");
		return;
	}
	put_head(c);
	tunnel_begin(c, buf_str(&e->tx), rest);
}

/* Interim answers are dropped: 100 is the edge's own, and nothing else is needed (RFC 9110 section 15.2). */
static void
take_head(struct conn *c, size_t n)
{
	struct edge *e = c->edge;
	struct str in = str_from(e->rx, n);
	const char *why;
	long used;

	do {
		used = http_parse_response(in, c->x.is_head_request, &e->response, &why);
		if (used == HTTP_INCOMPLETE) {
			buf_putstr(&c->back->in, in);
			return;
		}
		if (used < 0) {
			bad_answer(c, why);
			return;
		}
		in = str_skip(in, (size_t)used);
	} while (e->response.status < 200 && e->response.status != 101);
	if (e->response.status == 101) {
		switch_protocols(c, in);
		return;
	}
	put_head(c);
	give(c, n - in.n, in.n, true);
	if (c->x.is_stream && (e->hold.is_ordered || e->is_ending))
		exchange_end_stream(c, EXCHANGE_BY_RESTART);
}

/* ---- what opencode sends ---- */

/* True when there may be more to read. */
static bool
read_once(struct conn *c)
{
	struct edge *e = c->edge;
	struct back_conn *b = c->back;
	size_t kept = b->in.n, room = sizeof e->rx - kept;
	struct err ignored = ERR_INIT;

	/* What a client does not take now is kept for it: in a crowd, less for each. */
	if (c->x.has_head && e->n_conns > EDGE_CROWD && room > EDGE_CROWD_READ)
		room = EDGE_CROWD_READ;
	memcpy(e->rx, b->in.p, kept);
	ssize_t n = transport_read(&b->t, &e->rx[kept], room, &ignored);
	if (n == TRANSPORT_AGAIN)
		return false;
	if (n <= 0) {
		back_ended(c, n == 0);
		return false;
	}
	buf_reset(&b->in);
	c->x.has_begun = true;
	if (c->x.has_head)
		give(c, 0, (size_t)n, false);
	else
		take_head(c, kept + (size_t)n);
	return (size_t)n == room;
}

void
exchange_from_back(struct conn *c)
{
	int turns = served_is_working(c) ? 1 : TURNS_MAX;

	for (int turn = 0; turn < turns; turn++) {
		if (c->state != CONN_EXCHANGE || c->back->state != BACK_BUSY || c->out.n > 0)
			return;
		if (!read_once(c))
			return;
	}
}
