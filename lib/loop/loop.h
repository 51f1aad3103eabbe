/*
 * loop.h - the readiness loop: descriptors, absolute deadlines, signals and children, one thread, no work in signal handlers
 *
 * A watch is embedded in its owner, who owns the descriptor too, keeps both alive while they are in the loop, and takes the watch out
 * before closing the descriptor. Callbacks must not block for long; an owner is freed by loop_defer, never inside its own callback (a
 * callback may take any watch out, its own too). Every callback of a batch sees one time. Work in a round is bounded (LOOP_BATCH of each
 * kind) and every ready watch has its turn. Only adding allocates. Descriptors of the loop's own: 1, with signals and children 4 (7 where
 * there is no epoll); the limit on open files (RLIMIT_NOFILE) is its user's business. A forked copy must not touch its parent's loop.
 */
#ifndef OCC_LOOP_LOOP_H
#define OCC_LOOP_LOOP_H

#include <poll.h>
#include <signal.h>
#include <sys/types.h>

#include "lib/base/clock.h"
#include "lib/base/err.h"

#define LOOP_NEVER CLOCK_NEVER
#define LOOP_BATCH 64		/* events, and deadlines, of one round */

struct loop;
struct loop_backend;

/* The four are filled before loop_add and then changed through loop_want and loop_due only: a plain assignment is a bug that
 * the loop finds and ends the process for. */
struct watch {
	int fd;			/* -1: a pure timer; one watch a descriptor */
	short want;		/* POLLIN | POLLOUT, level-triggered; 0 pauses: not even a hang-up is told */
	int64_t due_ms;		/* absolute, clock_now_ms; LOOP_NEVER if none; a past one is due at once */
	/* got == 0: the deadline, which is LOOP_NEVER again by now. Else the wanted bits that are ready; with POLLERR, POLLHUP or POLLNVAL all
	 * of them, so that the read or write which finds out what is wrong gets made. */
	void (*fire)(struct watch *w, short got, int64_t now_ms);
	/* private */
	struct loop *loop;	/* NULL while in none */
	size_t all_at, heap_at, batch_at, set_at;	/* places in the loop's arrays, from 1; 0 for none */
	uint64_t turn;		/* among equal deadlines the first set is the first fired */
	int64_t key_ms;
	short armed;
};

#define WATCH_INIT { .fd = -1, .due_ms = LOOP_NEVER }

struct deferred {
	void (*fire)(struct deferred *d, int64_t now_ms);	/* may free its owner */
	struct deferred *next;	/* private, as is_queued */
	bool is_queued;
};

struct loop_signals {
	void (*fire)(struct loop_signals *s, int signo, int64_t now_ms);
	sigset_t set;		/* private */
};

#define LOOP_CHILD_LOST (-1)
struct loop_child {
	pid_t pid;
	/* Status as waitpid(2) gives it, or LOOP_CHILD_LOST when it was no child of ours or another has reaped it. Out of the loop by now. */
	void (*fire)(struct loop_child *c, int status, int64_t now_ms);
	struct loop *loop;	/* private, as the rest */
	struct loop_child *prev, *next;
};

struct loop_event {
	struct watch *w;	/* NULL: taken out meanwhile */
	short got;
};

struct loop {
	int64_t (*clock)(void);	/* clock_now_ms; a test may set its own before the first watch */
	/* private */
	const struct loop_backend *backend;
	int kernel_fd;		/* epoll's; what poll(2) is told, and of whom */
	struct pollfd *set;
	struct watch **set_of, **all, **heap;
	size_t n_set, set_cap, n, n_heap, cap;
	uint64_t turn;
	struct loop_event batch[LOOP_BATCH];
	size_t n_batch, scan_at, audit_at;
	int64_t now_ms;
	struct watch *firing;
	bool is_running, is_ended;
	struct deferred *defer_head, **defer_tail;
	struct watch cancel, stop, other, ended, look;	/* cancel.h's pipe; SIGINT and SIGTERM; the rest; SIGCHLD; children are looked at */
	sigset_t mask_before;
	struct loop_signals *signals;
	struct loop_child *children, *child_next;
};

int loop_init(struct loop *l, struct err *e) MUST_CHECK;	/* a struct loop stays where it is */
/* Runs what is deferred, forgets its watches and children, gives the signals back. A loop of zeroes is left alone. */
void loop_auto(struct loop *l);

/* Fails when the kernel has no room, and for what cannot be waited for (a regular file). The rest cannot fail. */
int loop_add(struct loop *l, struct watch *w, struct err *e) MUST_CHECK;
/* A pure timer, in the loop or not yet: due then. It cannot be refused. */
void loop_timer(struct loop *l, struct watch *w, int64_t due_ms);
void loop_remove(struct loop *l, struct watch *w);	/* at any time; what was pending is dropped; nothing when it is in no loop */
void loop_want(struct watch *w, short want);
void loop_due(struct watch *w, int64_t due_ms);
void loop_defer(struct loop *l, struct deferred *d);	/* after this batch; once, however often it is asked for */

/* Takes signals over: each comes to s->fire, once for all of its number that arrived since the last time. At most once a loop; one loop a
 * process has signals or children. Those ignored when we were started stay ignored. SIGINT, SIGTERM and SIGHUP are taken together or not
 * at all. Taken, cancel.h's waits inside a callback end with ERR_INTERRUPTED while SIGINT or SIGTERM has arrived and not been fired;
 * from then on they wait again, so that the owner can wind up (under cancel_hold, if the next Ctrl-C shall not cut that; a third one
 * ends nothing while a loop has them). Not taken, the loop ends as fd_wait does. */
int loop_signals(struct loop *l, struct loop_signals *s, const sigset_t *set, struct err *e) MUST_CHECK;
/* Reaps this pid, and no other one; also when it has ended already (still by callback). Uses SIGCHLD. */
int loop_child(struct loop *l, struct loop_child *c, struct err *e) MUST_CHECK;
void loop_child_remove(struct loop *l, struct loop_child *c);	/* leaves the reaping to the caller */

int loop_run(struct loop *l, struct err *e) MUST_CHECK;		/* until loop_end; 0, or -1 (ERR_INTERRUPTED, or the kernel fails) */
void loop_end(struct loop *l);					/* after this round; before loop_run: it returns at once */
/* One round, which waits until something is ready or due, or due_ms; or less: how many watches fired, or -1. */
int loop_step(struct loop *l, int64_t due_ms, struct err *e) MUST_CHECK;
int64_t loop_next_due(const struct loop *l);			/* the earliest deadline, or LOOP_NEVER */

#endif
