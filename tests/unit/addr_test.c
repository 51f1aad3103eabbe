/*
 * addr_test.c - what addresses mean, and real ports of this machine
 */
#include "lib/net/addr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/socket.h>

#include "lib/base/fd.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "tests/t.h"

static const struct {
	const char *text;
	enum addr_scope scope;
	bool is_ipv6;
} rows[] = {
	{ "127.0.0.1", ADDR_LOOPBACK, false }, { "127.255.255.254", ADDR_LOOPBACK, false }, { "::1", ADDR_LOOPBACK, true },
	{ "localhost", ADDR_LOOPBACK, false }, { "LOCALHOST", ADDR_LOOPBACK, false },
	{ "0.0.0.0", ADDR_ANY, false }, { "::", ADDR_ANY, true }, { "0:0:0:0:0:0:0:0", ADDR_ANY, true },
	{ "10.0.0.1", ADDR_PRIVATE, false }, { "11.0.0.1", ADDR_PUBLIC, false }, { "9.255.255.255", ADDR_PUBLIC, false },
	{ "172.15.255.255", ADDR_PUBLIC, false }, { "172.16.0.0", ADDR_PRIVATE, false },
	{ "172.31.255.255", ADDR_PRIVATE, false }, { "172.32.0.0", ADDR_PUBLIC, false },
	{ "192.168.1.1", ADDR_PRIVATE, false }, { "192.169.0.0", ADDR_PUBLIC, false },
	{ "100.63.255.255", ADDR_PUBLIC, false }, { "100.64.0.0", ADDR_PRIVATE, false },
	{ "100.127.255.255", ADDR_PRIVATE, false }, { "100.128.0.0", ADDR_PUBLIC, false },
	{ "169.254.1.1", ADDR_PRIVATE, false }, { "169.253.1.1", ADDR_PUBLIC, false },
	{ "0.0.0.1", ADDR_PUBLIC, false }, { "128.0.0.1", ADDR_PUBLIC, false }, { "203.0.113.7", ADDR_PUBLIC, false },
	{ "255.255.255.255", ADDR_PUBLIC, false },
	{ "fc00::1", ADDR_PRIVATE, true }, { "fdff::1", ADDR_PRIVATE, true }, { "fe00::1", ADDR_PUBLIC, true },
	{ "fe80::1", ADDR_PRIVATE, true }, { "febf::1", ADDR_PRIVATE, true }, { "fec0::1", ADDR_PUBLIC, true },
	{ "2001:db8::1", ADDR_PUBLIC, true }, { "::2", ADDR_PUBLIC, true },
	{ "::ffff:127.0.0.1", ADDR_LOOPBACK, true }, { "::ffff:10.1.2.3", ADDR_PRIVATE, true },
	{ "::ffff:0.0.0.0", ADDR_ANY, true }, { "::ffff:8.8.8.8", ADDR_PUBLIC, true },
	{ "", ADDR_INVALID, false }, { "127.0.0.1 ", ADDR_INVALID, false }, { "127.1", ADDR_INVALID, false },
	{ "256.0.0.1", ADDR_INVALID, false }, { "example.org", ADDR_INVALID, false }, { "[::1]", ADDR_INVALID, false },
	{ "::1%lo", ADDR_INVALID, false }, { "1:2:3", ADDR_INVALID, false },
};

static void
test_scope(void)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		t_row("scope of \"%s\"", rows[i].text);
		T_EQ(addr_scope_of(rows[i].text), rows[i].scope);
		T_EQ(addr_is_ipv6(rows[i].text), rows[i].is_ipv6);
	}
}

static void
test_hostport(void)
{
	AUTO(buf) struct buf b = BUF_INIT(128);

	t_row("host and port");
	addr_put_hostport(&b, "127.0.0.1", 3000);
	addr_put_hostport(&b, "::1", 80);
	addr_put_hostport(&b, "localhost", 1);
	T_STR(b.p, "127.0.0.1:3000[::1]:80localhost:1");
}

/* A port of 127.0.0.1, bound and, when asked for, listened on. */
static int
take_port(unsigned *ret_port, bool is_listening)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof sin;
	int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) < 0 ||
	    bind(fd, (struct sockaddr *)&sin, sizeof sin) < 0 || (is_listening && listen(fd, 1) < 0) ||
	    getsockname(fd, (struct sockaddr *)&sin, &n) < 0)
		T_FAIL("take a port: %s", strerror(errno));
	*ret_port = ntohs(sin.sin_port);
	return fd;
}

static void
test_ports(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	unsigned port = 0;
	AUTO(fd) int fd = take_port(&port, true);

	t_row("a port that is taken, on its address and on all of them");
	T_EQ(addr_port_is_free("127.0.0.1", port, &e), 0);
	T_EQ(addr_port_is_free("127.0.0.1", 0, &e), 1);
	T_EQ(addr_port_is_free("localhost", port, &e), 0);
	T_EQ(addr_port_is_free("0.0.0.0", port, &e), 0);
	T_EQ(addr_port_is_free("127.0.0.2", port, &e), 1);
	unsigned next = addr_port_next_free("127.0.0.1", port, 200);
	T_OK(next > port && next < port + 200);
	T_EQ(addr_port_next_free("127.0.0.1", port, 1), 0);
	T_EQ(addr_port_next_free("127.0.0.1", 65536, 10), 0);

	t_row("who has it");
	const struct passwd *pw = getpwuid(getuid());
	const char *owner = addr_port_owner(&a, port);
	const char *user = pw ? pw->pw_name : arena_printf(&a, "%lu", (unsigned long)getuid());
	AUTO(buf) struct buf comm = BUF_INIT(64);
	T_CALL(file_read("/proc/self/comm", &comm, &e));
	const char *want = arena_printf(&a, STR_FMT " (pid %ld, user %s)", STR_ARG(str_trim(buf_str(&comm))), (long)getpid(), user);
	T_STR(owner, want);
	fd_auto(&fd);

	t_row("a port that nobody listens on");
	fd = take_port(&port, false);
	T_STR(addr_port_owner(&a, port), NULL);
	fd_auto(&fd);
	/* Another process might take it at this very moment: any free one of the next will do. */
	T_OK(addr_port_next_free("127.0.0.1", port, 200) >= port);
}

static const struct {
	const char *host;
	unsigned port;
	enum err_code code;
} bad_ports[] = {
	{ "192.0.2.1", 3000, ERR_CONFIG }, { "2001:db8::1", 3000, ERR_CONFIG }, { "example.org", 3000, ERR_USAGE },
	{ "", 3000, ERR_USAGE }, { "192.0.2.1", 0, ERR_CONFIG }, { "127.0.0.1", 65536, ERR_USAGE },
};

static void
test_bad_ports(void)
{
	for (size_t i = 0; i < ARRAY_LEN(bad_ports); i++) {
		struct err e = ERR_INIT;

		t_row("port %u of \"%s\"", bad_ports[i].port, bad_ports[i].host);
		int got = addr_port_is_free(bad_ports[i].host, bad_ports[i].port, &e);
		if (addr_is_ipv6(bad_ports[i].host) && e.code == ERR_SYS)
			continue;		/* a machine without IPv6 cannot tell */
		T_EQ(got, -1);
		T_ERR(bad_ports[i].code);
	}
}

static void
test_outward(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	const char *text = addr_outward(&a);
	struct err e = ERR_INIT;

	t_row("the outward address, where there is one, is an address of this machine");
	if (!text)
		return;
	T_OK(addr_scope_of(text) == ADDR_PRIVATE || addr_scope_of(text) == ADDR_PUBLIC);
	T_OK(addr_port_is_free(text, 40000, &e) >= 0);
}

int
main(void)
{
	test_scope();
	test_hostport();
	test_ports();
	test_bad_ports();
	test_outward();
	return t_done();
}
