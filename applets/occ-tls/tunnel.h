/*
 * tunnel.h - a WebSocket on its way through (RFC 6455)
 *
 * Bytes pass as they are. Frames are followed in both directions, so that a ping can be put between two of them where nothing has been sent for a while, and its pong be taken out
 * again: neither side notices, and no idle timeout in between cuts a terminal that nobody types into.
 */
#ifndef OCC_APPLETS_TLS_TUNNEL_H
#define OCC_APPLETS_TLS_TUNNEL_H

#include <stdbool.h>

#include "applets/occ-tls/exchange.h"
#include "lib/http/ws.h"

struct conn;

struct tunnel {
	struct ws from_client, from_back;
};

/* head: the answer 101 as it goes to the client, in edge->tx; rest: what opencode sent behind it, in edge->rx. */
void tunnel_begin(struct conn *c, struct str head, struct str rest);
void tunnel_free(struct conn *c);

void tunnel_client(struct conn *c);			/* readable */
void tunnel_back(struct conn *c, short got);
bool tunnel_wants_client(const struct conn *c);
void tunnel_quiet_client(struct conn *c);
void tunnel_quiet_back(struct conn *c);
/* Both sides are told that the service restarts (close code 1012), where no frame is under way; then the connections are closed. */
void tunnel_close(struct conn *c, enum exchange_end why);
/* With which code the side that ended it first has closed it: 0 when there is no tunnel, or it said none. */
unsigned tunnel_code(const struct conn *c);

#endif
