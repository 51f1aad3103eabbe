/*
 * unix_other.c - who connected: getpeereid, as macOS and the BSDs have it
 */
#ifndef __linux__

#include "lib/net/unix.h"

#include <unistd.h>

int
unix_peer(int fd, uid_t *ret, struct err *e)
{
	gid_t group;

	return getpeereid(fd, ret, &group) < 0 ? err_sys(e, "ask who connected") : 0;
}

#endif
