/*
 * tail.h - the last words of a container that ended or does not answer
 */
#ifndef OCC_DEPLOY_TAIL_H
#define OCC_DEPLOY_TAIL_H

#include "lib/deploy/service.h"

/* Fills e with ERR_UNHEALTHY: how it ended (exit code named, out of memory told apart) and its last log lines as notes. Returns -1. */
int tail_explain_exit(struct service *s, const struct container *c, struct err *e);
/* Inspects it: 0 when it runs and was not restarted since C was inspected; else as tail_explain_exit. */
int tail_check(struct service *s, const struct container *c, struct err *e) MUST_CHECK;
/* For what could not be asked or proved of C, as e says: where C has ended since it was inspected, its end is told instead, which engines may know a moment later (1 s).
 * Returns -1. */
int tail_explain_failure(struct service *s, const struct container *c, struct err *e);
/* Adds the last lines of the container's log as notes to an error. Returns -1. */
int tail_note(struct service *s, const char *container_id, struct err *e);
/* The last lines of its log, into the service's arena; ERR_TIMEOUT at due_ms. */
int tail_read(struct service *s, const char *container_id, unsigned lines, struct str *ret, int64_t due_ms, struct err *e) MUST_CHECK;
/* Pure: what an exit code means and what to do about it, by cause.h ("killed for want of memory: occ config set ..."). */
const char *tail_exit_meaning(struct arena *a, int exit_code, bool is_oom_killed);

#endif
