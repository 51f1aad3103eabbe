/*
 * expose.h - pure: may this service be published as configured?
 */
#ifndef OCC_DEPLOY_EXPOSE_H
#define OCC_DEPLOY_EXPOSE_H

#include "lib/deploy/config.h"

/* With the edge on it is edge.bind that counts, and server.bind beyond loopback would go round it. ERR_REFUSED: no password beyond loopback; plain HTTP on a public
 * (or every) address without server.allow_plain_http. The notes name the ways out. */
int expose_check(const struct config *c, bool has_password, struct err *e) MUST_CHECK;

#endif
