/*
 * cancel_test.c - signals seen by every wait, holds, and the way out of a hold
 *
 * Signals are the process's own, so each case runs in a child; a child's status is what it has to say.
 */
#include "lib/base/cancel.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "tests/t.h"

#define SAYS(cond) \
	do { \
		if (!(cond)) \
			return __LINE__ % 250 + 1; \
	} while (0)

static int
case_before(void)
{
	struct err e = ERR_INIT;

	SAYS(cancel_fd() == -1);
	SAYS(cancel_signal() == 0);
	SAYS(cancel_check(&e) == 0);
	SAYS(cancel_install(&e) == 0);
	SAYS(cancel_fd() >= 0);
	int fd = cancel_fd();
	SAYS(cancel_install(&e) == 0 && cancel_fd() == fd);
	SAYS(fcntl(fd, F_GETFD) == FD_CLOEXEC);
	SAYS(cancel_check(&e) == 0);
	raise(SIGPIPE);
	return 0;
}

/* Noted once, it stays: every further wait ends at once, and so do reads that need not wait. */
static int
case_seen(int signo)
{
	struct err e = ERR_INIT;
	int pair[2];
	char c;

	SAYS(cancel_install(&e) == 0);
	SAYS(fd_socketpair(pair, &e) == 0);
	SAYS(write(pair[1], "x", 1) == 1);
	raise(signo);
	SAYS(cancel_signal() == signo);
	for (int i = 0; i < 3; i++) {
		SAYS(fd_wait(pair[0], POLLOUT, CLOCK_NEVER, &e) == -1 && e.code == ERR_INTERRUPTED);
		SAYS(fd_read(pair[0], &c, 1, CLOCK_NEVER, &e) == -1 && e.code == ERR_INTERRUPTED);
		SAYS(fd_write_all(pair[0], STR_LIT("x"), CLOCK_NEVER, &e) == -1 && e.code == ERR_INTERRUPTED);
	}
	return 0;
}

static int
case_int(void)
{
	return case_seen(SIGINT);
}

static int
case_term(void)
{
	return case_seen(SIGTERM);
}

static int
case_hup(void)
{
	return case_seen(SIGHUP);
}

/* Is the process asleep, in its wait? Bounded, so that a broken wait fails instead of hanging. */
static void
until_asleep(pid_t pid)
{
	char path[64], state = 'R';
	int64_t due = clock_due_ms(20000);

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	while (state != 'S' && clock_now_ms() < due) {
		FILE *f = fopen(path, "re");

		if (!f || fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
			state = 'S';
		if (f)
			fclose(f);
	}
}

/* A signal from another process ends a wait that has begun. */
static int
case_wakes(void)
{
	struct err e = ERR_INIT;
	int pair[2];
	pid_t self = getpid(), pid;

	SAYS(cancel_install(&e) == 0);
	SAYS(fd_socketpair(pair, &e) == 0);
	pid = fork();
	if (pid == 0) {
		until_asleep(self);
		kill(self, SIGTERM);
		_exit(0);
	}
	SAYS(fd_wait(pair[0], POLLIN, clock_due_ms(20000), &e) == -1 && e.code == ERR_INTERRUPTED);
	return waitpid(pid, NULL, 0) == pid ? 0 : 1;
}

static int
case_hold(void)
{
	struct err e = ERR_INIT;
	int pair[2];

	SAYS(cancel_install(&e) == 0);
	SAYS(fd_socketpair(pair, &e) == 0);
	raise(SIGINT);
	cancel_hold();
	cancel_hold();
	SAYS(cancel_fd() == -1 && cancel_check(&e) == 0);
	SAYS(fd_wait(pair[0], POLLOUT, CLOCK_NEVER, &e) == POLLOUT);
	SAYS(fd_wait(pair[0], POLLIN, clock_due_ms(10), &e) == -1 && e.code == ERR_TIMEOUT);
	raise(SIGINT);
	raise(SIGINT);
	cancel_release();
	SAYS(cancel_fd() == -1 && cancel_check(&e) == 0);
	cancel_release();
	SAYS(cancel_fd() >= 0 && cancel_check(&e) == -1 && e.code == ERR_INTERRUPTED);
	cancel_hold();		/* a new hold counts anew */
	raise(SIGINT);
	raise(SIGINT);
	cancel_release();
	return 0;
}

static int
case_third(void)
{
	struct err e = ERR_INIT;

	SAYS(cancel_install(&e) == 0);
	raise(SIGINT);
	cancel_hold();
	for (int i = 0; i < 3; i++)
		raise(i == 1 ? SIGTERM : SIGINT);
	return 1;		/* not reached */
}

static int
case_ignored(void)
{
	struct err e = ERR_INIT;

	signal(SIGHUP, SIG_IGN);
	SAYS(cancel_install(&e) == 0);
	raise(SIGHUP);
	SAYS(cancel_signal() == 0);
	raise(SIGINT);
	return cancel_signal() == SIGINT ? 0 : 1;
}

/* A forked child has the pipe, too: its signals must not make the parent's waits spin. */
static int
case_child(void)
{
	struct err e = ERR_INIT;
	int status;

	SAYS(cancel_install(&e) == 0);
	pid_t pid = fork();
	if (pid == 0) {
		raise(SIGTERM);
		_exit(cancel_check(&e) == -1 ? 0 : 1);
	}
	SAYS(waitpid(pid, &status, 0) == pid && status == 0);
	SAYS(cancel_check(&e) == 0);
	SAYS(fd_wait(cancel_fd(), POLLIN, clock_due_ms(10), &e) == -1 && e.code == ERR_TIMEOUT);
	return 0;
}

/* A flood: the pipe fills, the handler does not block, errno survives. */
static int
case_flood(void)
{
	struct err e = ERR_INIT;

	SAYS(cancel_install(&e) == 0);
	for (int i = 0; i < 70000; i++) {
		errno = 4711;
		raise(SIGINT);
		SAYS(errno == 4711);
	}
	return cancel_check(&e) == -1 ? 0 : 1;
}

/* Saves are not torn by a signal, and waiting for a lock ends by it. */
static int
case_files(void)
{
	struct err e = ERR_INIT;
	AUTO(arena) struct arena a = ARENA_INIT;
	AUTO(file_lock) struct file_lock l = FILE_LOCK_INIT, again = FILE_LOCK_INIT;
	const char *lock = arena_printf(&a, "%s/cancel.lock", t_tmpdir());

	SAYS(cancel_install(&e) == 0);
	SAYS(file_lock_open(&l, lock, CLOCK_NEVER, &e) == 0);
	raise(SIGINT);
	SAYS(file_save(arena_printf(&a, "%s/saved", t_tmpdir()), STR_LIT("x"), 0600, &e) == 0);
	SAYS(file_lock_open(&again, lock, CLOCK_NEVER, &e) == -1 && e.code == ERR_INTERRUPTED);
	return 0;
}

static const struct {
	const char *name;
	int (*run)(void);
	int status;
} row[] = {
	{ "before and after install; SIGPIPE is ignored", case_before, 0 },
	{ "SIGINT is seen by every wait", case_int, 0 },
	{ "SIGTERM is seen by every wait", case_term, 0 },
	{ "SIGHUP is seen by every wait", case_hup, 0 },
	{ "a signal wakes a wait", case_wakes, 0 },
	{ "holds nest", case_hold, 0 },
	{ "the third signal during a hold ends the process", case_third, 130 },
	{ "an ignored SIGHUP stays ignored", case_ignored, 0 },
	{ "a forked child's signal is its own", case_child, 0 },
	{ "a flood of signals", case_flood, 0 },
	{ "a save is whole, a wait for a lock ends", case_files, 0 },
};

int
main(void)
{
	t_tmpdir();
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		int status;
		pid_t pid;

		t_row("%s", row[i].name);
		fflush(stdout);
		pid = fork();
		if (pid == 0)
			_exit(row[i].run());
		T_EQ(waitpid(pid, &status, 0), pid);
		T_OK(WIFEXITED(status));
		T_EQ(WEXITSTATUS(status), row[i].status);
	}
	return t_done();
}
