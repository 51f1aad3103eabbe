/*
 * notice.h - pure: what a person is told when nobody looks, as each receiver wants it, and how often
 *
 * A notice is a kind, a title and a text of one line each, and a link. Texts of the agent's may be in it, secrets may not. Bodies are JSON: of our own shape for
 * a webhook, ntfy's, and that of Slack, which Mattermost and Discord's /slack take too.
 */
#ifndef OCC_DEPLOY_NOTICE_H
#define OCC_DEPLOY_NOTICE_H

#include "lib/base/arena.h"
#include "lib/base/buf.h"

#define NOTICE_TITLE_MAX 160
#define NOTICE_TEXT_MAX 500
#define NOTICE_FORMAT 1

enum notice_kind {
	NOTICE_FAILED, NOTICE_RECOVERED, NOTICE_RESTARTED, NOTICE_FINISHED, NOTICE_QUESTION, NOTICE_PERMISSION,
	NOTICE_UPDATE,
	NOTICE_TEST,			/* by `occ notify test`: always sent */
	NOTICE__KINDS
};

enum notice_service { NOTICE_WEBHOOK, NOTICE_NTFY, NOTICE_SLACK };

struct notice {
	enum notice_kind kind;
	const char *title, *text;	/* cut and cleaned when written */
	const char *link;		/* "" for none */
	const char *instance;
	int64_t at_epoch_s;
};

const char *notice_kind_name(enum notice_kind k);		/* "session-finished": in notify.events and in bodies */
int notice_kind_of(struct str name);				/* -1: none of them; NOTICE_TEST is none */
const char *notice_service_name(enum notice_service s);		/* "webhook", "ntfy", "slack" */
int notice_service_of(struct str name);				/* -1 */

/* https://HOST/... (or http://), printable, without credentials; ntfy needs a topic. ERR_USAGE; the URL is not quoted. */
int notice_check_url(enum notice_service s, struct str url, struct err *e) MUST_CHECK;
/* "https://hooks.example:8443" of a URL: what may be shown of it. */
const char *notice_origin(struct arena *a, struct str url);

/* Where to POST and what, as JSON. For ntfy the topic moves from the URL's path into the body. */
void notice_put_url(enum notice_service s, struct str url, struct buf *out);
void notice_put_body(enum notice_service s, struct str url, const struct notice *n, struct buf *out);

/* The page of a session in the web UI; base is server.public_url or service_url. base alone without a session. */
const char *notice_link(struct arena *a, const char *base, const char *directory, const char *session);

/* Token buckets: of each kind NOTICE_BURST at once and then one a minute, and a larger one for all of the agent's own together, so that a talkative session
 * cannot keep a failure from being told. Zeroed: full. */
#define NOTICE_BURST 5
#define NOTICE_REFILL_MS 60000
#define NOTICE_BURST_ALL 15
#define NOTICE_REFILL_ALL_MS 20000
struct notice_bucket {
	unsigned used;
	int64_t since_ms;
};
struct notice_rate {
	struct notice_bucket kinds[NOTICE__KINDS], all;
	unsigned n_held[NOTICE__KINDS];
};
/* May one of this kind be sent now? *ret_held: how many of it were held back before. */
bool notice_rate_take(struct notice_rate *r, enum notice_kind k, int64_t now_ms, unsigned *ret_held);

#endif
