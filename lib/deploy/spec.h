/*
 * spec.h - pure: what the container should be, as the body of the engine's create call
 *
 * The only place that describes a container of ours. Same input, same bytes. The digest of the body (without what the engine's host decides, and where it
 * can be changed later without the restart policy) is a label of the container; a second label holds a short digest per configuration key, so that a difference can be named.
 */
#ifndef OCC_DEPLOY_SPEC_H
#define OCC_DEPLOY_SPEC_H

#include "lib/deploy/service.h"

#define LABEL_KEYS "io.opencode-cloud.keys"
#define SPEC_BODY_MAX (1u << 20)

struct spec_input {
	const struct config *config;
	const struct service_names *names;
	const char *instance, *deployment, *owner;
	const char *image;		/* reference the container is created from */
	const char *restart;		/* the engine's restart policy from the first moment (service_restart_policy) */
	uint64_t host_memory_bytes;	/* of the engine's host, for memory "auto"; 0: unknown, then no limit */
	bool is_beside;			/* made beside the old one: the engine is not to start it by itself before it has taken that one's place */
	bool is_helper;			/* is not the service: is removed with what other helpers have left (helper.h) */
	bool is_podman;			/* its rlimits have to be named */
	uint64_t nofile_max;		/* with is_podman: highest RLIMIT_NOFILE this host gives */
};

/* The input for a connected service; host_memory_bytes is left 0: asking costs time and the digest does not depend on it. */
int spec_input_of(struct service *s, struct spec_input *ret, struct err *e) MUST_CHECK;

/* The create body with all labels, appended. ERR_CONFIG for values that cannot be put together (a mount or port that does not parse). */
int spec_put_body(struct arena *a, const struct spec_input *in, struct buf *out, struct err *e) MUST_CHECK;

/* HostConfig's Ulimits where the engine needs them named; for every container of ours. */
struct jsonw;
void spec_put_ulimits(struct jsonw *w, const struct spec_input *in);

/* Lower-case hex digest of the body as said above: the label LABEL_SPEC. In the arena. */
const char *spec_digest(struct arena *a, const struct spec_input *in, struct err *e);

/* The value of LABEL_KEYS: "server.port=1a2b3c4d,...". */
const char *spec_keys_label(struct arena *a, const struct config *c);

/* Names of the keys in which the configuration differs from a container's label ("container.memory, server.port"); "" when in none. */
const char *spec_changed_keys(struct arena *a, const struct config *c, const char *label);

/* The engine's restart policy while the service is wanted. container.restart unless-stopped is Docker's "always", set to "no" by a stop of ours: Docker itself
 * counts a container that it ended after a crash of its own as stopped by hand, and would leave it down. Podman cannot change a policy and has no such daemon. */
const char *spec_restart_policy(const struct config *c, bool is_podman);
#define SPEC_RESTART_STOPPED "no"

/* Labels that every object of the instance carries: NAME=VALUE, NULL-terminated. */
const char *const *spec_object_labels(struct arena *a, const struct spec_input *in);

/* Memory limit in bytes after the configuration: 75 % of the host's when it says auto; 0: none. */
uint64_t spec_memory_bytes(const struct config *c, uint64_t host_memory_bytes);

#endif
