/*
 * tailscale.h - pure: what `tailscale serve status --json` says
 *
 * {"Web": {"HOST:443": {"Handlers": {"/": {"Proxy": "http://127.0.0.1:3000"}}}}}; without anything to serve {}.
 */
#ifndef OCC_APPLETS_OCC_SETUP_TAILSCALE_H
#define OCC_APPLETS_OCC_SETUP_TAILSCALE_H

#include "lib/base/str.h"

/* Is a handler of any of its names this machine's port? false for what cannot be read. */
bool tailscale_serves(struct str status, unsigned port);

#endif
