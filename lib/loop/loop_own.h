/*
 * loop_own.h - what the parts of lib/loop share: the backends, the heap of deadlines, signals
 *
 * A backend knows how a system waits and how it tells of signals, nothing of deadlines or owners. loop_epoll.c is Linux's, loop_poll.c runs
 * everywhere; both are in the library on Linux, so that the tests run both.
 */
#ifndef OCC_LOOP_LOOP_OWN_H
#define OCC_LOOP_LOOP_OWN_H

#include "lib/loop/loop.h"

struct loop_backend {
	const char *name;
	int (*open)(struct loop *l, struct err *e);
	void (*close)(struct loop *l);
	/* These three are never asked for pure timers. */
	int (*add)(struct loop *l, struct watch *w, struct err *e);
	void (*change)(struct loop *l, struct watch *w);	/* to w->want */
	void (*remove)(struct loop *l, struct watch *w);
	/* Fills l->batch by loop_ready; an interruption is an empty batch. */
	int (*wait)(struct loop *l, int timeout_ms, struct err *e);
	/* A descriptor that is readable while one of the signals has arrived and not been taken. */
	int (*signals_open)(const sigset_t *set, struct err *e);
	void (*signals_take)(int fd, const sigset_t *set, sigset_t *ret_arrived);
	void (*signals_close)(int fd, const sigset_t *set, const sigset_t *mask_before);
};

#ifdef __linux__
extern const struct loop_backend loop_epoll;
#endif
extern const struct loop_backend loop_poll;
extern const struct loop_backend *const loop_native;	/* the one of this system */

int loop_init_with(struct loop *l, const struct loop_backend *backend, struct err *e) MUST_CHECK;
void loop_ready(struct loop *l, struct watch *w, short got);	/* the backend has found it ready; room is checked by it */

void loop_heap_set(struct loop *l, struct watch *w, int64_t key_ms);	/* puts in, moves or (LOOP_NEVER) takes out */
struct watch *loop_heap_first(const struct loop *l);			/* NULL when empty */

void loop_signals_close(struct loop *l);

#endif
