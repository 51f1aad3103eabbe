/*
 * health.h - /healthz, /readyz and /metrics: for balancers and monitors, without a password, on every listener, whatever Host says
 */
#ifndef OCC_APPLETS_TLS_HEALTH_H
#define OCC_APPLETS_TLS_HEALTH_H

#include <stdbool.h>

struct conn;

/* Is the request in edge->request such a question? It is answered then, or waits for opencode's word. */
bool health_answers(struct conn *c);
/* For one that waits: opencode has answered healthy, or has not. */
void health_ready(struct conn *c, bool is_ready);

#endif
