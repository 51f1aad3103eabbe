/* notify.c - the service manager's socket: sd_notify(3) without its library */
#include "lib/proc/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/fd.h"
#include "lib/base/num.h"

#define MESSAGE_MAX 2048
#define PING_FRACTION 2		/* sd_watchdog_enabled(3) asks for half the time */

/* WATCHDOG_USEC counts only for the process that WATCHDOG_PID names. */
static int64_t
watchdog_ms(const char *usec, const char *pid)
{
	uint64_t us = 0, named = 0;
	struct err ignored = ERR_INIT;

	if (!usec || num_u64(str_of(usec), 1, UINT64_MAX, &us, &ignored) < 0)
		return 0;
	if (pid && (num_u64(str_of(pid), 1, INT32_MAX, &named, &ignored) < 0 || named != (uint64_t)getpid()))
		return 0;
	uint64_t ms = us / 1000 / PING_FRACTION;
	return ms < 1 ? 1 : (int64_t)ms;
}

/* @NAME is the abstract name space: a NUL in front, and no NUL at the end. */
static int
address(const char *path, struct notify *ret, struct err *e)
{
	struct sockaddr_un *un = &ret->to;
	size_t n = strlen(path);
	bool is_abstract = path[0] == '@';

	if ((path[0] != '/' && !is_abstract) || n < 2)
		return err_set(e, ERR_USAGE, "NOTIFY_SOCKET is neither a path nor an abstract name: '%.80s'", path);
	if (n >= sizeof un->sun_path)
		return err_set(e, ERR_TOO_BIG, "NOTIFY_SOCKET is longer than %zu bytes", sizeof un->sun_path - 1);
	un->sun_family = AF_UNIX;
	memcpy(un->sun_path, path, n);
	if (is_abstract)
		un->sun_path[0] = '\0';
	ret->to_bytes = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n + (is_abstract ? 0 : 1));
	return 0;
}

int
notify_open(struct notify *n, const char *socket_path, const char *watchdog_usec, const char *watchdog_pid, struct err *e)
{
	*n = (struct notify)NOTIFY_INIT;
	if (!socket_path || !socket_path[0])
		return 0;
	if (address(socket_path, n, e) < 0)
		return -1;
	/* Two calls instead of SOCK_CLOEXEC, which macOS lacks; no other thread can fork in between. */
	n->fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	if (n->fd < 0 || fcntl(n->fd, F_SETFD, FD_CLOEXEC) < 0) {
		err_sys(e, "socket to the service manager");
		notify_auto(n);
		return -1;
	}
	n->watchdog_ms = watchdog_ms(watchdog_usec, watchdog_pid);
	return 0;
}

void
notify_send(const struct notify *n, const char *fmt, ...)
{
	AUTO(buf) struct buf text = BUF_INIT(MESSAGE_MAX);
	va_list ap;
	ssize_t sent;

	if (n->fd < 0)
		return;
	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	if (text.n == 0)
		return;
	do
		sent = sendto(n->fd, text.p, text.n, MSG_DONTWAIT, (const struct sockaddr *)&n->to, n->to_bytes);
	while (sent < 0 && errno == EINTR);
}

/* CLOCK_MONOTONIC, as the service manager counts: ours would count suspended time, too. */
void
notify_reloading(const struct notify *n)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	notify_send(n, "RELOADING=1\nMONOTONIC_USEC=%lld", (long long)t.tv_sec * 1000000 + t.tv_nsec / 1000);
}

void
notify_auto(struct notify *n)
{
	fd_auto(&n->fd);
	n->fd = -1;
}
