/* expose.c - nothing is exposed by accident (DESIGN.md section 6) */
#include "lib/deploy/expose.h"

#include "lib/net/addr.h"

static int
check_address(const struct config *c, const char *key, const char *address, bool has_password, struct err *e)
{
	enum addr_scope scope = addr_scope_of(address);

	if (scope == ADDR_INVALID)
		return err_set(e, ERR_CONFIG, "%s: %s is no IP address", key, address);
	if (scope == ADDR_LOOPBACK)
		return 0;
	if (!has_password) {
		err_set(e, ERR_REFUSED, "%s %s would let everybody who reaches it use this service: its password is empty", key, address);
		err_note(e, "changed", "nothing");
		return err_note(e, "try", "occ password set");
	}
	if (scope == ADDR_PRIVATE || c->server.allow_plain_http)
		return 0;
	err_set(e, ERR_REFUSED, "%s %s would send the password over plain HTTP on a public address", key, address);
	err_note(e, "changed", "nothing; published ports also bypass ufw and other INPUT rules");
	err_note(e, "try", "occ config unset server.bind, and from your laptop: ssh -N -L %llu:127.0.0.1:%llu USER@HOST",
	    (unsigned long long)c->server.port, (unsigned long long)c->server.port);
	err_note(e, "or", "bind a private address (Tailscale's 100.x, a LAN's, the load balancer's subnet)");
	return err_note(e, "or", "occ config set server.allow_plain_http true, when something else encrypts the way");
}

int
expose_check(const struct config *c, bool has_password, struct err *e)
{
	return check_address(c, "server.bind", c->server.bind, has_password, e);
}
