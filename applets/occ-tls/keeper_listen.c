/* keeper_listen.c - the ports: handed over by the service manager, or opened here, and kept over every change of the worker */
#include <string.h>

#include "applets/occ-tls/keeper.h"
#include "applets/occ/common.h"
#include "lib/base/fd.h"
#include "lib/base/mem.h"
#include "lib/deploy/unit.h"

/* ---- from the service manager ---- */

static const struct {
	const char *name;
	enum keeper_kind kind;
} names[] = {
	{ UNIT_SOCKET_HTTPS, KEEPER_TLS }, { UNIT_SOCKET_HTTP, KEEPER_PLAIN }, { UNIT_SOCKET_REDIRECT, KEEPER_REDIRECT },
};

const char *
keeper_listen_name(enum keeper_kind kind)
{
	size_t k = 0;

	while (names[k].kind != kind)
		k++;
	return names[k].name;
}

static void
add(struct keeper_listeners *l, int fd, enum keeper_kind kind, const char *host, unsigned port)
{
	struct keeper_listener *to = &l->v[l->n++];

	*to = (struct keeper_listener){ .fd = fd, .kind = kind, .port = port };
	str_copy(to->host, sizeof to->host, host);
}

static int
take_named(const struct listen_socket *sockets, size_t n, struct keeper_listeners *ret, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		size_t k = 0;
		unsigned port;

		while (k < ARRAY_LEN(names) && strcmp(names[k].name, sockets[i].name) != 0)
			k++;
		if (k == ARRAY_LEN(names))
			return err_set(e, ERR_USAGE, "the service manager handed over a socket with the name '%s': it has to be one of https, http, redirect",
			    sockets[i].name);
		if (listen_port(sockets[i].fd, &port, e) < 0)
			return -1;
		add(ret, sockets[i].fd, names[k].kind, "", port);
	}
	ret->is_given = n > 0;
	return 0;
}

int
keeper_listen_given(struct keeper_listeners *ret, struct err *e)
{
	struct listen_socket sockets[KEEPER_LISTENERS];
	int n = listen_from_systemd(occ_env("LISTEN_PID"), occ_env("LISTEN_FDS"), occ_env("LISTEN_FDNAMES"), sockets, KEEPER_LISTENERS, e);

	for (size_t i = 0; n == 0 && i < ARRAY_LEN(names); i++) {
		n = listen_from_launchd(names[i].name, sockets, KEEPER_LISTENERS - ret->n, e);
		if (n > 0 && take_named(sockets, (size_t)n, ret, e) < 0)
			return -1;
		n = n > 0 ? 0 : n;
	}
	return n < 0 ? -1 : take_named(sockets, (size_t)n, ret, e);
}

/* ---- opened here ---- */

/* Another address of a port that is ours already cannot be had while the worker listens there. */
static int
refuse_move(const struct keeper_listener *l, const struct listen_want *w, struct err *e)
{
	err_set(e, ERR_CONFLICT, "port %u moves from %s to %s only when the edge is started anew", w->port, l->host, w->host);
	return err_note(e, "try", "end the edge and start it again");
}

static int
open_one(const struct keeper_listeners *now, enum keeper_kind kind, const struct listen_want *w, struct keeper_listeners *ret, struct err *e)
{
	const struct keeper_listener *ours = NULL;

	for (size_t i = 0; i < now->n; i++) {
		if (now->v[i].port == w->port)
			ours = &now->v[i];
		if (ours && strcmp(ours->host, w->host) == 0) {
			add(ret, ours->fd, kind, ours->host, ours->port);
			return 0;
		}
	}
	int fd = listen_tcp(w, e);
	if (fd < 0) {
		if (e->code == ERR_ADDR_IN_USE && ours)
			return refuse_move(ours, w, e);
		if (e->code == ERR_PERM)
			e->code = ERR_TLS;	/* as with a certificate: what is served goes on, and a person has to see to it */
		return -1;
	}
	add(ret, fd, kind, w->host, w->port);
	return 0;
}

int
keeper_listen(struct keeper_listeners *now, const struct config *c, enum scope_kind kind, struct keeper_listeners *ret, struct err *e)
{
	const struct listen_want main_port = { .host = edge_bind(c), .port = edge_port(c, kind), .host_key = "edge.bind", .port_key = "edge.port" };
	const struct listen_want redirect = { .host = edge_bind(c), .port = edge_redirect_port(c, kind), .host_key = "edge.bind", .port_key = "edge.redirect_port" };

	enum keeper_kind main_kind = edge_is_tls(c) ? KEEPER_TLS : KEEPER_PLAIN;

	*ret = (struct keeper_listeners){ .n = 0 };
	if (now->is_given) {
		*ret = *now;
		for (size_t i = 0; i < ret->n; i++)
			if (ret->v[i].kind != KEEPER_REDIRECT)
				ret->v[i].kind = main_kind;	/* a unit from before the mode was changed has the other name */
		return 0;
	}
	if (open_one(now, main_kind, &main_port, ret, e) == 0
	    && (redirect.port == 0 || open_one(now, KEEPER_REDIRECT, &redirect, ret, e) == 0))
		return 0;
	keeper_listen_close(ret, now);
	return -1;
}

/* ---- both ---- */

static const struct keeper_listener *
find(const struct keeper_listeners *l, int fd)
{
	for (size_t i = 0; l && i < l->n; i++)
		if (l->v[i].fd == fd)
			return &l->v[i];
	return NULL;
}

bool
keeper_listen_is_same(const struct keeper_listeners *a, const struct keeper_listeners *b)
{
	for (size_t i = 0; i < a->n; i++) {
		const struct keeper_listener *same = find(b, a->v[i].fd);

		if (!same || same->kind != a->v[i].kind)
			return false;
	}
	return a->n == b->n;
}

void
keeper_listen_close(struct keeper_listeners *l, const struct keeper_listeners *but)
{
	for (size_t i = 0; i < l->n; i++)
		if (!find(but, l->v[i].fd))
			fd_auto(&l->v[i].fd);
	l->n = 0;
}

unsigned
keeper_listen_count(const struct keeper_listeners *l, enum keeper_kind kind)
{
	unsigned n = 0;

	for (size_t i = 0; i < l->n; i++)
		n += l->v[i].kind == kind;
	return n;
}
