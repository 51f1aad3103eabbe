/*
 * bring_up.h - an existing container from whatever it does to a service that answers: stop, secret, start, ready
 *
 * For those who bring the same container back: the undo of a failed replacement, and a change of the password.
 */
#ifndef OCC_DEPLOY_BRING_UP_H
#define OCC_DEPLOY_BRING_UP_H

#include "lib/deploy/service.h"

#define BRING_UP_GRACE_S 10		/* from SIGTERM to SIGKILL; opencode ends within 100 ms */
#define BRING_UP_START_MS (60 * 1000)	/* the engine's own time to start a container */

/* A stop that was cut may still be going on: it is waited for first. ready_ms bounds the time to the first answer. What answers without a password is stopped
 * again (ERR_REFUSED). *ret_started: it was started, whatever it then did. Errors as the calls it makes. */
int bring_up(struct service *s, const char *id, const struct credentials *cr, int64_t ready_ms, bool *ret_started, struct err *e) MUST_CHECK;

/* Stops a container and keeps the engine from starting it again; failures are logged. */
void bring_down(struct service *s, const char *id);

#endif
