/*
 * client_addr.h - pure: whose request this is, behind proxies that are trusted
 *
 * X-Forwarded-For is read from the right: each proxy has put the address of whom it spoke with at the end. The client is the first that is not trusted itself; what stands left
 * of it could be anybody's invention and is not looked at. From a peer that is not trusted nothing is believed.
 */
#ifndef OCC_APPLETS_TLS_CLIENT_ADDR_H
#define OCC_APPLETS_TLS_CLIENT_ADDR_H

#include "lib/http/request.h"
#include "lib/net/cidr.h"

#define CLIENT_HOPS_MAX 32		/* elements that are looked at: the last one then is the client */

struct client_trust {
	const struct cidr *nets;
	size_t n;
};

enum client_proto { CLIENT_PROTO_UNSAID, CLIENT_PROTO_HTTP, CLIENT_PROTO_HTTPS };

struct client_addr {
	char text[CIDR_ADDR_TEXT];	/* shortest form, IPv4 also when it came mapped; "unknown" when the peer has no IP address */
	bool is_behind_proxy;		/* the peer is trusted: the next two are what it said */
	enum client_proto proto;	/* X-Forwarded-Proto */
	unsigned port;			/* X-Forwarded-Port; 0: not said */
};

/* `peer` is the socket's address as text. A malformed element ends the chain: the client then is the last trusted hop. Of lists in X-Forwarded-Proto and -Port, the last element
 * counts: it is the nearest proxy's. */
void client_addr_of(const struct client_trust *t, const char *peer, const struct http_request_head *h, struct client_addr *ret);

#endif
