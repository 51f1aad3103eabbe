/* tunnel.c - two streams of frames, side by side */
#include "applets/occ-tls/tunnel.h"

#include "applets/occ-tls/conn.h"
#include "lib/base/mem.h"
#include "lib/base/rand.h"

#define TURNS_MAX 8		/* reads in one callback: others want their turn */
#define FRAME_CLOSE 0x88	/* FIN and opcode 8, section 5.2 */
#define FRAME_MASKED 0x80
#define CODE_RESTART 1012	/* IANA's WebSocket Close Code Number Registry */
#define MASK_BYTES 4

static int64_t
quiet_due(const struct conn *c)
{
	return c->edge->now_ms + edge_wait_ms(c->edge, EDGE_WAIT_QUIET);
}

static void
over(struct conn *c)
{
	if (c->state != CONN_TUNNEL)
		return;
	access_done(c, c->x.status, true);
	exchange_detach(c, false);
	tunnel_free(c);
	conn_answered(c);
}

/* ---- bytes ---- */

/* A side has its sign of life when something goes to it. What is taken out on the way, the pong to a ping of ours, is none. */
static void
to_client(struct conn *c, struct str in)
{
	uint64_t before = c->x.down.n_bytes;
	struct str pass;

	while (in.n > 0 && c->state == CONN_TUNNEL) {
		in = str_skip(in, ws_feed(&c->tunnel->from_back, in, &pass));
		c->x.down.n_bytes += pass.n;
		conn_send(c, pass);
	}
	if (c->state == CONN_TUNNEL && c->tunnel->from_back.is_closing)
		exchange_ended(c, EXCHANGE_BY_BACK);
	if (c->x.down.n_bytes > before)
		conn_due(c, DUE_QUIET_CLIENT, quiet_due(c));
}

static void
to_back(struct conn *c, struct str in)
{
	uint64_t before = c->x.up.n_bytes;
	struct str pass;

	while (in.n > 0) {
		in = str_skip(in, ws_feed(&c->tunnel->from_client, in, &pass));
		c->x.up.n_bytes += pass.n;
		if (c->tunnel->from_client.is_closing)
			exchange_ended(c, EXCHANGE_BY_CLIENT);
		if (!back_send(c->back, pass)) {
			tunnel_close(c, EXCHANGE_BY_BACK);
			return;
		}
	}
	if (c->x.up.n_bytes > before)
		conn_due(c, DUE_QUIET_BACK, quiet_due(c));
}

bool
tunnel_wants_client(const struct conn *c)
{
	return back_pending(c->back) == 0;
}

void
tunnel_client(struct conn *c)
{
	struct edge *e = c->edge;
	size_t n = conn_read(c, e->rx, sizeof e->rx);

	if (n > 0)
		to_back(c, str_from(e->rx, n));
}

/* True when there may be more to read. */
static bool
read_back(struct conn *c)
{
	struct edge *e = c->edge;
	struct err ignored = ERR_INIT;
	ssize_t n = transport_read(&c->back->t, e->rx, sizeof e->rx, &ignored);

	if (n == TRANSPORT_AGAIN)
		return false;
	if (n <= 0) {
		tunnel_close(c, EXCHANGE_BY_BACK);
		return false;
	}
	to_client(c, str_from(e->rx, (size_t)n));
	return (size_t)n == sizeof e->rx;
}

void
tunnel_back(struct conn *c, short got)
{
	if ((got & POLLOUT) && !back_flush(c->back)) {
		tunnel_close(c, EXCHANGE_BY_BACK);
		return;
	}
	if (!(got & POLLIN))
		return;
	for (int turn = 0; turn < TURNS_MAX; turn++) {
		if (c->state != CONN_TUNNEL || c->out.n > 0 || !read_back(c))
			return;
	}
}

/* ---- signs of life ---- */

void
tunnel_quiet_client(struct conn *c)
{
	struct edge *e = c->edge;

	if (c->tunnel->from_back.is_between && c->out.n == 0) {
		buf_reset(&e->tx);
		ws_put_ping(&c->tunnel->from_client, NULL, &e->tx);
		conn_send(c, buf_str(&e->tx));
	}
	if (c->state != CONN_GONE)
		conn_due(c, DUE_QUIET_CLIENT, quiet_due(c));
}

void
tunnel_quiet_back(struct conn *c)
{
	struct edge *e = c->edge;
	unsigned char mask[MASK_BYTES];
	struct err ignored = ERR_INIT;

	conn_due(c, DUE_QUIET_BACK, quiet_due(c));
	if (!c->tunnel->from_client.is_between || back_pending(c->back) > 0 || rand_bytes(mask, sizeof mask, &ignored) < 0)
		return;
	buf_reset(&e->tx);
	ws_put_ping(&c->tunnel->from_back, mask, &e->tx);
	if (!back_send(c->back, buf_str(&e->tx)))
		tunnel_close(c, EXCHANGE_BY_BACK);
}

/* ---- begin and end ---- */

static void
put_close(struct buf *out, bool is_masked)
{
	const unsigned char code[2] = { CODE_RESTART >> 8, CODE_RESTART & 0xff };
	unsigned char mask[MASK_BYTES] = { 0 };
	struct err ignored = ERR_INIT;

	if (is_masked && rand_bytes(mask, sizeof mask, &ignored) < 0)
		err_clear(&ignored);		/* a mask of zeroes is a mask */
	buf_reset(out);
	buf_putc(out, (char)FRAME_CLOSE);
	buf_putc(out, (char)(sizeof code | (is_masked ? FRAME_MASKED : 0)));
	if (is_masked)
		buf_put(out, mask, sizeof mask);
	for (size_t i = 0; i < sizeof code; i++)
		buf_putc(out, (char)(code[i] ^ mask[i]));
}

void
tunnel_close(struct conn *c, enum exchange_end why)
{
	struct edge *e = c->edge;

	exchange_ended(c, why);
	if (c->tunnel->from_client.is_between) {
		put_close(&e->tx, true);
		if (!back_send(c->back, buf_str(&e->tx)) && !c->x.preview)
			hold_suspect(e);
	}
	if (c->tunnel->from_back.is_between) {
		put_close(&e->tx, false);
		conn_send(c, buf_str(&e->tx));
	}
	over(c);
}

void
tunnel_begin(struct conn *c, struct str head, struct str rest)
{
	struct edge *e = c->edge;

	c->keeps = false;
	c->tunnel = mem_new(sizeof *c->tunnel);
	ws_init(&c->tunnel->from_client, WS_FROM_CLIENT);
	ws_init(&c->tunnel->from_back, WS_FROM_SERVER);
	e->facts.n_websockets++;
	exchange_count(c, false);
	conn_state(c, CONN_TUNNEL);
	conn_due(c, DUE_QUIET_CLIENT, quiet_due(c));
	conn_due(c, DUE_QUIET_BACK, quiet_due(c));
	conn_send(c, head);
	if (c->state == CONN_TUNNEL)
		to_client(c, rest);
	if (c->state == CONN_TUNNEL)
		to_back(c, str_from(e->rx, conn_load(c, false)));
	if (c->state == CONN_TUNNEL && (e->hold.is_ordered || e->is_ending))
		tunnel_close(c, EXCHANGE_BY_RESTART);
}

unsigned
tunnel_code(const struct conn *c)
{
	switch (c->tunnel ? c->x.ended : EXCHANGE_GOES_ON) {
	case EXCHANGE_BY_CLIENT:
		return ws_close_code(&c->tunnel->from_client);
	case EXCHANGE_BY_BACK:
		return ws_close_code(&c->tunnel->from_back);
	default:
		return 0;
	}
}

void
tunnel_free(struct conn *c)
{
	if (!c->tunnel)
		return;
	c->edge->facts.n_websockets--;
	mem_free(c->tunnel);
	c->tunnel = NULL;
}
