/* listen.c - opens listening sockets, takes connections from them, and says why it cannot */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/fd.h"
#include "lib/base/mem.h"
#include "lib/net/addr.h"
#include "lib/net/listen_own.h"

#define PORT_MAX 65535
#define PRIVILEGED_END 1024		/* ip(7): below it a port needs CAP_NET_BIND_SERVICE */
#define HIGH_OFFSET 8000		/* 443 becomes 8443, 80 becomes 8080, as people expect */
#define PORT_TRIES 100			/* looked at for one to recommend */
#define BROKEN_MAX 64			/* connections passed over in one call: a flood of them must not keep a loop from its other work */

/* A peer that has gone without a word is found within 2 minutes, sooner than most balancers and address translators forget it. */
#define KEEPALIVE_IDLE_S 60
#define KEEPALIVE_INTERVAL_S 15
#define KEEPALIVE_TRIES 4

/* ---- addresses ---- */

/* Length of the address, 0 when the text is none. */
static socklen_t
fill_addr(const struct listen_want *w, struct sockaddr_storage *ret)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons((uint16_t)w->port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)w->port) };

	*ret = (struct sockaddr_storage){ .ss_family = AF_UNSPEC };
	if (inet_pton(AF_INET, w->host, &v4.sin_addr) == 1) {
		memcpy(ret, &v4, sizeof v4);
		return sizeof v4;
	}
	if (inet_pton(AF_INET6, w->host, &v6.sin6_addr) == 1) {
		memcpy(ret, &v6, sizeof v6);
		return sizeof v6;
	}
	return 0;
}

void
listen_peer_of(const struct sockaddr_storage *sa, struct listen_peer *ret)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	*ret = (struct listen_peer){ .port = 0 };
	if (sa->ss_family == AF_INET) {
		memcpy(&v4, sa, sizeof v4);
		inet_ntop(AF_INET, &v4.sin_addr, ret->host, sizeof ret->host);
		ret->port = ntohs(v4.sin_port);
	} else if (sa->ss_family == AF_INET6) {
		memcpy(&v6, sa, sizeof v6);
		if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr))
			inet_ntop(AF_INET, &v6.sin6_addr.s6_addr[12], ret->host, sizeof ret->host);
		else
			inet_ntop(AF_INET6, &v6.sin6_addr, ret->host, sizeof ret->host);
		ret->port = ntohs(v6.sin6_port);
	}
}

int
listen_local(int fd, struct listen_peer *ret, struct err *e)
{
	struct sockaddr_storage sa = { .ss_family = AF_UNSPEC };
	socklen_t n = sizeof sa;

	if (getsockname(fd, (struct sockaddr *)&sa, &n) < 0)
		return err_sys(e, "ask a socket for its own address");
	listen_peer_of(&sa, ret);
	return 0;
}

int
listen_port(int fd, unsigned *ret, struct err *e)
{
	struct listen_peer at;

	if (listen_local(fd, &at, e) < 0)
		return -1;
	*ret = at.port;
	return 0;
}

/* ---- what went wrong ---- */

static const char *
place_of(struct arena *a, const struct listen_want *w)
{
	AUTO(buf) struct buf b = BUF_INIT(LISTEN_NAME_BYTES + INET6_ADDRSTRLEN);

	addr_put_hostport(&b, w->host, w->port);
	return arena_str(a, buf_str(&b));
}

static int
refuse_port(const struct listen_want *w, const char *place, struct err *e)
{
	err_set(e, ERR_PERM, "listen on %s: Permission denied", place);
	if (w->port == 0 || w->port >= PRIVILEGED_END)
		return -1;
	err_note(e, "why", "a port below %d is root's: it takes the system scope, whose service manager opens the port", PRIVILEGED_END);
	if (!w->port_key)
		return -1;
	err_note(e, "try", "occ --system service install --now");
	return err_note(e, "or", "occ config set %s %u", w->port_key, w->port + HIGH_OFFSET);
}

static int
refuse_taken(struct arena *a, const struct listen_want *w, const char *place, struct err *e)
{
	const char *owner = addr_port_owner(a, w->port);
	unsigned next = addr_port_next_free(w->host, w->port + 1, PORT_TRIES);

	err_set(e, ERR_ADDR_IN_USE, "%s is taken by %s", place, owner ? owner : "another program");
	if (w->port_key)
		err_note(e, "wanted by", "%s", w->port_key);
	if (w->port_key && next)
		err_note(e, "try", "occ config set %s %u   (%u is free)", w->port_key, next, next);
	return -1;
}

static int
refuse_address(const struct listen_want *w, bool is_family, struct err *e)
{
	err_set(e, ERR_CONFIG, is_family ? "listen on %s: this machine has no IPv6" : "%s is not an address of this machine", w->host);
	return w->host_key ? err_note(e, "try", "occ config set %s 0.0.0.0", w->host_key) : -1;
}

/* errno is that of what failed. */
static int
refuse(const struct listen_want *w, struct err *e)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	int sys = errno;
	const char *place = place_of(&a, w);

	switch (sys) {
	case EACCES:
	case EPERM:
		return refuse_port(w, place, e);
	case EADDRINUSE:
		return refuse_taken(&a, w, place, e);
	case EADDRNOTAVAIL:
	case EAFNOSUPPORT:
		return refuse_address(w, sys == EAFNOSUPPORT, e);
	default:
		errno = sys;
		return err_sys(e, "listen on %s", place);
	}
}

/* ---- opening ---- */

int
listen_prepare(int fd, struct err *e)
{
	int one = 1, unsent = LISTEN_UNSENT_BYTES;

	if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		return err_sys(e, "make descriptor %d close-on-exec", fd);
	if (fd_nonblock(fd, e) < 0)
		return -1;
	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) < 0 ||
	    setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof one) < 0 ||
	    listen_keepalive(fd, KEEPALIVE_IDLE_S, KEEPALIVE_INTERVAL_S, KEEPALIVE_TRIES) < 0)
		return err_sys(e, "set options of a listening socket");
	return 0;
}

/* SO_REUSEADDR: connections of an earlier listener in TIME_WAIT are no hindrance; a live listener still is. "::" takes both families whatever net.ipv6.bindv6only
 * says. */
static int
set_reuse(int fd, const struct sockaddr_storage *sa)
{
	int one = 1, off = 0;

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) < 0)
		return -1;
	return sa->ss_family == AF_INET6 ? setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) : 0;
}

int
listen_tcp(const struct listen_want *w, struct err *e)
{
	struct sockaddr_storage sa;
	socklen_t n = fill_addr(w, &sa);

	if (n == 0)
		return err_set(e, ERR_USAGE, "%s is not an IP address", w->host);
	if (w->port > PORT_MAX)
		return err_set(e, ERR_USAGE, "port %u is larger than %d", w->port, PORT_MAX);
	AUTO(fd) int fd = socket(sa.ss_family, SOCK_STREAM, 0);
	if (fd < 0)
		return refuse(w, e);
	if (listen_prepare(fd, e) < 0)
		return -1;
	if (set_reuse(fd, &sa) < 0 || bind(fd, (const struct sockaddr *)&sa, n) < 0 || listen(fd, LISTEN_BACKLOG) < 0)
		return refuse(w, e);
	return fd_take(&fd);
}

/* ---- connections ---- */

enum outcome { BROKEN, NOTHING, WITHOUT_ROOM, UNUSABLE };

/* accept(2): Linux passes errors that the new connection already has on to accept; they are the connection's, not the listener's. EPERM: a firewall's. */
static enum outcome
outcome_of(int sys)
{
	static const int broken[] = { EINTR, ECONNABORTED, EPERM, EPROTO, ENETDOWN, ENOPROTOOPT, EHOSTDOWN, EHOSTUNREACH, EOPNOTSUPP, ENETUNREACH, ETIMEDOUT,
		ECONNRESET };
	static const int without_room[] = { EMFILE, ENFILE, ENOBUFS, ENOMEM };

	if (sys == EAGAIN)
		return NOTHING;
	for (size_t i = 0; i < ARRAY_LEN(broken); i++)
		if (sys == broken[i])
			return BROKEN;
	for (size_t i = 0; i < ARRAY_LEN(without_room); i++)
		if (sys == without_room[i])
			return WITHOUT_ROOM;
	return UNUSABLE;
}

int
listen_accept(int fd, struct listen_peer *ret, struct err *e)
{
	for (int i = 0; i < BROKEN_MAX; i++) {
		struct sockaddr_storage sa = { .ss_family = AF_UNSPEC };
		socklen_t n = sizeof sa;
		int new_fd = listen_accept_raw(fd, &sa, &n);

		if (new_fd >= 0) {
			listen_peer_of(&sa, ret);
			return new_fd;
		}
		enum outcome o = outcome_of(errno);
		if (o == UNUSABLE)
			return err_sys(e, "accept");
		if (o != BROKEN)
			return o == NOTHING ? LISTEN_NONE : LISTEN_FULL;
	}
	return LISTEN_NONE;	/* it is readable still: the loop comes back */
}
