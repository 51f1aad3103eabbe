/* back.c - the pool of connections to opencode */
#include "applets/occ-tls/back.h"

#include <errno.h>
#include <sys/socket.h>

#include "applets/occ-tls/conn.h"
#include "applets/occ-tls/tunnel.h"
#include "lib/base/mem.h"
#include "lib/net/stream.h"

#define IDLE_MS 60000		/* opencode itself keeps them for more than 150 s */
#define SPARE_BYTES 4096	/* a buffer up to this size stays with an idle connection */

/* ---- the idle ones ---- */

static void
push_idle(struct back *p, struct back_conn *b)
{
	b->prev = NULL;
	b->next = p->first;
	if (p->first)
		p->first->prev = b;
	else
		p->last = b;
	p->first = b;
	p->n_idle++;
}

static void
pull_idle(struct back *p, struct back_conn *b)
{
	if (b->prev)
		b->prev->next = b->next;
	else
		p->first = b->next;
	if (b->next)
		b->next->prev = b->prev;
	else
		p->last = b->prev;
	b->prev = b->next = NULL;
	p->n_idle--;
}

/* ---- end ---- */

static void
freed(struct deferred *d, int64_t now_ms)
{
	struct back_conn *b = CONTAINER_OF(d, struct back_conn, gone);

	(void)now_ms;
	buf_wipe(&b->out);		/* the inner password */
	buf_fini(&b->in);
	mem_free(b);
}

static void
close_back(struct back_conn *b)
{
	if (b->state == BACK_GONE)
		return;
	if (b->state == BACK_IDLE)
		pull_idle(&b->edge->back, b);
	b->state = BACK_GONE;
	b->owner = NULL;
	b->edge->back.n--;
	loop_remove(&b->edge->loop, &b->watch);
	transport_close(&b->t);
	loop_defer(&b->edge->loop, &b->gone);
}

void
back_close_idle(struct edge *e)
{
	while (e->back.first)
		close_back(e->back.first);
}

/* ---- what happens on one ---- */

static void
connect_ended(struct back_conn *b, short got)
{
	struct stream s = { .fd = b->t.fd };
	struct err ignored = ERR_INIT;
	int r = got ? stream_tcp_begun(&s, &ignored) : -1;

	if (r == 0)
		return;
	if (r < 0) {
		exchange_lost(b->owner);
		return;
	}
	b->state = BACK_BUSY;
	loop_due(&b->watch, LOOP_NEVER);
	exchange_to_back(b->owner);
}

/* Nothing is to be heard on an idle one but its end; and that of one whose time has not come says that opencode may have gone. */
static void
idle_ended(struct back_conn *b, short got)
{
	struct edge *e = b->edge;

	close_back(b);
	if (got)
		hold_suspect(e);
}

static void
busy(struct back_conn *b, short got)
{
	struct conn *c = b->owner;

	if (c->state == CONN_TUNNEL) {
		tunnel_back(c, got);
		return;
	}
	if ((got & POLLOUT) && back_pending(b))
		exchange_to_back(c);
	if (b->owner == c && (got & POLLIN) && c->state == CONN_EXCHANGE)
		exchange_from_back(c);
}

static void
fired(struct watch *w, short got, int64_t now_ms)
{
	struct back_conn *b = CONTAINER_OF(w, struct back_conn, watch);
	struct conn *c = b->owner;

	b->edge->now_ms = now_ms;
	if (b->state == BACK_IDLE)
		idle_ended(b, got);
	else if (b->state == BACK_CONNECTING)
		connect_ended(b, got);
	else
		busy(b, got);
	if (c)
		conn_settle(c);
}

/* ---- lending ---- */

/* Has it ended meanwhile, unnoticed yet? */
static bool
is_alive(const struct back_conn *b)
{
	char byte;

	return recv(b->t.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

static struct back_conn *
take_idle(struct edge *e, bool is_sure)
{
	while (e->back.first) {
		struct back_conn *b = e->back.first;

		if (!is_sure || is_alive(b)) {
			pull_idle(&e->back, b);
			b->state = BACK_BUSY;
			loop_due(&b->watch, LOOP_NEVER);
			return b;
		}
		close_back(b);
	}
	return NULL;
}

struct back_conn *
back_open(struct edge *e, struct conn *c, unsigned port, struct err *err)
{
	struct stream s = STREAM_INIT;

	if (stream_tcp_begin(&s, e->settings.back_host, port, err) < 0)
		return NULL;
	struct back_conn *b = mem_new(sizeof *b);
	*b = (struct back_conn){ .edge = e, .owner = c, .t = TRANSPORT_INIT, .state = BACK_CONNECTING, .gone.fire = freed, .out = BUF_SECRET_INIT(BACK_OUT_MAX),
		.in = BUF_INIT(HTTP_HEAD_MAX) };
	b->watch = (struct watch){ .fd = s.fd, .want = POLLOUT, .due_ms = e->now_ms + edge_wait_ms(e, EDGE_WAIT_CONNECT), .fire = fired };
	if (transport_open(&b->t, s.fd, NULL, err) < 0 || loop_add(&e->loop, &b->watch, err) < 0) {
		transport_close(&b->t);
		mem_free(b);
		return NULL;
	}
	e->back.n++;
	return b;
}

struct back_conn *
back_take(struct edge *e, struct conn *c, bool is_sure, struct err *err)
{
	struct back_conn *b = take_idle(e, is_sure);

	if (!b)
		return back_open(e, c, e->settings.back_port, err);
	b->owner = c;
	return b;
}

void
back_give(struct back_conn *b, bool is_reusable)
{
	struct edge *e = b->edge;

	b->owner = NULL;
	if (!is_reusable || b->state != BACK_BUSY || back_pending(b) || b->in.n > 0 || !hold_is_open(e)) {
		close_back(b);
		return;
	}
	back_forget(b);
	if (b->out.cap > SPARE_BYTES)
		buf_wipe(&b->out);
	b->state = BACK_IDLE;
	push_idle(&e->back, b);
	loop_want(&b->watch, POLLIN);
	loop_due(&b->watch, e->now_ms + IDLE_MS);
	if (e->back.n_idle > BACK_IDLE_MAX)
		close_back(e->back.last);
}

/* ---- sending ---- */

size_t
back_pending(const struct back_conn *b)
{
	return b->out.n - b->sent;
}

void
back_forget(struct back_conn *b)
{
	buf_reset(&b->out);
	b->sent = 0;
}

bool
back_flush(struct back_conn *b)
{
	struct err ignored = ERR_INIT;

	while (back_pending(b) > 0) {
		ssize_t n = transport_write(&b->t, str_skip(buf_str(&b->out), b->sent), &ignored);

		if (n == TRANSPORT_AGAIN)
			return true;
		if (n < 0)
			return false;
		b->sent += (size_t)n;
	}
	return true;
}

bool
back_send(struct back_conn *b, struct str data)
{
	struct err ignored = ERR_INIT;

	while (data.n > 0 && back_pending(b) == 0) {
		ssize_t n = transport_write(&b->t, data, &ignored);

		if (n == TRANSPORT_AGAIN)
			break;
		if (n < 0)
			return false;
		data = str_skip(data, (size_t)n);
	}
	if (data.n == 0)
		return true;
	if (back_pending(b) == 0)
		back_forget(b);
	buf_putstr(&b->out, data);
	return buf_check(&b->out, "what opencode does not take", &ignored) == 0;
}

void
back_want(struct back_conn *b, bool wants_input)
{
	if (b->state == BACK_BUSY)
		loop_want(&b->watch, (short)((wants_input ? POLLIN : 0) | (back_pending(b) ? POLLOUT : 0)));
}
