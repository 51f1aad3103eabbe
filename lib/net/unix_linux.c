/*
 * unix_linux.c - who connected: SO_PEERCRED
 */
#ifdef __linux__

#include "lib/net/unix.h"

int
unix_peer(int fd, uid_t *ret, struct err *e)
{
	struct ucred who;
	socklen_t n = sizeof who;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n) < 0)
		return err_sys(e, "ask who connected");
	*ret = who.uid;
	return 0;
}

#endif
