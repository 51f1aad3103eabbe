/*
 * mount.h - may this directory of the host be mounted, and can the agent work in it?
 *
 * The host's side is looked at where it is ours to look at (a local engine); the truth is told by a throw-away container, because a virtual
 * machine's engine shares only some directories and owners differ there.
 */
#ifndef OCC_DEPLOY_MOUNT_H
#define OCC_DEPLOY_MOUNT_H

#include "lib/deploy/service.h"

/* "HOST:TARGET[:ro]" as a person types it -> the element for container.mounts: the host's path absolute ("~/", "./", ".."). In the arena; NULL with
 * ERR_USAGE. */
const char *mount_element(struct arena *a, const char *typed, struct err *e);

/* The host's directory: there (for a local engine), not / nor what holds our credentials; the target not taken by another mount. A remark for
 * the person in *ret_remark, or NULL. */
int mount_check(struct service *s, const struct config_mount *m, const char **ret_remark, struct err *e) MUST_CHECK;

/* Tries it in a scratch container as the agent's user: 1 it works, 0 not tried (*ret_why: no image yet), -1 with the remedy. Needs the engine. */
int mount_try(struct service *s, const struct config_mount *m, const char **ret_why, struct err *e) MUST_CHECK;

#endif
