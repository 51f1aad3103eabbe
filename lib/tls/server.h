/*
 * server.h - TLS 1.2 and 1.3 for a server, without blocking (mbedTLS behind it)
 *
 * A struct tls_server is what connections are made from: certificates with their keys, ticket keys, policy (Mozilla's intermediate profile 6). It is counted: a
 * reload makes a new one, connections of the old one go on until they end. Sessions own no descriptor: the caller reads and writes it when it is told to. One
 * thread. mbedTLS is seeded at tls_server_new: after fork, before the sandbox.
 */
#ifndef OCC_TLS_SERVER_H
#define OCC_TLS_SERVER_H

#include <stdint.h>
#include <sys/types.h>

#include "lib/base/buf.h"

struct tls_server;
struct tls_session;

/* One certificate with its key, as PEM text; the chain leaf first. */
struct tls_identity {
	struct str chain_pem, key_pem;
};

#define TLS_IDENTITIES_MAX 8
#define TLS_TICKET_LIFE_S 86400		/* keys rotate at half of it */

/* Checks what it is given: the key belongs to the leaf, the chain parses and fits into a handshake; not the time (cert_check_pair does: an expired certificate is still
 * better than none). ERR_TLS with what is wrong and, among several, with which one, counted from 1. The first identity is for clients whose server name fits none.
 * Nothing is kept of the given memory; the caller wipes its keys. */
int tls_server_new(struct tls_server **ret, const struct tls_identity *ids, size_t n, struct err *e) MUST_CHECK;
void tls_server_free(struct tls_server *s);			/* gives the caller's count up */
void tls_server_rotate(struct tls_server *s, int64_t now_ms);	/* ticket keys; call now and then, cheap when it is not time */
/* A reload keeps the old one's ticket keys: sessions resume. */
void tls_server_inherit(struct tls_server *fresh, struct tls_server *old);

#define TLS_AGAIN_READ (-2)	/* call again once the descriptor is readable */
#define TLS_AGAIN_WRITE (-3)	/* once it is writable */

/* A session on a connected non-blocking socket. ERR_SYS without memory. */
int tls_session_new(struct tls_session **ret, struct tls_server *s, int fd, struct err *e) MUST_CHECK;
void tls_session_free(struct tls_session *t);

/* 0 done, TLS_AGAIN_*, -1 (ERR_TLS the peer's fault, ERR_EOF it has gone). Plain HTTP on a TLS port is ERR_PARSE: the request is then still in the socket, every byte
 * of it, for the caller to read and answer. */
int tls_handshake(struct tls_session *t, struct err *e) MUST_CHECK;
/* > 0 bytes, 0 at a clean end, TLS_AGAIN_READ, -1 (ERR_EOF: an end without the goodbye before it; what came may have been cut). n > 0. */
ssize_t tls_read(struct tls_session *t, void *p, size_t n, struct err *e) MUST_CHECK;
/* > 0 bytes taken (possibly fewer) and handed to the socket whole, TLS_AGAIN_WRITE, -1. After TLS_AGAIN_WRITE call again with the same bytes (more behind them are
 * allowed): they are encrypted and partly sent already, so that other bytes, or none, would tear the stream. data.n > 0. */
ssize_t tls_write(struct tls_session *t, struct str data, struct err *e) MUST_CHECK;
/* Decrypted bytes that wait inside: read them, poll(2) does not know of them. */
bool tls_has_pending(const struct tls_session *t);
/* Says goodbye as far as the socket takes it; 0, TLS_AGAIN_WRITE, -1. */
int tls_bye(struct tls_session *t, struct err *e) MUST_CHECK;

struct tls_facts {
	const char *version, *cipher, *server_name;	/* constants or inside the session; server_name "" when none was sent */
	bool is_resumed;		/* the client brought a ticket of ours that opened */
};
void tls_session_facts(const struct tls_session *t, struct tls_facts *ret);

#endif
