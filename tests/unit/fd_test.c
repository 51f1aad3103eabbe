/*
 * fd_test.c - deadlines, short transfers, interruptions
 *
 * read, write and poll are wrapped: the kernel rarely gives one byte or EINTR when asked nicely.
 */
/* ldflags: -Wl,--wrap=read,--wrap=write,--wrap=poll */
#include "lib/base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "lib/base/rand.h"
#include "tests/t.h"

ssize_t __real_read(int fd, void *p, size_t n);
ssize_t __real_write(int fd, const void *p, size_t n);
int __real_poll(struct pollfd *fds, nfds_t n, int timeout);
ssize_t __wrap_read(int fd, void *p, size_t n);
ssize_t __wrap_write(int fd, const void *p, size_t n);
int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout);

#define SOON 20000	/* ms; a deadline that no test is meant to reach */

static struct fault {
	size_t max;		/* bytes per call, 0 for no limit */
	unsigned eintr_every;	/* every n-th call is interrupted */
	unsigned eagain_every;
	int fails_with;		/* every call fails */
} fault;
static unsigned calls;

static bool
faulted(void)
{
	calls++;
	if (fault.fails_with)
		errno = fault.fails_with;
	else if (fault.eintr_every && calls % fault.eintr_every == 0)
		errno = EINTR;
	else if (fault.eagain_every && calls % fault.eagain_every == 1)
		errno = EAGAIN;
	else
		return false;
	return true;
}

ssize_t
__wrap_read(int fd, void *p, size_t n)
{
	if (faulted())
		return -1;
	return __real_read(fd, p, fault.max && n > fault.max ? fault.max : n);
}

ssize_t
__wrap_write(int fd, const void *p, size_t n)
{
	if (faulted())
		return -1;
	return __real_write(fd, p, fault.max && n > fault.max ? fault.max : n);
}

int
__wrap_poll(struct pollfd *fds, nfds_t n, int timeout)
{
	static unsigned polls;

	if (fault.eintr_every && ++polls % fault.eintr_every == 0) {
		errno = EINTR;
		return -1;
	}
	return __real_poll(fds, n, timeout);
}

static const struct {
	const char *name;
	struct fault fault;
} storm_row[] = {
	{ "no fault", { 0, 0, 0, 0 } },
	{ "one byte a call", { 1, 0, 0, 0 } },
	{ "every third call interrupted", { 0, 3, 0, 0 } },
	{ "one byte, every second call interrupted", { 1, 2, 0, 0 } },
	{ "spurious EAGAIN", { 7, 0, 2, 0 } },
	{ "all together", { 3, 5, 2, 0 } },
};

/* A pair with the smallest buffers that the kernel gives, so that both ends have to wait for each other. */
static void
tiny_pair(int ret[2])
{
	struct err e = ERR_INIT;
	int one = 1;

	T_CALL(fd_socketpair(ret, &e));
	for (int i = 0; i < 2; i++) {
		T_EQ(setsockopt(ret[i], SOL_SOCKET, SO_SNDBUF, &one, sizeof one), 0);
		T_EQ(setsockopt(ret[i], SOL_SOCKET, SO_RCVBUF, &one, sizeof one), 0);
		T_CALL(fd_nonblock(ret[i], &e));
	}
}

static void
test_storms(void)
{
	static char data[30000];
	struct err e = ERR_INIT;

	T_CALL(rand_bytes(data, sizeof data, &e));
	for (size_t i = 0; i < ARRAY_LEN(storm_row); i++) {
		AUTO(buf) struct buf got = BUF_INIT(sizeof data);
		int pair[2], status;

		t_row("30 kB through a narrow pair: %s", storm_row[i].name);
		tiny_pair(pair);
		pid_t pid = fork();
		fault = storm_row[i].fault;
		if (pid == 0)
			_exit(fd_write_all(pair[1], str_from(data, sizeof data), clock_due_ms(SOON), &e) < 0);
		close(pair[1]);
		T_CALL(fd_read_all(pair[0], &got, clock_due_ms(SOON), &e));
		fault = (struct fault){ 0 };
		T_EQ(got.n, sizeof data);
		T_OK(got.n == sizeof data && memcmp(got.p, data, sizeof data) == 0);
		T_EQ(waitpid(pid, &status, 0), pid);
		T_EQ(status, 0);
		close(pair[0]);
	}
}

static void
test_deadlines(void)
{
	struct err e = ERR_INIT;
	int pair[2];
	char c;

	tiny_pair(pair);
	t_row("a wait ends at its deadline, also one in the past");
	int64_t due = clock_due_ms(30);
	T_FAILS(fd_wait(pair[0], POLLIN, due, &e), ERR_TIMEOUT);
	T_OK(clock_now_ms() >= due);
	T_FAILS(fd_wait(pair[0], POLLIN, 0, &e), ERR_TIMEOUT);
	T_FAILS(fd_read(pair[0], &c, 1, clock_due_ms(10), &e), ERR_TIMEOUT);
	t_row("what is ready is seen even when the deadline is past");
	T_EQ(fd_wait(pair[0], POLLIN | POLLOUT, 0, &e), POLLOUT);
	T_EQ(write(pair[1], "x", 1), 1);
	T_EQ(fd_wait(pair[0], POLLIN, 0, &e), POLLIN);
	T_EQ(fd_read(pair[0], &c, 1, 0, &e), 1);
	t_row("an interrupted storm ends at the deadline");
	fault.fails_with = EINTR;
	T_FAILS(fd_read(pair[0], &c, 1, clock_due_ms(10), &e), ERR_TIMEOUT);
	T_FAILS(fd_write_all(pair[0], STR_LIT("x"), clock_due_ms(10), &e), ERR_TIMEOUT);
	fault.fails_with = 0;
	t_row("a write into a full pair ends at its deadline");
	static char lots[1 << 20];
	T_FAILS(fd_write_all(pair[0], str_from(lots, sizeof lots), clock_due_ms(30), &e), ERR_TIMEOUT);
	t_row("a bad descriptor is no endless wait");
	T_FAILS(fd_wait(-1, POLLIN, CLOCK_NEVER, &e), ERR_SYS);
	T_EQ(e.sys, EBADF);
	t_row("errors of the calls get through");
	fault.fails_with = EIO;
	T_FAILS(fd_read(pair[0], &c, 1, CLOCK_NEVER, &e), ERR_SYS);
	T_HAS(e.msg, "read: ");
	T_EQ(e.sys, EIO);
	T_FAILS(fd_write_all(pair[0], STR_LIT("x"), CLOCK_NEVER, &e), ERR_SYS);
	fault.fails_with = 0;
	close(pair[0]);
	close(pair[1]);
}

/* A peer that always has something: the deadline holds all the same. */
static void
test_endless(void)
{
	struct err e = ERR_INIT;
	AUTO(buf) struct buf b = BUF_INIT(SIZE_MAX / 8);
	AUTO(fd) int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);

	t_row("an endless source is left at the deadline");
	fault.max = 1;
	T_FAILS(fd_read_all(fd, &b, clock_due_ms(30), &e), ERR_TIMEOUT);
	fault.max = 0;
}

static const struct {
	size_t ceiling, n;
	bool ok;
} limit_row[] = {
	{ 0, 0, true },
	{ 0, 1, false },
	{ 10, 9, true },
	{ 10, 10, true },
	{ 10, 11, false },
	{ 20000, 20000, true },
	{ 20000, 20001, false },
};

static void
test_limits(void)
{
	static char data[20001];
	struct err e = ERR_INIT;

	for (size_t i = 0; i < ARRAY_LEN(limit_row); i++) {
		AUTO(buf) struct buf b = BUF_INIT(limit_row[i].ceiling);
		int fds[2];

		t_row("%zu bytes into a buf of %zu", limit_row[i].n, limit_row[i].ceiling);
		T_CALL(fd_pipe(fds, &e));
		T_CALL(fd_write_all(fds[1], str_from(data, limit_row[i].n), CLOCK_NEVER, &e));
		close(fds[1]);
		if (limit_row[i].ok) {
			T_CALL(fd_read_all(fds[0], &b, CLOCK_NEVER, &e));
			T_EQ(b.n, limit_row[i].n);
		} else {
			T_FAILS(fd_read_all(fds[0], &b, CLOCK_NEVER, &e), ERR_TOO_BIG);
			T_EQ(b.n, limit_row[i].ceiling);
		}
		close(fds[0]);
	}
}

static void
test_ownership(void)
{
	struct err e = ERR_INIT;
	int fds[2], kept;

	t_row("descriptors are close-on-exec, owned, and moved");
	T_CALL(fd_pipe(fds, &e));
	T_EQ(fcntl(fds[0], F_GETFD), FD_CLOEXEC);
	T_EQ(fcntl(fds[1], F_GETFD), FD_CLOEXEC);
	{
		AUTO(fd) int a = fds[0];
		AUTO(fd) int b = fds[1];

		kept = fd_take(&b);
		T_EQ(b, -1);
		errno = ENOSPC;
		(void)a;
	}
	T_EQ(errno, ENOSPC);
	T_EQ(fcntl(fds[0], F_GETFD), -1);
	T_EQ(fcntl(kept, F_GETFD), FD_CLOEXEC);
	T_CALL(fd_close(&kept, "pipe", &e));
	T_EQ(kept, -1);
	T_FAILS(fd_close(&kept, "pipe", &e), ERR_SYS);
	t_row("a broken pipe is an error, not a death");
	T_CALL(fd_pipe(fds, &e));
	close(fds[0]);
	T_FAILS(fd_write_all(fds[1], STR_LIT("x"), CLOCK_NEVER, &e), ERR_SYS);
	T_EQ(e.sys, EPIPE);
	close(fds[1]);
	t_row("many at once");
	struct pollfd many[3];
	T_CALL(fd_socketpair(fds, &e));
	many[0] = (struct pollfd){ .fd = fds[0], .events = POLLIN };
	many[1] = (struct pollfd){ .fd = -1, .events = POLLIN };
	many[2] = (struct pollfd){ .fd = fds[1], .events = POLLOUT };
	T_EQ(fd_wait_many(many, 3, CLOCK_NEVER, &e), 1);
	T_EQ(many[0].revents, 0);
	T_EQ(many[2].revents, POLLOUT);
	close(fds[1]);
	T_EQ(fd_wait_many(many, 2, CLOCK_NEVER, &e), 1);
	T_OK(many[0].revents & POLLIN);
	close(fds[0]);
}

int
main(void)
{
	signal(SIGPIPE, SIG_IGN);
	test_storms();
	test_deadlines();
	test_endless();
	test_limits();
	test_ownership();
	return t_done();
}
