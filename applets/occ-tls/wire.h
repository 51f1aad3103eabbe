/*
 * wire.h - what the two processes of the edge tell each other
 *
 * The keeper reads configuration, credentials and certificates, and parses nothing that comes from a network. The worker speaks with the network and holds the current leaf key,
 * the inner password and the key of the cookies, nothing else: it is this program executed anew, so it inherits no memory. They share a SOCK_SEQPACKET pair; a message
 * is a struct wire_head and its body, whole or not at all. Both sides are the same binary, so structs go as they are. A worker that loses its keeper goes on serving what it
 * has and ends when it is told to, or when the pair is closed and the last stream has ended.
 */
#ifndef OCC_APPLETS_TLS_WIRE_H
#define OCC_APPLETS_TLS_WIRE_H

#include <stdint.h>

#include "applets/occ-tls/gate.h"
#include "lib/base/buf.h"
#include "lib/deploy/edge.h"

#define WIRE_FD 3			/* the worker's end; its listeners follow from 4 on */
#define WIRE_MAX (192 * 1024)
#define WIRE_LIST_MAX 32
#define WIRE_TEXT 256

enum wire_kind {
	/* keeper to worker */
	WIRE_SETTINGS,			/* struct edge_settings */
	WIRE_IDENTITY,			/* struct wire_identity, then chain and key as PEM: one each; the set is complete with WIRE_SERVE */
	WIRE_SERVE,			/* takes settings and identities into use, atomically; answered by WIRE_SERVING */
	WIRE_VERDICT,			/* struct wire_verdict: answers ASK and LINK */
	WIRE_HOLD,			/* hold new requests; answered by WIRE_DRAINED once none is in flight, or struct wire_ms later */
	WIRE_RELEASE,
	WIRE_STATUS,			/* answered by WIRE_FACTS */
	WIRE_END,			/* finish what is under way, at most struct wire_ms; then end */
	/* worker to keeper */
	WIRE_SERVING,			/* struct wire_serving */
	WIRE_ASK,			/* struct wire_ask: is this the user's password? */
	WIRE_LINK,			/* struct wire_ask: token in password: is this link good? Once. */
	WIRE_DRAINED,
	WIRE_FACTS,			/* struct wire_facts */
	WIRE__N
};

struct wire_head {
	uint32_t kind, n;		/* n: bytes that follow */
	uint32_t id;			/* an answer has its question's */
};

/* What a connection is given time for. */
enum edge_wait {
	EDGE_WAIT_HANDSHAKE,		/* of TLS, whole */
	EDGE_WAIT_HEAD,			/* of a request, whole, from its first byte; and that byte on a new connection */
	EDGE_WAIT_BODY,			/* of a request: any progress; and the time without which a rate means nothing */
	EDGE_WAIT_WRITE,		/* the client takes any byte of what it is sent */
	EDGE_WAIT_LINGER,		/* the client closes after the last answer */
	EDGE_WAIT_QUIET,		/* a stream is silent for so long, then gets a sign of life */
	EDGE_WAIT_CONNECT,		/* to opencode */
	EDGE_WAIT_ASK,			/* the keeper's verdict */
	EDGE_WAIT_UPGRADE,		/* opencode's answer to a websocket, before it is asked once more */
	EDGE_WAIT_LAST,			/* a request that is on its way when the worker goes */
	EDGE_WAITS
};

/* A port of the container, and where this machine reaches it. */
struct wire_preview { uint32_t port, back_port; };
#define WIRE_PREVIEWS_MAX 31		/* and opencode's: as many as the sandbox lets out */

/* Everything that the worker needs to know, in one piece: no pointer in it. */
struct edge_settings {
	enum edge_mode mode;
	enum edge_log log;
	char instance[64];
	char back_host[64];		/* opencode: a literal address */
	uint32_t back_port;
	char back_authorization[512];	/* a secret: the whole value, with the inner password */
	bool is_page;			/* edge.login */
	enum addr_scope reach;		/* of edge.bind; ADDR_INVALID as ADDR_ANY. Sockets that are given may listen on more: who came to another address is not answered */
	unsigned char cookie_key[MAC_KEY_BYTES];
	uint32_t generation;
	char names[WIRE_LIST_MAX][WIRE_TEXT];	/* edge.names: first one is where redirects go when Host fits none */
	char origins[WIRE_LIST_MAX][WIRE_TEXT];
	char trusted[WIRE_LIST_MAX][64];	/* networks, ADDRESS/BITS, whose forwarding fields are believed */
	char metrics_from[WIRE_LIST_MAX][64];	/* networks that may read /metrics */
	char public_host[WIRE_TEXT];		/* of server.public_url; "" */
	struct wire_preview previews[WIRE_PREVIEWS_MAX];
	uint32_t n_previews;
	uint32_t https_port;		/* where redirects from plain HTTP lead; 0: there is none */
	uint32_t hold_s;
	uint32_t idle_s;		/* keep-alive of a client connection; longer than a balancer's in mode plain */
	uint32_t waits_ms[EDGE_WAITS];	/* 0: as the worker means it to be */
	bool has_hsts;			/* the certificate is publicly trusted */
	int64_t cert_until_epoch_s;	/* for /metrics; 0: none */
	uint32_t n_tls, n_plain;	/* listeners from WIRE_FD + 1 on: first those that speak TLS, then plain ones (mode plain), */
	uint32_t n_redirect;		/* then those that only redirect to https */
};

struct wire_identity { uint32_t n_chain, n_key; };
struct wire_verdict { bool is_good; };
struct wire_ms { uint32_t ms; };
struct wire_serving { bool is_ok; char why[WIRE_TEXT]; };
struct wire_ask { char user[GATE_USER_BYTES], password[GATE_PASSWORD_BYTES], client[64]; };
struct wire_facts {
	uint64_t n_requests, n_failed, n_streams, n_websockets, n_connections, n_held, n_refused, bytes_in, bytes_out, n_handshakes, n_resumed;
	uint32_t n_restarts;		/* of the back end, as seen from here */
	bool is_back_up;
	int64_t back_seen_s;		/* seconds since opencode answered; -1: never */
	uint32_t n_asset_bytes;
	bool all_private;		/* all clients share one private address: a proxy that is not configured? */
};

/* One message; the pair is non-blocking. 1 sent or received, 0 it would block (ask again), -1 (ERR_EOF when the other has gone). The body of what is received is a view
 * into `scratch`, wiped by the caller. */
int wire_send(int fd, enum wire_kind kind, uint32_t id, struct str body, struct err *e) MUST_CHECK;
int wire_recv(int fd, struct buf *scratch, struct wire_head *ret, struct str *ret_body, struct err *e) MUST_CHECK;
/* A body that is exactly one struct of n bytes, copied out; false for another length. */
bool wire_struct(struct str body, void *ret, size_t n);
/* The pair, both ends non-blocking and O_CLOEXEC. */
int wire_pair(int *ret_keeper_fd, int *ret_worker_fd, struct err *e) MUST_CHECK;

#endif
