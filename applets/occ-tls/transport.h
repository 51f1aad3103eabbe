/*
 * transport.h - the bytes of one connected socket, plain or through a TLS session, without blocking
 *
 * Owns the descriptor and the session. Under TLS a read may have to wait until something can be written, and the other way round: what each waits for is told
 * in poll's bits, so that its owner need not know which kind it has.
 */
#ifndef OCC_APPLETS_TLS_TRANSPORT_H
#define OCC_APPLETS_TLS_TRANSPORT_H

#include "lib/tls/server.h"

#define TRANSPORT_AGAIN (-2)	/* nothing now: wait for read_waits, or write_waits */

struct transport {
	int fd;			/* -1: closed */
	struct tls_session *tls;	/* NULL: plain */
	short read_waits, write_waits;	/* POLLIN or POLLOUT: what the next read, or write, needs */
	bool is_at_end;		/* the peer has said goodbye, or has gone */
};

#define TRANSPORT_INIT { .fd = -1, .read_waits = POLLIN, .write_waits = POLLOUT }

/* Takes the descriptor (non-blocking), whatever comes of it. tls NULL: plain. */
int transport_open(struct transport *t, int fd, struct tls_server *tls, struct err *e) MUST_CHECK;
void transport_close(struct transport *t);

/* 0 done (at once when plain), TRANSPORT_AGAIN (read_waits says for what), -1 as tls_handshake. */
int transport_handshake(struct transport *t, struct err *e) MUST_CHECK;
/* > 0 bytes, 0 at the end, TRANSPORT_AGAIN, -1. */
ssize_t transport_read(struct transport *t, void *p, size_t n, struct err *e) MUST_CHECK;
/* > 0 bytes taken, TRANSPORT_AGAIN (then the same bytes again, from wherever), -1. */
ssize_t transport_write(struct transport *t, struct str data, struct err *e) MUST_CHECK;
/* Bytes wait inside the session, which poll(2) does not know of. */
bool transport_has_pending(const struct transport *t);
/* Nothing more will be written: says so as far as the socket takes it. */
void transport_finish(struct transport *t);

#endif
