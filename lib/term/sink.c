/* sink.c - program bytes to a standard descriptor */
#include "lib/term/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/fd.h"

size_t
sink_limit(int fd)
{
	struct stat st;
	int flags = fcntl(fd, F_GETFL);

	if ((flags >= 0 && (flags & O_NONBLOCK)) || (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)))
		return SIZE_MAX;
	return PIPE_BUF;
}

ssize_t
sink_some(int fd, struct str s, size_t limit, struct err *e)
{
	ssize_t n = write(fd, s.p, s.n < limit ? s.n : limit);

	if (n >= 0)
		return n;
	if (errno == EAGAIN || errno == EINTR)
		return 0;
	int sys = errno;
	err_sys(e, "write the output");
	e->sys = sys;
	return -1;
}

/* A write that began takes as much as there is room for; a signal then ends it early, and the next wait says so. */
int
sink_all(int fd, struct str s, struct err *e)
{
	while (s.n > 0) {
		if (fd_wait(fd, POLLOUT, CLOCK_NEVER, e) < 0)
			return -1;
		ssize_t n = sink_some(fd, s, SIZE_MAX, e);
		if (n < 0 && e->sys == EPIPE) {
			err_clear(e);
			return 1;
		}
		if (n < 0)
			return -1;
		s = str_skip(s, (size_t)n);
	}
	return 0;
}
