/* orders.c - one message at a time, by a table of kinds */
#include "applets/occ-tls/orders.h"

#include <string.h>
#include <sys/socket.h>

#include "applets/occ-tls/conn.h"
#include "applets/occ-tls/intake.h"
#include "lib/base/fd.h"
#include "lib/base/mem.h"

#define ROUNDS_MAX 16		/* messages in one callback */

/* ---- telling ---- */

static void
keeper_gone(struct edge *e)
{
	struct orders *o = &e->orders;

	if (!o->has_keeper)
		return;
	o->has_keeper = false;
	loop_remove(&e->loop, &o->watch);
	fd_auto(&o->watch.fd);
	hold_release(e);		/* nobody is left to do it */
	orders_end(e, LOOP_NEVER, false);
}

/* 1 sent, 0 not now. That nobody listens any more is heard of by the loop: somebody's request is in the work areas here. */
static int
send_now(struct edge *e, enum wire_kind kind, uint32_t id, struct str body)
{
	struct err err = ERR_INIT;
	int r = e->orders.has_keeper ? wire_send(e->orders.watch.fd, kind, id, body, &err) : 0;

	if (r < 0)
		shutdown(e->orders.watch.fd, SHUT_RDWR);
	return r > 0;
}

static void
pay(struct edge *e)
{
	struct orders *o = &e->orders;
	bool owes = false;

	for (int kind = 0; kind < WIRE__N; kind++) {
		struct orders_owed *d = &o->owed[kind];

		if (d->is_owed)
			d->is_owed = !send_now(e, (enum wire_kind)kind, d->id, str_from(&d->body, d->n));
		owes = owes || d->is_owed;
	}
	if (o->has_keeper)
		loop_want(&o->watch, owes ? POLLIN | POLLOUT : POLLIN);
}

bool
orders_ask(struct edge *e, enum wire_kind kind, uint32_t id, struct str body)
{
	return send_now(e, kind, id, body) > 0;
}

void
orders_tell(struct edge *e, enum wire_kind kind, uint32_t id, struct str body)
{
	struct orders_owed *d = &e->orders.owed[kind];

	if (body.n > sizeof d->body)
		BUG("a message to the keeper is larger than any of them");
	d->is_owed = true;
	d->id = id;
	d->n = (uint32_t)body.n;
	if (body.n > 0)
		memcpy(&d->body, body.p, body.n);
	pay(e);
}

/* ---- settings and certificates ---- */

static void
take_settings(struct edge *e, const struct wire_head *h, struct str body)
{
	(void)h;
	e->orders.has_settings = wire_struct(body, &e->orders.settings, sizeof e->orders.settings);
}

static void
take_identity(struct edge *e, const struct wire_head *h, struct str body)
{
	struct orders *o = &e->orders;
	struct wire_identity id;

	(void)h;
	if (o->n_identities == TLS_IDENTITIES_MAX || !wire_struct(str_take(body, sizeof id), &id, sizeof id) ||
	    body.n != sizeof id + (size_t)id.n_chain + id.n_key)
		return;
	struct buf *text = &o->texts[o->n_identities];
	*text = (struct buf)BUF_SECRET_INIT(WIRE_MAX);
	buf_putstr(text, str_skip(body, sizeof id));
	o->identities[o->n_identities++] = id;
}

static void
forget_identities(struct orders *o)
{
	for (size_t i = 0; i < o->n_identities; i++)
		buf_wipe(&o->texts[i]);
	o->n_identities = 0;
}

/* None were sent: those in use go on. */
static int
take_certificates(struct edge *e, struct err *err)
{
	struct orders *o = &e->orders;
	struct tls_identity ids[TLS_IDENTITIES_MAX];
	struct tls_server *fresh;

	if (o->n_identities == 0)
		return o->settings.n_tls > 0 && !e->tls ? err_set(err, ERR_TLS, "there is no certificate to serve with") : 0;
	for (size_t i = 0; i < o->n_identities; i++) {
		ids[i].chain_pem = str_take(buf_str(&o->texts[i]), o->identities[i].n_chain);
		ids[i].key_pem = str_skip(buf_str(&o->texts[i]), o->identities[i].n_chain);
	}
	if (tls_server_new(&fresh, ids, o->n_identities, err) < 0)
		return -1;
	if (e->tls) {
		tls_server_inherit(fresh, e->tls);
		tls_server_free(e->tls);
	}
	e->tls = fresh;
	return 0;
}

static bool
is_same_back(const struct edge_settings *a, const struct edge_settings *b)
{
	return a->back_port == b->back_port && strcmp(a->back_host, b->back_host) == 0 &&
	    mem_differs(a->back_authorization, b->back_authorization, sizeof a->back_authorization) == 0;
}

static int
take_into_use(struct edge *e, struct err *err)
{
	struct orders *o = &e->orders;

	if (!o->has_settings)
		return err_set(err, ERR_PARSE, "the settings did not come, or come from another version");
	if (take_certificates(e, err) < 0)
		return -1;
	bool is_other_back = !o->is_serving || !is_same_back(&e->settings, &o->settings);

	e->settings = o->settings;
	if (!o->is_serving && edge_begin(e, err) < 0)
		return -1;
	o->is_serving = true;
	edge_configure(e, is_other_back);
	return 0;
}

static void
serve(struct edge *e, const struct wire_head *h, struct str body)
{
	struct orders *o = &e->orders;
	struct wire_serving answer = { .is_ok = true };
	struct err err = ERR_INIT;

	(void)body;
	if (take_into_use(e, &err) < 0) {
		answer.is_ok = false;
		str_copy(answer.why, sizeof answer.why, err.msg);
	}
	forget_identities(o);
	mem_wipe(&o->settings, sizeof o->settings);
	o->has_settings = false;
	orders_tell(e, WIRE_SERVING, h->id, str_from(&answer, sizeof answer));
	if (!o->is_serving)
		orders_end(e, 0, true);
}

/* ---- the rest ---- */

static void
verdict(struct edge *e, const struct wire_head *h, struct str body)
{
	struct wire_verdict v;

	login_told(e, h->id, wire_struct(body, &v, sizeof v) && v.is_good);
}

static void
hold(struct edge *e, const struct wire_head *h, struct str body)
{
	struct wire_ms limit = { .ms = 0 };

	e->orders.hold_id = h->id;
	(void)!wire_struct(body, &limit, sizeof limit);
	hold_order(e, limit.ms);
}

static void
release(struct edge *e, const struct wire_head *h, struct str body)
{
	(void)h;
	(void)body;
	hold_release(e);
}

static void
status(struct edge *e, const struct wire_head *h, struct str body)
{
	struct wire_facts facts;

	(void)body;
	edge_facts(e, &facts);
	orders_tell(e, WIRE_FACTS, h->id, str_from(&facts, sizeof facts));
}

static void
end(struct edge *e, const struct wire_head *h, struct str body)
{
	struct wire_ms limit = { .ms = 0 };

	(void)h;
	(void)!wire_struct(body, &limit, sizeof limit);
	orders_end(e, limit.ms, true);
}

static void (*const by_kind[WIRE__N])(struct edge *e, const struct wire_head *h, struct str body) = {
	[WIRE_SETTINGS] = take_settings,
	[WIRE_IDENTITY] = take_identity,
	[WIRE_SERVE] = serve,
	[WIRE_VERDICT] = verdict,
	[WIRE_HOLD] = hold,
	[WIRE_RELEASE] = release,
	[WIRE_STATUS] = status,
	[WIRE_END] = end,
};

/* What the keeper never sends is not obeyed either. */
static void
fired(struct watch *w, short got, int64_t now_ms)
{
	struct edge *e = CONTAINER_OF(w, struct edge, orders.watch);
	struct orders *o = &e->orders;
	struct err err = ERR_INIT;
	struct wire_head head;
	struct str body;
	int r = 1;

	e->now_ms = now_ms;
	if (got & POLLOUT)
		pay(e);
	for (int i = 0; i < ROUNDS_MAX && r > 0 && o->has_keeper; i++) {
		r = wire_recv(w->fd, &o->in, &head, &body, &err);
		if (r > 0 && by_kind[head.kind])
			by_kind[head.kind](e, &head, body);
		buf_wipe(&o->in);
	}
	if (r < 0)
		keeper_gone(e);
}

static void
end_due(struct watch *w, short got, int64_t now_ms)
{
	struct edge *e = CONTAINER_OF(w, struct edge, orders.end);

	(void)got;
	e->now_ms = now_ms;
	hold_give_up(e);
	loop_end(&e->loop);
}

/* A client cannot know that a connection is about to close (RFC 9112 section 9.5): what it has sent is taken, and who has just come, or has begun to ask, has a moment. */
static void
end_idle(struct conn *c)
{
	int64_t due_ms = c->edge->now_ms + edge_wait_ms(c->edge, EDGE_WAIT_LAST);

	if (!c->is_fresh && c->in.n == 0) {
		intake_head(c);
		if (c->state == CONN_HEAD && c->in.n == 0)
			conn_close(c);
	}
	if (c->state == CONN_HEAD && due_ms < c->due[DUE_CLIENT])
		conn_due(c, DUE_CLIENT, due_ms);
	conn_settle(c);
}

void
orders_end(struct edge *e, int64_t ms, bool ends_streams)
{
	e->is_ending = true;
	listener_stop(e);
	if (ends_streams)
		edge_end_streams(e);
	for (struct conn *c = e->conns, *next; c; c = next) {
		next = c->next;
		if (c->in_list == &e->idle)
			end_idle(c);
	}
	if (ms != LOOP_NEVER)
		loop_due(&e->orders.end, e->now_ms + ms);
	edge_check_end(e);
}

int
orders_open(struct edge *e, int fd, struct err *err)
{
	struct orders *o = &e->orders;

	o->in = (struct buf)BUF_SECRET_INIT(WIRE_MAX);
	o->has_keeper = true;
	o->end = (struct watch){ .fd = -1, .due_ms = LOOP_NEVER, .fire = end_due };
	loop_timer(&e->loop, &o->end, LOOP_NEVER);
	o->watch = (struct watch){ .fd = fd, .want = POLLIN, .due_ms = LOOP_NEVER, .fire = fired };
	return loop_add(&e->loop, &o->watch, err);
}

void
orders_fini(struct edge *e)
{
	forget_identities(&e->orders);
	mem_wipe(&e->orders.settings, sizeof e->orders.settings);
	buf_wipe(&e->orders.in);
}
