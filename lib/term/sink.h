/*
 * sink.h - program bytes to a standard descriptor, unchanged and fast
 *
 * For streams that are not ours to lay out (logs, a command's output, a terminal session), which term.h would buffer. The
 * descriptors are shared with the shell that started us: they are never made non-blocking. Ctrl-C ends a wait.
 */
#ifndef OCC_TERM_SINK_H
#define OCC_TERM_SINK_H

#include <sys/types.h>

#include "lib/base/buf.h"

/* What one write takes without blocking once poll(2) said POLLOUT: PIPE_BUF for a blocking pipe or terminal, else any number. */
size_t sink_limit(int fd);

/* One write of at most `limit` bytes: how many were written, 0 when there is no room now, -1 (EPIPE in e->sys when nobody reads any more). */
ssize_t sink_some(int fd, struct str s, size_t limit, struct err *e) MUST_CHECK;

/* All of s; blocks while the reader is slow. 0, 1 when nobody reads any more, -1 (ERR_INTERRUPTED at Ctrl-C). */
int sink_all(int fd, struct str s, struct err *e) MUST_CHECK;

#endif
