/*
 * context.h - the docker command's own configuration: config.json and its contexts
 *
 * DOCKER_CONFIG or ~/.docker. A context is contexts/meta/<sha256 of its name>/meta.json. Files are read, never written. Results live in
 * the arena.
 */
#ifndef OCC_ENGINE_CONTEXT_H
#define OCC_ENGINE_CONTEXT_H

#include "lib/engine/endpoint.h"
#include "lib/json/json.h"

/* Path of a file in the configuration directory, or NULL when there is no home. */
const char *context_file(struct arena *a, const struct engine_env *env, const char *name);
/* config.json parsed; *ret is NULL when there is none. ERR_CONFIG when it is not JSON. */
int context_config(struct arena *a, const struct engine_env *env, const struct json **ret, struct err *e) MUST_CHECK;
/* Name of the current context; *ret is NULL for "default" and for none. */
int context_current(struct arena *a, const struct engine_env *env, const char **ret, struct err *e) MUST_CHECK;
/* The engine's URL in a context. ERR_USAGE with the names that exist when there is no such context. */
int context_host(struct arena *a, const struct engine_env *env, const char *name, const char **ret_url, struct err *e) MUST_CHECK;

#endif
