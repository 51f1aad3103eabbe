/*
 * image.h - images of the engine: references, inspect, pull, build, tag, remove
 *
 * Build and pull answer 200 and then a stream of JSON objects; an error is an object in it, and a stream that ends without its final
 * status has failed. Progress goes to a callback; the caller shows it.
 */
#ifndef OCC_ENGINE_IMAGE_H
#define OCC_ENGINE_IMAGE_H

#include "lib/engine/engine.h"

#define IMAGE_NAME_MAX 255		/* domain and path together, as the grammar has it */

/* "host:5000/a/b:tag@sha256:..." taken apart as the distribution reference grammar says. */
struct image_ref {
	struct str domain;		/* "docker.io" when the text has none */
	struct str path;		/* "library/ubuntu" for "ubuntu" */
	struct str tag;			/* empty when absent */
	struct str digest;		/* "sha256:...", empty when absent */
	char library[IMAGE_NAME_MAX + 1];	/* holds path where "library/" had to be added; so do not copy a struct image_ref */
};
int image_ref_parse(struct str text, struct image_ref *ret, struct err *e) MUST_CHECK;
void image_ref_put_familiar(const struct image_ref *r, struct buf *out);	/* "ubuntu:24.04" */
void image_ref_put_full(const struct image_ref *r, struct buf *out);		/* "docker.io/library/ubuntu:24.04" */

struct image {
	const char *id;
	const char *os, *arch;
	uint64_t size_bytes;
	const struct json *config;	/* Config: Env, Entrypoint, User, Labels, Healthcheck, Volumes */
	const struct json *raw;
};
int image_inspect(struct engine *en, struct arena *a, const char *ref, struct image *ret, struct err *e) MUST_CHECK;
const char *image_label(const struct image *im, const char *name);
int image_list(struct engine *en, struct arena *a, const char *label, const struct json **ret, struct err *e) MUST_CHECK;
int image_tag(struct engine *en, const char *id, const char *repo, const char *tag, struct err *e) MUST_CHECK;
int image_remove(struct engine *en, const char *ref, struct err *e) MUST_CHECK;		/* absent is success; never forced */

/* What a build or pull reports: one line for people, and how far it is where that is known (total 0: unknown). */
struct image_progress {
	void (*step)(void *ctx, struct str line, uint64_t done_bytes, uint64_t total_bytes);
	void *ctx;
};

/* Pulls with the credentials of ~/.docker/config.json (auths, credHelpers, credsStore). Errors are ERR_IMAGE and tell unauthorised, not found, wrong
 * platform, unreachable registry apart. */
int image_pull(struct engine *en, struct arena *a, const char *ref, const struct image_progress *p, int64_t due_ms, struct err *e) MUST_CHECK;

/* Gives the build context piece by piece as a tar: 1 with a run of bytes (valid until the next call), 0 at the end, -1. */
struct image_context {
	int (*next)(void *ctx, struct str *ret_data, struct err *e);
	void *ctx;
};
struct image_build {
	const char *tag;		/* "opencode-cloud:1.18.34" */
	const char *const *args;	/* NAME=VALUE, NULL-terminated */
	const char *const *labels;	/* NAME=VALUE, NULL-terminated */
	bool no_cache, pull;
};
/* Streams the context while reading progress (the engine may answer before the upload ends). Classic builder. On success the id of the built
 * image by inspect of the tag, never from stream text. A failed build's error carries its last output lines in notes. */
int image_build(struct engine *en, struct arena *a, const struct image_build *b, const struct image_context *context,
    const struct image_progress *p, int64_t due_ms, const char **ret_id, struct err *e) MUST_CHECK;

/* Credentials for a registry domain as X-Registry-Auth wants them (base64url JSON), appended to out: a secret. Nothing is appended where there are none. */
int registry_auth_put(struct arena *a, const struct engine_env *env, struct str domain, struct buf *out, struct err *e) MUST_CHECK;

#endif
