/* listen_linux.c - accept4(2) and the options of tcp(7); there is no launchd */
#ifdef __linux__

#include <netinet/tcp.h>

#include "lib/net/listen_own.h"

int
listen_accept_raw(int fd, struct sockaddr_storage *ret, socklen_t *n)
{
	return accept4(fd, (struct sockaddr *)ret, n, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int
listen_keepalive(int fd, int idle_s, int interval_s, int tries)
{
	if (setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s) < 0 || setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof interval_s) < 0)
		return -1;
	return setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &tries, sizeof tries);
}

int
listen_from_launchd(const char *name, struct listen_socket *ret, size_t max, struct err *e)
{
	(void)name;
	(void)ret;
	(void)max;
	(void)e;
	return 0;
}

#endif
