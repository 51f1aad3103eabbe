/* groups_other.c - macOS: getgrouplist(3) takes groups as int, which are as wide */
#ifndef __linux__

#include "lib/deploy/groups.h"

#include <unistd.h>

_Static_assert(sizeof(gid_t) == sizeof(int), "one is the other");

int
groups_of(const char *user, gid_t gid, gid_t *ret, int *n)
{
	return getgrouplist(user, (int)gid, (int *)ret, n);
}

#endif
