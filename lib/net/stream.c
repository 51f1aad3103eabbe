/*
 * stream.c - connecting, and reading and writing with deadlines
 */
#include "lib/net/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/base/mem.h"
#include "lib/net/unix.h"
#include "lib/proc/spawn.h"

#define PARTS_MAX 4
#define BACKLOG_RETRY_MS 10
/* A child that sees the end of its input goes by itself; one that does not is terminated after this. */
#define CHILD_GRACE_MS 200

/* err_sys keeps errno only where the code is ERR_SYS; whoever connects tells remedies apart by errno, whatever the code. */
static int
fail_sys(struct err *e, int sys, const char *what)
{
	errno = sys;
	err_sys(e, "%s", what);
	e->sys = sys;
	return -1;
}

static int
socket_new(int family, struct err *e)
{
	AUTO(fd) int fd = socket(family, SOCK_STREAM, 0);

	/* Two calls instead of SOCK_CLOEXEC, which macOS lacks; no other thread can fork in between. */
	if (fd < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		return err_sys(e, "socket");
	if (fd_nonblock(fd, e) < 0)
		return -1;
	return fd_take(&fd);
}

/* Nothing to poll for but the deadline and cancellation. */
static int
pause_until(int64_t due_ms, struct err *e)
{
	struct err late = ERR_INIT;

	if (fd_wait_many(NULL, 0, due_ms, &late) < 0 && late.code != ERR_TIMEOUT) {
		*e = late;
		return -1;
	}
	return 0;
}

/* connect(2) to its end. A unix socket whose backlog is full answers EAGAIN and cannot be polled for: try again. */
static int
connect_fd(int fd, const struct sockaddr *sa, socklen_t n, int64_t due_ms, struct err *e)
{
	while (connect(fd, sa, n) < 0) {
		if (errno == EINPROGRESS || errno == EINTR) {
			int sys = 0;
			socklen_t len = sizeof sys;

			if (fd_wait(fd, POLLOUT, due_ms, e) < 0)
				return err_wrap(e, "connect");
			if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &sys, &len) < 0)
				return err_sys(e, "getsockopt");
			return sys ? fail_sys(e, sys, "connect") : 0;
		}
		if (errno != EAGAIN || clock_now_ms() >= due_ms)
			return fail_sys(e, errno == EAGAIN ? ETIMEDOUT : errno, "connect");
		if (pause_until(clock_due_ms(BACKLOG_RETRY_MS), e) < 0)
			return -1;
	}
	return 0;
}

int
stream_unix(struct stream *s, const char *path, int64_t due_ms, struct err *e)
{
	struct sockaddr_un sun;
	int back;
	AUTO(fd) int fd = socket_new(AF_UNIX, e);

	if (fd < 0 || unix_enter(path, &sun, &back, e) < 0)
		return -1;
	int r = connect_fd(fd, (const struct sockaddr *)&sun, sizeof sun, due_ms, e);
	unix_leave(&back);
	if (r < 0)
		return err_wrap(e, "%s", path);
	*s = (struct stream){ .fd = fd_take(&fd) };
	return 0;
}

static void
addrinfo_auto(struct addrinfo **list)
{
	if (*list)
		freeaddrinfo(*list);
}

/* A literal first: it needs no resolver and cannot block. */
static int
resolve(const char *host, unsigned port, struct addrinfo **ret, struct err *e)
{
	struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST };
	char service[12];

	snprintf(service, sizeof service, "%u", port);
	if (getaddrinfo(host, service, &hints, ret) == 0)
		return 0;
	hints.ai_flags = 0;
	int why = getaddrinfo(host, service, &hints, ret);
	if (why == EAI_SYSTEM)
		return err_sys(e, "resolve %s", host);
	if (why)
		return err_set(e, ERR_NOT_FOUND, "resolve %s: %s", host, gai_strerror(why));
	return 0;
}

/* Requests are written whole; waiting for more only adds delay. Keep-alive finds a peer that is gone. */
static int
set_tcp_options(int fd, struct err *e)
{
	int one = 1;

	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof one) < 0)
		return err_sys(e, "setsockopt");
	return 0;
}

static int
tcp_dial(const struct addrinfo *ai, int64_t due_ms, struct err *e)
{
	AUTO(fd) int fd = socket_new(ai->ai_family, e);

	if (fd < 0 || connect_fd(fd, ai->ai_addr, ai->ai_addrlen, due_ms, e) < 0 || set_tcp_options(fd, e) < 0)
		return -1;
	return fd_take(&fd);
}

int
stream_tcp(struct stream *s, const char *host, unsigned port, int64_t due_ms, struct err *e)
{
	AUTO(addrinfo) struct addrinfo *list = NULL;
	int64_t left = 0;

	if (resolve(host, port, &list, e) < 0)
		return -1;
	for (const struct addrinfo *ai = list; ai; ai = ai->ai_next)
		left++;
	for (const struct addrinfo *ai = list; ai; ai = ai->ai_next, left--) {
		int64_t now = clock_now_ms();
		/* One silent address may not eat the time of those behind it. */
		int64_t until = due_ms == CLOCK_NEVER || due_ms <= now ? due_ms : now + (due_ms - now) / left;
		int fd = tcp_dial(ai, until, e);

		if (fd >= 0) {
			*s = (struct stream){ .fd = fd };
			return 0;
		}
		if (e->code == ERR_INTERRUPTED)
			break;
	}
	return err_wrap(e, "%s port %u", host, port);
}

int
stream_tcp_begin(struct stream *s, const char *host, unsigned port, struct err *e)
{
	struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST };
	AUTO(addrinfo) struct addrinfo *ai = NULL;
	char service[12];

	snprintf(service, sizeof service, "%u", port);
	if (getaddrinfo(host, service, &hints, &ai) != 0)
		return err_set(e, ERR_USAGE, "%s is not an IP address", host);
	AUTO(fd) int fd = socket_new(ai->ai_family, e);
	if (fd < 0 || set_tcp_options(fd, e) < 0)
		return -1;
	if (connect(fd, ai->ai_addr, ai->ai_addrlen) < 0 && errno != EINPROGRESS && errno != EINTR) {
		fail_sys(e, errno, "connect");
		return err_wrap(e, "%s port %u", host, port);
	}
	*s = (struct stream){ .fd = fd_take(&fd) };
	return 0;
}

int
stream_tcp_begun(struct stream *s, struct err *e)
{
	struct pollfd p = { .fd = s->fd, .events = POLLOUT };
	int sys = 0, n = poll(&p, 1, 0);
	socklen_t len = sizeof sys;

	if (n <= 0)
		return n == 0 || errno == EINTR ? 0 : err_sys(e, "poll");
	if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &sys, &len) < 0)
		return err_sys(e, "getsockopt");
	return sys ? fail_sys(e, sys, "connect") : 1;
}

int
stream_child(struct stream *s, const char *const *argv, int err_fd, struct err *e)
{
	int ends[2];

	if (fd_socketpair(ends, e) < 0)
		return -1;
	AUTO(fd) int ours = ends[0];
	AUTO(fd) int theirs = ends[1];
	/* No session of its own: ssh asks for a password on the controlling terminal. A Ctrl-C there is for us, who have something left to say
	 * through this very child: to end the command on its far side. */
	struct spawn child = { .argv = argv, .in_fd = theirs, .out_fd = theirs, .err_fd = err_fd, .is_shielded = true };
	pid_t pid;

	if (fd_nonblock(ours, e) < 0 || spawn_start(&child, &pid, e) < 0)
		return -1;
	*s = (struct stream){ .fd = fd_take(&ours), .child_pid = pid };
	return 0;
}

ssize_t
stream_read(struct stream *s, void *p, size_t n, int64_t due_ms, struct err *e)
{
	return fd_read(s->fd, p, n, due_ms, e);
}

int
stream_write_all(struct stream *s, struct str data, int64_t due_ms, struct err *e)
{
	return fd_write_all(s->fd, data, due_ms, e);
}

ssize_t
stream_write_some(struct stream *s, const struct str *parts, size_t n_parts, struct err *e)
{
	struct iovec iov[PARTS_MAX];
	ssize_t n;

	if (n_parts > PARTS_MAX)
		BUG("too many parts");
	for (size_t i = 0; i < n_parts; i++)
		iov[i] = (struct iovec){ .iov_base = mem_unconst(parts[i].p), .iov_len = parts[i].n };
	do
		n = writev(s->fd, iov, (int)n_parts);
	while (n < 0 && errno == EINTR);
	if (n < 0 && (errno == EAGAIN))
		return 0;
	return n < 0 ? fail_sys(e, errno, "write") : n;
}

int
stream_shutdown_write(struct stream *s, struct err *e)
{
	/* ENOTCONN: the peer is gone already, there is nobody left to tell. */
	if (shutdown(s->fd, SHUT_WR) < 0 && errno != ENOTCONN)
		return err_sys(e, "shutdown");
	return 0;
}

void
stream_close(struct stream *s)
{
	struct err ignored = ERR_INIT;
	int status;

	fd_auto(&s->fd);
	s->fd = -1;
	if (s->child_pid > 0 && spawn_wait(s->child_pid, clock_due_ms(CHILD_GRACE_MS), &status, &ignored) < 0)
		err_clear(&ignored);		/* terminated and reaped there all the same */
	s->child_pid = 0;
}

void
stream_auto(struct stream *s)
{
	stream_close(s);
}
