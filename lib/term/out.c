#include "lib/term/out.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "lib/base/cancel.h"

/* A full pipe that does not block: wait for room, or for the person's Ctrl-C when `can_cancel`. */
static bool
wait_for_room(int fd, bool can_cancel)
{
	struct pollfd fds[] = {
		{ .fd = fd, .events = POLLOUT },
		{ .fd = can_cancel ? cancel_fd() : -1, .events = POLLIN },
	};

	if (poll(fds, 2, -1) < 0 && errno != EINTR)
		return false;
	if (can_cancel && cancel_signal()) {
		errno = EINTR;
		return false;
	}
	return true;
}

/* 0, or the errno of the failure. */
static int
write_all(int fd, struct str s, bool can_cancel)
{
	while (s.n > 0) {
		ssize_t n = write(fd, s.p, s.n);

		if (n >= 0) {
			s = str_skip(s, (size_t)n);
			continue;
		}
		if (errno == EINTR && !(can_cancel && cancel_signal()))
			continue;
		if (errno != EAGAIN || !wait_for_room(fd, can_cancel))
			return errno;
	}
	return 0;
}

void
out_put(struct term *t, struct str s)
{
	term_progress_end(t);
	if (t->write_errno == 0)
		t->write_errno = write_all(STDOUT_FILENO, s, true);
}

void
out_err(struct str s)
{
	write_all(STDERR_FILENO, s, false);
}

static const char *const styles[] = {
	[TERM_PLAIN] = "",
	[TERM_BOLD] = "\033[1m",
	[TERM_DIM] = "\033[2m",
	[TERM_GREEN] = "\033[32m",
	[TERM_YELLOW] = "\033[33m",
	[TERM_RED] = "\033[1;31m",
};

const char *
out_style(bool on, enum term_style s)
{
	return on ? styles[s] : "";
}

const char *
out_plain(bool on, enum term_style s)
{
	return on && s != TERM_PLAIN ? "\033[0m" : "";
}
