/*
 * edge_hold.h - the edge holds what comes while opencode is stopped and started (DESIGN.md section 8)
 *
 * A lease: it ends with edge_hold_end, or with the process. Without an edge, or with one that does not answer in time, nothing is held and nothing fails: requests then
 * wait once the edge finds opencode gone.
 */
#ifndef OCC_DEPLOY_EDGE_HOLD_H
#define OCC_DEPLOY_EDGE_HOLD_H

#include "lib/deploy/control.h"
#include "lib/deploy/service.h"

#define EDGE_DRAIN_S 5		/* for requests in flight; busy sessions have been waited for before */

struct edge_hold {
	struct control control;
};
#define EDGE_HOLD_INIT { CONTROL_INIT }

/* New requests wait, streams end, and those in flight are waited for, EDGE_DRAIN_S at most. Twice is once. Fails with ERR_INTERRUPTED only; `why` is one line. */
int edge_hold_begin(struct edge_hold *h, struct service *s, const char *why, struct err *e) MUST_CHECK;
void edge_hold_end(struct edge_hold *h);

#endif
