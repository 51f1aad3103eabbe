/*
 * back.h - connections to opencode: made, lent to one exchange at a time, kept for the next one
 *
 * The one that was used last is used first, so that those which are not needed grow old and go. What has been sent of a request stays here until the answer begins: it may have
 * to be said again.
 */
#ifndef OCC_APPLETS_TLS_BACK_H
#define OCC_APPLETS_TLS_BACK_H

#include "applets/occ-tls/transport.h"
#include "lib/loop/loop.h"

#define BACK_IDLE_MAX 64
#define BACK_OUT_MAX (256 * 1024)

struct edge;
struct conn;

enum back_state { BACK_CONNECTING, BACK_BUSY, BACK_IDLE, BACK_GONE };

struct back_conn {
	struct edge *edge;
	struct watch watch;
	struct deferred gone;
	struct transport t;
	enum back_state state;
	struct conn *owner;			/* while lent */
	struct back_conn *prev, *next;		/* among the idle ones */
	struct buf out;				/* to be sent from `sent` on */
	size_t sent;
	struct buf in;				/* the part of an answer's head that has come */
};

struct back {
	struct back_conn *first, *last;		/* idle: used last, used first */
	unsigned n_idle, n;
};

/* One for c: BACK_BUSY, or BACK_CONNECTING, whose owner hears of it. is_sure: an idle one is looked at first, because what is sent into the void cannot be said
 * again. NULL with e when none can be made. */
struct back_conn *back_take(struct edge *e, struct conn *c, bool is_sure, struct err *err);
/* A new one to another port of the same host, for c alone. */
struct back_conn *back_open(struct edge *e, struct conn *c, unsigned port, struct err *err);
/* Given back: kept for another exchange, or closed. */
void back_give(struct back_conn *b, bool is_reusable);
/* Closes those that nobody uses. */
void back_close_idle(struct edge *e);

/* Sends, and keeps what does not go now. False when the connection is broken. */
bool back_send(struct back_conn *b, struct str data);
bool back_flush(struct back_conn *b);
size_t back_pending(const struct back_conn *b);		/* bytes that have not gone */
void back_forget(struct back_conn *b);			/* what was sent need not be said again */
/* Reads on, or not: the client takes nothing. */
void back_want(struct back_conn *b, bool wants_input);

#endif
