/* port_choice.c - looking at a port before anything is made for it */
#include "lib/deploy/port_choice.h"

#include "lib/deploy/vantage.h"
#include "lib/net/addr.h"

#define TRIES 100

int
port_explain(struct service *s, const char *changed, struct err *e)
{
	unsigned port = (unsigned)s->config.server.port;
	const char *bind = s->config.server.bind;
	const char *owner = s->is_remote ? NULL : addr_port_owner(s->arena, port);
	unsigned next = s->is_remote ? 0 : addr_port_next_free(bind, port + 1, TRIES);

	err_set(e, ERR_ADDR_IN_USE, "port %u on %s is taken%s%s", port, bind, owner ? " by " : "", owner ? owner : "");
	err_note(e, "wanted by", "%s", config_where(s->arena, &s->config, &s->scope, "server.port"));
	err_note(e, "changed", "%s", changed);
	if (next)
		err_note(e, "try", "occ start --port %u            (%u is free)", next, next);
	return -1;
}

/* Where to instead, 0: nowhere. A container that has a port of its own has moved before: again only because that one is taken by now. */
static unsigned
other_port(struct service *s, const struct port_facts *f, unsigned port)
{
	const char *bind = s->config.server.bind, *host = "";
	unsigned kept_port = 0;
	struct err ignored = ERR_INIT;

	if (f->kept && vantage_address(s, f->kept, &host, &kept_port, &ignored) == 0 && kept_port != port) {
		if (addr_port_is_free(bind, kept_port, &ignored) == 1)
			return kept_port;
		return addr_port_next_free(bind, port + 1, TRIES);
	}
	return f->may_move ? addr_port_next_free(bind, port + 1, TRIES) : 0;
}

int
port_choose(struct service *s, const struct port_facts *f, bool *ret_moved, struct err *e)
{
	unsigned port = (unsigned)s->config.server.port, held_port = 0;
	const char *held_host = "", *bind = s->config.server.bind;
	struct err ignored = ERR_INIT;

	*ret_moved = false;
	if (s->is_remote)
		return 0;
	/* A port that we hold ourselves will be free; then only the address has to be one of this host's. */
	bool is_held = f->holder && vantage_address(s, f->holder, &held_host, &held_port, &ignored) == 0 && held_port == port;
	int is_free = addr_port_is_free(bind, is_held ? 0 : port, e);
	if (is_free < 0)
		return err_wrap(e, "%s", config_where(s->arena, &s->config, &s->scope, "server.bind"));
	if (is_free)
		return 0;
	unsigned next = other_port(s, f, port);
	if (!next)
		return port_explain(s, "nothing; no container was left behind", e);
	s->config.server.port = next;
	*ret_moved = true;
	return 0;
}
