/*
 * registry_auth.h - credentials for registries as the docker command keeps them, for builds
 *
 * Pulls use registry_auth_put of image.h. Secrets pass through the helper's pipes and the engine's headers, never through argv or the
 * log. A helper runs at most REGISTRY_HELPER_MS.
 */
#ifndef OCC_ENGINE_REGISTRY_AUTH_H
#define OCC_ENGINE_REGISTRY_AUTH_H

#include "lib/engine/image.h"

#define REGISTRY_HELPER_MS 30000

/* X-Registry-Config of a build: base64url JSON with this registry's credentials, appended to out. Nothing where there are none. */
int registry_config_put(struct arena *a, const struct engine_env *env, struct str domain, struct buf *out, struct err *e) MUST_CHECK;

#endif
