/*
 * fd_io.c - reading and writing within a deadline
 *
 * The call is tried before the wait: a descriptor that is ready costs one system call. A peer that is always ready
 * would so outlive every deadline, hence the loops look at the clock themselves.
 */
#include <errno.h>
#include <unistd.h>

#include "lib/base/cancel.h"
#include "lib/base/clock.h"
#include "lib/base/fd.h"

#define READ_CHUNK ((size_t)16 << 10)

static int
deadline(int64_t due_ms, struct err *e)
{
	if (due_ms != CLOCK_NEVER && clock_now_ms() >= due_ms)
		return err_set(e, ERR_TIMEOUT, "timed out");
	return 0;
}

static bool
is_again(int sys)
{
	return sys == EAGAIN;	/* EWOULDBLOCK is the same number on Linux and macOS */
}

ssize_t
fd_read(int fd, void *p, size_t n, int64_t due_ms, struct err *e)
{
	for (;;) {
		ssize_t got;

		if (cancel_check(e) < 0)
			return -1;
		got = read(fd, p, n);
		if (got >= 0)
			return got;
		if (errno == EINTR) {
			if (deadline(due_ms, e) < 0)
				return -1;
			continue;
		}
		if (!is_again(errno))
			return err_sys(e, "read");
		if (fd_wait(fd, POLLIN, due_ms, e) < 0)
			return -1;
	}
}

int
fd_write_all(int fd, struct str s, int64_t due_ms, struct err *e)
{
	while (s.n > 0) {
		ssize_t put;

		if (cancel_check(e) < 0)
			return -1;
		put = write(fd, s.p, s.n);
		if (put > 0)
			s = str_skip(s, (size_t)put);
		else if (put < 0 && is_again(errno)) {
			if (fd_wait(fd, POLLOUT, due_ms, e) < 0)
				return -1;
		} else if (put < 0 && errno != EINTR)
			return err_sys(e, "write");
		if (s.n > 0 && deadline(due_ms, e) < 0)
			return -1;
	}
	return 0;
}

/* A full buf is at its limit only if another byte comes. */
static int
probe_end(int fd, struct buf *b, int64_t due_ms, struct err *e)
{
	char one;
	ssize_t got = fd_read(fd, &one, 1, due_ms, e);

	if (got <= 0)
		return (int)got;
	buf_putc(b, one);	/* latches */
	return buf_check(b, "input", e);
}

int
fd_read_all(int fd, struct buf *b, int64_t due_ms, struct err *e)
{
	for (;;) {
		size_t room = b->ceiling - b->n;
		void *p;
		ssize_t got;

		if (b->fault != BUF_OK)
			return buf_check(b, "input", e);
		if (room == 0)
			return probe_end(fd, b, due_ms, e);
		if (room > READ_CHUNK)
			room = READ_CHUNK;
		p = buf_room(b, room);
		if (!p)
			return buf_check(b, "input", e);
		got = fd_read(fd, p, room, due_ms, e);
		if (got < 0)
			return -1;
		buf_grew(b, (size_t)got);
		if (got == 0)
			return 0;
		if (deadline(due_ms, e) < 0)
			return -1;
	}
}
