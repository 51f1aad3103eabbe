/*
 * report.h - what `start` and `restart` show while they work and when they are done
 */
#ifndef OCC_APPLETS_OCC_REPORT_H
#define OCC_APPLETS_OCC_REPORT_H

#include "applets/applet.h"
#include "lib/deploy/up.h"

/* Rows and progress of an action go to the run's terminal. */
struct plan_report report_of(struct run *r);

/* Asks on a terminal whether busy sessions may be stopped; for up_idle. NULL ask without one. */
struct up_idle report_idle(struct run *r, bool now, int64_t wait_idle_ms);

/* The plan, for --dry-run. */
int report_plan(struct run *r, const struct plan *p, struct err *e) MUST_CHECK;

/* The ssh command that brings a service on loopback to another machine; NULL where it is reached without. In the arena. */
const char *report_tunnel(struct run *r, const struct service *s);

/* URL, user, password when it is new, and the ways on. */
int report_ready(struct run *r, struct service *s, const struct up_result *res, struct err *e) MUST_CHECK;

#endif
