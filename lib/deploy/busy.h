/*
 * busy.h - sessions at work, so that nobody's is cut without being asked
 *
 * Asked of opencode with our password, or with the one that its container was started with. What answers, but not as it should, may be at work: it is waited
 * for. What gives no answer at all hangs, and must stay restartable.
 */
#ifndef OCC_DEPLOY_BUSY_H
#define OCC_DEPLOY_BUSY_H

#include "lib/deploy/up.h"

/* *ret_busy as a person would say it ("1 session busy (~/workspace/shop)", "sessions cannot be told (status 503)"), NULL when all are idle. e->http is 401 when
 * both passwords are refused. */
int busy_find(struct service *s, const struct container *c, const struct credentials *cr, const char **ret_busy, struct err *e) MUST_CHECK;

/* Returns 0 when idle, when told to go on, or when there is no answer; ERR_TIMEOUT when still busy, ERR_UNHEALTHY (e->http 401) when nobody can be asked. What that
 * changed is for the caller to say. */
int busy_wait(struct service *s, const struct container *c, const struct credentials *cr, const struct up_idle *idle,
    const struct plan_report *report, struct err *e) MUST_CHECK;

/* Before a stop, from every state: a paused one is unpaused to be asked, and paused again when it is not to be stopped. cr NULL: nobody is asked. On failure the
 * notes say what changed. */
int busy_settle(struct service *s, const struct container *c, const struct credentials *cr, const struct up_idle *idle, struct err *e) MUST_CHECK;

#endif
