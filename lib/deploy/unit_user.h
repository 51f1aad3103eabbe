/*
 * unit_user.h - the user that a system unit runs as, and whose the instance's files are then
 *
 * The machine's password database as musl reads it: /etc/passwd and /etc/group.
 */
#ifndef OCC_DEPLOY_UNIT_USER_H
#define OCC_DEPLOY_UNIT_USER_H

#include "lib/deploy/service.h"

struct unit_owner {
	uid_t uid;
	gid_t gid;
};

/* user NULL: root. ERR_USAGE for one that is not there, ERR_REFUSED for one that may not use the engine's socket, with the cure. */
int unit_user_find(const char *user, const char *engine_socket, struct unit_owner *ret, struct err *e) MUST_CHECK;

/* Files of the instance that belong to somebody else, or that root's commands would make first and the user could not read then. */
bool unit_owner_differs(const struct service *s, const struct unit_owner *o);
/* Makes those and gives all to the owner. */
int unit_owner_set(const struct service *s, const struct unit_owner *o, struct err *e) MUST_CHECK;

#endif
