/*
 * listen.h - listening sockets for TCP: opened here, or handed over by the service manager; and who connects to them
 *
 * Descriptors are non-blocking and O_CLOEXEC and the caller's to close. What an accepted connection has (TCP_NODELAY, LISTEN_UNSENT_BYTES, keep-alive) is set on the listening socket, which
 * passes it on: no system call a connection. Nothing here blocks; opening one that fails may read /proc to say who holds the port. The environment is the caller's to read.
 */
#ifndef OCC_NET_LISTEN_H
#define OCC_NET_LISTEN_H

#include <netinet/in.h>

#include "lib/base/buf.h"

#define LISTEN_BACKLOG 1024		/* the system may allow less: net.core.somaxconn */
/* What the system takes of a connection beyond what is on its way (TCP_NOTSENT_LOWAT): a megabyte would hide for minutes that a client takes nothing, and cost the system
 * that much for each. */
#define LISTEN_UNSENT_BYTES 32768
#define LISTEN_NAME_BYTES 64
#define LISTEN_FDS_MAX 64		/* of one hand-over */

/* Where to listen, and which configuration keys say so, for the remedies of errors. */
struct listen_want {
	const char *host;		/* a literal address; "::" takes IPv4 as well (RFC 3493 section 5.3) */
	unsigned port;			/* 0: any that is free */
	const char *host_key, *port_key;	/* "edge.bind", "edge.port"; NULL: no remedy names one */
};

/* Returns the descriptor. ERR_PERM for a port that only root may take, ERR_ADDR_IN_USE with who has it, ERR_CONFIG for an address that is not this machine's, ERR_USAGE for
 * what is no address or port: each with a note of what to do. */
int listen_tcp(const struct listen_want *w, struct err *e) MUST_CHECK;

/* The port it listens on: what port 0 became. */
int listen_port(int fd, unsigned *ret, struct err *e) MUST_CHECK;

struct listen_socket {
	int fd;
	char name[LISTEN_NAME_BYTES];	/* FileDescriptorName= of the socket unit, the key in launchd's list; "" when there is none */
};

/* sd_listen_fds(3): LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES as they are in the environment, or NULL. Returns how many there are (0: none, or meant for another process), made
 * non-blocking and O_CLOEXEC. -1: ERR_USAGE for variables that make no sense, more than `max`, or a descriptor that is no listening TCP socket; none is closed then. */
int listen_from_systemd(const char *pid, const char *fds, const char *names, struct listen_socket *ret, size_t max, struct err *e) MUST_CHECK;

/* launch_activate_socket(3): those that the job's list has under this name, 0 where launchd did not start us, and everywhere but on macOS. */
int listen_from_launchd(const char *name, struct listen_socket *ret, size_t max, struct err *e) MUST_CHECK;

struct listen_peer {
	char host[INET6_ADDRSTRLEN];	/* as text; IPv4 that came over an IPv6 socket is shown as IPv4 */
	unsigned port;
};

#define LISTEN_NONE (-2)	/* nobody waits (any more): wait until it is readable */
#define LISTEN_FULL (-3)	/* descriptors or memory are used up: the connection goes on waiting, and so shall the caller, or its loop spins */

/* The next connection: a descriptor, LISTEN_NONE, LISTEN_FULL, -1 when the listener itself is broken. Connections that broke before they were accepted are passed over
 * (accept(2), "Error handling"). */
int listen_accept(int fd, struct listen_peer *ret, struct err *e) MUST_CHECK;

/* The socket's own end: for a connection, the address of this machine that it came to. */
int listen_local(int fd, struct listen_peer *ret, struct err *e) MUST_CHECK;

/* Pure: the address as listen_peer has it; "" and 0 for another family. */
void listen_peer_of(const struct sockaddr_storage *sa, struct listen_peer *ret);

#endif
