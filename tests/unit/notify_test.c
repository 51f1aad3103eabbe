/* notify_test.c - the service manager's socket: a real datagram socket stands for systemd's */
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "lib/base/fd.h"
#include "lib/base/mem.h"
#include "lib/proc/notify.h"
#include "tests/t.h"

/* A socket at path ("@name": abstract), bound as systemd binds its own. */
static int
listen_at(const char *path)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	size_t n = strlen(path);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	memcpy(un.sun_path, path, n);
	if (path[0] == '@')
		un.sun_path[0] = '\0';
	T_EQ(bind(fd, (struct sockaddr *)&un, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n + (path[0] != '@'))), 0);
	return fd;
}

static const char *
next(int fd)
{
	static char text[4096];
	ssize_t n = recv(fd, text, sizeof text - 1, 0);

	if (n < 0)
		return errno == EAGAIN ? "(nothing)" : "(error)";
	text[n] = '\0';
	return text;
}

static void
test_addresses(void)
{
	char abstract[64], path[300];
	const char *const at[] = { path, abstract };

	snprintf(path, sizeof path, "%s/notify", t_tmpdir());
	snprintf(abstract, sizeof abstract, "@occ-notify-test-%ld", (long)getpid());
	for (size_t i = 0; i < ARRAY_LEN(at); i++) {
		AUTO(notify) struct notify n = NOTIFY_INIT;
		AUTO(fd) int fd = listen_at(at[i]);
		struct err e = ERR_INIT;

		t_row("one datagram a message, %s", i ? "abstract" : "by path");
		T_CALL(notify_open(&n, at[i], NULL, NULL, &e));
		notify_send(&n, "READY=1\nSTATUS=%s", "supervising: up");
		notify_send(&n, "WATCHDOG=1");
		T_STR(next(fd), "READY=1\nSTATUS=supervising: up");
		T_STR(next(fd), "WATCHDOG=1");
		T_STR(next(fd), "(nothing)");
		T_EQ(fcntl(n.fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	}
}

static void
test_refused(void)
{
	static const struct {
		const char *path;
		enum err_code code;
	} row[] = { { "relative", ERR_USAGE }, { "@", ERR_USAGE }, { "/", ERR_USAGE } };
	char long_path[300];
	struct err e = ERR_INIT;
	struct notify n = NOTIFY_INIT;

	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		t_row("'%s' is no address", row[i].path);
		T_FAILS(notify_open(&n, row[i].path, NULL, NULL, &e), row[i].code);
		T_EQ(n.fd, -1);
	}
	memset(long_path, 'x', sizeof long_path - 1);
	long_path[0] = '/';
	long_path[sizeof long_path - 1] = '\0';
	t_row("an address that is too long");
	T_FAILS(notify_open(&n, long_path, NULL, NULL, &e), ERR_TOO_BIG);
	t_row("without a manager nothing happens");
	T_CALL(notify_open(&n, NULL, "60000000", NULL, &e));
	T_EQ(n.fd, -1);
	T_EQ(n.watchdog_ms, 0);
	notify_send(&n, "READY=1");
	T_CALL(notify_open(&n, "", NULL, NULL, &e));
	T_EQ(n.fd, -1);
}

static void
test_watchdog(void)
{
	char own[32], path[300];
	const struct {
		const char *usec, *pid;
		int64_t want_ms;
	} row[] = {
		{ "60000000", NULL, 30000 }, { "60000000", own, 30000 }, { "60000000", "1", 0 }, { "60000000", "", 0 }, { "60000000", "x", 0 }, { NULL, own, 0 },
		{ "0", own, 0 }, { "1", own, 1 }, { "-5", own, 0 }, { "18446744073709551615", own, INT64_MAX / 1000 + 1 },
	};

	snprintf(own, sizeof own, "%ld", (long)getpid());
	snprintf(path, sizeof path, "%s/watchdog", t_tmpdir());
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		AUTO(notify) struct notify n = NOTIFY_INIT;
		struct err e = ERR_INIT;

		t_row("WATCHDOG_USEC=%s WATCHDOG_PID=%s", row[i].usec ? row[i].usec : "(unset)", row[i].pid ? row[i].pid : "(unset)");
		T_CALL(notify_open(&n, path, row[i].usec, row[i].pid, &e));
		if (row[i].want_ms > INT64_MAX / 1000)
			T_OK(n.watchdog_ms > 0);
		else
			T_EQ(n.watchdog_ms, row[i].want_ms);
	}
}

/* A manager that does not read, is not there, or came back under the same name. */
static void
test_trouble(void)
{
	AUTO(notify) struct notify n = NOTIFY_INIT;
	struct err e = ERR_INIT;
	char path[300];

	snprintf(path, sizeof path, "%s/trouble", t_tmpdir());
	t_row("nobody there yet");
	T_CALL(notify_open(&n, path, NULL, NULL, &e));
	notify_send(&n, "READY=1");
	AUTO(fd) int fd = listen_at(path);
	t_row("a manager that does not read does not hold us");
	for (int i = 0; i < 10000; i++)
		notify_send(&n, "WATCHDOG=1");
	T_STR(next(fd), "WATCHDOG=1");
	t_row("a manager that made its socket anew is found again");
	fd_auto(&fd);
	T_EQ(unlink(path), 0);
	notify_send(&n, "WATCHDOG=1");
	fd = listen_at(path);
	notify_send(&n, "STATUS=again");
	T_STR(next(fd), "STATUS=again");
	t_row("a message beyond its ceiling is not sent in half");
	char *big = mem_new(8192);
	memset(big, 'x', 8191);
	notify_send(&n, "STATUS=%s", big);
	mem_free(big);
	T_STR(next(fd), "(nothing)");
}

int
main(void)
{
	test_addresses();
	test_refused();
	test_watchdog();
	test_trouble();
	return t_done();
}
