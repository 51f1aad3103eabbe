/* expose.c - nothing is exposed by accident (DESIGN.md section 6) */
#include "lib/deploy/expose.h"

#include "lib/deploy/edge.h"
#include "lib/net/addr.h"

static int
refuse_empty(const char *key, const char *address, struct err *e)
{
	err_set(e, ERR_REFUSED, "%s %s would let everybody who reaches it use this service: its password is empty", key, address);
	err_note(e, "changed", "nothing");
	return err_note(e, "try", "occ password set");
}

static int
refuse_plain(const struct config *c, const char *key, const char *address, struct err *e)
{
	err_set(e, ERR_REFUSED, "%s %s would send the password over plain HTTP on a public address", key, address);
	if (edge_is_on(c)) {
		err_note(e, "changed", "nothing");
		err_note(e, "try", "occ config set edge.mode self-signed   (or files)");
		err_note(e, "or", "occ config set edge.bind private   (who comes to a public address is not answered)");
	} else {
		err_note(e, "changed", "nothing; published ports also bypass ufw and other INPUT rules");
		err_note(e, "try", "occ config unset server.bind, and from your laptop: ssh -N -L %llu:127.0.0.1:%llu USER@HOST",
		    (unsigned long long)c->server.port, (unsigned long long)c->server.port);
		err_note(e, "or", "bind a private address (Tailscale's 100.x, a LAN's, the load balancer's subnet)");
	}
	return err_note(e, "or", "occ config set server.allow_plain_http true, when something else encrypts the way");
}

static int
check_address(const struct config *c, const char *key, const char *address, enum addr_scope scope, bool has_password, bool is_tls, struct err *e)
{
	if (scope == ADDR_INVALID)
		return err_set(e, ERR_CONFIG, "%s: %s is no IP address", key, address);
	if (scope == ADDR_LOOPBACK)
		return 0;
	if (!has_password)
		return refuse_empty(key, address, e);
	if (is_tls || scope == ADDR_PRIVATE || c->server.allow_plain_http)
		return 0;
	return refuse_plain(c, key, address, e);
}

int
expose_check(const struct config *c, bool has_password, struct err *e)
{
	if (!edge_is_on(c))
		return check_address(c, "server.bind", c->server.bind, addr_scope_of(c->server.bind), has_password, false, e);
	if (edge_check_bypass(c, e) < 0) {
		err_wrap(e, "server.bind");
		return err_note(e, "changed", "nothing");
	}
	return check_address(c, "edge.bind", edge_bind_text(c), edge_scope(c), has_password, edge_is_tls(c), e);
}
