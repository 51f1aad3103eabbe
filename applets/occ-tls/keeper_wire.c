/* keeper_wire.c - the keeper's end of the wire: a bounded queue out, questions and answers in */
#include <string.h>

#include "applets/occ-tls/keeper.h"
#include "lib/base/fd.h"
#include "lib/base/mem.h"

#define BATCH 64		/* messages of one turn: one worker must not keep the loop from the rest */
#define SILENT_MS 30000		/* a worker that serves answers each question for its facts */

/* ---- out ---- */

static void
drop_first(struct keeper_worker *w)
{
	buf_wipe(&w->queue[0].body);
	w->n_queue--;
	memmove(&w->queue[0], &w->queue[1], w->n_queue * sizeof w->queue[0]);
}

/* With half the queue full nothing more is asked: each question is an answer to come. */
static void
rearm(struct keeper_worker *w)
{
	if (w->pipe.fd >= 0)
		loop_want(&w->pipe, (short)((w->n_queue < KEEPER_QUEUE / 2 ? POLLIN : 0) | (w->n_queue > 0 ? POLLOUT : 0)));
}

static void
flush(struct keeper_worker *w)
{
	struct err e = ERR_INIT;
	int got = 1;

	while (got == 1 && w->n_queue > 0) {
		const struct keeper_message *m = &w->queue[0];

		got = wire_send(w->pipe.fd, m->kind, m->id, buf_str(&m->body), &e);
		if (got == 1)
			drop_first(w);
	}
	if (got < 0)
		keeper_worker_kill(w, e.msg);
}

void
keeper_wire_put(struct keeper_worker *w, enum wire_kind kind, uint32_t id, struct str body)
{
	struct keeper_message *m = &w->queue[w->n_queue];

	if (w->pipe.fd < 0)
		return;
	if (w->n_queue == KEEPER_QUEUE) {
		keeper_worker_kill(w, "it does not read what it is told");
		return;
	}
	*m = (struct keeper_message){ .kind = kind, .id = id, .body = BUF_SECRET_INIT(WIRE_MAX) };
	buf_putstr(&m->body, body);
	w->n_queue++;
	if (m->body.fault != BUF_OK) {
		keeper_worker_kill(w, "no memory for what it has to be told");
		return;
	}
	flush(w);
	rearm(w);
}

static void
put_identity(struct keeper_worker *w, const struct certs *c)
{
	AUTO(buf) struct buf body = BUF_SECRET_INIT(WIRE_MAX);
	const struct wire_identity head = { .n_chain = (uint32_t)c->chain.n, .n_key = (uint32_t)c->key.n };

	buf_put(&body, &head, sizeof head);
	buf_putstr(&body, buf_str(&c->chain));
	buf_putstr(&body, buf_str(&c->key));
	keeper_wire_put(w, WIRE_IDENTITY, 0, buf_str(&body));
}

void
keeper_wire_deliver(struct keeper_worker *w)
{
	struct keeper *k = w->keeper;
	struct edge_settings *s = &k->source.settings;

	s->n_tls = keeper_listen_count(&k->listeners, KEEPER_TLS);
	s->n_plain = keeper_listen_count(&k->listeners, KEEPER_PLAIN);
	s->n_redirect = keeper_listen_count(&k->listeners, KEEPER_REDIRECT);
	keeper_wire_put(w, WIRE_SETTINGS, 0, str_from(s, sizeof *s));
	if (k->source.certs.chain.n > 0)
		put_identity(w, &k->source.certs);
	keeper_wire_put(w, WIRE_SERVE, 0, STR_NULL);
}

static void
put_hold(struct keeper_worker *w)
{
	const struct wire_ms longest = { .ms = CONTROL_LEASE_MAX_MS };
	struct keeper *k = w->keeper;

	w->owes_drained = k->is_held;
	if (k->is_held)
		keeper_wire_put(w, WIRE_HOLD, k->hold_id, str_from(&longest, sizeof longest));
	else
		keeper_wire_put(w, WIRE_RELEASE, 0, STR_NULL);
}

void
keeper_wire_hold(struct keeper *k)
{
	for (size_t i = 0; i < KEEPER_WORKERS; i++) {
		struct keeper_worker *w = &k->workers[i];

		if (w->state == KEEPER_SERVING || w->state == KEEPER_ENDING)
			put_hold(w);
	}
}

/* ---- in: each false for what cannot be understood ---- */

static bool
on_serving(struct keeper_worker *w, struct str body)
{
	struct keeper *k = w->keeper;
	struct wire_serving s;

	if (!wire_struct(body, &s, sizeof s))
		return false;
	s.why[sizeof s.why - 1] = '\0';
	if (w->state == KEEPER_STARTING && s.is_ok) {
		w->state = KEEPER_SERVING;
		if (k->current)
			keeper_worker_end(k->current);
		k->current = w;
		k->next = NULL;
		if (k->is_held)
			put_hold(w);
	}
	keeper_serve_taken(k, s.is_ok ? NULL : s.why);
	if (w->state == KEEPER_STARTING)
		keeper_worker_kill(w, s.why);
	return true;
}

static bool
on_ask(struct keeper_worker *w, const struct wire_head *head, struct str body)
{
	struct keeper *k = w->keeper;
	struct wire_ask ask;
	struct wire_verdict v;

	if (!wire_struct(body, &ask, sizeof ask))
		return false;
	ask.user[sizeof ask.user - 1] = ask.password[sizeof ask.password - 1] = '\0';
	if (head->kind == WIRE_LINK)
		v.is_good = link_use(&k->links, str_of(ask.password), k->loop.clock());
	else
		v.is_good = verify_is_right(&k->source.verify, str_of(ask.user), str_of(ask.password));
	mem_wipe(&ask, sizeof ask);
	keeper_wire_put(w, WIRE_VERDICT, head->id, str_from(&v, sizeof v));
	return true;
}

static bool
on_facts(struct keeper_worker *w, struct str body)
{
	struct wire_facts f;

	if (!wire_struct(body, &f, sizeof f))
		return false;
	if (w != w->keeper->current)
		return true;
	w->keeper->facts = f;
	w->keeper->has_facts = true;
	return true;
}

static bool
on_message(struct keeper_worker *w, const struct wire_head *head, struct str body)
{
	switch (head->kind) {
	case WIRE_SERVING:
		return on_serving(w, body);
	case WIRE_ASK:
	case WIRE_LINK:
		return on_ask(w, head, body);
	case WIRE_FACTS:
		return on_facts(w, body);
	case WIRE_DRAINED:
		if (head->id == w->keeper->hold_id)
			w->owes_drained = false;
		keeper_serve_drained(w->keeper);
		return true;
	default:
		return false;
	}
}

static void
read_some(struct keeper_worker *w)
{
	AUTO(buf) struct buf scratch = BUF_SECRET_INIT(WIRE_MAX);
	struct wire_head head;
	struct err e = ERR_INIT;
	struct str body;
	int got = 1;

	for (int i = 0; i < BATCH && got == 1 && w->pipe.fd >= 0 && w->n_queue < KEEPER_QUEUE / 2; i++) {
		got = wire_recv(w->pipe.fd, &scratch, &head, &body, &e);
		if (got == 1 && w->state == KEEPER_SERVING)
			loop_timer(&w->keeper->loop, &w->timer, clock_due_ms(SILENT_MS));
		if (got == 1 && !on_message(w, &head, body))
			got = err_set(&e, ERR_PARSE, "it says what cannot be understood");
		buf_wipe(&scratch);
	}
	/* Its end is told by the system as well: that one counts. */
	if (got < 0 && e.code == ERR_EOF)
		keeper_wire_close(w);
	else if (got < 0)
		keeper_worker_kill(w, e.msg);
}

static void
on_pipe(struct watch *watch, short got, int64_t now_ms)
{
	struct keeper_worker *w = CONTAINER_OF(watch, struct keeper_worker, pipe);

	(void)now_ms;
	if (got & POLLOUT)
		flush(w);
	if ((got & POLLIN) && w->pipe.fd >= 0)
		read_some(w);
	rearm(w);
}

/* ---- both ---- */

void
keeper_wire_open(struct keeper_worker *w, int fd)
{
	w->pipe = (struct watch){ .fd = fd, .want = POLLIN, .due_ms = LOOP_NEVER, .fire = on_pipe };
}

void
keeper_wire_close(struct keeper_worker *w)
{
	loop_remove(&w->keeper->loop, &w->pipe);
	fd_auto(&w->pipe.fd);
	w->pipe = (struct watch)WATCH_INIT;
	while (w->n_queue > 0)
		drop_first(w);
}
