/* fd.c - owning descriptors, and waiting for them */
#include "lib/base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/cancel.h"
#include "lib/base/clock.h"

/* Descriptors in one wait. */
#define WAIT_MAX 64

void
fd_auto(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = saved;
}

int
fd_take(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

/* After EINTR the descriptor is closed on Linux and macOS alike, and a second close might hit another one. */
int
fd_close(int *fd, const char *what, struct err *e)
{
	if (close(fd_take(fd)) < 0 && errno != EINTR)
		return err_sys(e, "close %s", what);
	return 0;
}

int
fd_nonblock(int fd, struct err *e)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return err_sys(e, "make descriptor %d non-blocking", fd);
	return 0;
}

/* The process has one thread, so that nobody forks between making a pair and marking it (macOS has no pipe2). */
static int
close_on_exec(int fds[2], struct err *e)
{
	if (fcntl(fds[0], F_SETFD, FD_CLOEXEC) == 0 && fcntl(fds[1], F_SETFD, FD_CLOEXEC) == 0)
		return 0;
	err_sys(e, "mark descriptors close-on-exec");
	close(fds[0]);
	close(fds[1]);
	return -1;
}

int
fd_pipe(int ret_fds[2], struct err *e)
{
	int fds[2];

	if (pipe(fds) < 0)
		return err_sys(e, "make a pipe");
	if (close_on_exec(fds, e) < 0)
		return -1;
	memcpy(ret_fds, fds, sizeof fds);
	return 0;
}

int
fd_socketpair(int ret_fds[2], struct err *e)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) < 0)
		return err_sys(e, "make a socket pair");
	if (close_on_exec(fds, e) < 0)
		return -1;
	memcpy(ret_fds, fds, sizeof fds);
	return 0;
}

/* What poll(2) takes: whole milliseconds in an int, -1 for ever. */
static int
poll_timeout(int64_t due_ms, int64_t now_ms)
{
	if (due_ms == CLOCK_NEVER)
		return -1;
	if (due_ms <= now_ms)
		return 0;
	return due_ms - now_ms > INT_MAX ? INT_MAX : (int)(due_ms - now_ms);
}

int
fd_wait_many(struct pollfd *fds, size_t n, int64_t due_ms, struct err *e)
{
	struct pollfd set[WAIT_MAX + 1];

	if (n > WAIT_MAX)
		BUG("fd_wait_many: too many descriptors");
	if (n > 0)
		memcpy(set, fds, n * sizeof *fds);
	for (;;) {
		int64_t now_ms = clock_now_ms();
		int ready;

		if (cancel_check(e) < 0)
			return -1;
		/* poll ignores the entry while it is -1. A signal just before poll has filled the pipe. */
		set[n] = (struct pollfd){ .fd = cancel_fd(), .events = POLLIN };
		ready = poll(set, (nfds_t)(n + 1), poll_timeout(due_ms, now_ms));
		if (ready < 0 && errno != EINTR)
			return err_sys(e, "wait");
		if (ready > 0 && set[n].revents != 0)
			continue;	/* cancel_check says it */
		if (ready > 0) {
			memcpy(fds, set, n * sizeof *fds);
			return ready;
		}
		if (due_ms != CLOCK_NEVER && clock_now_ms() >= due_ms)
			return err_set(e, ERR_TIMEOUT, "timed out");
	}
}

int
fd_wait(int fd, short events, int64_t due_ms, struct err *e)
{
	struct pollfd one = { .fd = fd, .events = events };

	if (fd < 0) {
		errno = EBADF;
		return err_sys(e, "wait");	/* poll would ignore it and wait for ever */
	}
	if (fd_wait_many(&one, 1, due_ms, e) < 0)
		return -1;
	return one.revents;
}
