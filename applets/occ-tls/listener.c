/* listener.c - connections are taken while there is room for them; else the oldest that does nothing makes room */
#include "applets/occ-tls/conn.h"
#include "lib/base/fd.h"
#include "lib/base/mem.h"
#include "lib/net/addr.h"

#define ACCEPT_MAX 16		/* in one callback: those who are connected want their turn */
#define AGAIN_MS 100

static void
want_all(struct edge *e, short want)
{
	for (size_t i = 0; i < e->n_listeners; i++) {
		if (e->listeners[i].watch.loop)
			loop_want(&e->listeners[i].watch, want);
	}
	e->is_accepting = want != 0;
}

/* Room for one more: who is between two requests loses nothing that it cannot have again. */
static bool
make_room(struct edge *e)
{
	if (e->n_conns >= e->conns_max && e->idle.first)
		conn_close(e->idle.first);
	if (e->n_conns < e->conns_max)
		return true;
	want_all(e, 0);
	return false;
}

void
listener_more(struct edge *e)
{
	if (!e->is_accepting && !e->is_ending && e->n_conns < e->conns_max && e->accept_again.due_ms == LOOP_NEVER)
		want_all(e, POLLIN);
}

static void
try_again(struct watch *w, short got, int64_t now_ms)
{
	struct edge *e = CONTAINER_OF(w, struct edge, accept_again);

	(void)got;
	(void)now_ms;
	listener_more(e);
}

/* Listening on every address, while only some are meant: those that the machine has may change, and so may the configuration while a unit's socket stays. */
static bool
is_meant(const struct edge *e, int fd)
{
	enum addr_scope reach = e->settings.reach, scope;
	struct err ignored = ERR_INIT;
	struct listen_peer here;

	if (reach != ADDR_LOOPBACK && reach != ADDR_PRIVATE)
		return true;
	if (listen_local(fd, &here, &ignored) < 0)
		return false;
	scope = addr_scope_of(here.host);
	return scope == ADDR_LOOPBACK || (scope == ADDR_PRIVATE && reach == ADDR_PRIVATE);
}

static void
fired(struct watch *w, short got, int64_t now_ms)
{
	struct listener *l = CONTAINER_OF(w, struct listener, watch);
	struct edge *e = l->edge;
	struct err ignored = ERR_INIT;
	struct listen_peer peer;

	(void)got;
	e->now_ms = now_ms;
	for (int i = 0; i < ACCEPT_MAX && make_room(e); i++) {
		int fd = listen_accept(l->watch.fd, &peer, &ignored);

		if (fd == LISTEN_FULL || fd == -1) {
			want_all(e, 0);
			loop_due(&e->accept_again, now_ms + AGAIN_MS);
		}
		if (fd < 0)
			return;
		if (is_meant(e, fd))
			conn_new(e, l->kind, fd, &peer);
		else
			fd_auto(&fd);
	}
}

/* A balancer's connections are those of all its clients. */
unsigned
listener_peer_max(const struct edge *e, const struct listen_peer *from)
{
	return access_is_trusted(e, from->host) ? e->conns_max : e->conns_max - e->conns_max / EDGE_PEER_SHARE;
}

static enum listener_kind
kind_of(const struct edge_settings *s, size_t i)
{
	if (i < s->n_tls)
		return LISTENER_TLS;
	return i < s->n_tls + s->n_plain ? LISTENER_PLAIN : LISTENER_REDIRECT;
}

int
listener_start(struct edge *e, int first_fd, struct err *err)
{
	const struct edge_settings *s = &e->settings;
	size_t n = (size_t)s->n_tls + s->n_plain + s->n_redirect;

	if (n > ARRAY_LEN(e->listeners))
		return err_set(err, ERR_TOO_BIG, "%zu listeners are more than %zu", n, ARRAY_LEN(e->listeners));
	e->accept_again = (struct watch){ .fd = -1, .due_ms = LOOP_NEVER, .fire = try_again };
	loop_timer(&e->loop, &e->accept_again, LOOP_NEVER);
	for (size_t i = 0; i < n; i++) {
		struct listener *l = &e->listeners[i];

		*l = (struct listener){ .edge = e, .kind = kind_of(s, i),
			.watch = { .fd = first_fd + (int)i, .want = POLLIN, .due_ms = LOOP_NEVER, .fire = fired } };
		if (loop_add(&e->loop, &l->watch, err) < 0)
			return -1;
		e->n_listeners++;
	}
	e->is_accepting = true;
	return 0;
}

void
listener_stop(struct edge *e)
{
	for (size_t i = 0; i < e->n_listeners; i++) {
		loop_remove(&e->loop, &e->listeners[i].watch);
		fd_auto(&e->listeners[i].watch.fd);
	}
	e->n_listeners = 0;
	e->is_accepting = false;
}
