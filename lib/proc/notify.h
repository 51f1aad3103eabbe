/*
 * notify.h - the service manager's socket (sd_notify(3)): READY=1, STATUS=, STOPPING=1, WATCHDOG=1, RELOADING=1
 *
 * One datagram each, never blocking; without NOTIFY_SOCKET nothing happens. The caller reads the environment.
 */
#ifndef OCC_PROC_NOTIFY_H
#define OCC_PROC_NOTIFY_H

#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "lib/base/err.h"

struct notify {
	int fd;				/* -1: no service manager */
	struct sockaddr_un to;		/* named with each datagram: a manager that made its socket anew is found again */
	socklen_t to_bytes;
	int64_t watchdog_ms;		/* WATCHDOG_USEC / 1000 / 2: how often to ping; 0: not wanted */
};
#define NOTIFY_INIT { .fd = -1 }

/* socket_path: NOTIFY_SOCKET (a path, or @abstract) or NULL; watchdog_usec, watchdog_pid: WATCHDOG_USEC, WATCHDOG_PID or NULL. Pings are
 * wanted unless another process is meant. */
int notify_open(struct notify *n, const char *socket_path, const char *watchdog_usec, const char *watchdog_pid, struct err *e) MUST_CHECK;
/* lines: "READY=1\nSTATUS=...". A full or vanished socket is not an error of ours. */
void notify_send(const struct notify *n, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* RELOADING=1 with the time that a manager of Type=notify-reload wants; READY=1 ends it. */
void notify_reloading(const struct notify *n);
void notify_auto(struct notify *n);

#endif
