/*
 * exchange.h - one request and its answer
 *
 * begin: let in, written as it goes on. go: onto a connection to opencode, or into the queue while there is none. Then the body goes up and the answer comes down, each
 * stopped by whoever does not take it. What is needed of the request later is kept here; the request itself is gone by then.
 */
#ifndef OCC_APPLETS_TLS_EXCHANGE_H
#define OCC_APPLETS_TLS_EXCHANGE_H

#include "applets/occ-tls/body.h"
#include "lib/http/sse_gap.h"

#define WEBSOCKET_KEY_BYTES 32
#define EXCHANGE_CONTINUE "HTTP/1.1 100 Continue\r\n\r\n"	/* RFC 9110 section 15.2.1 */

struct conn;

/* Of an event stream or a websocket: by whom, or what, it was ended first. */
enum exchange_end { EXCHANGE_GOES_ON, EXCHANGE_BY_CLIENT, EXCHANGE_BY_BACK, EXCHANGE_BY_RESTART, EXCHANGE_BY_PATIENCE, EXCHANGE__ENDS };

struct exchange {
	bool is_head_request, is_http10, must_close, wants_continue, is_websocket;
	bool is_navigation;	/* a person looks at the answer */
	bool is_open;		/* everybody may ask for it */
	bool is_quiet;		/* not logged, not counted: health questions */
	bool is_repeatable;	/* GET or HEAD without a body */
	unsigned char n_repeated;	/* said again, for opencode ended or did not answer */
	unsigned char n_unanswered;	/* of those, one after another: each waits twice as long */
	bool has_sent;		/* a byte of it has left */
	bool has_begun;		/* a byte of the answer has come */
	bool has_head;		/* and been passed on */
	bool is_stream;		/* Server-Sent Events */
	bool is_encoded;	/* compressed by what is behind: nothing can be put into it */
	bool is_asset;		/* may be kept by browsers, and here */
	bool back_keeps;
	unsigned preview, preview_port;	/* the container's port that is meant, 0: opencode; and where it is published */
	bool is_counted;	/* in edge->n_in_flight */
	enum exchange_end ended;
	int status;
	int64_t began_us, answered_us;	/* the whole head was there; the first byte of the answer left */
	int64_t asked_ms, waited_ms;	/* since when the client is waited for to send more; how long in all */
	int64_t held_until_ms;	/* LOOP_NEVER: it has not waited for opencode */
	struct body up, down;
	struct sse_gap gap;
	char websocket_key[WEBSOCKET_KEY_BYTES];
};

/* The request in edge->request, which the gate has let in with edge->gate. exchange_prepare leaves it in edge->tx as it goes on: false when it does not fit, and is answered. */
void exchange_init(struct conn *c);
bool exchange_prepare(struct conn *c);
/* head may be c->head, or elsewhere. */
void exchange_go(struct conn *c, struct str head);
void exchange_drop(struct conn *c);		/* the client has gone */
void exchange_end_stream(struct conn *c, enum exchange_end why);	/* an event stream ends as if opencode had ended it */
void exchange_ended(struct conn *c, enum exchange_end why);		/* noted once: what ends first takes the rest with it */

void exchange_from_client(struct conn *c);	/* readable, or room again on the way up */
void exchange_from_back(struct conn *c);	/* readable, or room again on the way down */
void exchange_to_back(struct conn *c);		/* connected, or writable */
void exchange_lost(struct conn *c);		/* the connection to opencode could not be made, or has ended */
void exchange_late(struct conn *c);		/* the body of the request does not come */
void exchange_quiet(struct conn *c);		/* an event stream has been silent */
void exchange_count(struct conn *c, bool is_in_flight);
void exchange_detach(struct conn *c, bool is_reusable);		/* gives the connection to opencode back */

#endif
