/*
 * sandbox_own.h - the parts of sandbox.c: what each system has its own way for
 *
 * In this order: drop what is held, then lock what could be asked for. Each notes in the state what is in force and what is lacking.
 */
#ifndef OCC_PROC_SANDBOX_OWN_H
#define OCC_PROC_SANDBOX_OWN_H

#include "lib/proc/sandbox.h"

int sandbox_drop(const struct sandbox_want *w, struct sandbox_state *ret, struct err *e) MUST_CHECK;		/* the user, its groups, capabilities */
int sandbox_lock(const struct sandbox_want *w, struct sandbox_state *ret, struct err *e) MUST_CHECK;		/* files, ports, system calls */

/* Linux: the two halves of sandbox_lock. */
int sandbox_landlock(const struct sandbox_want *w, struct sandbox_state *ret, struct err *e) MUST_CHECK;
int sandbox_seccomp(const struct sandbox_want *w, struct sandbox_state *ret, struct err *e) MUST_CHECK;

void sandbox_lack(struct sandbox_state *s, const char *fmt, ...) PRINTF_LIKE(2, 3);	/* what has no room is left out */

#endif
