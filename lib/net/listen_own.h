/*
 * listen_own.h - what the parts of listen.c share: a socket address from text, and what each system does in its own way
 */
#ifndef OCC_NET_LISTEN_OWN_H
#define OCC_NET_LISTEN_OWN_H

#include <sys/socket.h>

#include "lib/net/listen.h"

/* Options of a listening socket, passed on to what it accepts: TCP_NODELAY, keep-alive; non-blocking, O_CLOEXEC. */
int listen_prepare(int fd, struct err *e) MUST_CHECK;

/* accept(2) with a non-blocking O_CLOEXEC descriptor; -1 with errno. */
int listen_accept_raw(int fd, struct sockaddr_storage *ret, socklen_t *n);
/* When to ask a silent peer whether it is there: seconds; -1 with errno. */
int listen_keepalive(int fd, int idle_s, int interval_s, int tries);

#endif
