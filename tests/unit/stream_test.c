/*
 * stream_test.c - real sockets and children under the stream
 */
#include "lib/net/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "lib/base/arena.h"
#include "lib/base/cancel.h"
#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/base/mem.h"
#include "tests/t.h"

#define SOON_MS 20000

static int64_t
soon(void)
{
	return clock_due_ms(SOON_MS);
}

static int
listen_unix(const char *path, int backlog)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(sun.sun_path, sizeof sun.sun_path, "%s", path);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&sun, sizeof sun) < 0 || (backlog >= 0 && listen(fd, backlog) < 0))
		T_FAIL("listen on %s: %s", path, strerror(errno));
	return fd;
}

static int
listen_tcp(int family, unsigned *ret_port)
{
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr *sa = family == AF_INET ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6;
	socklen_t n = family == AF_INET ? sizeof v4 : sizeof v6;
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, sa, n) < 0 || listen(fd, 8) < 0 || getsockname(fd, sa, &n) < 0)
		return -1;
	*ret_port = ntohs(family == AF_INET ? v4.sin_port : v6.sin6_port);
	return fd;
}

/* Both ways through a connected pair: s, and the descriptor the other side accepted. */
static void
talk(struct stream *s, int other)
{
	struct err e = ERR_INIT;
	char bytes[16];

	T_CALL(stream_write_all(s, STR_LIT("ping"), soon(), &e));
	T_CALL(stream_shutdown_write(s, &e));
	T_EQ(read(other, bytes, 4), 4);
	T_MEM(bytes, "ping", 4);
	T_EQ(read(other, bytes, sizeof bytes), 0);
	T_EQ(write(other, "pong", 4), 4);
	close(other);
	T_EQ(stream_read(s, bytes, sizeof bytes, soon(), &e), 4);
	T_MEM(bytes, "pong", 4);
	T_EQ(stream_read(s, bytes, sizeof bytes, soon(), &e), 0);
	T_CALL(stream_shutdown_write(s, &e));
}

static void
check_flags(const struct stream *s)
{
	T_OK(fcntl(s->fd, F_GETFD) & FD_CLOEXEC);
	T_OK(fcntl(s->fd, F_GETFL) & O_NONBLOCK);
}

static void
test_unix(struct arena *a)
{
	AUTO(stream) struct stream s = STREAM_INIT;
	struct err e = ERR_INIT;
	const char *path = arena_printf(a, "%s/s", t_tmpdir());

	t_row("unix socket");
	AUTO(fd) int fd = listen_unix(path, 8);
	T_CALL(stream_unix(&s, path, soon(), &e));
	check_flags(&s);
	talk(&s, accept(fd, NULL, NULL));
}

static void
test_unix_errors(struct arena *a)
{
	const char *dir = t_tmpdir();
	const char *dead = arena_printf(a, "%s/dead", dir), *plain = arena_printf(a, "%s/plain", dir);
	struct stream s = STREAM_INIT;
	struct err e = ERR_INIT;
	char longest[sizeof(struct sockaddr_un){ 0 }.sun_path + 2];

	t_row("errno tells the remedies of a unix socket apart");
	T_FAILS(stream_unix(&s, arena_printf(a, "%s/absent", dir), soon(), &e), ERR_SYS);
	T_EQ(e.sys, ENOENT);
	T_HAS(e.msg, "/absent: connect: No such file");
	close(listen_unix(dead, -1));
	T_FAILS(stream_unix(&s, dead, soon(), &e), ERR_SYS);
	T_EQ(e.sys, ECONNREFUSED);
	close(open(plain, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	T_FAILS(stream_unix(&s, plain, soon(), &e), ERR_SYS);
	T_EQ(e.sys, ECONNREFUSED);
	T_EQ(s.fd, -1);

	t_row("a name of the longest length, behind a slash, and one byte more");
	memset(longest, 'p', sizeof longest);
	longest[0] = '/';
	longest[sizeof longest - 1] = '\0';
	T_FAILS(stream_unix(&s, longest, soon(), &e), ERR_TOO_BIG);
	T_HAS(e.msg, "bytes in its name, this system allows");
	longest[sizeof longest - 2] = '\0';
	T_FAILS(stream_unix(&s, longest, soon(), &e), ERR_SYS);
	T_EQ(e.sys, ENOENT);
}

/* Permission needs another user: a child gives up root. */
static void
test_unix_permission(struct arena *a)
{
	const char *path = arena_printf(a, "%s/s", t_tmpdir());
	int status = -1;

	t_row("permission denied keeps its errno");
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		struct stream s = STREAM_INIT;
		struct err e = ERR_INIT;
		bool is_user = geteuid() != 0 || setuid(65534) == 0;
		bool is_denied = stream_unix(&s, path, soon(), &e) < 0 && e.code == ERR_PERM && e.sys == EACCES;

		_exit(is_user && is_denied ? 0 : 1);
	}
	T_EQ(chmod(path, 0), 0);
	T_EQ(waitpid(pid, &status, 0), pid);
	T_EQ(status, 0);
}

static void
test_full_backlog(struct arena *a)
{
	const char *path = arena_printf(a, "%s/full", t_tmpdir());
	AUTO(stream) struct stream first = STREAM_INIT;
	AUTO(stream) struct stream second = STREAM_INIT;
	AUTO(stream) struct stream third = STREAM_INIT;
	struct err e = ERR_INIT;
	AUTO(fd) int fd = listen_unix(path, 0);

	t_row("a full backlog ends at the deadline, and a place in it is taken");
	T_CALL(stream_unix(&first, path, soon(), &e));
	int got = stream_unix(&second, path, clock_due_ms(50), &e);
	if (got == 0)		/* systems differ in what a backlog of 0 holds */
		got = stream_unix(&third, path, clock_due_ms(50), &e);
	T_EQ(got, -1);
	T_ERR(ERR_TIMEOUT);
	close(accept(fd, NULL, NULL));
	AUTO(stream) struct stream fourth = STREAM_INIT;
	T_CALL(stream_unix(&fourth, path, soon(), &e));
}

static void
test_tcp(const char *host, int family)
{
	AUTO(stream) struct stream s = STREAM_INIT;
	struct err e = ERR_INIT;
	unsigned port = 0;
	AUTO(fd) int fd = listen_tcp(family, &port);

	t_row("tcp to %s", host);
	if (fd < 0 && family == AF_INET6)
		return;		/* a machine without IPv6 */
	T_OK(fd >= 0);
	T_CALL(stream_tcp(&s, host, port, soon(), &e));
	check_flags(&s);
	talk(&s, accept(fd, NULL, NULL));
}

static void
test_tcp_errors(void)
{
	struct stream s = STREAM_INIT;
	struct err e = ERR_INIT;
	unsigned port = 0;
	int fd = listen_tcp(AF_INET, &port);

	t_row("tcp refused, and a name that cannot be");
	close(fd);
	T_FAILS(stream_tcp(&s, "127.0.0.1", port, soon(), &e), ERR_SYS);
	T_EQ(e.sys, ECONNREFUSED);
	T_HAS(e.msg, "127.0.0.1 port ");
	T_FAILS(stream_tcp(&s, "no host has spaces", 1, soon(), &e), ERR_NOT_FOUND);
	T_EQ(s.fd, -1);
}

static void
test_write_some(void)
{
	const struct str parts[] = { STR_LIT("one "), STR_NULL, STR_LIT("two "), STR_LIT("three") };
	struct err e = ERR_INIT;
	char bytes[64], *big = mem_new(4u << 20);
	int ends[2];

	t_row("one write of several parts, a full stream, a closed one");
	T_CALL(fd_socketpair(ends, &e));
	T_CALL(fd_nonblock(ends[0], &e));
	struct stream s = { .fd = ends[0] };
	T_EQ(stream_write_some(&s, parts, ARRAY_LEN(parts), &e), 13);
	T_EQ(read(ends[1], bytes, sizeof bytes), 13);
	T_MEM(bytes, "one two three", 13);
	struct str much = str_from(big, 4u << 20);
	ssize_t n;
	while ((n = stream_write_some(&s, &much, 1, &e)) > 0)
		;
	T_EQ(n, 0);
	close(ends[1]);
	T_EQ(stream_write_some(&s, &much, 1, &e), -1);
	T_OK(e.sys == EPIPE || e.sys == ECONNRESET);
	stream_close(&s);
	T_EQ(s.fd, -1);
	stream_close(&s);
	mem_free(big);
}

static void
test_child(void)
{
	static const struct {
		const char *name, *script;
	} rows[] = {
		{ "one that ends with its input", "cat; echo end" },
		{ "one that has to be terminated", "cat; echo end; exec sleep 30" },
		{ "one that is deaf to TERM", "trap '' TERM; cat; echo end; while :; do sleep 1; done" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct stream s = STREAM_INIT;
		struct err e = ERR_INIT;
		char bytes[64];
		size_t n = 0;
		ssize_t got;

		t_row("a child's input and output: %s", rows[i].name);
		T_CALL(stream_child(&s, (const char *const[]){ "sh", "-c", rows[i].script, NULL }, -1, &e));
		check_flags(&s);
		T_EQ(getsid(s.child_pid), getsid(0));
		T_CALL(stream_write_all(&s, STR_LIT("through\n"), soon(), &e));
		T_CALL(stream_shutdown_write(&s, &e));
		while (n < 12 && (got = stream_read(&s, bytes + n, sizeof bytes - n, soon(), &e)) > 0)
			n += (size_t)got;
		T_EQ(n, 12);
		T_MEM(bytes, "through\nend\n", 12);
		stream_close(&s);
		T_EQ(s.child_pid, 0);
		T_EQ(waitpid(-1, NULL, WNOHANG), -1);
	}

	struct stream s = STREAM_INIT;
	struct err e = ERR_INIT;
	t_row("a child that does not exist");
	T_FAILS(stream_child(&s, (const char *const[]){ "occ-no-such-program", NULL }, -1, &e), ERR_NOT_FOUND);
	T_EQ(s.fd, -1);
}

int
main(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;

	if (cancel_install(&e) < 0)
		return 2;
	test_unix(&a);
	test_unix_errors(&a);
	test_unix_permission(&a);
	test_full_backlog(&a);
	test_tcp("127.0.0.1", AF_INET);
	test_tcp("::1", AF_INET6);
	test_tcp("localhost", AF_INET);
	test_tcp_errors();
	test_write_some();
	test_child();
	return t_done();
}
