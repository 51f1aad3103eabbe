/*
 * port_choice.h - the port on the host: free, moved when nobody asked for a certain one, or refused with who has it
 */
#ifndef OCC_DEPLOY_PORT_CHOICE_H
#define OCC_DEPLOY_PORT_CHOICE_H

#include "lib/deploy/service.h"

/* Our own container, as far as the choice depends on it. */
struct port_facts {
	const struct container *holder;	/* runs and so holds its ports, else NULL */
	const struct container *kept;	/* of a start that did not come to its end: made for a port that was free then, else NULL */
	bool may_move;			/* server.port is not configured and no container exists yet */
};

/* Sets s->config.server.port when it moves: to the kept container's port before others. ERR_ADDR_IN_USE when it must not. Nothing to check for a remote engine. */
int port_choose(struct service *s, const struct port_facts *f, bool *ret_moved, struct err *e) MUST_CHECK;

/* Fills e: who has the port, who wants it, what was changed (as given), what is free. Returns -1. */
int port_explain(struct service *s, const char *changed, struct err *e);

#endif
