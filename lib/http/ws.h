/*
 * ws.h - where the frames of a WebSocket begin and end (RFC 6455 section 5.2), in one direction, in bounded memory
 *
 * Bytes pass through as they are; what is followed is only the framing, so that a ping can be put between two frames of one side and its answer be taken out of
 * the frames of the other. A struct ws follows one direction: a tunnel has two. A stream that breaks the framing rules passes on and is followed no more.
 * Pure: nothing blocks, allocates or fails.
 */
#ifndef OCC_HTTP_WS_H
#define OCC_HTTP_WS_H

#include "lib/base/buf.h"

#define WS_PING_TOKEN "occ-keepalive"		/* payload of our pings, so also of the pongs to them */
#define WS_MASK_BYTES 4
#define WS_HEAD_MAX 14				/* bytes: two, an extended length of eight, a mask */
#define WS_HELD_MAX (2 + WS_MASK_BYTES + sizeof WS_PING_TOKEN - 1)	/* of a pong with the token, from a client */

#define WS_NO_CODE 1005				/* a close frame without a status code, section 7.1.5 */

enum ws_side { WS_FROM_CLIENT, WS_FROM_SERVER };	/* frames of a client are masked, of a server never */

struct ws {
	enum ws_side side;
	bool is_between;		/* no frame is under way, none has broken or closed the stream: a ping may be put in here */
	bool is_closing;		/* a close frame has begun */
	unsigned n_code, code;		/* bytes of its status code that have come, and what they say */
	bool is_broken;			/* the framing rules are: everything passes, nothing is put in or taken out any more */
	unsigned n_expected;		/* pings of ours whose pongs are still to come in this direction */
	uint64_t left;			/* payload bytes of the frame under way still to come */
	unsigned n_frame, want_head;	/* bytes of the frame in `frame`; its head's length, 0 while two bytes have not come */
	bool is_held;			/* they have not been passed on: it may be a pong of ours */
	unsigned char frame[WS_HELD_MAX];
};

void ws_init(struct ws *w, enum ws_side side);

/* Takes bytes of the stream: returns how many (> 0 for in.n > 0), and in *ret_pass the run of bytes, possibly empty, to be passed on now: a view into in or into w, good
 * until the next call. Call with the rest until in is used up. What is passed on is the stream without the pongs that answer our pings; a frame that may be one (a
 * pong with the token's length, while n_expected > 0) is held until a byte says that it is not, so at most WS_HELD_MAX bytes. Those that are held when the stream
 * ends were no whole frame and are lost. */
size_t ws_feed(struct ws *w, struct str in, struct str *ret_pass);

/* The status code of the close frame that has come: WS_NO_CODE when it has none (or has been cut off before it), 0 without a close frame. */
unsigned ws_close_code(const struct ws *w);

/* A ping of ours, appended to out, to the side that `answers` comes from, where its pong is then expected. Only while the stream that goes there is_between, and at the end
 * of what has been passed on of it. `mask`: unpredictable bytes, section 5.3; used when it goes to a server, may be NULL when it goes to a client. */
void ws_put_ping(struct ws *answers, const unsigned char *mask, struct buf *out);

#endif
