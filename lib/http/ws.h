/*
 * ws.h - where the frames of a WebSocket begin and end (RFC 6455 section 5.2), in one direction, in bounded memory
 *
 * Bytes pass through as they are; what is followed is only the framing, so that a ping can be put between two frames of the other side and the answer to it
 * be taken out again. A stream that breaks the framing rules is told of once and followed no more.
 */
#ifndef OCC_HTTP_WS_H
#define OCC_HTTP_WS_H

#include "lib/base/buf.h"

#define WS_HEAD_MAX 14
#define WS_CONTROL_MAX 125

enum ws_side { WS_FROM_CLIENT, WS_FROM_SERVER };	/* frames of a client are masked, of a server never */

struct ws {
	enum ws_side side;
	unsigned char head[WS_HEAD_MAX];
	unsigned n_head, want_head;
	uint64_t left;			/* payload bytes of this frame still to come */
	bool is_between;		/* no frame is under way: one may be put in here */
	bool is_broken;
	bool is_closing;		/* a close frame has passed: nothing is put in any more */
	bool is_swallowing;		/* this frame is the answer to a ping of ours */
	unsigned n_expected;		/* pings of ours without an answer yet */
	unsigned char control[WS_CONTROL_MAX];
	unsigned n_control;
};

void ws_init(struct ws *w, enum ws_side side);

/* Takes bytes of the stream: how many (always > 0 for n > 0), and in *ret_pass the run of them, possibly empty, that is to be passed on. Pongs whose payload is
 * WS_PING_TOKEN are not passed on. Call until in is used up. */
size_t ws_feed(struct ws *w, struct str in, struct str *ret_pass, struct buf *out_held);

/* A ping of ours, appended: masked when it goes to a server. Only while the receiver's stream is_between. */
#define WS_PING_TOKEN "occ-keepalive"
void ws_put_ping(struct buf *out, enum ws_side to);

#endif
