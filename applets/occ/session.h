/*
 * session.h - a command in the container with our descriptors: its input, its output, its terminal, its end
 *
 * Carries bytes until the command has ended; nothing is read ahead of a slow reader. With a terminal the local one is raw for that long and
 * window sizes are passed on. When we are told to end (Ctrl-C without a terminal, a closed window, a reader that went away), so is the
 * command: the engine alone would let it run on unseen.
 */
#ifndef OCC_APPLETS_OCC_SESSION_H
#define OCC_APPLETS_OCC_SESSION_H

#include "applets/occ/common.h"

/* Whoever wants to see and change what passes (auth login). */
struct session_tap {
	void *ctx;
	void (*output)(void *ctx, struct str data);
	/* What was typed, or nothing at the time asked for: appends to pass what the command gets. Returns when to be called again with
	 * nothing, CLOCK_NEVER for not before the next key. */
	int64_t (*input)(void *ctx, struct str data, struct buf *pass);
};

struct session {
	const char *prog;		/* for what is said about the command */
	const char *const *argv;
	const char *user;		/* NULL: the container's own */
	const char *workdir;		/* NULL: the container's own */
	bool has_tty, has_stdin;
	int in_fd, out_fd, err_fd;
	struct buf *err_text;		/* standard error goes here instead, as much as fits */
	const struct session_tap *tap;	/* or NULL */
	const char *mark;		/* tells this command from others in the container: digits, letters, '-'; NULL: one is made */
};

/* Standard descriptors; a terminal when input and output both are one. */
void session_init(struct session *x, const struct run *r, const char *const *argv);

/* Exit status of the command in *ret_status; 128 + signal when a signal to us ended it, 141 when nobody read its output any more. */
int session_run(struct service *s, const struct container *c, const struct session *x, int *ret_status, struct err *e) MUST_CHECK;

/* Ends all commands whose mark begins so, run by this user (NULL: the container's own), with a signal to their process groups. What is gone already is
 * no failure; nor is an engine that does not answer: the log tells. */
void session_hang_up(struct service *s, const struct container *c, const char *user, const char *mark_prefix, int signo);

#endif
