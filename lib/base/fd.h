/*
 * fd.h - descriptors: ownership, deadlines, cancellation
 *
 * Every wait of the program goes through fd_wait, which ends at its absolute deadline (ERR_TIMEOUT) and when
 * the person or the system asked to stop (ERR_INTERRUPTED, see cancel.h). Descriptors are O_CLOEXEC; those
 * given to the deadline functions are non-blocking. A descriptor is owned by an AUTO(fd) variable and moved
 * with fd_take.
 */
#ifndef OCC_BASE_FD_H
#define OCC_BASE_FD_H

#include <poll.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/base/buf.h"

void fd_auto(int *fd);			/* closes when >= 0, keeps errno */
int fd_take(int *fd);			/* returns *fd, leaves -1 */
int fd_close(int *fd, const char *what, struct err *e) MUST_CHECK;	/* reports a failed close */

int fd_nonblock(int fd, struct err *e) MUST_CHECK;
int fd_pipe(int ret_fds[2], struct err *e) MUST_CHECK;			/* O_CLOEXEC */
int fd_socketpair(int ret_fds[2], struct err *e) MUST_CHECK;		/* AF_UNIX stream, O_CLOEXEC */

/* Waits until one of `events` (POLLIN, POLLOUT) or an error condition; returns revents (> 0), or -1. */
int fd_wait(int fd, short events, int64_t due_ms, struct err *e) MUST_CHECK;
/* poll(2) over n descriptors with the same rules; returns how many are ready (> 0), or -1. */
int fd_wait_many(struct pollfd *fds, size_t n, int64_t due_ms, struct err *e) MUST_CHECK;

/* One read of at most n bytes: > 0, 0 at end of file, -1. EINTR and EAGAIN are handled within the deadline. */
ssize_t fd_read(int fd, void *p, size_t n, int64_t due_ms, struct err *e) MUST_CHECK;
/* All bytes, or -1. */
int fd_write_all(int fd, struct str s, int64_t due_ms, struct err *e) MUST_CHECK;
/* Reads to end of file into b (whose ceiling bounds it). */
int fd_read_all(int fd, struct buf *b, int64_t due_ms, struct err *e) MUST_CHECK;

#endif
