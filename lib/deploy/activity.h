/*
 * activity.h - what opencode tells of itself: /global/event followed without blocking
 *
 * One stream of Server-Sent Events says that it lives (heartbeat every 10 s), which sessions are at work, and what a person may want to know. The owner polls
 * .stream.fd for activity_wants until .due_ms and calls activity_step; memory is bounded whatever the peer sends. The set of sessions outlives the stream: after a
 * reconnect to the same opencode activity_learn corrects it, after a new start activity_forget empties it.
 */
#ifndef OCC_DEPLOY_ACTIVITY_H
#define OCC_DEPLOY_ACTIVITY_H

#include "lib/deploy/vantage.h"
#include "lib/http/sse.h"

#define ACTIVITY_EVENT_MAX (256 * 1024)		/* larger events are passed over, not an error */
#define ACTIVITY_SESSIONS_MAX 64		/* more of them at work than that: is_overflown, counted as busy */
#define ACTIVITY_PATH "/global/event"
#define ACTIVITY_ANSWER_MS 5000			/* to connect and to answer: right after its start opencode takes requests that it never answers */
#define ACTIVITY_SILENCE_MS 45000		/* of a stream that beats every 10 s */

enum activity_kind {
	ACTIVITY_HEARTBEAT,		/* it lives: any event at all; at most one for each time that activity_step has nothing more */
	ACTIVITY_BUSY,			/* the busy set changed: from none to some */
	ACTIVITY_IDLE,			/* from some to none */
	ACTIVITY_FINISHED,		/* a session's turn has ended, by itself; .text: the error it ended with, or "" */
	ACTIVITY_QUESTION,		/* the agent asks: .text */
	ACTIVITY_PERMISSION,		/* it wants to do .text */
};

struct activity_event {
	enum activity_kind kind;
	const char *session, *directory, *title, *text;		/* in the arena given; "" when not told */
};

/* One that was seen of late; those at work are kept. Texts are cut to fit. */
struct activity_session {
	char id[64], directory[256], title[128];
	char trouble[128];		/* what its turn failed with */
	bool is_busy, is_child;		/* a child works for another session: nobody wants to hear that it has finished */
	bool was_aborted;		/* by a person, who knows */
	uint64_t turn;			/* when it was last heard of */
};

struct activity {
	struct stream stream;		/* fd -1: not connected */
	int phase;
	struct buf request, in;		/* bytes still to be sent; bytes read and not yet looked at */
	size_t in_at, run_n;		/* place in it, and body bytes there whose frame has been taken off */
	size_t step_bytes;
	int64_t due_ms;			/* by then activity_step is called again, whatever comes: the owner's deadline */
	bool is_chunked, has_sign;
	struct http_chunked chunked;
	struct sse sse;
	uint64_t turn;
	size_t n_sessions, n_busy;
	struct activity_session sessions[ACTIVITY_SESSIONS_MAX];
	bool is_overflown;
	char asked[64];			/* the last question or permission, told once */
	bool has_finished;		/* told after the IDLE that comes with it: */
	struct activity_session finished;
};

void activity_init(struct activity *a);
void activity_auto(struct activity *a);

/* Begins to connect to a literal address, with opencode's own password (vantage_password); never blocks. What is known of sessions stays. */
int activity_open(struct activity *a, const char *host, unsigned port, const char *user, struct str password, struct err *e) MUST_CHECK;
void activity_close(struct activity *a);
short activity_wants(const struct activity *a);		/* POLLOUT while connecting, then POLLIN; 0 when closed */

/* Goes on. 1 with one event (call again), 0 nothing more now, -1 it has ended or failed and is closed: ERR_PERM for 401, ERR_EOF for an end, ERR_TIMEOUT for silence past
 * .due_ms. scratch is the caller's to empty between calls. A burst is bounded: 0 comes after at most 256 KiB. */
int activity_step(struct activity *a, struct arena *scratch, struct activity_event *ret, struct err *e) MUST_CHECK;

/* ---- pure ---- */

/* The JSON of one event, applied to the sessions; 1 with *ret, 0 when nothing follows from it. */
int activity_apply(struct activity *a, struct arena *scratch, struct str data, struct activity_event *ret);
/* What else followed from the last activity_apply: 1 with *ret, until 0. activity_step does this by itself. */
int activity_more(struct activity *a, struct arena *scratch, struct activity_event *ret);

/* The answer of GET /session/status?directory=DIR: who works there and who does not. asked_turn is a->turn when it was asked: what was heard of a session later than that is
 * newer. 1 with BUSY or IDLE, 0, -1 when it is not such an answer. */
int activity_learn(struct activity *a, struct arena *scratch, const char *directory, struct str body, uint64_t asked_turn, struct activity_event *ret);
/* opencode has ended: nobody works. 1 with IDLE, or 0. */
int activity_forget(struct activity *a, struct activity_event *ret);
/* "Fix the login (ses_..., ~/workspace/shop)", one for each session at work. */
void activity_list(const struct activity *a, struct arena *arena, struct strlist *ret);
bool activity_is_busy(const struct activity *a);

#endif
