/*
 * addr.c - what an address means, and the ports of this machine
 */
#include "lib/net/addr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/fd.h"
#include "lib/base/mem.h"

#define PORT_MAX 65535

struct range {
	unsigned char prefix[16];
	unsigned bits;
	enum addr_scope scope;
};

/* First match counts; what no row names is public. */
static const struct range ranges4[] = {
	{ { 0, 0, 0, 0 }, 32, ADDR_ANY },
	{ { 127 }, 8, ADDR_LOOPBACK },
	{ { 10 }, 8, ADDR_PRIVATE },			/* RFC 1918 */
	{ { 172, 16 }, 12, ADDR_PRIVATE },
	{ { 192, 168 }, 16, ADDR_PRIVATE },
	{ { 100, 64 }, 10, ADDR_PRIVATE },		/* RFC 6598 */
	{ { 169, 254 }, 16, ADDR_PRIVATE },		/* RFC 3927, link-local */
};

static const struct range ranges6[] = {
	{ { 0 }, 128, ADDR_ANY },
	{ { [15] = 1 }, 128, ADDR_LOOPBACK },
	{ { 0xfc }, 7, ADDR_PRIVATE },			/* RFC 4193 */
	{ { 0xfe, 0x80 }, 10, ADDR_PRIVATE },		/* link-local */
};

union any_addr {
	struct sockaddr sa;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static bool
is_within(const unsigned char *addr, const struct range *r)
{
	unsigned bytes = r->bits / 8, rest = r->bits % 8;

	return memcmp(addr, r->prefix, bytes) == 0 && (rest == 0 || (addr[bytes] ^ r->prefix[bytes]) >> (8 - rest) == 0);
}

static enum addr_scope
scope_in(const unsigned char *addr, const struct range *rows, size_t n_rows)
{
	for (size_t i = 0; i < n_rows; i++)
		if (is_within(addr, &rows[i]))
			return rows[i].scope;
	return ADDR_PUBLIC;
}

enum addr_scope
addr_scope_of(const char *text)
{
	static const struct range mapped = { { [10] = 0xff, [11] = 0xff }, 96, ADDR_INVALID };
	unsigned char addr[16];

	if (str_ieq(str_of(text), STR_LIT("localhost")))
		return ADDR_LOOPBACK;
	if (inet_pton(AF_INET, text, addr) == 1)
		return scope_in(addr, ranges4, ARRAY_LEN(ranges4));
	if (inet_pton(AF_INET6, text, addr) != 1)
		return ADDR_INVALID;
	if (is_within(addr, &mapped))
		return scope_in(addr + 12, ranges4, ARRAY_LEN(ranges4));
	return scope_in(addr, ranges6, ARRAY_LEN(ranges6));
}

bool
addr_is_ipv6(const char *text)
{
	unsigned char addr[16];

	return inet_pton(AF_INET6, text, addr) == 1;
}

void
addr_put_hostport(struct buf *b, const char *host, unsigned port)
{
	buf_printf(b, addr_is_ipv6(host) ? "[%s]:%u" : "%s:%u", host, port);
}

/* Length of the address, 0 when the text is none. */
static socklen_t
fill_addr(const char *host, unsigned port, union any_addr *ret)
{
	*ret = (union any_addr){ .v6 = { .sin6_family = AF_UNSPEC } };
	if (str_ieq(str_of(host), STR_LIT("localhost")))
		host = "127.0.0.1";
	if (inet_pton(AF_INET, host, &ret->v4.sin_addr) == 1) {
		ret->v4.sin_family = AF_INET;
		ret->v4.sin_port = htons((uint16_t)port);
		return sizeof ret->v4;
	}
	if (inet_pton(AF_INET6, host, &ret->v6.sin6_addr) == 1) {
		ret->v6.sin6_family = AF_INET6;
		ret->v6.sin6_port = htons((uint16_t)port);
		return sizeof ret->v6;
	}
	return 0;
}

int
addr_port_is_free(const char *host, unsigned port, struct err *e)
{
	union any_addr addr;
	socklen_t n = fill_addr(host, port, &addr);
	int one = 1;

	if (n == 0)
		return err_set(e, ERR_USAGE, "%s is not an IP address", host);
	if (port > PORT_MAX)
		return err_set(e, ERR_USAGE, "port %u is larger than %d", port, PORT_MAX);
	AUTO(fd) int fd = socket(addr.sa.sa_family, SOCK_STREAM, 0);
	if (fd < 0)
		return err_sys(e, "socket");
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) < 0)
		return err_sys(e, "setsockopt");
	/* Two sockets may be bound with SO_REUSEADDR as long as none listens: listen(2) is what finds the last of them out. */
	if (bind(fd, &addr.sa, n) == 0 && listen(fd, 1) == 0)
		return 1;
	if (errno == EADDRINUSE)
		return 0;
	if (errno == EADDRNOTAVAIL)
		return err_set(e, ERR_CONFIG, "%s is not an address of this machine", host);
	return err_sys(e, "bind %s port %u", host, port);
}

unsigned
addr_port_next_free(const char *host, unsigned from, unsigned tries)
{
	struct err ignored = ERR_INIT;

	for (; tries > 0 && from <= PORT_MAX; from++, tries--)
		if (addr_port_is_free(host, from, &ignored) > 0)
			return from;
	return 0;
}

/* The address a packet to `target` would leave from. connect(2) on a datagram socket only asks the routing table. */
static const char *
source_towards(struct arena *a, const char *target)
{
	char text[INET6_ADDRSTRLEN];
	union any_addr addr;
	socklen_t n = fill_addr(target, 9, &addr);
	AUTO(fd) int fd = socket(addr.sa.sa_family, SOCK_DGRAM, 0);

	if (fd < 0 || connect(fd, &addr.sa, n) < 0 || getsockname(fd, &addr.sa, &n) < 0)
		return NULL;
	const void *raw = addr.sa.sa_family == AF_INET ? (const void *)&addr.v4.sin_addr : (const void *)&addr.v6.sin6_addr;
	if (!inet_ntop(addr.sa.sa_family, raw, text, sizeof text))
		return NULL;
	enum addr_scope scope = addr_scope_of(text);
	return scope == ADDR_PUBLIC || scope == ADDR_PRIVATE ? arena_strdup(a, text) : NULL;
}

const char *
addr_outward(struct arena *a)
{
	/* Documentation addresses (RFC 5737, RFC 3849): only the default route leads there. */
	const char *v4 = source_towards(a, "192.0.2.1");

	return v4 ? v4 : source_towards(a, "2001:db8::1");
}
