/* hold.c - up or down, and who waits */
#include "applets/occ-tls/hold.h"

#include "applets/occ-tls/conn.h"
#include "applets/occ-tls/health.h"
#include "applets/occ-tls/reply.h"
#include "applets/occ-tls/tunnel.h"
#include "lib/base/mem.h"
#include "lib/deploy/ready.h"
#include "lib/net/addr.h"

#define QUESTION_MAX 2048
#define MS_PER_S 1000

/* ---- questions to opencode ---- */

static struct back_probe *
free_probe(struct hold *h)
{
	for (size_t i = 0; i < HOLD_PROBES_MAX; i++) {
		if (h->probes[i].state == BACK_PROBE_OFF)
			return &h->probes[i];
	}
	return NULL;
}

static bool
is_asking(const struct hold *h)
{
	for (size_t i = 0; i < HOLD_PROBES_MAX; i++) {
		if (h->probes[i].state == BACK_PROBE_CONNECTING || h->probes[i].state == BACK_PROBE_ASKED)
			return true;
	}
	return false;
}

static void
stop_probes(struct hold *h, const struct back_probe *but)
{
	for (size_t i = 0; i < HOLD_PROBES_MAX; i++) {
		if (&h->probes[i] != but && h->probes[i].state != BACK_PROBE_OFF)
			back_probe_stop(&h->probes[i]);
	}
}

static void
start_probe(struct hold *h, struct back_probe *p, int64_t patience_ms)
{
	const struct edge_settings *s = &h->edge->settings;

	if (p)
		back_probe_start(p, s->back_host, s->back_port, buf_str(&h->question), h->edge->now_ms + patience_ms);
}

/* ---- up and down ---- */

static void
release_held(struct hold *h)
{
	while (hold_is_open(h->edge) && h->held.first) {
		struct conn *c = h->held.first;

		conn_list_move(c, NULL);
		exchange_go(c, buf_str(&c->head));
		conn_settle(c);
	}
}

static void
came_up(struct hold *h)
{
	h->is_up = true;
	if (h->has_been_up && h->has_failed)
		h->edge->facts.n_restarts++;
	h->has_been_up = true;
	release_held(h);
}

static void
healthy(struct hold *h, struct back_probe *p)
{
	if (!h->kept && p->state == BACK_PROBE_QUIET)
		h->kept = p;
	stop_probes(h, h->kept);
	h->looking = NULL;
	h->seen_ms = h->edge->now_ms;
	assets_use(h->edge->assets, str_of(p->version));
	loop_due(&h->next, h->edge->now_ms + HOLD_LOOK_EVERY_MS);
	while (h->asked.first)
		health_ready(h->asked.first, true);
	if (!h->is_up)
		came_up(h);
}

static void
told(struct back_probe *p, enum back_probe_news news)
{
	struct hold *h = p->ctx;
	bool was_ours = h->kept == p || h->looking == p;

	h->edge->now_ms = clock_now_ms();
	if (h->kept == p && p->state == BACK_PROBE_OFF)
		h->kept = NULL;
	if (h->looking == p)
		h->looking = NULL;
	if (news == BACK_PROBE_HEALTHY) {
		healthy(h, p);
		return;
	}
	h->has_failed = h->has_failed || !h->is_up;
	/* One that somebody's question sent may be late without anything being wrong. */
	if (was_ours || news == BACK_PROBE_REFUSED)
		hold_suspect(h->edge);
	while (h->asked.first && !is_asking(h))
		health_ready(h->asked.first, false);
}

static void
look_while_up(struct hold *h)
{
	loop_due(&h->next, h->edge->now_ms + HOLD_LOOK_EVERY_MS);
	if (h->kept && h->kept->state == BACK_PROBE_QUIET) {
		back_probe_again(h->kept, h->edge->now_ms + HOLD_LOOK_MS);
	} else if (!h->kept && !h->looking) {
		h->looking = free_probe(h);
		start_probe(h, h->looking, HOLD_LOOK_MS);
	}
}

static void
look(struct watch *w, short got, int64_t now_ms)
{
	struct hold *h = CONTAINER_OF(w, struct hold, next);
	int64_t since_ms = now_ms - h->down_ms, every_ms = ready_every_ms(since_ms);

	(void)got;
	h->edge->now_ms = now_ms;
	if (h->is_ordered)
		return;
	if (h->is_up) {
		look_while_up(h);
		return;
	}
	loop_due(w, now_ms + (every_ms > HOLD_EVERY_MS ? every_ms : HOLD_EVERY_MS));
	start_probe(h, free_probe(h), ready_probe_ms(since_ms));
}

bool
hold_is_open(const struct edge *e)
{
	return e->hold.is_up && !e->hold.is_ordered;
}

void
hold_suspect(struct edge *e)
{
	struct hold *h = &e->hold;

	if (!h->is_up)
		return;
	h->is_up = h->has_failed = false;
	h->down_ms = e->now_ms;
	if (h->kept)
		back_probe_stop(h->kept);
	h->kept = NULL;
	back_close_idle(e);
	loop_due(&h->next, e->now_ms);
}

/* ---- what waits ---- */

static void
held_too_long(struct conn *c)
{
	reply_unavailable(c);
}

bool
hold_put(struct conn *c)
{
	struct edge *e = c->edge;

	/* What needs no password leaves half of the room to those who have one. */
	if (e->hold.held.n >= (c->x.is_open ? HOLD_REQUESTS_MAX / 2 : HOLD_REQUESTS_MAX))
		return false;
	conn_state(c, CONN_WAITING);
	conn_list_move(c, &e->hold.held);
	c->gave_up = held_too_long;
	if (c->x.held_until_ms == LOOP_NEVER)
		c->x.held_until_ms = e->now_ms + (int64_t)e->settings.hold_s * MS_PER_S;
	conn_due(c, DUE_WAIT, c->x.held_until_ms);
	return true;
}

void
hold_give_up(struct edge *e)
{
	while (e->hold.held.first) {
		struct conn *c = e->hold.held.first;

		conn_list_move(c, NULL);
		reply_unavailable(c);
		conn_settle(c);
	}
}

void
hold_ask(struct conn *c)
{
	struct hold *h = &c->edge->hold;

	conn_list_move(c, &h->asked);
	start_probe(h, free_probe(h), ready_probe_ms(0));
}

bool
hold_is_recent(const struct edge *e)
{
	return e->hold.seen_ms != LOOP_NEVER && e->now_ms - e->hold.seen_ms <= HOLD_RECENT_MS;
}

/* ---- the keeper's orders ---- */

static void
tell_drained(struct hold *h)
{
	if (!h->owes_drained)
		return;
	h->owes_drained = false;
	loop_due(&h->drain, LOOP_NEVER);
	orders_tell(h->edge, WIRE_DRAINED, h->edge->orders.hold_id, STR_NULL);
}

static void
drained_late(struct watch *w, short got, int64_t now_ms)
{
	(void)got;
	(void)now_ms;
	tell_drained(CONTAINER_OF(w, struct hold, drain));
}

void
hold_check_drained(struct edge *e)
{
	if (e->hold.owes_drained && e->n_in_flight == 0)
		tell_drained(&e->hold);
}

void
hold_order(struct edge *e, uint32_t ms)
{
	struct hold *h = &e->hold;

	h->is_ordered = h->owes_drained = true;
	loop_due(&h->next, LOOP_NEVER);
	loop_timer(&e->loop, &h->drain, e->now_ms + ms);
	edge_end_streams(e);
	back_close_idle(e);
	hold_check_drained(e);
}

void
hold_release(struct edge *e)
{
	struct hold *h = &e->hold;

	if (!h->is_ordered)
		return;
	h->is_ordered = h->owes_drained = false;
	loop_due(&h->drain, LOOP_NEVER);
	h->is_up = true;		/* as far as is known: it is looked at before anything goes */
	hold_suspect(e);
}

/* ---- begin and end ---- */

static void
write_question(struct hold *h)
{
	const struct edge_settings *s = &h->edge->settings;

	buf_wipe(&h->question);
	buf_puts(&h->question, "GET /global/health HTTP/1.1\r\nHost: ");
	addr_put_hostport(&h->question, s->back_host, s->back_port);
	buf_puts(&h->question, "\r\nAccept: application/json\r\n");
	if (s->back_authorization[0])
		buf_printf(&h->question, "Authorization: %s\r\n", s->back_authorization);
	buf_puts(&h->question, "\r\n");
}

void
hold_init(struct edge *e)
{
	struct hold *h = &e->hold;

	*h = (struct hold){ .edge = e, .seen_ms = LOOP_NEVER, .question = BUF_SECRET_INIT(QUESTION_MAX),
		.next = { .fd = -1, .due_ms = LOOP_NEVER, .fire = look }, .drain = { .fd = -1, .due_ms = LOOP_NEVER, .fire = drained_late } };
	for (size_t i = 0; i < HOLD_PROBES_MAX; i++) {
		h->probes[i] = (struct back_probe)BACK_PROBE_INIT;
		h->probes[i].loop = &e->loop;
		h->probes[i].ctx = h;
		h->probes[i].told = told;
	}
	loop_timer(&e->loop, &h->next, LOOP_NEVER);
	loop_timer(&e->loop, &h->drain, LOOP_NEVER);
}

void
hold_settings(struct edge *e)
{
	struct hold *h = &e->hold;

	stop_probes(h, NULL);
	h->kept = h->looking = NULL;
	write_question(h);
	h->is_up = true;
	hold_suspect(e);
}

void
hold_fini(struct edge *e)
{
	stop_probes(&e->hold, NULL);
	buf_wipe(&e->hold.question);
}
