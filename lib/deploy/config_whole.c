/* config_whole.c - keys that need or exclude each other */
#include <string.h>

#include "lib/base/mem.h"
#include "lib/deploy/config_value.h"
#include "lib/deploy/edge.h"

static int
check_pull(const struct config *c, const char **ret_key, struct err *e)
{
	if (strcmp(c->image.source, "pull") != 0 || c->image.ref[0])
		return 0;
	*ret_key = "image.source";
	err_set(e, ERR_CONFIG, "image.source: pull needs image.ref, the image to pull");
	return err_note(e, "try", "occ config set image.ref REGISTRY/NAME:TAG");
}

/* The same directory of the container twice: the engine would refuse it at the create. */
static int
check_mounts(const struct config *c, const char **ret_key, struct err *e)
{
	const struct strlist *l = &c->container.mounts;

	*ret_key = "container.mounts";
	for (size_t i = 0; i < l->n; i++) {
		struct config_mount m, other;

		if (config_mount_parse(str_of(l->v[i]), &m, e) < 0)
			return -1;
		for (size_t j = 0; j < i; j++) {
			if (config_mount_parse(str_of(l->v[j]), &other, e) < 0)
				return -1;
			if (str_eq(m.target, other.target))
				return err_set(e, ERR_CONFIG, "container.mounts: two directories for " STR_FMT " in the container",
					       STR_ARG(str_take(m.target, 200)));
		}
	}
	return 0;
}

/* An address that covers the other, or the same: 0.0.0.0 and :: cover all. */
static bool
overlaps(struct str a, struct str b)
{
	return str_eq(a, b) || str_is(a, "0.0.0.0") || str_is(b, "0.0.0.0") || str_is(a, "::") || str_is(b, "::");
}

static int
check_ports(const struct config *c, const char **ret_key, struct err *e)
{
	const struct strlist *l = &c->container.ports;
	struct str bind = str_of(c->server.bind);

	*ret_key = "container.ports";
	for (size_t i = 0; i < l->n; i++) {
		struct config_port p, other;
		struct str address;

		if (config_port_parse(str_of(l->v[i]), &p, e) < 0)
			return -1;
		address = p.address.n > 0 ? p.address : bind;
		if (p.host == c->server.port && overlaps(address, bind))
			return err_set(e, ERR_CONFIG, "container.ports: port %u of the host is server.port already", p.host);
		for (size_t j = 0; j < i; j++) {
			if (config_port_parse(str_of(l->v[j]), &other, e) < 0)
				return -1;
			if (p.host == other.host && overlaps(address, other.address.n > 0 ? other.address : bind))
				return err_set(e, ERR_CONFIG, "container.ports: port %u of the host is published twice", p.host);
		}
	}
	return 0;
}

/* ---- the edge ---- */

/* Only in mode files: so each of the two can be set by a command of its own before the mode is. */
static int
check_certificate(const struct config *c, const char **ret_key, struct err *e)
{
	bool has_certificate = c->edge.certificate[0], has_key = c->edge.key[0];

	*ret_key = "edge.mode";
	if (edge_mode_of(c) != EDGE_FILES || (has_certificate && has_key))
		return 0;
	err_set(e, ERR_CONFIG, "edge.mode: files needs %s%s%s", has_certificate ? "" : "edge.certificate",
	    has_certificate || has_key ? "" : " and ", has_key ? "" : "edge.key");
	err_note(e, "try", "occ config set %s /PATH/TO/FILE.pem", has_certificate ? "edge.key" : "edge.certificate");
	return err_note(e, "or", "occ config set edge.mode self-signed   (makes a certificate by itself)");
}

/* What the edge's processes hand each other has room for so many. */
static int
check_room(const struct config *c, const char **ret_key, struct err *e)
{
	const struct {
		const char *key;
		const struct strlist *l;
		size_t max;
	} lists[] = {
		{ "edge.names", &c->edge.names, EDGE_NAMES_MAX },
		{ "edge.trusted_proxies", &c->edge.trusted_proxies, EDGE_LIST_MAX },
		{ "edge.metrics_from", &c->edge.metrics_from, EDGE_LIST_MAX },
		{ "server.cors", &c->server.cors, EDGE_LIST_MAX },
	};

	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		*ret_key = lists[i].key;
		if (lists[i].l->n > lists[i].max)
			return err_set(e, ERR_CONFIG, "%s: holds more than the %zu elements that the edge has room for", lists[i].key, lists[i].max);
		for (size_t k = 0; k < lists[i].l->n; k++)
			if (strlen(lists[i].l->v[k]) > EDGE_TEXT_MAX)
				return err_set(e, ERR_CONFIG, "%s: an element is longer than %d bytes", lists[i].key, EDGE_TEXT_MAX);
	}
	return 0;
}

/* An engine found otherwise (DOCKER_HOST, a context) is judged by who connects. */
static bool
is_remote_by_config(const struct config *c)
{
	if (strcmp(c->engine.location, "auto") != 0)
		return strcmp(c->engine.location, "remote") == 0;
	return str_has_prefix(str_of(c->engine.url), "ssh://");
}

static int
as_config_error(const char *key, struct err *e)
{
	e->code = ERR_CONFIG;
	return err_wrap(e, "%s", key);
}

/* Ports that depend on the scope are looked at by the start, which knows it. */
static int
check_edge(const struct config *c, const char **ret_key, struct err *e)
{
	unsigned port = c->edge.port == SCHEMA_AUTO ? 0 : (unsigned)c->edge.port;
	unsigned redirect = c->edge.redirect_port == SCHEMA_AUTO || !edge_is_tls(c) ? 0 : (unsigned)c->edge.redirect_port;

	if (check_certificate(c, ret_key, e) < 0)
		return -1;
	if (!edge_is_on(c))
		return 0;
	if (check_room(c, ret_key, e) < 0)
		return -1;
	*ret_key = "server.bind";
	if (edge_check_bypass(c, e) < 0)
		return as_config_error(*ret_key, e);
	*ret_key = "edge.mode";
	if (edge_check_engine(c, is_remote_by_config(c), e) < 0)
		return as_config_error(*ret_key, e);
	return edge_check_ports(c, port, redirect, ret_key, e);
}

int
config_check_whole(const struct config *c, const char **ret_key, struct err *e)
{
	if (check_pull(c, ret_key, e) < 0 || check_mounts(c, ret_key, e) < 0)
		return -1;
	if (check_ports(c, ret_key, e) < 0)
		return -1;
	return check_edge(c, ret_key, e);
}
