/*
 * control.h - the watchdog's control socket: one JSON object a line each way, for commands and for who watches
 *
 * Peer credentials decide: root and the watchdog's own user may ask, nobody else. suspend is a lease of its connection, at most CONTROL_LEASE_MAX_MS: a killed
 * command releases it. Requests: {"verb":"status"}, {"verb":"reload"}, {"verb":"suspend","seconds":N,"why":"update"}, {"verb":"resume"}, {"verb":"down"} (a service
 * manager's stop: as `occ stop`). Answers: {"ok":true,...} or {"ok":false,"error":"..."}; a line is at most CONTROL_LINE_MAX bytes, a request CONTROL_REQUEST_MAX.
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

enum control_verb { CONTROL_STATUS, CONTROL_RELOAD, CONTROL_SUSPEND, CONTROL_RESUME, CONTROL_DOWN };

struct control_request {
	enum control_verb verb;
	int64_t seconds;		/* with SUSPEND: 1 to an hour */
	const char *why;		/* one line, "" when not told */
};

/* Pure. ERR_USAGE for what is not a request, with the reason. */
int control_parse(struct arena *a, struct str line, struct control_request *ret, struct err *e) MUST_CHECK;
void control_put(const struct control_request *r, struct buf *out);	/* with its newline */

/* A client's connection; a lease lives as long as it is open. ERR_NOT_FOUND when no watchdog listens there. */
struct control {
	int fd;
};
#define CONTROL_INIT { .fd = -1 }
int control_open(struct control *c, const char *path, int64_t due_ms, struct err *e) MUST_CHECK;
/* Sends and reads the answer; a refusal is ERR_REFUSED with its text. */
int control_ask(struct control *c, struct arena *a, const struct control_request *r, const struct json **ret, int64_t due_ms,
    struct err *e) MUST_CHECK;
/* After `down` was answered: waits until the watchdog has ended, which closes the connection. */
int control_wait_end(struct control *c, int64_t due_ms, struct err *e) MUST_CHECK;
void control_auto(struct control *c);

/* Is the owner of restarts alive? By its lock: exact, also while it is stuck. */
bool control_watchdog_lives(const char *watchdog_lock_path);

#endif
