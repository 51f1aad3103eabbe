/*
 * back_probe.h - one health question to opencode, on a connection of its own, without blocking
 *
 * After a healthy answer the connection may stay: then its end is told as well, and it can be asked again.
 */
#ifndef OCC_APPLETS_TLS_BACK_PROBE_H
#define OCC_APPLETS_TLS_BACK_PROBE_H

#include "applets/occ-tls/transport.h"
#include "lib/loop/loop.h"

#define BACK_PROBE_ANSWER_MAX 16384
#define BACK_PROBE_VERSION_MAX 128

enum back_probe_state { BACK_PROBE_OFF, BACK_PROBE_CONNECTING, BACK_PROBE_ASKED, BACK_PROBE_QUIET };
enum back_probe_news {
	BACK_PROBE_HEALTHY,	/* and quiet now, if its connection stays; else off */
	BACK_PROBE_REFUSED,	/* nobody listens */
	BACK_PROBE_SILENT,	/* no healthy answer in time, or the connection ended */
};

struct back_probe {
	struct loop *loop;
	struct watch watch;
	struct transport t;
	enum back_probe_state state;
	struct buf answer;
	char version[BACK_PROBE_VERSION_MAX];	/* what the last healthy answer said */
	struct str question;		/* good as long as the probe is in use */
	int64_t due_ms;
	void *ctx;
	void (*told)(struct back_probe *p, enum back_probe_news news);	/* off by then, unless said otherwise */
};

#define BACK_PROBE_INIT { .watch = WATCH_INIT, .t = TRANSPORT_INIT, .answer = BUF_INIT(BACK_PROBE_ANSWER_MAX) }

/* host: a literal address. loop, ctx and told are set by then. News may come at once. */
void back_probe_start(struct back_probe *p, const char *host, unsigned port, struct str question, int64_t due_ms);
/* Once more over the connection that stayed. */
void back_probe_again(struct back_probe *p, int64_t due_ms);
void back_probe_stop(struct back_probe *p);		/* without news */

#endif
