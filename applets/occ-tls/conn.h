/*
 * conn.h - one connection of a client
 *
 * Its state says what it waits for and who is asked when something comes (the table in conn.c). Whoever changes a connection outside of its own callback ends with
 * conn_settle. conn_close may be called anywhere: the memory goes after the loop's round, and a closed connection's state is CONN_GONE.
 */
#ifndef OCC_APPLETS_TLS_CONN_H
#define OCC_APPLETS_TLS_CONN_H

#include "applets/occ-tls/edge.h"
#include "applets/occ-tls/exchange.h"
#include "applets/occ-tls/transport.h"
#include "lib/net/listen.h"

#define CONN_IN_MAX EDGE_RX_BYTES	/* read ahead: a part of a head, or the next requests */
#define CONN_OUT_MAX (EDGE_TX_MAX + EDGE_HEAD_MAX)	/* one piece, and what does not wait for the client to take it */

enum conn_state {
	CONN_HANDSHAKE,
	CONN_HEAD,		/* waits for a request, or the rest of one */
	CONN_FORM,		/* reads the body of the login form */
	CONN_WAITING,		/* for the keeper's verdict, for opencode to come back, for a probe */
	CONN_EXCHANGE,
	CONN_TUNNEL,
	CONN_SERVE,		/* sends what the cache of assets holds */
	CONN_FLUSH,		/* writes the rest of an answer */
	CONN_LINGER,		/* has said everything, and reads on so that the client can hear it (RFC 9112 section 9.6) */
	CONN_GONE,
	CONN__STATES
};

enum conn_due {
	DUE_CLIENT,		/* what its state waits for from the client */
	DUE_WRITE,		/* bytes have to have gone by then */
	DUE_WAIT,		/* the end of CONN_WAITING */
	DUE_QUIET_CLIENT,	/* nothing has been sent to the client for so long: a stream's sign of life */
	DUE_QUIET_BACK,
	DUE_PENDING,		/* at once: the TLS session holds bytes that can be read again */
	CONN__DUES
};

struct conn {
	struct edge *edge;
	struct watch watch;
	struct deferred gone;
	struct transport t;
	enum conn_state state;
	enum listener_kind kind;
	struct conn *prev, *next;		/* in edge->conns */
	struct conn_list *in_list;		/* conn_list.c */
	struct conn *list_prev, *list_next;
	struct peer *peer;
	struct listen_peer from;
	struct buf in, out;
	struct buf head;			/* the request while it waits: as it came (keeper), or as it will go on (opencode) */
	size_t kept_bytes;
	int64_t due[CONN__DUES];
	int64_t taken_until_ms;			/* what is to be sent has at most until then to make progress; in a crowd less */
	size_t n_taken;				/* bytes of it that have gone since DUE_WRITE was set */
	bool is_partial;			/* `in` has been looked at and is no whole request */
	bool is_paused;				/* the client has sent what cannot be read now */
	bool keeps;				/* another request may follow this one's answer */
	bool is_fresh;				/* no request has come yet */
	void (*gave_up)(struct conn *c);	/* with DUE_WAIT */
	uint32_t ask_id;			/* of the question to the keeper */
	struct client_addr client;
	struct buf said;			/* for the access log */
	struct exchange x;
	struct back_conn *back;
	struct tunnel *tunnel;
	struct served *served;
};

/* Takes the descriptor over. */
void conn_new(struct edge *e, enum listener_kind kind, int fd, const struct listen_peer *from);
void conn_close(struct conn *c);
void conn_settle(struct conn *c);

void conn_state(struct conn *c, enum conn_state s);
void conn_due(struct conn *c, enum conn_due d, int64_t due_ms);		/* LOOP_NEVER takes it back */

/* Writes what can be written, keeps the rest. */
void conn_send(struct conn *c, struct str data);
/* One read: bytes, or 0 when there are none now or the client has gone (then CONN_GONE). */
size_t conn_read(struct conn *c, char *p, size_t n);
/* Keeps bytes that were read too early, behind those that are kept already. */
void conn_store(struct conn *c, struct str data);
/* The work area with what was kept, and, if the client has more, one more read: bytes in it. */
size_t conn_load(struct conn *c, bool can_read);

/* The answer has been sent as far as conn_send took it: another request, or the end. */
void conn_answered(struct conn *c);

#endif
