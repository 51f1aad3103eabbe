/*
 * unix.h - unix sockets: an address of any length, listening at a path, who is at the other end
 *
 * A path longer than the system's sun_path is reached from within its directory: the process goes there and comes back (one thread only).
 */
#ifndef OCC_NET_UNIX_H
#define OCC_NET_UNIX_H

#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>

#include "lib/base/err.h"

/* The address of path; where it had to go into the directory, *ret_back_fd is the way back, to be given to unix_leave. ERR_TOO_BIG when the name alone is too
 * long. */
int unix_enter(const char *path, struct sockaddr_un *ret, int *ret_back_fd, struct err *e) MUST_CHECK;
void unix_leave(int *back_fd);		/* keeps errno; -1: nothing to do */

/* A listening socket there, of this mode, non-blocking and O_CLOEXEC; returns it. A socket that was left there is replaced: the caller knows that nobody
 * listens. ERR_REFUSED for any other kind of file. */
int unix_listen(const char *path, mode_t mode, int backlog, struct err *e) MUST_CHECK;
/* The next connection: a descriptor, -1 with ERR_NONE in e->code when there is none now, -1. */
int unix_accept(int fd, struct err *e) MUST_CHECK;
/* The user at the other end (SO_PEERCRED, getpeereid): as it connected. */
int unix_peer(int fd, uid_t *ret, struct err *e) MUST_CHECK;

#endif
