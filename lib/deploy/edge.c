/* edge.c - the edge as the configuration means it */
#include "lib/deploy/edge.h"

#include "lib/base/mem.h"
#include "lib/base/path.h"
#include "lib/deploy/config.h"
#include "lib/net/addr.h"

#define HTTP_PORT 80
#define HTTPS_PORT 443
#define HTTP_PORT_HIGH 8080	/* plain, or without the right to bind below 1024 */
#define HTTPS_PORT_HIGH 8443

/* The words of the schema in the order of the enumerations. */
static const char *const modes[] = { [EDGE_OFF] = "off", [EDGE_PLAIN] = "plain", [EDGE_SELF_SIGNED] = "self-signed", [EDGE_FILES] = "files" };
static const char *const logs[] = { [EDGE_LOG_OFF] = "off", [EDGE_LOG_TEXT] = "text", [EDGE_LOG_JSON] = "json" };

/* A text that the schema has let through; NULL: a configuration that was never loaded, whose values are the first ones. */
static size_t
word_of(const char *const *words, size_t n, const char *text)
{
	for (size_t i = 0; text && i < n; i++)
		if (str_is(str_of(text), words[i]))
			return i;
	return 0;
}

enum edge_mode
edge_mode_of(const struct config *c)
{
	return (enum edge_mode)word_of(modes, ARRAY_LEN(modes), c->edge.mode);
}

enum edge_log
edge_log_of(const struct config *c)
{
	return (enum edge_log)word_of(logs, ARRAY_LEN(logs), c->edge.access_log);
}

bool
edge_is_on(const struct config *c)
{
	return edge_mode_of(c) != EDGE_OFF;
}

bool
edge_is_tls(const struct config *c)
{
	return edge_mode_of(c) > EDGE_PLAIN;
}

bool
edge_is_page(const struct config *c)
{
	return str_is(str_of(c->edge.login), "page");
}

/* ---- where it listens ---- */

const char *
edge_bind(const struct config *c)
{
	if (edge_is_private(c))
		return "0.0.0.0";
	if (!str_is(str_of(c->edge.bind), "auto"))
		return c->edge.bind;
	return edge_is_tls(c) ? "0.0.0.0" : "127.0.0.1";
}

bool
edge_is_private(const struct config *c)
{
	return str_is(str_of(c->edge.bind), EDGE_BIND_PRIVATE);
}

const char *
edge_bind_text(const struct config *c)
{
	return edge_is_private(c) ? EDGE_BIND_PRIVATE : edge_bind(c);
}

enum addr_scope
edge_scope(const struct config *c)
{
	return edge_is_private(c) ? ADDR_PRIVATE : addr_scope_of(edge_bind(c));
}

unsigned
edge_port(const struct config *c, enum scope_kind kind)
{
	if (c->edge.port != SCHEMA_AUTO)
		return (unsigned)c->edge.port;
	if (!edge_is_tls(c))
		return HTTP_PORT_HIGH;
	return kind == SCOPE_SYSTEM ? HTTPS_PORT : HTTPS_PORT_HIGH;
}

unsigned
edge_redirect_port(const struct config *c, enum scope_kind kind)
{
	if (!edge_is_tls(c))
		return 0;
	if (c->edge.redirect_port != SCHEMA_AUTO)
		return (unsigned)c->edge.redirect_port;
	return kind == SCOPE_SYSTEM ? HTTP_PORT : 0;
}

/* ---- what people type ---- */

const char *
edge_host(struct arena *a, const struct config *c)
{
	const char *bind = edge_bind(c), *outward;

	for (size_t i = 0; i < c->edge.names.n; i++)
		if (!str_has_prefix(str_of(c->edge.names.v[i]), "*."))
			return c->edge.names.v[i];
	if (addr_scope_of(bind) != ADDR_ANY)
		return bind;
	outward = addr_outward(a);
	return outward && !(edge_is_private(c) && addr_scope_of(outward) == ADDR_PUBLIC) ? outward : "127.0.0.1";
}

/* A host in a URL: an IPv6 address stands in brackets (RFC 3986 section 3.2.2). */
static void
put_host(struct buf *out, const char *host)
{
	buf_printf(out, addr_is_ipv6(host) ? "[%s]" : "%s", host);
}

const char *
edge_url(struct arena *a, const struct config *c, enum scope_kind kind)
{
	AUTO(buf) struct buf url = BUF_INIT(512);
	unsigned port = edge_port(c, kind);
	const char *host;

	if (c->server.public_url[0])
		return c->server.public_url;
	host = edge_host(a, c);
	buf_puts(&url, edge_is_tls(c) ? "https://" : "http://");
	if (port == (edge_is_tls(c) ? HTTPS_PORT : HTTP_PORT))
		put_host(&url, host);
	else
		addr_put_hostport(&url, host, port);
	return arena_str(a, buf_str(&url));
}

/* ---- its files ---- */

void
edge_paths_of(struct arena *a, const struct scope *s, struct edge_paths *ret)
{
	const char *dir = path_join(a, s->state_dir, "edge");

	*ret = (struct edge_paths){ .dir = dir, .ca_cert = path_join(a, dir, "ca.pem"), .ca_key = path_join(a, dir, "ca.key"),
		.leaf_cert = path_join(a, dir, "leaf.pem"), .leaf_key = path_join(a, dir, "leaf.key"), .links = path_join(a, dir, "links"),
		.control = path_join(a, path_dir(a, s->control_path), arena_printf(a, "%s.edge.sock", s->instance)) };
}

/* ---- what does not go with it ---- */

int
edge_check_bypass(const struct config *c, struct err *e)
{
	if (!edge_is_on(c) || addr_scope_of(c->server.bind) == ADDR_LOOPBACK)
		return 0;
	err_set(e, ERR_REFUSED, "%s would let people go round the edge: with edge.mode %s opencode itself is published on this machine only", c->server.bind,
	    c->edge.mode);
	err_note(e, "try", "occ config unset server.bind");
	return err_note(e, "or", "occ config set edge.mode off");
}

int
edge_check_engine(const struct config *c, bool is_remote, struct err *e)
{
	if (!edge_is_on(c) || !is_remote)
		return 0;
	err_set(e, ERR_REFUSED, "the edge has to run where the engine is: install this program on that host");
	return err_note(e, "or", "occ config set edge.mode off   (and reach it by ssh -L)");
}

/* Would two listeners meet? An address that covers all meets every one of its port. */
static bool
meets(const char *a, unsigned a_port, const char *b, unsigned b_port)
{
	return a_port && a_port == b_port && (str_is(str_of(a), b) || addr_scope_of(a) == ADDR_ANY || addr_scope_of(b) == ADDR_ANY);
}

static int
check_against_published(const struct config *c, const char *key, unsigned port, struct err *e)
{
	const struct strlist *l = &c->container.ports;
	const char *bind = edge_bind(c);

	if (meets(bind, port, c->server.bind, (unsigned)c->server.port))
		return err_set(e, ERR_CONFIG, "%s: port %u is server.port already", key, port);
	for (size_t i = 0; i < l->n; i++) {
		AUTO(arena) struct arena scratch = ARENA_INIT;
		struct config_port p;

		if (config_port_parse(str_of(l->v[i]), &p, e) < 0)
			return err_wrap(e, "container.ports");
		if (meets(bind, port, p.address.n ? arena_str(&scratch, p.address) : c->server.bind, p.host))
			return err_set(e, ERR_CONFIG, "%s: port %u is published by container.ports already", key, port);
	}
	return 0;
}

int
edge_check_ports(const struct config *c, unsigned port, unsigned redirect_port, const char **ret_key, struct err *e)
{
	if (!edge_is_on(c))
		return 0;
	*ret_key = "edge.port";
	if (check_against_published(c, *ret_key, port, e) < 0)
		return -1;
	*ret_key = "edge.redirect_port";
	if (redirect_port && redirect_port == port)
		return err_set(e, ERR_CONFIG, "edge.redirect_port: port %u is edge.port already", port);
	return check_against_published(c, *ret_key, redirect_port, e);
}
