/*
 * spawn.h - child processes: started without a shell, bounded by a deadline, always reaped
 *
 * Arguments are visible to every user of the machine: never a secret among them. Descriptors other than 0, 1, 2 and those
 * named are closed in the child (all of ours are O_CLOEXEC); signals are reset to their defaults.
 */
#ifndef OCC_PROC_SPAWN_H
#define OCC_PROC_SPAWN_H

#include <stdint.h>
#include <sys/types.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"

#define SPAWN_FDS_MAX 64

struct spawn {
	const char *const *argv;	/* NULL-terminated; argv[0] is looked up in PATH */
	const char *file;		/* the program, where it is not argv[0]; looked up likewise. NULL: argv[0] */
	const char *const *env;		/* extra NAME=VALUE on top of ours, or NULL */
	int in_fd, out_fd, err_fd;	/* -1: /dev/null for in and out, ours for err */
	bool new_session;		/* setsid: a Ctrl-C at the terminal does not reach it */
	bool is_shielded;		/* the same, but it keeps the terminal, to ask for a password there */
	const int *fds;			/* the child's descriptors from 3 on, at most SPAWN_FDS_MAX */
	size_t n_fds;
};

/* Starts; returns 0 with the pid, or -1 (ERR_NOT_FOUND when there is no such program). Caller reaps. */
int spawn_start(const struct spawn *s, pid_t *ret_pid, struct err *e) MUST_CHECK;
/* Waits; ret_status as the shell counts it (128 + signal). At the deadline or on cancellation it is terminated
 * (TERM, then KILL after 2 s), reaped, and -1 returned. */
int spawn_wait(pid_t pid, int64_t due_ms, int *ret_status, struct err *e) MUST_CHECK;

/* Runs to the end with `in` on its standard input (helpers that speak one message each way); stdout into out, stderr
 * into the log. */
int spawn_run(const char *const *argv, struct str in, struct buf *out, int64_t due_ms, int *ret_status, struct err *e) MUST_CHECK;

/* Runs to the end in a session of its own: what it says on either stream into out. env as in struct spawn. */
int spawn_hear(const char *const *argv, const char *const *env, struct buf *out, int64_t due_ms, int *ret_status, struct err *e) MUST_CHECK;

/* Full path of a program in PATH, or NULL. In the arena. */
const char *spawn_find(struct arena *a, const char *name);

#endif
