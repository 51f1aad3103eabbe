/* health.c - what is true of the edge and of opencode */
#include "applets/occ-tls/health.h"

#include "applets/occ-tls/conn.h"
#include "applets/occ-tls/reply.h"
#include "lib/base/mem.h"
#include "lib/deploy/ready.h"

#define MS_PER_S 1000
#define METRICS_FIELDS "Content-Type: " METRICS_TYPE "\r\nCache-Control: no-store\r\n"

static void
not_ready(struct conn *c)
{
	reply_text(c, 503, "opencode does not answer");
}

void
health_ready(struct conn *c, bool is_ready)
{
	conn_list_move(c, NULL);
	if (is_ready)
		reply_text(c, 200, "ready");
	else
		not_ready(c);
	conn_settle(c);
}

/* Asked now, not remembered. */
static void
readyz(struct conn *c)
{
	struct edge *e = c->edge;

	conn_state(c, CONN_WAITING);
	c->gave_up = not_ready;
	conn_due(c, DUE_WAIT, e->now_ms + ready_probe_ms(0));
	hold_ask(c);
}

/* The edge lives, or it could not say so; a restart of a few seconds is what it is there to bridge. A worker that has just begun knows nothing yet, and asks. */
static void
healthz(struct conn *c)
{
	struct edge *e = c->edge;
	AUTO(buf) struct buf why = BUF_INIT(256);

	if (hold_is_recent(e)) {
		reply_text(c, 200, "ok");
		return;
	}
	if (e->hold.seen_ms == LOOP_NEVER) {
		readyz(c);
		return;
	}
	buf_printf(&why, "opencode has not answered for %lld s", (long long)((e->now_ms - e->hold.seen_ms) / MS_PER_S));
	reply_text(c, 503, why.p);
}

static void
metrics(struct conn *c)
{
	struct edge *e = c->edge;
	struct wire_facts f;

	if (!access_may_read_metrics(c)) {
		reply_text(c, 403, "not from this address: edge.metrics_from says from where");
		return;
	}
	edge_facts(e, &f);
	buf_reset(&e->page);
	metrics_put(&f, &e->access.durations, e->settings.cert_until_epoch_s, &e->page);
	reply_send(c, 200, STR_LIT(METRICS_FIELDS), buf_str(&e->page));
}

static const struct {
	const char *path;
	void (*answer)(struct conn *c);
} questions[] = {
	{ "/healthz", healthz },
	{ "/readyz", readyz },
	{ "/metrics", metrics },
};

bool
health_answers(struct conn *c)
{
	const struct http_request_head *h = &c->edge->request;

	for (size_t i = 0; i < ARRAY_LEN(questions); i++) {
		if (!str_is(h->path, questions[i].path))
			continue;
		c->x.is_quiet = true;
		if (str_is(h->method, "GET") || c->x.is_head_request)
			questions[i].answer(c);
		else
			reply_text(c, 405, "this is asked with GET");
		return true;
	}
	return false;
}
