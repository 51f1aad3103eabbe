/*
 * bio.h - what lies between mbedTLS and a non-blocking socket
 *
 * mbedTLS writes record after record: what one call of ours makes it write is gathered and leaves in one send(2). What the socket does not take is kept
 * with the session. Read ahead goes the other way: header and body of a small record come in one recv(2). The two gathering places are shared by
 * all sessions of one thread and empty between calls, so that an idle session owns no buffer here. SIGPIPE is never raised.
 */
#ifndef OCC_TLS_BIO_H
#define OCC_TLS_BIO_H

#include "lib/base/buf.h"

#define BIO_AHEAD 4096			/* bytes read ahead at most */
#define BIO_OUT_MAX (64 * 1024)		/* bytes one call can make mbedTLS write, and then some */

/* Of a thread. */
struct bio_stage {
	struct buf out;
	size_t ahead_at, ahead_n;	/* bytes at ahead[ahead_at ...] not yet asked for */
	unsigned char ahead[BIO_AHEAD];
};

struct bio {
	int fd;
	int sys;			/* errno of the call that failed; 0: none */
	bool is_dry;			/* the last read found nothing */
	struct bio_stage *stage;
	struct buf left;		/* written by mbedTLS, not taken by the socket yet */
	struct buf ahead;		/* read from the socket, not asked for by mbedTLS yet */
};

void bio_init(struct bio *b, struct bio_stage *stage, int fd);
void bio_fini(struct bio *b);
/* mbedTLS's f_send and f_recv; ctx is a struct bio. */
int bio_send(void *ctx, const unsigned char *p, size_t n);
int bio_recv(void *ctx, unsigned char *p, size_t n);
/* To be called when a call of mbedTLS has returned: keeps what was read ahead, sends what was gathered. 1 when all of it has left, 0 when the
 * socket is full, -1 with b->sys. */
int bio_settle(struct bio *b);

#endif
