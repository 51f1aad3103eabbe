/*
 * build_context.h - docker/ from inside the program and the host's CA bundle, as a tar that is streamed into a build
 */
#ifndef OCC_DEPLOY_BUILD_CONTEXT_H
#define OCC_DEPLOY_BUILD_CONTEXT_H

#include "lib/base/buf.h"
#include "lib/engine/image.h"
#include "lib/http/gzip.h"

#define BUILD_CONTEXT_CA_NAME "ca-bundle.crt"
#define BUILD_CONTEXT_CA_MAX (8u << 20)
#define BUILD_CONTEXT_PIECE_MAX (BUILD_CONTEXT_CA_MAX + (64u << 10))

struct build_context {
	size_t next;			/* file to give next; one past the embedded ones is the CA bundle, then the end */
	struct buf ca;			/* its bytes, may be empty */
	struct buf piece;
	struct gunzip *files;		/* the embedded ones, up to next */
	size_t n_packed;		/* bytes that it has read */
};

/* ca_path NULL: an empty bundle. What it gives once (build_context_source) is spent; it is not to be moved. */
int build_context_open(struct build_context *c, const char *ca_path, struct err *e) MUST_CHECK;
void build_context_auto(struct build_context *c);
struct image_context build_context_source(struct build_context *c);

#endif
