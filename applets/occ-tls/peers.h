/*
 * peers.h - how many connections each client address has
 *
 * One entry an address that has any. IPv6 clients are counted by /64, as they are by the limiter.
 */
#ifndef OCC_APPLETS_TLS_PEERS_H
#define OCC_APPLETS_TLS_PEERS_H

#include "applets/occ-tls/limiter.h"

#define PEERS_BUCKETS 1024

struct peer {
	struct limiter_key key;
	unsigned n;
	struct peer *next;
};

struct peers {
	struct peer *buckets[PEERS_BUCKETS];
};

/* Counts one connection more. NULL when that address has `max` already, or is none. */
struct peer *peers_join(struct peers *p, const char *address, unsigned max);
void peers_leave(struct peers *p, struct peer *of);

#endif
