/*
 * fork.h - a part of this program as a child of its own, for work that blocks and must not stop the rest
 *
 * The child is a copy: it shares open files with its parent and must open connections of its own. Only for a process without threads.
 */
#ifndef OCC_PROC_FORK_H
#define OCC_PROC_FORK_H

#include <sys/types.h>

#include "lib/base/err.h"

/* Runs run(ctx) in a child, whose exit status is what it returns (0..255). Signals have their default action there, but SIGPIPE, which stays ignored.
 * The caller reaps. */
int fork_run(int (*run)(void *ctx), void *ctx, pid_t *ret_pid, struct err *e) MUST_CHECK;

#endif
