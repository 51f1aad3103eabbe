/*
 * stream.h - one connected byte stream under HTTP: a socket, or a child's standard input and output
 *
 * A child (ssh) is given one end of a socket pair, so a stream is always one non-blocking descriptor and can be polled
 * beside others. Owner frees with stream_close; a child is terminated and reaped there. TLS gets its place here when
 * there is something to speak it with.
 */
#ifndef OCC_NET_STREAM_H
#define OCC_NET_STREAM_H

#include <stdint.h>
#include <sys/types.h>

#include "lib/base/buf.h"

struct stream {
	int fd;
	pid_t child_pid;		/* 0 when there is none */
};

#define STREAM_INIT { .fd = -1 }

/* connect(2) with a deadline. Errors keep errno in e->sys: ENOENT, EACCES, ECONNREFUSED differ in their remedy. */
int stream_unix(struct stream *s, const char *path, int64_t due_ms, struct err *e) MUST_CHECK;
/* host is a literal IPv4 or IPv6 address or a name (getaddrinfo, which cannot be bounded: names only where a person waits). */
int stream_tcp(struct stream *s, const char *host, unsigned port, int64_t due_ms, struct err *e) MUST_CHECK;
/* The same begun without waiting, for a literal address; poll for POLLOUT and ask: 1 connected, 0 not yet, -1 nobody listens there. */
int stream_tcp_begin(struct stream *s, const char *host, unsigned port, struct err *e) MUST_CHECK;
int stream_tcp_begun(struct stream *s, struct err *e) MUST_CHECK;
/* argv's standard input and output as the stream; its standard error goes to err_fd (-1: ours). */
int stream_child(struct stream *s, const char *const *argv, int err_fd, struct err *e) MUST_CHECK;

ssize_t stream_read(struct stream *s, void *p, size_t n, int64_t due_ms, struct err *e) MUST_CHECK;	/* 0: end */
int stream_write_all(struct stream *s, struct str data, int64_t due_ms, struct err *e) MUST_CHECK;
/* One write of what fits now, of at most 4 parts in their order: bytes written, 0 when the stream is full, -1 (EPIPE or ECONNRESET
 * in e->sys when the peer has closed). Never blocks. SIGPIPE has to be ignored (cancel_install). */
ssize_t stream_write_some(struct stream *s, const struct str *parts, size_t n_parts, struct err *e) MUST_CHECK;
int stream_shutdown_write(struct stream *s, struct err *e) MUST_CHECK;
void stream_close(struct stream *s);
void stream_auto(struct stream *s);

#endif
