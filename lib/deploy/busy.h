/*
 * busy.h - sessions at work, so that nobody's is cut without being asked
 */
#ifndef OCC_DEPLOY_BUSY_H
#define OCC_DEPLOY_BUSY_H

#include "lib/deploy/up.h"

/* *ret_busy as a person would say it ("1 session busy (~/workspace/shop)"), NULL when all are idle. */
int busy_find(struct service *s, const struct container *c, const struct credentials *cr, const char **ret_busy, struct err *e) MUST_CHECK;

/* Returns 0 when idle, when told to go on, or when opencode cannot be asked (a hang must stay restartable); ERR_TIMEOUT when still busy. */
int busy_wait(struct service *s, const struct container *c, const struct credentials *cr, const struct up_idle *idle,
    const struct plan_report *report, struct err *e) MUST_CHECK;

#endif
