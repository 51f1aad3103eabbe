/* groups_linux.c - getgrouplist(3) */
#ifdef __linux__

#include "lib/deploy/groups.h"

#include <grp.h>

int
groups_of(const char *user, gid_t gid, gid_t *ret, int *n)
{
	return getgrouplist(user, gid, ret, n);
}

#endif
