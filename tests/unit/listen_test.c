/* listen_test.c - listening sockets: opened, handed over, and what cannot be opened */
#include "lib/net/listen.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/base/mem.h"
#include "lib/net/stream.h"
#include "tests/t.h"

#define WAIT_MS 20000

/* The next connection, which a loopback connect(2) that has returned has already made. */
static int
accept_within(int fd, struct listen_peer *ret, struct err *e)
{
	return fd_wait(fd, POLLIN, clock_due_ms(WAIT_MS), e) < 0 ? -1 : listen_accept(fd, ret, e);
}

static int
option(int fd, int level, int name)
{
	int v = -1;
	socklen_t n = sizeof v;

	return getsockopt(fd, level, name, &v, &n) < 0 ? -1 : v;
}

/* ---- opened and accepted ---- */

static void
test_accept(void)
{
	static const struct {
		const char *host, *dial, *shown;
	} row[] = {
		{ "127.0.0.1", "127.0.0.1", "127.0.0.1" },
		{ "0.0.0.0", "127.0.0.1", "127.0.0.1" },
		{ "::1", "::1", "::1" },
		{ "::", "::1", "::1" },
		{ "::", "127.0.0.1", "127.0.0.1" },
	};

	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		const struct listen_want w = { .host = row[i].host };
		AUTO(stream) struct stream s = STREAM_INIT;
		struct listen_peer peer;
		struct err e = ERR_INIT;
		unsigned port = 0;

		t_row("%s dialled at %s", row[i].host, row[i].dial);
		AUTO(fd) int fd = listen_tcp(&w, &e);
		if (!T_CALL(fd) || !T_CALL(listen_port(fd, &port, &e)))
			continue;
		T_OK(port > 0);
		T_EQ(listen_accept(fd, &peer, &e), LISTEN_NONE);
		T_CALL(stream_tcp(&s, row[i].dial, port, clock_due_ms(WAIT_MS), &e));
		AUTO(fd) int got = accept_within(fd, &peer, &e);
		if (!T_CALL(got))
			continue;
		T_STR(peer.host, row[i].shown);
		T_OK(peer.port > 0 && peer.port != port);
		T_OK(fcntl(got, F_GETFL) & O_NONBLOCK && fcntl(got, F_GETFD) & FD_CLOEXEC && fcntl(fd, F_GETFD) & FD_CLOEXEC);
		T_OK(option(got, IPPROTO_TCP, TCP_NODELAY) > 0 && option(got, SOL_SOCKET, SO_KEEPALIVE) > 0);
		T_EQ(option(got, IPPROTO_TCP, TCP_KEEPIDLE), 60);
		T_EQ(option(got, IPPROTO_TCP, TCP_NOTSENT_LOWAT), LISTEN_UNSENT_BYTES);
	}
}

static void
test_peer(void)
{
	static const struct {
		int family;
		const char *address, *shown;
	} row[] = {
		{ AF_INET, "192.0.2.7", "192.0.2.7" },
		{ AF_INET6, "2001:db8::7", "2001:db8::7" },
		{ AF_INET6, "::ffff:192.0.2.7", "192.0.2.7" },
		{ AF_UNIX, NULL, "" },
	};

	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct sockaddr_storage sa = { .ss_family = (sa_family_t)row[i].family };
		struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(443) };
		struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(443) };
		struct listen_peer got;

		t_row("peer %s", row[i].address ? row[i].address : "of another family");
		if (row[i].family == AF_INET && inet_pton(AF_INET, row[i].address, &v4.sin_addr) == 1)
			memcpy(&sa, &v4, sizeof v4);
		if (row[i].family == AF_INET6 && inet_pton(AF_INET6, row[i].address, &v6.sin6_addr) == 1)
			memcpy(&sa, &v6, sizeof v6);
		listen_peer_of(&sa, &got);
		T_STR(got.host, row[i].shown);
		T_EQ(got.port, row[i].address ? 443 : 0);
	}
}

/* Descriptors used up: the connection waits, and is there once there is room again. */
static void
test_full(void)
{
	const struct listen_want w = { .host = "127.0.0.1" };
	AUTO(stream) struct stream s = STREAM_INIT;
	struct rlimit before, none;
	struct listen_peer peer;
	struct err e = ERR_INIT;
	unsigned port = 0;

	t_row("no descriptor left");
	AUTO(fd) int fd = listen_tcp(&w, &e);
	T_CALL(fd);
	T_CALL(listen_port(fd, &port, &e));
	T_CALL(stream_tcp(&s, "127.0.0.1", port, clock_due_ms(WAIT_MS), &e));
	T_CALL(fd_wait(fd, POLLIN, clock_due_ms(WAIT_MS), &e));
	T_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = 0;
	T_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
	int full = listen_accept(fd, &peer, &e);
	T_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
	T_EQ(full, LISTEN_FULL);
	AUTO(fd) int got = listen_accept(fd, &peer, &e);
	T_CALL(got);
	t_row("where a connection came to");
	T_CALL(listen_local(got, &peer, &e));
	T_STR(peer.host, "127.0.0.1");
	T_EQ(peer.port, port);
	t_row("a descriptor that is no listener");
	T_FAILS(listen_accept(got, &peer, &e), ERR_SYS);
}

/* ---- what cannot be opened ---- */

static void
test_refused(void)
{
	static const struct {
		const char *host;
		unsigned port;
		enum err_code code;
		const char *said, *note;
	} row[] = {
		{ "localhost", 0, ERR_USAGE, "localhost is not an IP address", NULL },
		{ "", 0, ERR_USAGE, " is not an IP address", NULL },
		{ "127.0.0.1:80", 0, ERR_USAGE, "127.0.0.1:80 is not an IP address", NULL },
		{ "127.0.0.1", 65536, ERR_USAGE, "port 65536 is larger than 65535", NULL },
		{ "192.0.2.7", 0, ERR_CONFIG, "192.0.2.7 is not an address of this machine", "occ config set edge.bind 0.0.0.0" },
	};

	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		const struct listen_want w = { .host = row[i].host, .port = row[i].port, .host_key = "edge.bind", .port_key = "edge.port" };
		struct err e = ERR_INIT;

		t_row("refused: %s port %u", row[i].host, row[i].port);
		T_FAILS(listen_tcp(&w, &e), row[i].code);
		T_STR(e.msg, row[i].said);
		T_STR(e.n_notes ? e.notes[0].text : NULL, row[i].note);
	}
}

static void
test_taken(void)
{
	const struct listen_want any = { .host = "127.0.0.1" };
	struct listen_want w = any;
	struct err e = ERR_INIT;
	char want[64];

	t_row("a port that is taken: by whom, and another one");
	AUTO(fd) int fd = listen_tcp(&any, &e);
	T_CALL(fd);
	T_CALL(listen_port(fd, &w.port, &e));
	w.port_key = "edge.port";
	T_FAILS(listen_tcp(&w, &e), ERR_ADDR_IN_USE);
	snprintf(want, sizeof want, "(pid %ld, user ", (long)getpid());
	T_HAS(e.msg, want);
	T_STR(e.notes[0].text, "edge.port");
	T_HAS(e.notes[1].text, "occ config set edge.port ");
	t_row("the same without a key to name");
	w.port_key = NULL;
	T_FAILS(listen_tcp(&w, &e), ERR_ADDR_IN_USE);
	T_EQ(e.n_notes, 0);
}

/* As nobody, in a child. A system may let everybody have low ports (net.ipv4.ip_unprivileged_port_start): then there is nothing to refuse. */
static int
low_port_as_nobody(void)
{
	const struct listen_want w = { .host = "127.0.0.1", .port = 1, .port_key = "edge.port" };
	struct err e = ERR_INIT;

	if (getuid() == 0 && setuid(65534) < 0)
		return 9;
	int fd = listen_tcp(&w, &e);
	if (fd >= 0)
		return 1;
	bool is_told = e.n_notes == 3 && strstr(e.notes[2].text, "occ config set edge.port 8001") && strstr(e.notes[0].text, "below 1024");
	return e.code == ERR_PERM && is_told ? 0 : 2;
}

static bool
low_ports_are_free(void)
{
	char text[16] = "";
	AUTO(fd) int fd = open("/proc/sys/net/ipv4/ip_unprivileged_port_start", O_RDONLY | O_CLOEXEC);

	return fd >= 0 && read(fd, text, sizeof text - 1) > 0 && strcmp(text, "0\n") == 0;
}

static int
status_of(int (*run)(void))
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0)
		_exit(run());
	return pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status) ? -1 : WEXITSTATUS(status);
}

/* ---- handed over ---- */

static struct {
	const char *pid, *fds, *names;
	int n;
	const char *first, *second;
} handed;

/* Listening sockets at 3 and 4, at 5 a connection's end. */
static int
take_over(void)
{
	const struct listen_want w = { .host = "127.0.0.1" };
	struct listen_socket got[LISTEN_FDS_MAX] = { { .fd = -1 } };
	struct err e = ERR_INIT;
	char self[16];
	int pair[2], a = listen_tcp(&w, &e), b = listen_tcp(&w, &e);

	if (a < 0 || b < 0 || fd_socketpair(pair, &e) < 0)
		return 9;
	if (dup2(fcntl(a, F_DUPFD, 20), 3) < 0 || dup2(fcntl(b, F_DUPFD, 20), 4) < 0 || dup2(fcntl(pair[0], F_DUPFD, 20), 5) < 0)
		return 9;
	snprintf(self, sizeof self, "%ld", (long)getpid());
	int n = listen_from_systemd(handed.pid && !*handed.pid ? self : handed.pid, handed.fds, handed.names, got, ARRAY_LEN(got), &e);
	if (n != handed.n)
		return 1;
	if (n < 0)
		return e.code == ERR_USAGE ? 0 : 2;
	for (int i = 0; i < n; i++)
		if (got[i].fd != 3 + i || !(fcntl(got[i].fd, F_GETFD) & FD_CLOEXEC) || !(fcntl(got[i].fd, F_GETFL) & O_NONBLOCK))
			return 3;
	if (n > 0 && strcmp(got[0].name, handed.first) != 0)
		return 4;
	return n > 1 && strcmp(got[1].name, handed.second) != 0 ? 5 : 0;
}

static void
test_systemd(void)
{
	static char long_name[200];
	static const struct {
		const char *name, *pid, *fds, *names;	/* pid "": our own */
		int n;
		const char *first, *second;
	} row[] = {
		{ "no service manager", NULL, NULL, NULL, 0, "", "" },
		{ "for another process", "1", "2", "https:redirect", 0, "", "" },
		{ "none", "", "0", "", 0, "", "" },
		{ "two with names", "", "2", "https:redirect", 2, "https", "redirect" },
		{ "one of them without", "", "2", "https", 2, "https", "" },
		{ "both without", "", "2", NULL, 2, "", "" },
		{ "more names than sockets", "", "1", "https:redirect", 1, "https", "" },
		{ "a process id that is none", "x", "1", NULL, -1, "", "" },
		{ "a number that is none", "", "two", NULL, -1, "", "" },
		{ "more than there is room for", "", "65", NULL, -1, "", "" },
		{ "negative", "", "-1", NULL, -1, "", "" },
		{ "no listening socket among them", "", "3", NULL, -1, "", "" },
		{ "a name that is too long", "", "1", long_name, -1, "", "" },
	};

	memset(long_name, 'x', sizeof long_name - 1);
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		t_row("handed over: %s", row[i].name);
		handed.pid = row[i].pid;
		handed.fds = row[i].fds;
		handed.names = row[i].names;
		handed.n = row[i].n;
		handed.first = row[i].first;
		handed.second = row[i].second;
		T_EQ(status_of(take_over), 0);
	}
}

int
main(void)
{
	struct listen_socket none[1];
	struct err e = ERR_INIT;

	test_accept();
	test_peer();
	test_full();
	test_refused();
	test_taken();
	t_row("a port below 1024 without the right%s", low_ports_are_free() ? ": everybody has it here" : "");
	T_EQ(status_of(low_port_as_nobody), low_ports_are_free() ? 1 : 0);
	test_systemd();
	t_row("launchd has not started this");
	T_EQ(listen_from_launchd("https", none, 1, &e), 0);
	return t_done();
}
