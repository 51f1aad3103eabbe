/* listen_systemd.c - sockets that systemd has opened: the protocol of sd_listen_fds(3) without its library */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/num.h"
#include "lib/net/listen_own.h"

#define FIRST_FD 3		/* SD_LISTEN_FDS_START */

/* How many, 0 when none are for this process. */
static int
count_of(const char *pid, const char *fds, size_t max, uint64_t *ret, struct err *e)
{
	uint64_t named = 0;

	*ret = 0;
	if (!pid || !fds)
		return 0;
	if (num_u64(str_of(pid), 1, INT32_MAX, &named, e) < 0)
		return err_wrap(e, "LISTEN_PID");
	if (named != (uint64_t)getpid())
		return 0;
	if (num_u64(str_of(fds), 0, max < LISTEN_FDS_MAX ? max : LISTEN_FDS_MAX, ret, e) < 0)
		return err_wrap(e, "LISTEN_FDS");
	return 0;
}

/* A descriptor of another kind would be taken for a client's way in. */
static int
check_socket(int fd, struct err *e)
{
	struct sockaddr_storage sa = { .ss_family = AF_UNSPEC };
	int is_listening = 0, type = 0;
	socklen_t n = sizeof sa, n_int = sizeof is_listening, n_type = sizeof type;

	if (getsockname(fd, (struct sockaddr *)&sa, &n) < 0 || getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &n_int) < 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &n_type) < 0)
		return err_set(e, ERR_USAGE, "descriptor %d from the service manager: %s", fd, strerror(errno));
	if (!is_listening || type != SOCK_STREAM || (sa.ss_family != AF_INET && sa.ss_family != AF_INET6))
		return err_set(e, ERR_USAGE, "descriptor %d from the service manager is no listening TCP socket", fd);
	return 0;
}

int
listen_from_systemd(const char *pid, const char *fds, const char *names, struct listen_socket *ret, size_t max, struct err *e)
{
	struct str rest = str_of(names);
	uint64_t n;

	if (count_of(pid, fds, max, &n, e) < 0) {
		e->code = ERR_USAGE;
		return -1;
	}
	for (size_t i = 0; i < n; i++) {
		struct str name = str_cut(&rest, ':');
		int fd = FIRST_FD + (int)i;

		if (check_socket(fd, e) < 0 || listen_prepare(fd, e) < 0)
			return -1;
		ret[i].fd = fd;
		if (name.n >= sizeof ret[i].name)
			return err_set(e, ERR_USAGE, "descriptor %d from the service manager has a name of more than %zu bytes", fd, sizeof ret[i].name - 1);
		memcpy(ret[i].name, name.n ? name.p : "", name.n);
		ret[i].name[name.n] = '\0';
	}
	return (int)n;
}
