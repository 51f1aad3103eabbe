/*
 * edge.h - the worker: what its parts share
 *
 * One process, one loop, no blocking call. A connection of a client (conn.h) carries one exchange at a time over a connection to opencode (back.h), or waits (hold.h) while
 * there is none. Bytes are read into one work area and written from another, both the worker's: only what could not be used or written at once is kept by a connection, so
 * that an idle one holds no buffer. Whatever a peer could make large has a limit here.
 */
#ifndef OCC_APPLETS_TLS_EDGE_H
#define OCC_APPLETS_TLS_EDGE_H

#include "applets/occ-tls/access.h"
#include "applets/occ-tls/assets.h"
#include "applets/occ-tls/back.h"
#include "applets/occ-tls/conn_list.h"
#include "applets/occ-tls/hold.h"
#include "applets/occ-tls/login.h"
#include "applets/occ-tls/orders.h"
#include "applets/occ-tls/peers.h"
#include "lib/loop/loop.h"
#include "lib/net/listen.h"

#define EDGE_RX_BYTES 32768		/* one read; a head has to fit */
#define EDGE_HEAD_MAX (2 * EDGE_RX_BYTES)	/* one as it goes on */
#define EDGE_PIECE_MAX (8 * (EDGE_RX_BYTES + ASSET_STEP_BYTES))	/* what the compressor makes of one read, with what it had put by */
#define EDGE_TX_MAX (EDGE_HEAD_MAX + EDGE_PIECE_MAX)
#define EDGE_KEPT_MAX (64u << 20)	/* bytes that connections keep, together */
#define EDGE_SPARE_FDS 64		/* descriptors that are no connections */
#define EDGE_CONNS_MAX 20000
#define EDGE_CROWD 256			/* more connections than people have: who takes nothing has a part of the time */
#define EDGE_CROWD_END 16		/* and so few when it is over */
#define EDGE_CROWD_HASTE 4
#define EDGE_CROWD_READ 8192		/* bytes of an answer at once */
#define EDGE_CROWD_TAKES (16u * 1024)	/* bytes in that time: people's lines are ten times as fast */
#define EDGE_PEER_SHARE 4		/* one client address may have all connections but one in so many */

_Static_assert(EDGE_RX_BYTES >= HTTP_REQUEST_HEAD_MAX, "a request's head fits into one read");
_Static_assert(EDGE_RX_BYTES >= HTTP_HEAD_MAX, "an answer's as well");

enum listener_kind { LISTENER_TLS, LISTENER_PLAIN, LISTENER_REDIRECT, LISTENER_CROSSED /* plain HTTP where TLS is spoken */ };

struct listener {
	struct edge *edge;
	struct watch watch;
	enum listener_kind kind;
};

struct edge {
	struct loop loop;
	int64_t now_ms;
	struct edge_settings settings;
	struct tls_server *tls;			/* NULL where nobody speaks it */
	struct orders orders;
	struct listener listeners[WIRE_LIST_MAX];
	size_t n_listeners;
	struct loop_signals signals;
	struct watch accept_again, rotate;	/* descriptors were used up; ticket keys */
	bool is_accepting, is_ending, is_crowd;
	struct conn *conns;			/* all */
	struct conn_list idle, asking;		/* between two requests, longest first; waiting for the keeper */
	unsigned n_conns;
	unsigned conns_max, n_in_flight;	/* requests on their way that will end by themselves: no streams */
	struct peers peers;
	struct back back;
	struct hold hold;
	struct login login;
	struct access access;
	struct assets *assets;
	struct wire_facts facts;		/* counters; the rest is filled in when they are asked for */
	size_t kept_bytes;

	/* Work areas: nothing in them outlives a callback. */
	char rx[EDGE_RX_BYTES];
	struct buf tx, piece, page, fields, scratch;
	struct http_request_head request;
	struct str raw;				/* its bytes */
	struct http_head response;
	struct gate_result gate;
	struct asset_plan plan;
};

/* listener.c */
int listener_start(struct edge *e, int first_fd, struct err *err) MUST_CHECK;
void listener_more(struct edge *e);	/* a connection has ended */
void listener_stop(struct edge *e);
/* How many connections may come from there. */
unsigned listener_peer_max(const struct edge *e, const struct listen_peer *from);

/* worker.c: is there anything left to do? Ends the loop when the worker was told to end and is done. */
void edge_check_end(struct edge *e);
/* Waits in milliseconds, from the settings or as they are meant to be. */
int64_t edge_wait_ms(const struct edge *e, enum edge_wait w);
/* Event streams and tunnels, which never end by themselves, end now; their clients come again. */
void edge_end_streams(struct edge *e);
void edge_facts(const struct edge *e, struct wire_facts *ret);
/* The first settings: rights are given up, listeners are served. Later ones: used from now on. */
int edge_begin(struct edge *e, struct err *err) MUST_CHECK;
void edge_configure(struct edge *e, bool is_other_back);

#endif
