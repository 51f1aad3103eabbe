/*
 * loop_fork.h - a part of this program as a child (lib/proc/fork.h) whose end the loop tells
 */
#ifndef OCC_LOOP_LOOP_FORK_H
#define OCC_LOOP_LOOP_FORK_H

#include "lib/loop/loop.h"

/* fire is called at its end. On failure there is no child. */
int loop_fork(struct loop *l, struct loop_child *c, int (*run)(void *ctx), void *ctx, void (*fire)(struct loop_child *c, int status, int64_t now_ms), struct err *e) MUST_CHECK;

#endif
