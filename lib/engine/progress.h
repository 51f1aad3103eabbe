/*
 * progress.h - the stream of JSON objects that a build or a pull answers with
 *
 * Both answer 200 first and tell the truth later. This reads the objects, adds up the layers that are on their way, and says in a person's
 * words why a registry did not give an image. Blocks up to the deadline given.
 */
#ifndef OCC_ENGINE_PROGRESS_H
#define OCC_ENGINE_PROGRESS_H

#include "lib/engine/image.h"

#define PROGRESS_LAYERS_MAX 160		/* an image has at most 127; a base may be pulled during a build */
#define PROGRESS_LINE_MAX 400		/* of one line for people; longer ones are cut */

/* Handles one object; -1 ends the reading. */
typedef int progress_each(void *ctx, const struct json *object, struct err *e);
/* Reads to the end of the body. ERR_ENGINE when it ends inside an object or the connection does. */
int progress_read(struct engine *en, struct http_conn *c, progress_each *each, void *ctx, const char *what, int64_t due_ms, struct err *e) MUST_CHECK;

struct progress_layers {
	struct {
		char id[16];
		uint64_t done, total;
	} v[PROGRESS_LAYERS_MAX];
	size_t n;
};
/* Takes a status object into account. True when it spoke of a layer; then *ret_done and *ret_total are the sums. */
bool progress_layers_add(struct progress_layers *l, const struct json *object, uint64_t *ret_done, uint64_t *ret_total);

/* The text of an error object, or NULL. */
const char *progress_error(const struct json *object);
/* Sets ERR_IMAGE from what the engine says about a registry: not found, not allowed, wrong platform, unreachable, ... domain is for the
 * remedy. Returns -1. */
int progress_registry_fault(const char *said, struct str domain, struct err *e);

#endif
