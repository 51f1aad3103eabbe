/*
 * watch.h - what `occ status` says of the supervisor: who owns the restarts, what it sees, when it tries again, the last incident
 */
#ifndef OCC_APPLETS_OCC_WATCH_H
#define OCC_APPLETS_OCC_WATCH_H

#include "applets/applet.h"
#include "lib/deploy/status.h"
#include "lib/json/jsonw.h"

struct watch_report {
	bool has_watchdog;		/* one lives, by its lock */
	const struct json *answer;	/* what it says; NULL when it says nothing */
	const char *trouble;		/* why not */
	const char *owner;		/* of restarts: "watchdog", "engine", "both", "nobody" */
};

/* A quick question on the control socket; never fails. */
void watch_ask(struct run *r, struct service *s, const struct status *st, struct watch_report *ret);
/* The lines of the report: "restarts", "watchdog", "last event". */
void watch_show(struct run *r, const struct service *s, const struct watch_report *w);
void watch_put_json(const struct watch_report *w, struct jsonw *out);

#endif
