/* config_whole.c - keys that need or exclude each other */
#include <string.h>

#include "lib/deploy/config_value.h"

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

int
config_check_whole(const struct config *c, const char **ret_key, struct err *e)
{
	if (check_pull(c, ret_key, e) < 0 || check_mounts(c, ret_key, e) < 0)
		return -1;
	return check_ports(c, ret_key, e);
}
