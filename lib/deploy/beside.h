/*
 * beside.h - opencode tried on data where nobody else reaches it: a container and a network of the instance with names that end in ".verify"
 *
 * The container is a helper (helper.h): whoever holds the helpers' lock, as the caller does, removes it when it was left. What is made is removed by beside_remove.
 */
#ifndef OCC_DEPLOY_BESIDE_H
#define OCC_DEPLOY_BESIDE_H

#include "lib/deploy/spec.h"

#define BESIDE_SESSIONS_MAX 20000	/* so many are asked for */

struct beside {
	struct service there;		/* the instance under other names, asked by exec alone; has the engine's connection until beside_close */
	struct spec_input spec;		/* of `there`, so this is not moved */
};

/* has_own_volumes: they have names of their own, too. ERR_FAIL when the machine has no room for it; then, too, beside_close. */
int beside_open(struct beside *b, struct service *s, const char *image, bool has_own_volumes, struct err *e) MUST_CHECK;
void beside_close(struct beside *b, struct service *s);

/* Starts opencode on the volumes, which are there, and asks it for its version (in the arena) and the number of its sessions, archived ones too, at most
 * BESIDE_SESSIONS_MAX. */
int beside_ask(struct beside *b, const char **ret_version, int64_t *ret_n_sessions, struct err *e) MUST_CHECK;

/* Helpers, network, and of the volumes by the names of `there` none (0), the home (1), or both (2). Only what is ours; absent is success. */
int beside_remove(struct beside *b, size_t n_volumes, struct err *e) MUST_CHECK;
#endif
