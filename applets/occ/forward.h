/*
 * forward.h - TCP connections from here into the container, each carried by a command there
 *
 * Works wherever exec works: a virtual machine's engine, ssh://. Every connection is a child process of its own, so that a slow start of one
 * (ssh) stops no other. At most FORWARD_CONNECTIONS_MAX at a time; further ones wait in the listener's queue.
 */
#ifndef OCC_APPLETS_OCC_FORWARD_H
#define OCC_APPLETS_OCC_FORWARD_H

#include "applets/occ/common.h"

#define FORWARD_CONNECTIONS_MAX 64
#define FORWARD_PORTS_MAX 16

struct forward_port {
	unsigned local;			/* 0: any; the chosen one after forward_listen */
	unsigned remote;
	int fd;
};

/* "8080", "9000:8080", ":8080" (any local port). ERR_USAGE. Pure. */
int forward_parse(struct str text, struct forward_port *ret, struct err *e) MUST_CHECK;

/* address is an IP literal or "localhost". ERR_ADDR_IN_USE with the owner and a free port. */
int forward_listen(struct arena *a, const char *address, struct forward_port *p, struct err *e) MUST_CHECK;

/* Carries connections until Ctrl-C, then ends what is left of them here and in the container. Returns -1 with ERR_INTERRUPTED then. */
int forward_serve(struct run *r, struct service *s, const struct container *c, struct forward_port *ports, size_t n, struct err *e) MUST_CHECK;

#endif
