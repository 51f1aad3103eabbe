/*
 * cancel.c - signal handlers that note the signal and make a pipe readable
 *
 * The handler calls write(2), getpid(2) and _exit(2) only, all async-signal-safe (POSIX.1-2017, section 2.4.3). A signal stays
 * noted for good: after the first one the process is on its way out.
 */
#include "lib/base/cancel.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/fd.h"
#include "lib/base/mem.h"

/* So many signals during one hold say that the person does not want to wait for the clean-up. */
#define HOLD_SIGNALS_MAX 3

static volatile sig_atomic_t signal_seen;
static volatile sig_atomic_t held;
static volatile sig_atomic_t signals_in_hold;
static int pipe_fds[2] = { -1, -1 };
static int lent_fd = -1;
static pid_t owner;	/* a forked child shares the pipe, and must not wake its parent with its own signals */

static void
on_signal(int signo)
{
	int saved = errno;

	signal_seen = signo;
	if (held > 0 && ++signals_in_hold >= HOLD_SIGNALS_MAX)
		_exit(err_exit_status(ERR_INTERRUPTED));
	/* A full pipe is readable already: nothing is lost. */
	if (getpid() == owner && write(pipe_fds[1], "", 1) < 0)
		errno = saved;
	errno = saved;
}

/* A signal that was ignored when we were started (nohup, a shell's background job) stays ignored. No SA_RESTART: a
 * blocking call has to come back. */
static int
catch(int signo, struct err *e)
{
	struct sigaction old, new;

	memset(&new, 0, sizeof new);
	new.sa_handler = on_signal;
	sigfillset(&new.sa_mask);
	if (sigaction(signo, NULL, &old) < 0)
		return err_sys(e, "handle signal %d", signo);
	if (old.sa_handler == SIG_IGN)
		return 0;
	if (sigaction(signo, &new, NULL) < 0)
		return err_sys(e, "handle signal %d", signo);
	return 0;
}

int
cancel_install(struct err *e)
{
	static const int caught[] = { SIGINT, SIGTERM, SIGHUP };

	if (pipe_fds[0] >= 0)
		return 0;
	if (fd_pipe(pipe_fds, e) < 0)
		return -1;
	owner = getpid();
	for (size_t i = 0; i < ARRAY_LEN(pipe_fds); i++)
		if (fd_nonblock(pipe_fds[i], e) < 0)
			return -1;
	for (size_t i = 0; i < ARRAY_LEN(caught); i++)
		if (catch(caught[i], e) < 0)
			return -1;
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return err_sys(e, "ignore SIGPIPE");
	return 0;
}

int
cancel_fd(void)
{
	if (held > 0)
		return -1;
	return lent_fd >= 0 ? lent_fd : pipe_fds[0];
}

void
cancel_lend(int fd)
{
	lent_fd = fd;
}

static bool
is_lent_readable(void)
{
	struct pollfd one = { .fd = lent_fd, .events = POLLIN };

	return lent_fd >= 0 && poll(&one, 1, 0) > 0;
}

int
cancel_signal(void)
{
	return (int)signal_seen;
}

int
cancel_check(struct err *e)
{
	if (held > 0 || (signal_seen == 0 && !is_lent_readable()))
		return 0;
	return err_set(e, ERR_INTERRUPTED, "interrupted");
}

void
cancel_hold(void)
{
	held = held + 1;
}

void
cancel_release(void)
{
	if (held <= 0)
		BUG("cancel_release without cancel_hold");
	held = held - 1;
	if (held == 0)
		signals_in_hold = 0;
}
