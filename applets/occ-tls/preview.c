/* preview.c - names of previews, and the ports behind them */
#include "applets/occ-tls/preview.h"

#include <string.h>

#include "lib/base/num.h"
#include "lib/net/addr.h"

#define PORT_MAX 65535

/* Published on one address of the network alone, it is not on the one where opencode is. */
static bool
is_reached(const struct config_port *p)
{
	AUTO(arena) struct arena a = ARENA_INIT;

	if (p->address.n == 0)
		return true;
	enum addr_scope scope = addr_scope_of(arena_str(&a, p->address));
	return scope == ADDR_LOOPBACK || scope == ADDR_ANY;
}

int
preview_put(const struct config *c, struct edge_settings *to, struct err *e)
{
	struct config_port p;

	to->n_previews = 0;
	for (size_t i = 0; i < c->container.ports.n; i++) {
		if (config_port_parse(str_of(c->container.ports.v[i]), &p, e) < 0)
			return -1;
		if (!is_reached(&p))
			continue;
		if (to->n_previews == WIRE_PREVIEWS_MAX)
			return err_set(e, ERR_CONFIG, "container.ports: more than %d ports with the edge on", WIRE_PREVIEWS_MAX);
		to->previews[to->n_previews++] = (struct wire_preview){ .port = p.container, .back_port = p.host };
	}
	return 0;
}

/* What stands before the name's own "*": of "3000.preview.example.org" 3000. Neither a sign nor a leading zero: one port has one name. */
static unsigned
port_before(struct str host_name, struct str wildcard)
{
	struct str suffix = str_skip(wildcard, 1);
	struct err ignored = ERR_INIT;
	uint64_t port;

	if (!str_has_prefix(wildcard, "*." PREVIEW_LABEL) || host_name.n <= suffix.n || !str_ieq(str_skip(host_name, host_name.n - suffix.n), suffix))
		return 0;
	struct str digits = str_take(host_name, host_name.n - suffix.n);
	if (digits.p[0] == '0' || num_u64(digits, 1, PORT_MAX, &port, &ignored) < 0)
		return 0;
	return (unsigned)port;
}

unsigned
preview_of(const struct edge_settings *s, struct str host_name, unsigned *ret_port)
{
	unsigned port = 0;

	*ret_port = 0;
	for (size_t i = 0; port == 0 && i < WIRE_LIST_MAX && s->names[i][0]; i++)
		port = port_before(host_name, str_of(s->names[i]));
	for (size_t i = 0; port != 0 && i < s->n_previews; i++)
		if (s->previews[i].port == port)
			*ret_port = s->previews[i].back_port;
	return port;
}
