/* served.c - between the cache of assets and a connection */
#include "applets/occ-tls/served.h"

#include "applets/occ-tls/conn.h"
#include "applets/occ-tls/reply.h"
#include "lib/base/mem.h"

#define PIECE_BYTES (2 * EDGE_RX_BYTES)	/* of what is kept by a client that does not take it, at most so much is copied */

/* ---- out of the cache ---- */

static void
put_head(struct conn *c)
{
	struct edge *e = c->edge;
	struct http_field set[REPLY_FIELDS_MAX];
	const struct http_reply r = { .to_http10 = c->x.is_http10, .keep_alive = c->keeps && !e->is_ending, .set = set,
		.n_set = reply_fields(c, set), .is_head_request = c->x.is_head_request };
	enum http_framing ignored;

	c->keeps = r.keep_alive;
	c->x.status = c->served->reply.head.status;
	c->x.answered_us = access_now_us();
	c->x.has_head = true;
	buf_reset(&e->tx);
	http_put_forward_response(&c->served->reply.head, &r, &e->tx, &ignored);
}

/* The first piece goes with the head, in one write. */
static struct str
take_piece(struct served *s)
{
	struct str piece = str_take(s->rest, PIECE_BYTES);

	s->rest = str_skip(s->rest, piece.n);
	return piece;
}

bool
served_begin(struct conn *c)
{
	struct edge *e = c->edge;

	if (c->x.preview || !asset_may_serve(&e->request))
		return false;
	c->served = mem_new(sizeof *c->served);
	if (!assets_serve(e->assets, &e->request, &c->served->reply)) {
		served_free(c);
		return false;
	}
	if (!c->x.is_head_request)
		c->served->rest = c->served->reply.body;
	conn_state(c, CONN_SERVE);
	put_head(c);
	buf_putstr(&e->tx, str_take(c->served->rest, EDGE_RX_BYTES));
	c->served->rest = str_skip(c->served->rest, EDGE_RX_BYTES);
	conn_send(c, buf_str(&e->tx));
	served_more(c);
	return true;
}

void
served_more(struct conn *c)
{
	while (c->state == CONN_SERVE && c->out.n == 0 && c->served->rest.n > 0)
		conn_send(c, take_piece(c->served));
	if (c->state != CONN_SERVE || c->out.n > 0)
		return;
	c->x.down.n_bytes = c->x.is_head_request ? 0 : c->served->reply.body.n;
	access_done(c, c->x.status, true);
	served_free(c);
	conn_answered(c);
}

/* ---- past the compressor ---- */

/* The request is gone, but for what was sent on of it, which is kept until the answer begins. */
static const struct http_request_head *
asset_request(struct conn *c)
{
	static const struct http_request_head none;
	struct edge *e = c->edge;
	const char *why;
	int status;

	if (!c->x.is_asset || http_parse_request(buf_str(&c->back->out), &e->request, &status, &why) < 0)
		return &none;
	return &e->request;
}

size_t
served_plan(struct conn *c, struct http_field *set)
{
	struct edge *e = c->edge;
	struct asset_plan *plan = &e->plan;

	assets_plan(e->assets, asset_request(c), &e->response, plan);
	for (size_t i = 0; i < plan->n_set; i++)
		set[i] = plan->set[i];
	if (plan->job) {
		c->served = mem_new(sizeof *c->served);
		c->served->job = plan->job;
		c->served->is_gzip = plan->is_gzip;
	}
	return plan->n_set;
}

struct str
served_pass(struct conn *c, struct str payload, bool is_last)
{
	struct served *s = c->served;
	struct buf *out = &c->edge->piece;
	struct str piece;

	if (!s || !s->job)
		return payload;
	buf_reset(out);
	for (struct str left = payload; left.n > 0;) {
		left = str_skip(left, asset_feed(s->job, left, &piece));
		buf_putstr(out, piece);
	}
	if (is_last) {
		asset_end(s->job, &piece);
		buf_putstr(out, piece);
	}
	if (out->fault != BUF_OK)
		BUG("the compressor gave more than its steps may");
	return s->is_gzip ? buf_str(out) : payload;
}

bool
served_is_working(const struct conn *c)
{
	return c->served && c->served->job;
}

void
served_free(struct conn *c)
{
	if (!c->served)
		return;
	asset_reply_release(&c->served->reply);
	asset_job_free(c->served->job);
	mem_free(c->served);
	c->served = NULL;
}
