/* worker.c - the process that speaks with the network: begin, what all parts ask, end */
#include "applets/occ-tls/worker.h"

#include <string.h>
#include <unistd.h>

#include "applets/occ-tls/conn.h"
#include "applets/occ-tls/page.h"
#include "applets/occ-tls/tunnel.h"
#include "lib/base/mem.h"
#include "lib/proc/sandbox.h"

#define NOBODY 65534		/* user and group that own nothing (LSB) */
#define SIGNAL_END_MS 5000
#define ROTATE_EVERY_MS 60000
#define FIELDS_MAX (2 * HTTP_TARGET_MAX)
#define FDS_PER_CONN 2		/* the client's and opencode's */
#define MS_PER_S 1000

_Static_assert(WIRE_PREVIEWS_MAX + 1 <= SANDBOX_PORTS_MAX, "opencode and all previews");

static const uint32_t waits_ms[EDGE_WAITS] = {
	[EDGE_WAIT_HANDSHAKE] = 5000,
	[EDGE_WAIT_HEAD] = 10000,
	[EDGE_WAIT_BODY] = 10000,
	[EDGE_WAIT_WRITE] = 30000,
	[EDGE_WAIT_LINGER] = 2000,
	[EDGE_WAIT_QUIET] = 25000,
	[EDGE_WAIT_CONNECT] = 1000,
	[EDGE_WAIT_ASK] = 10000,
	[EDGE_WAIT_UPGRADE] = 2000,
	[EDGE_WAIT_LAST] = 1000,
};

int64_t
edge_wait_ms(const struct edge *e, enum edge_wait w)
{
	return e->settings.waits_ms[w] ? e->settings.waits_ms[w] : waits_ms[w];
}

/* ---- settings ---- */

void
edge_configure(struct edge *e, bool is_other_back)
{
	access_configure(e);
	login_configure(e);
	if (is_other_back)
		hold_settings(e);
}

/* The rights that are not needed go before the first byte of a client comes. */
int
edge_begin(struct edge *e, struct err *err)
{
	struct sandbox_want want = { .has_user = geteuid() == 0, .uid = NOBODY, .gid = NOBODY, .connect_ports = { e->settings.back_port },
		.n_connect_ports = 1 };
	struct sandbox_state state;

	for (size_t i = 0; i < e->settings.n_previews; i++)
		want.connect_ports[want.n_connect_ports++] = e->settings.previews[i].back_port;
	if (sandbox_enter(&want, &state, err) < 0)
		return err_wrap(err, "give up the rights that the edge does not need");
	uint64_t n = state.n_files_max > EDGE_SPARE_FDS ? (state.n_files_max - EDGE_SPARE_FDS) / FDS_PER_CONN : 1;
	e->conns_max = n < EDGE_CONNS_MAX ? (unsigned)n : EDGE_CONNS_MAX;
	hold_init(e);
	return listener_start(e, WIRE_FD + 1, err);
}

/* ---- what all parts ask ---- */

void
edge_check_end(struct edge *e)
{
	if (e->is_ending && e->n_conns == 0)
		loop_end(&e->loop);
}

void
edge_end_streams(struct edge *e)
{
	for (struct conn *c = e->conns, *next; c; c = next) {
		next = c->next;
		if (c->state == CONN_TUNNEL)
			tunnel_close(c, EXCHANGE_BY_RESTART);
		else if (c->state == CONN_EXCHANGE && c->x.is_stream)
			exchange_end_stream(c, EXCHANGE_BY_RESTART);
		else
			continue;
		conn_settle(c);
	}
}

void
edge_facts(const struct edge *e, struct wire_facts *ret)
{
	const struct hold *h = &e->hold;

	*ret = e->facts;
	ret->n_connections = e->n_conns;
	ret->n_held = h->held.n;
	ret->is_back_up = hold_is_open(e);
	ret->back_seen_s = h->seen_ms == LOOP_NEVER ? -1 : (e->now_ms - h->seen_ms) / MS_PER_S;
	ret->n_asset_bytes = (uint32_t)assets_bytes(e->assets);
	ret->all_private = e->access.only[0] && !e->access.has_many;
}

/* ---- begin and end ---- */

static void
signalled(struct loop_signals *s, int signo, int64_t now_ms)
{
	struct edge *e = CONTAINER_OF(s, struct edge, signals);

	e->now_ms = now_ms;
	if (signo == SIGTERM)		/* the others are a person's at the keeper's terminal, or meant for it */
		orders_end(e, SIGNAL_END_MS, true);
}

static void
rotate(struct watch *w, short got, int64_t now_ms)
{
	struct edge *e = CONTAINER_OF(w, struct edge, rotate);

	(void)got;
	if (e->tls)
		tls_server_rotate(e->tls, now_ms);
	loop_due(w, now_ms + ROTATE_EVERY_MS);
}

static int
edge_open(struct edge *e, struct err *err)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	e->signals.fire = signalled;
	if (loop_init(&e->loop, err) < 0 || loop_signals(&e->loop, &e->signals, &set, err) < 0)
		return -1;
	signal(SIGPIPE, SIG_IGN);
	e->now_ms = clock_now_ms();
	e->tx = (struct buf)BUF_SECRET_INIT(EDGE_TX_MAX);
	e->piece = (struct buf)BUF_INIT(EDGE_PIECE_MAX);
	e->page = (struct buf)BUF_INIT(PAGE_MAX);
	e->fields = (struct buf)BUF_INIT(FIELDS_MAX);
	e->scratch = (struct buf)BUF_SECRET_INIT(HTTP_REQUEST_HEAD_MAX);
	e->rotate = (struct watch){ .fd = -1, .due_ms = LOOP_NEVER, .fire = rotate };
	loop_timer(&e->loop, &e->rotate, e->now_ms + ROTATE_EVERY_MS);
	e->assets = assets_new();
	access_init(e);
	return orders_open(e, WIRE_FD, err);
}

static void
edge_close(struct edge *e)
{
	while (e->conns)
		conn_close(e->conns);
	back_close_idle(e);
	if (e->orders.is_serving)
		hold_fini(e);
	access_fini(e);
	listener_stop(e);
	orders_fini(e);
	loop_auto(&e->loop);
	assets_free(e->assets);
	if (e->tls)
		tls_server_free(e->tls);
	buf_wipe(&e->tx);
	buf_fini(&e->piece);
	buf_fini(&e->page);
	buf_fini(&e->fields);
	buf_wipe(&e->scratch);
	mem_wipe(e, sizeof *e);
	mem_free(e);
}

int
edge_worker(struct err *e)
{
	struct edge *edge = mem_new(sizeof *edge);
	int r = edge_open(edge, e);

	if (r == 0)
		r = loop_run(&edge->loop, e);
	if (r == 0)
		edge_close(edge);
	return r;
}
