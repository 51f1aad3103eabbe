/*
 * incidents.h - what `occ incidents` and `occ incidents show` share
 */
#ifndef OCC_APPLETS_OCC_INCIDENTS_H
#define OCC_APPLETS_OCC_INCIDENTS_H

#include "applets/occ/common.h"
#include "lib/deploy/incident.h"

/* The ring of the instance asked for. 0 when none was ever written: r is empty then. */
int incidents_open(struct run *r, struct incident_ring *ring, struct err *e) MUST_CHECK;
/* "3 h 5 min ago", "2 d before": never negative. In the arena. */
const char *incidents_span(struct arena *a, int64_t seconds, const char *behind);
/* "2026-11-01T10:00:00Z". */
const char *incidents_time(struct arena *a, int64_t epoch_s);
/* "3 h 5 min ago", or the time itself when the clock says that it is still to come. */
const char *incidents_when(struct arena *a, int64_t epoch_s);

#endif
