/* exchange.c - the way up: the request onto a connection to opencode, and its body */
#include "applets/occ-tls/exchange.h"

#include "applets/occ-tls/access.h"
#include "applets/occ-tls/conn.h"
#include "applets/occ-tls/preview.h"
#include "applets/occ-tls/reply.h"
#include "lib/base/mem.h"

#define TURNS_MAX 8		/* reads in one callback: others want their turn */
#define RATE_MIN 500		/* bytes a second of a request's body, on average */
#define MS_PER_S 1000
#define REPEATS_MAX 30		/* of a websocket that has not been answered: a minute of restarts */
#define DOUBLINGS_MAX 4		/* of how long its answer is waited for */
#define NO_PREVIEW "nothing answers on that port of the container"


/* ---- begin ---- */

void
exchange_init(struct conn *c)
{
	const struct http_request_head *h = &c->edge->request;
	struct exchange *x = &c->x;

	*x = (struct exchange){ .is_head_request = str_is(h->method, "HEAD"), .is_http10 = h->is_http10,
		.wants_continue = h->expects_continue, .must_close = h->must_close, .is_websocket = h->is_websocket, .asked_ms = LOOP_NEVER, .held_until_ms = LOOP_NEVER, .gap = SSE_GAP_INIT,
		.began_us = access_now_us() };
	body_begin(&x->up, h->framing, h->length, h->framing);
	body_begin(&x->down, HTTP_NO_BODY, 0, HTTP_NO_BODY);
	x->is_repeatable = x->up.is_done && (x->is_head_request || str_is(h->method, "GET"));
	x->preview = preview_of(&c->edge->settings, h->host_name, &x->preview_port);
	x->is_asset = !x->preview && x->is_repeatable && str_has_prefix(h->path, "/assets/");
	c->keeps = h->keep_alive;
	if (h->is_websocket) {
		struct str key = http_request_field(h, "sec-websocket-key");

		buf_reset(&c->edge->scratch);
		buf_putstr(&c->edge->scratch, key);
		str_copy(x->websocket_key, sizeof x->websocket_key, c->edge->scratch.p);
	}
	c->edge->facts.n_requests++;
}

/* Servers for development answer to the name under which they were started. The browser's is in X-Forwarded-Host. */
static struct str
preview_host(const struct conn *c, struct buf *text)
{
	if (!c->x.preview)
		return STR_NULL;
	buf_printf(text, "localhost:%u", c->x.preview);
	return buf_str(text);
}

bool
exchange_prepare(struct conn *c)
{
	struct edge *e = c->edge;
	static const char *const secrets[] = { "referer", NULL };
	AUTO(buf) struct buf host = BUF_INIT(64);
	struct err ignored = ERR_INIT;
	const struct http_forward f = {
		.host = preview_host(c, &host),
		.client = str_of(c->client.text), .proto = str_of(access_is_secure(c) ? "https" : "http"), .port = access_port(c),
		.authorization = c->x.preview ? STR_NULL : str_of(e->settings.back_authorization), .cookie = e->gate.cookie,
		.target = e->gate.target[0] ? str_of(e->gate.target) : STR_NULL, .drop = e->gate.is_referer_secret ? secrets : NULL,
	};

	buf_reset(&e->tx);
	http_put_forward_request(&e->request, &f, &e->tx);
	if (buf_check(&e->tx, "the request as it goes on", &ignored) == 0 && e->tx.n <= EDGE_HEAD_MAX)
		return true;
	reply_error(c, 431, "the request's fields are too large");
	return false;
}

/* ---- onto a connection ---- */

static void upgrade_unanswered(struct conn *c);

/* A terminal that comes again while opencode is restarted, and once more, has patience: nobody waits for its answer as for a page's. */
static bool
may_repeat(const struct exchange *x)
{
	return x->is_repeatable && x->n_repeated < (x->is_websocket ? REPEATS_MAX : 1);
}

static void
attach(struct conn *c, struct back_conn *b, struct str head)
{
	c->back = b;
	conn_state(c, CONN_EXCHANGE);
	if (may_repeat(&c->x) && c->x.is_websocket) {
		c->gave_up = upgrade_unanswered;
		conn_due(c, DUE_WAIT, c->edge->now_ms + (edge_wait_ms(c->edge, EDGE_WAIT_UPGRADE) << c->x.n_unanswered));
	}
	exchange_count(c, true);
	back_forget(b);
	buf_putstr(&b->out, head);
	buf_wipe(&c->head);
	if (b->state == BACK_BUSY)
		exchange_to_back(c);
}

/* head is c->head when it has waited before. */
static void
wait_for_back(struct conn *c, struct str head)
{
	if (head.p != c->head.p) {
		buf_reset(&c->head);
		buf_putstr(&c->head, head);
	}
	if (!hold_put(c))
		reply_unavailable(c);
}

/* Nothing waits for a preview, and no connection is kept: what is behind it comes and goes as the agent works. */
static void
go_to_preview(struct conn *c, struct str head)
{
	AUTO(buf) struct buf why = BUF_INIT(256);
	struct err err = ERR_INIT;
	struct back_conn *b;

	if (!c->x.preview_port) {
		buf_printf(&why, "port %u of the container is not published: occ config add container.ports %u:%u, then occ start", c->x.preview, c->x.preview,
		    c->x.preview);
		reply_error(c, 404, why.p);
		return;
	}
	b = back_open(c->edge, c, c->x.preview_port, &err);
	if (b)
		attach(c, b, head);
	else
		reply_error(c, 502, NO_PREVIEW);
}

void
exchange_go(struct conn *c, struct str head)
{
	struct edge *e = c->edge;
	struct err err = ERR_INIT;

	if (c->x.preview) {
		go_to_preview(c, head);
		return;
	}
	if (!hold_is_open(e)) {
		wait_for_back(c, head);
		return;
	}
	struct back_conn *b = back_take(e, c, !c->x.is_repeatable || c->x.n_repeated > 0, &err);
	if (b) {
		attach(c, b, head);
		return;
	}
	hold_suspect(e);
	e->hold.has_failed = true;
	wait_for_back(c, head);
}

/* The request as it went, for another connection. */
static void
take_back(struct conn *c)
{
	struct exchange *x = &c->x;

	buf_reset(&c->head);
	buf_putstr(&c->head, buf_str(&c->back->out));
	x->n_repeated += x->has_sent;
	x->has_sent = false;
	exchange_detach(c, false);
}

/* A websocket that is the first to ask for a directory after a start is never answered by opencode; the next one is. One that is only slow must not be asked anew for ever. */
static void
upgrade_unanswered(struct conn *c)
{
	if (c->x.has_begun)
		return;
	take_back(c);
	if (c->x.n_unanswered < DOUBLINGS_MAX)
		c->x.n_unanswered++;
	exchange_go(c, buf_str(&c->head));
}

/* What did not reach opencode, or may be said twice, waits until opencode is known to be there, and is said again, once. */
void
exchange_lost(struct conn *c)
{
	struct exchange *x = &c->x;

	if (x->preview) {
		exchange_detach(c, false);
		reply_error(c, 502, NO_PREVIEW);
		return;
	}
	bool is_again = !x->has_begun && (!x->has_sent || may_repeat(x));

	c->x.n_unanswered = 0;
	if (is_again)
		take_back(c);
	else
		exchange_detach(c, false);
	hold_suspect(c->edge);
	if (is_again)
		wait_for_back(c, buf_str(&c->head));
	else
		reply_error(c, 502, "opencode closed the connection without an answer");
}

/* ---- the body ---- */

static void
refuse_body(struct conn *c, int status, const char *why)
{
	if (c->x.has_head) {
		conn_close(c);
		return;
	}
	exchange_detach(c, false);
	reply_error(c, status, why);
}

static void
body_up(struct conn *c, size_t n)
{
	struct edge *e = c->edge;
	struct exchange *x = &c->x;
	struct str payload, rest;
	const char *why = "";

	if (body_take(&x->up, e->rx, n, &payload, &rest, &why) < 0) {
		refuse_body(c, 400, why);
		return;
	}
	conn_store(c, rest);
	if (!body_is_bare(&x->up)) {
		buf_reset(&e->tx);
		body_put(&x->up, payload, &e->tx);
		payload = buf_str(&e->tx);
	}
	if (!back_send(c->back, payload))
		exchange_from_back(c);		/* it may have answered before it stopped listening */
}

/* The clock of the client's slowness runs only while it is waited for. */
static void
client_sent(struct conn *c)
{
	struct exchange *x = &c->x;

	if (x->asked_ms != LOOP_NEVER)
		x->waited_ms += c->edge->now_ms - x->asked_ms;
	x->asked_ms = LOOP_NEVER;
	x->wants_continue = false;
	conn_due(c, DUE_CLIENT, LOOP_NEVER);
}

static void
ask_client(struct conn *c)
{
	struct edge *e = c->edge;
	struct exchange *x = &c->x;
	int64_t patience_ms = edge_wait_ms(e, EDGE_WAIT_BODY);

	if (x->asked_ms != LOOP_NEVER)
		return;
	if (x->waited_ms > patience_ms && x->up.n_bytes * MS_PER_S < (uint64_t)x->waited_ms * RATE_MIN) {
		exchange_late(c);
		return;
	}
	x->asked_ms = e->now_ms;
	conn_due(c, DUE_CLIENT, e->now_ms + patience_ms);
	if (x->wants_continue) {
		x->wants_continue = false;
		conn_send(c, STR_LIT(EXCHANGE_CONTINUE));
	}
}

void
exchange_late(struct conn *c)
{
	refuse_body(c, 408, "the body of the request came too slowly");
}

static bool
is_going_up(const struct conn *c)
{
	return c->state == CONN_EXCHANGE && !c->x.up.is_done && c->back->state == BACK_BUSY && back_pending(c->back) == 0;
}

static void
pump_up(struct conn *c)
{
	size_t n = 1;

	for (int turn = 0; turn < TURNS_MAX && n > 0 && is_going_up(c); turn++) {
		n = conn_load(c, c->in.n == 0);
		if (n == 0)
			break;
		client_sent(c);
		body_up(c, n);
	}
	if (n == 0 && is_going_up(c))
		ask_client(c);
}

/* What comes behind a whole request belongs to the next one, and waits. */
static void
read_ahead(struct conn *c)
{
	struct edge *e = c->edge;

	conn_store(c, str_from(e->rx, conn_read(c, e->rx, CONN_IN_MAX - c->in.n)));
}

void
exchange_from_client(struct conn *c)
{
	if (c->x.up.is_done)
		read_ahead(c);
	else
		pump_up(c);
}

void
exchange_to_back(struct conn *c)
{
	struct exchange *x = &c->x;
	size_t before = back_pending(c->back);

	if (!back_flush(c->back)) {
		if (x->has_sent && c->out.n > 0)
			back_forget(c->back);	/* what it has answered is read when the client has taken what there is */
		else if (x->has_sent)
			exchange_from_back(c);	/* it may have answered before it closed */
		else
			exchange_lost(c);
		return;
	}
	x->has_sent = x->has_sent || back_pending(c->back) < before;
	if (back_pending(c->back) == 0 && !x->up.is_done) {
		back_forget(c->back);
		pump_up(c);
	}
}
