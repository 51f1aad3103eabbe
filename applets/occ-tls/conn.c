/* conn.c - a client's connection: its states, its deadlines, its bytes */
#include "applets/occ-tls/conn.h"

#include <string.h>
#include <sys/socket.h>

#include "applets/occ-tls/intake.h"
#include "applets/occ-tls/served.h"
#include "applets/occ-tls/tunnel.h"
#include "lib/base/mem.h"

#define MS_PER_S 1000
#define LINGER_BYTES_MAX (256u * 1024)	/* what is listened to of a client that has had its answer */

static void shake_hands(struct conn *c);
static void look_while_waiting(struct conn *c);
static void drain_input(struct conn *c);
static void flushed(struct conn *c);
static void time_up(struct conn *c);
static void check_progress(struct conn *c);
static void waited_enough(struct conn *c);
static void read_all(struct conn *c);

/* What a state does when the client has sent something, when all has been written, and when DUE_CLIENT has come. */
static const struct {
	void (*readable)(struct conn *c);
	void (*written)(struct conn *c);
	void (*late)(struct conn *c);
} states[CONN__STATES] = {
	[CONN_HANDSHAKE] = { shake_hands, NULL, time_up },
	[CONN_HEAD] = { intake_head, NULL, intake_late },
	[CONN_FORM] = { login_read_form, NULL, intake_late },
	[CONN_WAITING] = { look_while_waiting, NULL, time_up },
	[CONN_EXCHANGE] = { exchange_from_client, exchange_from_back, exchange_late },
	[CONN_TUNNEL] = { tunnel_client, NULL, time_up },
	[CONN_SERVE] = { NULL, served_more, time_up },
	[CONN_FLUSH] = { NULL, flushed, time_up },
	[CONN_LINGER] = { drain_input, NULL, time_up },
	[CONN_GONE] = { NULL, NULL, NULL },
};

/* And the other deadlines. */
static void (*const others[CONN__DUES])(struct conn *c) = {
	[DUE_WRITE] = check_progress,
	[DUE_WAIT] = waited_enough,
	[DUE_QUIET_CLIENT] = exchange_quiet,
	[DUE_QUIET_BACK] = tunnel_quiet_back,
	[DUE_PENDING] = read_all,
};

/* ---- end ---- */

static void
freed(struct deferred *d, int64_t now_ms)
{
	(void)now_ms;
	mem_free(CONTAINER_OF(d, struct conn, gone));
}

static void
leave(struct conn *c)
{
	struct edge *e = c->edge;

	if (c->prev)
		c->prev->next = c->next;
	else
		e->conns = c->next;
	if (c->next)
		c->next->prev = c->prev;
	e->n_conns--;
	if (c->peer)
		peers_leave(&e->peers, c->peer);
	e->kept_bytes -= c->kept_bytes;
}

void
conn_close(struct conn *c)
{
	struct edge *e = c->edge;

	if (c->state == CONN_GONE)
		return;
	exchange_drop(c);
	tunnel_free(c);
	served_free(c);
	conn_list_move(c, NULL);
	leave(c);
	c->state = CONN_GONE;
	loop_remove(&e->loop, &c->watch);
	transport_close(&c->t);
	buf_fini(&c->in);
	buf_fini(&c->out);
	buf_wipe(&c->head);
	buf_fini(&c->said);
	loop_defer(&e->loop, &c->gone);
	listener_more(e);
	edge_check_end(e);
}

static void
time_up(struct conn *c)
{
	conn_close(c);
}

static void
expect_progress(struct conn *c)
{
	c->n_taken = 0;
	conn_due(c, DUE_WRITE, c->edge->now_ms + edge_wait_ms(c->edge, EDGE_WAIT_WRITE) / EDGE_CROWD_HASTE);
}

/* A client may stand in a tunnel for a while. In a crowd, those who take next to nothing are in the way of those who do. */
static void
check_progress(struct conn *c)
{
	struct edge *e = c->edge;

	e->is_crowd = e->n_conns > (e->is_crowd ? EDGE_CROWD_END : EDGE_CROWD);
	if (e->is_crowd ? c->n_taken < EDGE_CROWD_TAKES : e->now_ms >= c->taken_until_ms) {
		exchange_ended(c, EXCHANGE_BY_PATIENCE);
		conn_close(c);
	} else {
		expect_progress(c);
	}
}

static void
waited_enough(struct conn *c)
{
	if (c->gave_up)
		c->gave_up(c);
}

/* ---- bytes ---- */

size_t
conn_read(struct conn *c, char *p, size_t n)
{
	struct err ignored = ERR_INIT;
	ssize_t got = transport_read(&c->t, p, n, &ignored);

	if (got == TRANSPORT_AGAIN)
		return 0;
	if (got <= 0) {
		conn_close(c);
		return 0;
	}
	c->edge->facts.bytes_in += (uint64_t)got;
	return (size_t)got;
}

void
conn_store(struct conn *c, struct str data)
{
	buf_putstr(&c->in, data);
	c->is_partial = false;
}

size_t
conn_load(struct conn *c, bool can_read)
{
	struct edge *e = c->edge;
	size_t n = c->in.n;

	memcpy(e->rx, c->in.p, n);
	buf_reset(&c->in);
	if (can_read && n < sizeof e->rx)
		n += conn_read(c, &e->rx[n], sizeof e->rx - n);
	return c->state == CONN_GONE ? 0 : n;
}

/* What the socket takes now is gone from the front of data. */
static struct str
write_some(struct conn *c, struct str data)
{
	struct err ignored = ERR_INIT;

	while (data.n > 0) {
		ssize_t n = transport_write(&c->t, data, &ignored);

		if (n == TRANSPORT_AGAIN)
			break;
		if (n < 0) {
			conn_close(c);
			return STR_NULL;
		}
		c->edge->facts.bytes_out += (uint64_t)n;
		data = str_skip(data, (size_t)n);
	}
	return data;
}

/* n bytes that have waited are gone. */
static void
progressed(struct conn *c, size_t n)
{
	c->n_taken += n;
	c->taken_until_ms = c->edge->now_ms + edge_wait_ms(c->edge, EDGE_WAIT_WRITE);
	if (c->out.n == 0)
		conn_due(c, DUE_WRITE, LOOP_NEVER);
}

void
conn_send(struct conn *c, struct str data)
{
	if (c->state == CONN_GONE)
		return;
	if (c->out.n == 0)
		data = write_some(c, data);
	if (data.n == 0)
		return;
	bool was_empty = c->out.n == 0;
	buf_putstr(&c->out, data);
	if (was_empty) {
		progressed(c, 0);
		expect_progress(c);
	}
	if (c->out.fault != BUF_OK)
		conn_close(c);
}

static void
flush(struct conn *c)
{
	struct str rest = write_some(c, buf_str(&c->out));

	if (c->state == CONN_GONE || rest.n == c->out.n)
		return;
	size_t n = c->out.n - rest.n;
	buf_drop(&c->out, n);
	progressed(c, n);
	if (c->out.n == 0 && states[c->state].written)
		states[c->state].written(c);
}

/* ---- states ---- */

void
conn_due(struct conn *c, enum conn_due d, int64_t due_ms)
{
	c->due[d] = due_ms;
}

void
conn_state(struct conn *c, enum conn_state s)
{
	c->state = s;
	c->is_paused = false;
	for (int d = 0; d < CONN__DUES; d++) {
		if (d != DUE_WRITE)
			c->due[d] = LOOP_NEVER;
	}
	conn_list_move(c, NULL);
}

/* Between two requests; the first one of a connection has less time, and little when the worker goes. */
static void
await_request(struct conn *c)
{
	struct edge *e = c->edge;
	int64_t wait_ms = c->is_fresh ? edge_wait_ms(e, EDGE_WAIT_HEAD) : (int64_t)e->settings.idle_s * MS_PER_S;

	conn_state(c, CONN_HEAD);
	conn_due(c, DUE_CLIENT, e->now_ms + (e->is_ending ? edge_wait_ms(e, EDGE_WAIT_LAST) : wait_ms));
	conn_list_move(c, &e->idle);
}

static void
linger(struct conn *c)
{
	conn_state(c, CONN_LINGER);
	c->x.up.n_bytes = 0;
	transport_finish(&c->t);
	conn_due(c, DUE_CLIENT, c->edge->now_ms + edge_wait_ms(c->edge, EDGE_WAIT_LINGER));
}

static void
flushed(struct conn *c)
{
	if (c->keeps && !c->edge->is_ending)
		await_request(c);
	else
		linger(c);
}

void
conn_answered(struct conn *c)
{
	if (c->state == CONN_GONE)
		return;
	c->is_fresh = false;
	conn_state(c, CONN_FLUSH);
	if (c->out.n == 0)
		flushed(c);
}

/* Half an answer has gone perhaps, and more is to be read: closing now would let the system throw the answer away at the client. */
static void
drain_input(struct conn *c)
{
	size_t n = conn_read(c, c->edge->rx, sizeof c->edge->rx);

	c->x.up.n_bytes += n;
	if (n > 0 && c->x.up.n_bytes > LINGER_BYTES_MAX)
		conn_close(c);
}

/* Held requests' bodies are not read: only a client's going is of interest. A TLS session cannot be looked into without reading. */
static void
look_while_waiting(struct conn *c)
{
	char byte;

	if (!c->t.tls && recv(c->t.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0)
		conn_close(c);
	else
		c->is_paused = true;
}

/* Plain HTTP where TLS is spoken: it is read, to be told where to go. */
static void
cross(struct conn *c)
{
	tls_session_free(c->t.tls);
	c->t.tls = NULL;
	c->t.read_waits = POLLIN;
	c->kind = LISTENER_CROSSED;
	await_request(c);
	intake_head(c);
}

static void
shake_hands(struct conn *c)
{
	struct err err = ERR_INIT;
	int r = transport_handshake(&c->t, &err);

	if (r == TRANSPORT_AGAIN)
		return;
	if (r == 0) {
		struct tls_facts facts;

		tls_session_facts(c->t.tls, &facts);
		c->edge->facts.n_handshakes++;
		c->edge->facts.n_resumed += facts.is_resumed;
		await_request(c);
		intake_head(c);
	} else if (err.code == ERR_PARSE) {
		cross(c);
	} else {
		conn_close(c);
	}
}

/* ---- the loop ---- */

static bool
wants_input(const struct conn *c)
{
	switch (c->state) {
	case CONN_EXCHANGE:
		if (!c->x.up.is_done)
			return c->back->state == BACK_BUSY && back_pending(c->back) == 0;
		return c->in.n < CONN_IN_MAX;
	case CONN_TUNNEL:
		return tunnel_wants_client(c);
	case CONN_SERVE:
	case CONN_FLUSH:
		return false;
	default:
		return !c->is_paused;
	}
}

static void
arm(struct conn *c)
{
	int64_t due_ms = LOOP_NEVER;

	for (int d = 0; d < CONN__DUES; d++) {
		if (c->due[d] < due_ms)
			due_ms = c->due[d];
	}
	if (due_ms != c->watch.due_ms)
		loop_due(&c->watch, due_ms);
	loop_want(&c->watch, (short)((wants_input(c) ? c->t.read_waits : 0) | (c->out.n ? c->t.write_waits : 0)));
	if (c->back)
		back_want(c->back, c->out.n == 0);
}

/* Everybody's patience with one connection is limited, and so is everybody's with all. */
static void
account(struct conn *c)
{
	struct edge *e = c->edge;
	size_t kept = c->in.n + c->out.n + c->head.n, before = c->kept_bytes;

	e->kept_bytes = e->kept_bytes - before + kept;
	c->kept_bytes = kept;
	if (c->in.fault != BUF_OK || (kept > before && e->kept_bytes > EDGE_KEPT_MAX)) {
		conn_close(c);
		return;
	}
	if (c->in.n == 0 && c->in.cap > 0)
		buf_fini(&c->in);
	if (c->out.n == 0 && c->out.cap > 0)
		buf_fini(&c->out);
	if (c->state == CONN_HEAD && c->said.cap > 0)
		buf_fini(&c->said);
}

void
conn_settle(struct conn *c)
{
	while (c->state == CONN_HEAD && c->in.n > 0 && !c->is_partial)
		intake_kept(c);
	if (c->state != CONN_GONE)
		account(c);
	if (c->state == CONN_GONE)
		return;
	if (transport_has_pending(&c->t) && wants_input(c))
		conn_due(c, DUE_PENDING, c->edge->now_ms);
	arm(c);
}

/* A session may hold what poll(2) does not know of; it is no more than one record. */
static void
read_all(struct conn *c)
{
	do {
		if (!states[c->state].readable || !wants_input(c))
			return;
		states[c->state].readable(c);
	} while (c->state != CONN_GONE && transport_has_pending(&c->t));
}

static void
come_due(struct conn *c, int64_t now_ms)
{
	for (int d = 0; d < CONN__DUES && c->state != CONN_GONE; d++) {
		if (c->due[d] > now_ms)
			continue;
		c->due[d] = LOOP_NEVER;
		if (d == DUE_CLIENT)
			states[c->state].late(c);
		else
			others[d](c);
	}
}

static void
fired(struct watch *w, short got, int64_t now_ms)
{
	struct conn *c = CONTAINER_OF(w, struct conn, watch);

	c->edge->now_ms = now_ms;
	if (got == 0)
		come_due(c, now_ms);
	if ((got & c->t.write_waits) && c->out.n > 0)
		flush(c);
	if (c->state != CONN_GONE && (got & c->t.read_waits))
		read_all(c);
	conn_settle(c);
}

/* ---- begin ---- */

void
conn_new(struct edge *e, enum listener_kind kind, int fd, const struct listen_peer *from)
{
	struct conn *c = mem_new(sizeof *c);
	struct err ignored = ERR_INIT;

	*c = (struct conn){ .edge = e, .kind = kind, .from = *from, .gone.fire = freed, .is_fresh = true, .in = BUF_INIT(CONN_IN_MAX),
		.out = BUF_INIT(CONN_OUT_MAX), .head = BUF_SECRET_INIT(EDGE_HEAD_MAX), .said = BUF_INIT(ACCESS_SAID_MAX), .t = TRANSPORT_INIT, .next = e->conns };
	for (int d = 0; d < CONN__DUES; d++)
		c->due[d] = LOOP_NEVER;
	if (e->conns)
		e->conns->prev = c;
	e->conns = c;
	e->n_conns++;
	c->watch = (struct watch){ .fd = fd, .want = POLLIN, .due_ms = LOOP_NEVER, .fire = fired };
	c->peer = peers_join(&e->peers, from->host, listener_peer_max(e, from));
	if (transport_open(&c->t, fd, kind == LISTENER_TLS ? e->tls : NULL, &ignored) < 0 || !c->peer ||
	    loop_add(&e->loop, &c->watch, &ignored) < 0) {
		e->facts.n_refused++;
		conn_close(c);
		return;
	}
	if (kind == LISTENER_TLS) {
		conn_state(c, CONN_HANDSHAKE);
		conn_due(c, DUE_CLIENT, e->now_ms + edge_wait_ms(e, EDGE_WAIT_HANDSHAKE));
	} else {
		await_request(c);
	}
	conn_settle(c);
}
