/*
 * hold.h - is opencode there; and what waits while it is not
 *
 * One kept connection is asked every few seconds: it tells of a restart at once, also when nobody uses the others. When opencode has gone, or does not answer, probes leave
 * every HOLD_EVERY_MS, each on its own connection with its own deadline: for a while after it listens it takes connections and never answers (FACTS.md, dead window). The
 * first healthy answer lets those go that wait. The keeper can hold as well (drain before a stop); then nothing goes until it says so.
 */
#ifndef OCC_APPLETS_TLS_HOLD_H
#define OCC_APPLETS_TLS_HOLD_H

#include "applets/occ-tls/back_probe.h"
#include "applets/occ-tls/conn_list.h"

#define HOLD_REQUESTS_MAX 256		/* each with a head of HTTP_REQUEST_HEAD_MAX or so at most; bodies are not read */
#define HOLD_EVERY_MS 100
#define HOLD_PROBES_MAX 16
#define HOLD_LOOK_EVERY_MS 5000		/* while it is up */
#define HOLD_LOOK_MS 10000		/* a busy opencode may take its time */
#define HOLD_RECENT_MS 30000		/* "answered recently" */

struct hold {
	struct edge *edge;
	bool is_up;
	bool is_ordered;			/* by the keeper */
	bool owes_drained;			/* and it wants to hear when nothing is in flight any more */
	bool has_been_up, has_failed;		/* ever; a question since it went down: it really had gone */
	int64_t seen_ms, down_ms;		/* the last healthy answer; LOOP_NEVER: none yet; since when it has been down */
	struct watch next, drain;		/* the next probe; the end of a drain */
	struct back_probe probes[HOLD_PROBES_MAX];
	struct back_probe *kept, *looking;	/* the one whose connection is kept; the one that is to become it */
	struct buf question;			/* a secret */
	struct conn_list held, asked;		/* requests; questions about readiness */
};

void hold_init(struct edge *e);
void hold_fini(struct edge *e);
/* New settings: another opencode, or another password. */
void hold_settings(struct edge *e);

/* May requests go to opencode? */
bool hold_is_open(const struct edge *e);
/* c waits with c->head until it does, or hold_s have passed. False when too much waits already. */
bool hold_put(struct conn *c);
/* The worker has no more time: all that wait are told so. */
void hold_give_up(struct edge *e);
/* A connection to opencode was refused, or has ended: look before anything else is sent there. */
void hold_suspect(struct edge *e);

/* The keeper's orders. Streams are ended; WIRE_DRAINED follows when nothing is in flight, or after `ms`. */
void hold_order(struct edge *e, uint32_t ms);
void hold_release(struct edge *e);
void hold_check_drained(struct edge *e);

/* Asks opencode now; c's gave_up is called when it does not answer in time, health_ready when it does. */
void hold_ask(struct conn *c);
bool hold_is_recent(const struct edge *e);

#endif
