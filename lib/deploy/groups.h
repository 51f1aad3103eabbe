/*
 * groups.h - the groups of a user by the password database
 */
#ifndef OCC_DEPLOY_GROUPS_H
#define OCC_DEPLOY_GROUPS_H

#include <sys/types.h>

/* The first *n of a user's groups, his own (gid) among them: their number in *n. -1 when there are more. */
int groups_of(const char *user, gid_t gid, gid_t *ret, int *n);

#endif
