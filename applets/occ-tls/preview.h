/*
 * preview.h - pure: which port of the container a name means: PORT.preview.NAME, where *.preview.NAME is one of edge.names and container.ports publishes PORT
 *
 * What the agent has built is looked at there, behind the login, and each port is an origin of its own: it gets neither the session's cookie nor opencode's password.
 */
#ifndef OCC_APPLETS_TLS_PREVIEW_H
#define OCC_APPLETS_TLS_PREVIEW_H

#include "applets/occ-tls/wire.h"
#include "lib/deploy/config.h"

#define PREVIEW_LABEL "preview."

/* The published ports that this machine reaches at back_host, into the settings. ERR_CONFIG when there are more than fit. */
int preview_put(const struct config *c, struct edge_settings *to, struct err *e) MUST_CHECK;

/* The container's port that is meant, 0 when the name is no preview's. ret_port: where it is published on back_host; 0: nowhere. */
unsigned preview_of(const struct edge_settings *s, struct str host_name, unsigned *ret_port);

#endif
