/* access.c - who asks, what is remembered of it, and the lines about it */
#include "applets/occ-tls/access.h"

#include <time.h>
#include <unistd.h>

#include "applets/occ-tls/access_log.h"
#include "applets/occ-tls/conn.h"
#include "applets/occ-tls/tunnel.h"
#include "lib/base/mem.h"
#include "lib/net/addr.h"

#define SAID_PART_MAX 4000
#define WRITE_AGAIN_MS 100
#define PIECE_BYTES 4096	/* PIPE_BUF: what a pipe that is writable takes whole */
#define NS_PER_US 1000
#define US_PER_S 1000000

int64_t
access_now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * US_PER_S + ts.tv_nsec / NS_PER_US;
}

/* ---- who ---- */

/* Networks were checked where they were configured; one that is none is left out, which lets nobody in. */
static size_t
read_nets(char (*texts)[64], struct cidr *ret)
{
	struct err ignored = ERR_INIT;
	size_t n = 0;

	for (size_t i = 0; i < WIRE_LIST_MAX && texts[i][0]; i++) {
		if (cidr_parse(str_of(texts[i]), &ret[n], &ignored) == 0)
			n++;
	}
	return n;
}

static bool
is_in(const struct cidr *nets, size_t n, const char *address)
{
	struct cidr_addr a;

	if (n == 0 || !cidr_addr(str_of(address), &a))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (cidr_has(&nets[i], &a))
			return true;
	}
	return false;
}

bool
access_is_trusted(const struct edge *e, const char *address)
{
	return is_in(e->access.trusted, e->access.n_trusted, address);
}

bool
access_may_read_metrics(const struct conn *c)
{
	return is_in(c->edge->access.metrics_from, c->edge->access.n_metrics_from, c->client.text);
}

bool
access_is_secure(const struct conn *c)
{
	return c->kind == LISTENER_TLS || c->client.proto == CLIENT_PROTO_HTTPS;
}

struct str
access_port(struct conn *c)
{
	struct buf *out = &c->edge->fields;

	buf_reset(out);
	if (c->client.port)
		buf_printf(out, "%u", c->client.port);
	return buf_str(out);
}

/* All from one private address: a proxy, probably, whose clients cannot be told apart. */
static void
note_client(struct access *a, const char *address)
{
	if (a->has_many || str_is(str_of(a->only), address))
		return;
	if (a->only[0] || addr_scope_of(address) != ADDR_PRIVATE)
		a->has_many = true;
	else
		str_copy(a->only, sizeof a->only, address);
}

/* ---- what was asked ---- */

static void
say(struct conn *c, struct str part)
{
	buf_putstr(&c->said, str_take(part, SAID_PART_MAX));
	buf_putc(&c->said, '\n');	/* stands in no part of a request */
}

void
access_begin(struct conn *c)
{
	struct edge *e = c->edge;
	const struct http_request_head *h = &e->request;
	const struct client_trust trust = { .nets = e->access.trusted, .n = e->access.n_trusted };

	client_addr_of(&trust, c->from.host, h, &c->client);
	note_client(&e->access, c->client.text);
	buf_reset(&c->said);
	if (e->settings.log == EDGE_LOG_OFF)
		return;
	say(c, h->method);
	say(c, h->target);
	say(c, h->host);
	say(c, http_request_field(h, "user-agent"));
}

/* ---- lines ---- */

static void
write_lines(struct edge *e)
{
	struct access *a = &e->access;

	while (a->lines.n > 0) {
		struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };
		size_t n = a->lines.n < PIECE_BYTES ? a->lines.n : PIECE_BYTES;
		ssize_t done = poll(&out, 1, 0) == 1 && (out.revents & POLLOUT) ? write(STDOUT_FILENO, a->lines.p, n) : 0;

		if (done < 0)
			buf_reset(&a->lines);		/* nobody reads them any more */
		if (done <= 0)
			break;
		buf_drop(&a->lines, (size_t)done);
	}
	loop_timer(&e->loop, &a->again, a->lines.n ? e->now_ms + WRITE_AGAIN_MS : LOOP_NEVER);
}

static void
round_ended(struct deferred *d, int64_t now_ms)
{
	struct edge *e = CONTAINER_OF(d, struct edge, access.write);

	e->now_ms = now_ms;
	write_lines(e);
}

static void
tried_again(struct watch *w, short got, int64_t now_ms)
{
	struct edge *e = CONTAINER_OF(w, struct edge, access.again);

	(void)got;
	e->now_ms = now_ms;
	write_lines(e);
}

/* Of what lasts, the end is what one asks for: who ended it, and with which close code of a websocket. */
static void
put_note(const struct conn *c, struct buf *out)
{
	static const char *const words[EXCHANGE__ENDS] = {
		[EXCHANGE_BY_CLIENT] = "ended by the client", [EXCHANGE_BY_BACK] = "ended by opencode", [EXCHANGE_BY_RESTART] = "ended for a restart",
		[EXCHANGE_BY_PATIENCE] = "ended: the client takes nothing",
	};
	const char *word = words[c->x.ended];
	unsigned code = tunnel_code(c);

	if (!word || (!c->tunnel && !c->x.is_stream))
		return;
	buf_puts(out, c->x.preview && c->x.ended == EXCHANGE_BY_BACK ? "ended by the container's server" : word);
	if (code > 0)
		buf_printf(out, ", code %u", code);
}

static void
put_line(struct conn *c, int status)
{
	struct edge *e = c->edge;
	struct access *a = &e->access;
	struct str said = buf_str(&c->said);
	AUTO(buf) struct buf note = BUF_INIT(64);
	struct access_entry entry = { .at_epoch_s = clock_epoch_s(), .client = c->client.text, .protocol = c->x.is_http10 ? "HTTP/1.0" : "HTTP/1.1",
		.status = status, .bytes_in = c->x.up.n_bytes, .bytes_out = c->x.down.n_bytes, .took_us = access_now_us() - c->x.began_us };

	entry.method = str_cut(&said, '\n');
	entry.target = str_cut(&said, '\n');
	entry.host = str_cut(&said, '\n');
	entry.agent = str_cut(&said, '\n');
	put_note(c, &note);
	entry.note = note.n > 0 ? note.p : NULL;
	buf_reset(&a->line);
	access_log_put(e->settings.log, &entry, &a->line);
	if (a->lines.n + a->line.n > ACCESS_PENDING_MAX) {
		a->n_dropped++;
		return;
	}
	buf_putstr(&a->lines, buf_str(&a->line));
	loop_defer(&e->loop, &a->write);
}

void
access_done(struct conn *c, int status, bool is_whole)
{
	struct edge *e = c->edge;

	if (c->x.is_quiet)
		return;
	if (c->x.answered_us)
		metrics_count(&e->access.durations, (uint64_t)(c->x.answered_us - c->x.began_us));
	if (e->settings.log != EDGE_LOG_OFF && c->said.n > 0)
		put_line(c, is_whole || c->x.has_head ? status : 0);
	buf_reset(&c->said);
}

/* ---- begin and end ---- */

void
access_init(struct edge *e)
{
	e->access = (struct access){ .lines = BUF_INIT(ACCESS_PENDING_MAX), .line = BUF_INIT(ACCESS_LOG_LINE_MAX), .write.fire = round_ended,
		.again = { .fd = -1, .due_ms = LOOP_NEVER, .fire = tried_again } };
	loop_timer(&e->loop, &e->access.again, LOOP_NEVER);
}

void
access_configure(struct edge *e)
{
	e->access.n_trusted = read_nets(e->settings.trusted, e->access.trusted);
	e->access.n_metrics_from = read_nets(e->settings.metrics_from, e->access.metrics_from);
}

void
access_fini(struct edge *e)
{
	write_lines(e);
	buf_fini(&e->access.lines);
	buf_fini(&e->access.line);
}
