/*
 * activity.h - what opencode tells of itself: /global/event followed without blocking
 *
 * One Server-Sent Events stream (WHATWG HTML, section 9.2) says that it lives (heartbeat every 10 s), which sessions are at work, and what a person may want to know.
 * The owner polls .stream.fd (on a loop) and calls activity_step; memory is bounded whatever the peer sends.
 */
#ifndef OCC_DEPLOY_ACTIVITY_H
#define OCC_DEPLOY_ACTIVITY_H

#include "lib/deploy/vantage.h"

#define ACTIVITY_EVENT_MAX (256 * 1024)		/* larger events are passed over, not an error */
#define ACTIVITY_BUSY_MAX 64			/* more sessions than that: is_overflown, counted as busy */

enum activity_kind {
	ACTIVITY_HEARTBEAT,		/* server.connected, server.heartbeat, and any event at all */
	ACTIVITY_BUSY,			/* the busy set changed: from none to some */
	ACTIVITY_IDLE,			/* from some to none */
	ACTIVITY_FINISHED,		/* session.idle: .session, .directory */
	ACTIVITY_QUESTION, ACTIVITY_PERMISSION,	/* asked for: .session, .directory, .text */
};

struct activity_event {
	enum activity_kind kind;
	const char *session, *directory, *text;		/* in the arena given; "" when not told */
};

struct activity_session {
	char id[64];
	char directory[256];
};

struct activity {
	struct stream stream;		/* fd -1: not connected */
	struct buf in;
	int phase;			/* head, body */
	struct http_chunked chunked;
	struct buf line, data;		/* the SSE event being gathered */
	bool is_skipping;		/* this event is larger than ACTIVITY_EVENT_MAX */
	size_t n_busy;
	struct activity_session busy[ACTIVITY_BUSY_MAX];
	bool is_overflown;
};

void activity_init(struct activity *a);
void activity_auto(struct activity *a);

/* Connects without blocking and sends the request with the credentials. The busy set is kept until the first step (a reconnect must not forget who works): the caller
 * asks busy_find for what was missed. */
int activity_open(struct activity *a, const char *host, unsigned port, const char *user, const struct credentials *cr, struct err *e) MUST_CHECK;
void activity_close(struct activity *a);

/* Reads what is there. 1 with one event (call again), 0 nothing more now, -1 the stream has ended or failed (reopen): ERR_PERM for 401. */
int activity_step(struct activity *a, struct arena *scratch, struct activity_event *ret, struct err *e) MUST_CHECK;

/* Pure: the JSON of one event, applied to the busy set; 1 with *ret, 0 when nothing follows from it. */
int activity_apply(struct activity *a, struct arena *scratch, struct str data, struct activity_event *ret);

#endif
