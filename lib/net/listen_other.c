/* listen_other.c - macOS: no accept4, one option for keep-alive, and sockets that launchd has opened */
#ifndef __linux__

#include <errno.h>
#include <fcntl.h>
#include <launch.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/fd.h"
#include "lib/net/listen_own.h"

/* What is accepted here inherits non-blocking from its listener; no other thread can fork before it is close-on-exec. */
int
listen_accept_raw(int fd, struct sockaddr_storage *ret, socklen_t *n)
{
	AUTO(fd) int new_fd = accept(fd, (struct sockaddr *)ret, n);
	struct err ignored = ERR_INIT;

	if (new_fd < 0 || fcntl(new_fd, F_SETFD, FD_CLOEXEC) < 0 || fd_nonblock(new_fd, &ignored) < 0)
		return -1;
	return fd_take(&new_fd);
}

int
listen_keepalive(int fd, int idle_s, int interval_s, int tries)
{
	(void)interval_s;
	(void)tries;
	return setsockopt(fd, IPPROTO_TCP, TCP_KEEPALIVE, &idle_s, sizeof idle_s);
}

/* launch_activate_socket(3): ESRCH when launchd does not manage this process, ENOENT when its list has no such name. */
int
listen_from_launchd(const char *name, struct listen_socket *ret, size_t max, struct err *e)
{
	size_t n = 0;
	int *fds = NULL;
	int sys = launch_activate_socket(name, &fds, &n);

	if (sys == ESRCH || sys == ENOENT)
		return 0;
	if (sys != 0) {
		errno = sys;
		return err_sys(e, "take the socket '%s' from launchd", name);
	}
	int rc = n > max ? err_set(e, ERR_USAGE, "launchd has %zu sockets '%s' for us, more than %zu", n, name, max) : (int)n;
	for (size_t i = 0; rc >= 0 && i < n; i++) {
		ret[i].fd = fds[i];
		str_copy(ret[i].name, sizeof ret[i].name, name);
		if (listen_prepare(fds[i], e) < 0)
			rc = -1;
	}
	free(fds);
	return rc;
}

#endif
