/*
 * notice_send.h - notices on their way: one child at a time, a bounded queue, never blocking
 *
 * The child reads the addresses from credentials.json, posts to each of them with libcurl and ends; one that hangs is killed at its deadline. What fails for a
 * time (no network, 5xx, 429) is tried again NOTICE_TRIES times, only where it failed, and others go first meanwhile. A full queue loses the oldest of the agent's own first.
 */
#ifndef OCC_DEPLOY_NOTICE_SEND_H
#define OCC_DEPLOY_NOTICE_SEND_H

#include "lib/deploy/activity.h"
#include "lib/loop/loop.h"

#define NOTICE_QUEUE_MAX 16
#define NOTICE_POST_MS 20000		/* for all addresses of one try, each its share */
#define NOTICE_KILL_MS 30000
#define NOTICE_TRIES 4

struct notice_item {
	enum notice_kind kind;
	int64_t at_epoch_s;
	char title[NOTICE_TITLE_MAX + 1], text[NOTICE_TEXT_MAX + 1], link[1024];
	unsigned todo;			/* a bit for each address that still wants it */
	unsigned tries;
	int64_t due_ms;			/* of the next try, by the loop's clock; 0: at once */
};

struct notice_sender {
	struct loop_child child;
	struct watch timer;		/* the child's deadline, or the next try */
	struct loop *loop;
	const struct scope *scope;	/* the owner's */
	char instance[64];
	unsigned kinds;			/* of notify.events, a bit each */
	bool allow_http, is_running;
	struct notice_rate rate;
	size_t n, at;			/* [at] is on its way when is_running */
	struct notice_item queue[NOTICE_QUEUE_MAX];
	uint64_t n_sent, n_failed, n_held;		/* for status */
};

/* Stays where it is until closed. scope and loop outlive it. */
int notice_sender_open(struct notice_sender *s, struct loop *l, const struct scope *scope, const struct config *c, struct err *e) MUST_CHECK;
void notice_sender_configure(struct notice_sender *s, const struct scope *scope, const struct config *c);	/* after a reload */
/* Takes a copy. False when its kind is not wanted, too many came, or the address book is empty (looked at by the child). instance and at_epoch_s are filled in. */
bool notice_send(struct notice_sender *s, const struct notice *n);
bool notice_sender_is_idle(const struct notice_sender *s);	/* nothing on its way: a good moment to end */
void notice_sender_close(struct notice_sender *s);		/* what is queued is lost, a running child is killed and reaped */

/* What an event of opencode's is worth telling: true with kind, title, text and link filled, in the arena. base: service_url. */
bool notice_of_activity(struct arena *a, const struct activity_event *ev, const char *base, struct notice *ret);

/* ---- what the child does, and `occ notify test` ---- */

/* Posts to one address. ERR_REFUSED for an answer that is not 2xx; *ret_is_temporary: worth another try. */
int notice_post(struct arena *a, const struct credentials_notify *to, const struct notice *n, bool allow_http, int64_t due_ms, bool *ret_is_temporary,
    struct err *e) MUST_CHECK;

#endif
