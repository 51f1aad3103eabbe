/*
 * helper_body.h - pure: the body of a throw-away container on volumes of ours, so that it is the same for an engine here and elsewhere
 *
 * It runs the service's own image (its contract has sh, tar and python3), without a network, as root with the few rights that reading or writing everybody's files takes,
 * and no program of the agent's.
 */
#ifndef OCC_DEPLOY_HELPER_BODY_H
#define OCC_DEPLOY_HELPER_BODY_H

#include "lib/deploy/spec.h"

#define HELPER_BODY_MAX 65536
#define HELPER_VOLUMES_MAX 2

struct helper_volume {
	const char *name;		/* NULL: none */
	const char *target;
	bool is_read_only;
	bool is_filled;			/* an empty one gets what the image has there, as with the service itself */
};

struct helper_body {
	const struct spec_input *in;		/* image, deployment, limits */
	struct helper_volume volumes[HELPER_VOLUMES_MAX];
	const char *const *rights;		/* capabilities, NULL-terminated */
	const char *const *entrypoint;		/* program and its first words, NULL-terminated */
	const char *const *command;		/* further words */
	bool has_stdin;				/* is written to */
};

void helper_put_body(const struct helper_body *h, struct buf *out);

#endif
