/*
 * port_choice.h - the port on the host: free, moved when nobody asked for a certain one, or refused with who has it
 */
#ifndef OCC_DEPLOY_PORT_CHOICE_H
#define OCC_DEPLOY_PORT_CHOICE_H

#include "lib/deploy/service.h"

/* holder: our own container when it runs and so holds its ports, else NULL. may_move: server.port is not configured and no container exists yet. Sets
 * s->config.server.port when it moves. ERR_ADDR_IN_USE otherwise. Nothing to check for a remote engine. */
int port_choose(struct service *s, const struct container *holder, bool may_move, bool *ret_moved, struct err *e) MUST_CHECK;

/* Fills e: who has the port, who wants it, what was changed (as given), what is free. Returns -1. */
int port_explain(struct service *s, const char *changed, struct err *e);

#endif
