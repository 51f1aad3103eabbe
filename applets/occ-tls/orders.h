/*
 * orders.h - what the keeper tells the worker, and what it is told
 *
 * Settings and certificates are gathered until WIRE_SERVE takes them into use together, or none of them. What cannot be sent at once is sent when the pair takes it: of each kind
 * only the latest. Questions are not kept: who asks answers its client that it cannot be known now.
 */
#ifndef OCC_APPLETS_TLS_ORDERS_H
#define OCC_APPLETS_TLS_ORDERS_H

#include "applets/occ-tls/wire.h"
#include "lib/loop/loop.h"
#include "lib/tls/server.h"

struct edge;

struct orders_owed {
	bool is_owed;
	uint32_t id, n;
	union {
		struct wire_serving serving;
		struct wire_facts facts;
	} body;
};

struct orders {
	struct watch watch;
	struct watch end;			/* the time that WIRE_END gives */
	struct buf in;				/* a message: a secret */
	bool has_keeper, has_settings, is_serving;
	struct edge_settings settings;		/* to be taken into use */
	struct wire_identity identities[TLS_IDENTITIES_MAX];
	struct buf texts[TLS_IDENTITIES_MAX];	/* chain, then key */
	size_t n_identities;
	uint32_t hold_id;			/* of WIRE_HOLD, for WIRE_DRAINED */
	struct orders_owed owed[WIRE__N];
};

int orders_open(struct edge *e, int fd, struct err *err) MUST_CHECK;
void orders_fini(struct edge *e);

/* False when the keeper cannot be asked now. */
bool orders_ask(struct edge *e, enum wire_kind kind, uint32_t id, struct str body);
void orders_tell(struct edge *e, enum wire_kind kind, uint32_t id, struct str body);

/* Ends when nothing is under way any more; after ms at the latest (LOOP_NEVER: no such time). */
void orders_end(struct edge *e, int64_t ms, bool ends_streams);

#endif
