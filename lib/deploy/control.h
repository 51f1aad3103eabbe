/*
 * control.h - control sockets, of the watchdog and of the edge: one JSON object a line each way, for commands and for who watches
 *
 * Peer credentials decide: root and the owner's own user may ask, nobody else. suspend and hold are leases of their connection, at most CONTROL_LEASE_MAX_MS: a
 * killed command releases them. Requests: {"verb":"status"}, {"verb":"suspend","seconds":N,"why":"update"}, ...: which there are is a table, struct
 * control_protocol. Answers: {"ok":true,...} or {"ok":false,"error":"..."}; a line is at most CONTROL_LINE_MAX bytes, a request CONTROL_REQUEST_MAX.
 */
#ifndef OCC_DEPLOY_CONTROL_H
#define OCC_DEPLOY_CONTROL_H

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/json/json.h"

#define CONTROL_LINE_MAX 65536
#define CONTROL_REQUEST_MAX 4096
#define CONTROL_WHY_MAX 200
#define CONTROL_LEASE_MAX_MS (60 * 60 * 1000)

enum control_kind {
	CONTROL_PLAIN,			/* a verb alone */
	CONTROL_TIMED,			/* takes seconds: 1 to an hour */
	CONTROL_TAKE,			/* begins or renews the connection's lease: seconds and why */
	CONTROL_GIVE,			/* ends it */
	CONTROL_LAST,			/* the owner is going to end, which the connection stays for */
};

struct control_verb_row {
	const char *name;
	enum control_kind kind;
};

/* One socket's language; a request names its verb by the row's number. */
struct control_protocol {
	const char *owner;		/* who answers, for messages: "the watchdog" */
	const struct control_verb_row *verbs;
	size_t n_verbs;
};

/* down: a service manager's stop, as `occ stop`. */
enum control_verb { CONTROL_STATUS, CONTROL_RELOAD, CONTROL_SUSPEND, CONTROL_RESUME, CONTROL_DOWN };
extern const struct control_protocol control_watchdog;

/* hold: new requests wait; drain: answered once none is in flight, or seconds later ("drained" says which); release: they go on. link: makes a one-time link. renew: a
 * new certificate now. */
enum control_edge_verb {
	CONTROL_EDGE_STATUS, CONTROL_EDGE_RELOAD, CONTROL_EDGE_HOLD, CONTROL_EDGE_DRAIN, CONTROL_EDGE_RELEASE, CONTROL_EDGE_LINK, CONTROL_EDGE_RENEW,
};
extern const struct control_protocol control_edge;

struct control_request {
	unsigned verb;
	int64_t seconds;		/* of TIMED and TAKE: 1 to an hour */
	const char *why;		/* of TAKE: one line, "" when not told */
};

/* Pure. ERR_USAGE for what is not a request, with the reason. */
int control_parse(const struct control_protocol *p, struct arena *a, struct str line, struct control_request *ret, struct err *e) MUST_CHECK;
void control_put(const struct control_protocol *p, const struct control_request *r, struct buf *out);	/* with its newline */

/* A client's connection; a lease lives as long as it is open. ERR_NOT_FOUND when nobody listens there. */
struct control {
	int fd;
	const struct control_protocol *protocol;
};
#define CONTROL_INIT { .fd = -1 }
int control_open(struct control *c, const struct control_protocol *p, const char *path, int64_t due_ms, struct err *e) MUST_CHECK;
/* Sends and reads the answer; a refusal is ERR_REFUSED with its text. */
int control_ask(struct control *c, struct arena *a, const struct control_request *r, const struct json **ret, int64_t due_ms,
    struct err *e) MUST_CHECK;
/* After a verb of kind LAST was answered: waits until the owner has ended, which closes the connection. */
int control_wait_end(struct control *c, int64_t due_ms, struct err *e) MUST_CHECK;
void control_auto(struct control *c);

/* Is the owner of restarts alive? By its lock: exact, also while it is stuck. */
bool control_watchdog_lives(const char *watchdog_lock_path);

#endif
