/*
 * addr.h - IP addresses as text: what they mean for exposure, and whether a port is free
 *
 * Pure but for the port probes, which bind and close at once.
 */
#ifndef OCC_NET_ADDR_H
#define OCC_NET_ADDR_H

#include "lib/base/arena.h"
#include "lib/base/buf.h"

enum addr_scope { ADDR_INVALID, ADDR_LOOPBACK, ADDR_PRIVATE, ADDR_ANY, ADDR_PUBLIC };

/* PRIVATE: RFC 1918, RFC 6598 (100.64/10, Tailscale's), link-local, fc00::/7; ANY: 0.0.0.0 and ::. "localhost" is LOOPBACK. */
enum addr_scope addr_scope_of(const char *text);
bool addr_is_ipv6(const char *text);
/* "[::1]:3000" or "127.0.0.1:3000". */
void addr_put_hostport(struct buf *b, const char *host, unsigned port);

/* 1 free, 0 taken, -1 with e (the address is not ours, permission). Port 0 asks for the address alone. Binds with SO_REUSEADDR, as the engine does. */
int addr_port_is_free(const char *host, unsigned port, struct err *e) MUST_CHECK;
/* First free port from `from` on, at most `tries` looked at; 0 when none. */
unsigned addr_port_next_free(const char *host, unsigned from, unsigned tries);
/* Who listens there ("node (pid 4121, user www)") from /proc; NULL when it cannot be told. */
const char *addr_port_owner(struct arena *a, unsigned port);
/* The address of the interface that leads to the default route, for the ssh -L line; NULL if none. No packet is sent. */
const char *addr_outward(struct arena *a);

#endif
