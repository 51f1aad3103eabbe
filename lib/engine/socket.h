/*
 * socket.h - the usual sockets of engines on this machine, and which of them answers
 *
 * A look is one connect(2) that sends nothing. Several engines may have left sockets behind: one that answers wins over one that
 * exists, whatever the order.
 */
#ifndef OCC_ENGINE_SOCKET_H
#define OCC_ENGINE_SOCKET_H

#include "lib/engine/endpoint.h"

#define SOCKETS_MAX 12

struct socket_candidate {
	const char *path;
	const char *origin;		/* for people: "default socket", "Colima" */
};

/* The usual places in their order; returns how many. */
size_t socket_usual(struct arena *a, const struct engine_env *env, struct socket_candidate ret[SOCKETS_MAX]);
/* 0 when somebody accepts connections there, else the errno of connect(2) (ETIMEDOUT when the queue is full). */
int socket_look(const char *path);
/* Index of the first that answers, else of the first that may not be opened, else of the first that exists; -1 when there is none. */
int socket_pick(const struct socket_candidate *c, size_t n);

#endif
