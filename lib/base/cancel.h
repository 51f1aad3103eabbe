/*
 * cancel.h - a person's Ctrl-C or a service manager's SIGTERM, seen by every wait
 *
 * Signals are the process's own, hence the one piece of static state: the handler notes the signal and makes a pipe
 * readable; fd_wait polls that pipe too. While an undo runs, cancellation is held, so that the clean-up itself
 * is not cut; a third signal during a hold ends the process at once.
 */
#ifndef OCC_BASE_CANCEL_H
#define OCC_BASE_CANCEL_H

#include "lib/base/err.h"

int cancel_install(struct err *e) MUST_CHECK;	/* SIGINT, SIGTERM, SIGHUP; SIGPIPE is ignored */
int cancel_fd(void);				/* -1 before cancel_install and while held */
int cancel_signal(void);			/* number of the signal received, 0 if none */
int cancel_check(struct err *e) MUST_CHECK;	/* 0, or -1 with ERR_INTERRUPTED, also 0 while held */
/* lib/loop has taken SIGINT and SIGTERM over: waits end while fd is readable, that is, until the loop has read the signal; nothing is
 * noted then. -1 takes it back. */
void cancel_lend(int fd);
void cancel_hold(void);				/* nests */
void cancel_release(void);

#endif
