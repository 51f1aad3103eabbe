/*
 * peer.h - a scripted peer at the other end of a socket, for faults that a real one does not show on demand
 *
 * A child process follows the steps and exits; at the end of its script its end of the socket is closed. peer_stream gives
 * the near end as a struct stream that owns the child: stream_close reaps it.
 */
#ifndef OCC_TESTS_PEER_H
#define OCC_TESTS_PEER_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/fd.h"
#include "lib/net/stream.h"

enum peer_act {
	PEER_END,
	PEER_HEAD,		/* read up to and including an empty line */
	PEER_READ,		/* read n bytes */
	PEER_SEND,		/* text, or n bytes of it */
	PEER_DRIP,		/* text, one byte a write */
	PEER_FILL,		/* n bytes 'x' */
	PEER_SHUT,		/* half-close */
	PEER_RAISE,		/* signal number n to the parent */
	PEER_HOLD,		/* read until the other side closes */
};

struct peer_step {
	enum peer_act act;
	const char *text;
	size_t n;
};

#define PEER_STEPS_MAX 16

static inline void
peer_put(int fd, const char *p, size_t n, size_t at_once)
{
	while (n > 0) {
		ssize_t done = write(fd, p, n < at_once ? n : at_once);

		if (done < 0 && errno != EINTR)
			_exit(1);
		if (done > 0) {
			p += done;
			n -= (size_t)done;
		}
	}
}

static inline void
peer_read(int fd, size_t n)
{
	char bytes[4096];

	while (n > 0) {
		ssize_t got = read(fd, bytes, n < sizeof bytes ? n : sizeof bytes);

		if (got <= 0)
			_exit(1);
		n -= (size_t)got;
	}
}

static inline void
peer_head(int fd)
{
	static const char end[] = "\r\n\r\n";
	size_t seen = 0;
	char c;

	while (seen < 4) {
		if (read(fd, &c, 1) != 1)
			_exit(1);
		seen = c == end[seen] ? seen + 1 : c == '\r';
	}
}

static inline void
peer_fill(int fd, size_t n)
{
	char block[65536];

	memset(block, 'x', sizeof block);
	while (n > 0) {
		size_t now = n < sizeof block ? n : sizeof block;

		peer_put(fd, block, now, now);
		n -= now;
	}
}

static inline void
peer_follow(int fd, const struct peer_step *step)
{
	for (; step->act != PEER_END; step++) {
		size_t n = step->n ? step->n : step->text ? strlen(step->text) : 0;
		char c[4096];

		switch (step->act) {
		case PEER_HEAD: peer_head(fd); break;
		case PEER_READ: peer_read(fd, n); break;
		case PEER_SEND: peer_put(fd, step->text, n, n); break;
		case PEER_DRIP: peer_put(fd, step->text, n, 1); break;
		case PEER_FILL: peer_fill(fd, n); break;
		case PEER_SHUT: shutdown(fd, SHUT_WR); break;
		case PEER_RAISE: kill(getppid(), (int)n); break;
		case PEER_HOLD: while (read(fd, c, sizeof c) > 0); break;
		case PEER_END: break;
		}
	}
}

/* Ends the test program when the system has no more sockets or processes. */
static inline struct stream
peer_stream(const struct peer_step *steps)
{
	struct err e = ERR_INIT;
	int ends[2];
	pid_t pid = -1;

	if (fd_socketpair(ends, &e) == 0 && fd_nonblock(ends[0], &e) == 0)
		pid = fork();
	if (pid == 0) {
		close(ends[0]);
		signal(SIGTERM, SIG_DFL);
		peer_follow(ends[1], steps);
		_exit(0);
	}
	if (pid < 0)
		abort();
	close(ends[1]);
	return (struct stream){ .fd = ends[0], .child_pid = pid };
}

/* ---- a server on loopback, in a process of its own, whose answers the test decides ---- */

/* A request's head, NUL-terminated; the process ends when it does not come whole. */
static inline void
peer_request(int fd, char *request, size_t size)
{
	size_t n = 0;

	request[0] = '\0';
	while (!strstr(request, "\r\n\r\n") && n < size - 1) {
		ssize_t got = read(fd, request + n, size - 1 - n);
		if (got <= 0)
			_exit(1);
		n += (size_t)got;
		request[n] = '\0';
	}
}

/* Forks a server: answer is called for each connection, which is closed after it. The caller kills and reaps it; it ends by itself when the test dies. */
static inline pid_t
peer_serve(void (*answer)(int fd, const void *ctx), const void *ctx, unsigned *ret_port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof sin;
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (bind(listener, (struct sockaddr *)&sin, n) < 0 || listen(listener, 64) < 0 || getsockname(listener, (struct sockaddr *)&sin, &n) < 0)
		abort();
	*ret_port = ntohs(sin.sin_port);
	fflush(stdout);
	pid_t pid = fork();
	if (pid != 0) {
		close(listener);
		return pid;
	}
	setpgid(0, 0);
	alarm(60);
	for (;;) {
		int fd = accept(listener, NULL, NULL);
		if (fd >= 0) {
			answer(fd, ctx);
			close(fd);
		}
	}
}

#endif
