/*
 * helper.h - throw-away containers on an instance's volumes: those that a killed command has left are removed before another one is made
 */
#ifndef OCC_DEPLOY_HELPER_H
#define OCC_DEPLOY_HELPER_H

#include "lib/deploy/plan.h"
#include "lib/deploy/service.h"
#include "lib/engine/pipe.h"

/* Whoever uses a helper holds this lock, which is not the instance's: a long backup keeps neither a person nor the watchdog from acting. ERR_LOCKED names the holder. */
int helper_lock(struct file_lock *l, struct service *s, const char *verb, struct err *e) MUST_CHECK;

/* The image that a helper runs: the container's, or the configured one, which is built or pulled where it is missing. In the arena. */
const char *helper_image(struct service *s, const struct plan_report *report, struct err *e);

/* Removes what a killed command has left, for who holds the lock. */
int helper_sweep(struct service *s, struct err *e) MUST_CHECK;

/* pipe_open; with the lock held no other helper of the instance is wanted. */
int helper_open(struct pipe *p, struct service *s, struct str body, bool has_stdin, struct err *e) MUST_CHECK;

#endif
