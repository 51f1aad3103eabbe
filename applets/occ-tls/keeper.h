/*
 * keeper.h - the edge's parent process: reads configuration, credentials and certificates, keeps the listeners open, supervises the worker
 *
 * One process, one loop; nothing here parses what comes from a network. Files are looked at every few seconds, and taken over as a whole: what cannot be used leaves what
 * is in use as it is, and status says why. A worker that dies is started again with growing pauses; the listeners are the keeper's, so nobody is refused meanwhile. Each
 * part's functions are in the file of its name.
 */
#ifndef OCC_APPLETS_TLS_KEEPER_H
#define OCC_APPLETS_TLS_KEEPER_H

#include "applets/applet.h"
#include "applets/occ-tls/keeper_parts.h"
#include "applets/occ-tls/link.h"
#include "lib/base/file.h"
#include "lib/deploy/control_server.h"
#include "lib/deploy/credentials.h"
#include "lib/net/listen.h"
#include "lib/proc/notify.h"

#define KEEPER_LOCK "lock"	/* in edge_paths.dir: held by the edge of the instance while it lives */

struct keeper {
	struct run *run;
	struct scope scope;
	struct edge_paths paths;
	struct keeper_source source;
	struct keeper_listeners listeners;
	struct file_lock lock;
	struct loop loop;
	struct loop_signals signals;
	struct notify notify;
	struct watch ping, tick, restart, drain;	/* service manager, files looked at, the next worker, who waits for a drain */
	struct control_server control;
	struct keeper_worker workers[KEEPER_WORKERS], *current, *next;
	unsigned n_deaths;		/* of workers in a row */
	struct links links;
	struct buf link;		/* the one that was just made, until it is told */
	uint64_t mark;			/* of the files, when they were last read */
	int64_t renew_ms;		/* a renewal that failed is not tried before */
	struct wire_facts facts;
	uint32_t hold_id;		/* of this hold: what is answered to an earlier one does not count */
	bool has_facts, is_held, is_ready, is_ending;
	char trouble[KEEPER_TEXT];	/* why the files are not taken over; "" when they are */
	char cert_trouble[KEEPER_TEXT];	/* likewise the certificate alone */
	char worker_trouble[KEEPER_TEXT];	/* why the worker does not take them into use */
	char status[KEEPER_TEXT];	/* as last told to the service manager */
};

/* keeper.c */
int keeper_run(struct run *r, struct err *e) MUST_CHECK;		/* until it is told to end */
void keeper_say(const struct keeper *k, const char *fmt, ...) PRINTF_LIKE(2, 3);	/* a line for the journal */
/* Reads everything anew and hands it to the worker; is_forced: a new certificate in any case. 0, or -1: all is as before. */
int keeper_refresh(struct keeper *k, bool is_forced, struct err *e) MUST_CHECK;
void keeper_ended(struct keeper *k);		/* a worker has: the last one's end is ours, when we are ending */
const char *keeper_status(struct keeper *k, char *text, size_t n);	/* one line for people */
void keeper_tell(struct keeper *k);		/* the same for the service manager, when it has changed */

/* keeper_source.c */
void keeper_source_init(struct keeper_source *s);
void keeper_source_auto(struct keeper_source *s);
/* ERR_CONFIG, ERR_REFUSED, ERR_TLS. before: what is in use: its certificate stays, with the reason in ret_cert_trouble, when the new one is bad. NULL: there is none yet. */
int keeper_source_load(const struct scope *s, const struct edge_paths *p, const char *const *environment, bool is_forced, const struct keeper_source *before,
    struct keeper_source *ret, char ret_cert_trouble[KEEPER_TEXT], struct err *e) MUST_CHECK;
uint64_t keeper_source_mark(const struct scope *s, const struct keeper_source *src);	/* differs when one of the files has changed */

/* keeper_listen.c */
int keeper_listen(struct keeper_listeners *now, const struct config *c, enum scope_kind kind, struct keeper_listeners *ret, struct err *e) MUST_CHECK;
int keeper_listen_given(struct keeper_listeners *ret, struct err *e) MUST_CHECK;	/* those of the service manager or the watchdog, if there are any */
const char *keeper_listen_name(enum keeper_kind kind);	/* under which one is handed over */
bool keeper_listen_is_same(const struct keeper_listeners *a, const struct keeper_listeners *b);
void keeper_listen_close(struct keeper_listeners *l, const struct keeper_listeners *but);	/* all that `but` has not */
unsigned keeper_listen_count(const struct keeper_listeners *l, enum keeper_kind kind);

/* keeper_worker.c */
void keeper_worker_init(struct keeper *k);
void keeper_worker_next(struct keeper *k);	/* one more, which takes over from the current one once it serves */
void keeper_worker_end(struct keeper_worker *w);		/* finishes what is under way, then ends */
void keeper_worker_kill(struct keeper_worker *w, const char *why);
void keeper_worker_close(struct keeper *k);	/* kills and reaps them all */
bool keeper_worker_has_any(const struct keeper *k);
int64_t keeper_worker_pause_ms(unsigned n_deaths);	/* pure */

/* keeper_wire.c */
void keeper_wire_open(struct keeper_worker *w, int fd);
void keeper_wire_close(struct keeper_worker *w);
void keeper_wire_put(struct keeper_worker *w, enum wire_kind kind, uint32_t id, struct str body);
void keeper_wire_deliver(struct keeper_worker *w);	/* settings and certificate, to be taken into use */
void keeper_wire_hold(struct keeper *k);	/* tells all who serve, or finish what they have, to hold or to go on: as k->is_held says */

/* keeper_serve.c */
int keeper_serve(struct keeper *k, struct err *e) MUST_CHECK;
void keeper_serve_drained(struct keeper *k);	/* a worker has nothing in flight any more, or has gone */
void keeper_serve_taken(struct keeper *k, const char *why_not);	/* the worker's answer to a delivery; NULL: taken into use */

#endif
