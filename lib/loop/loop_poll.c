/*
 * loop_poll.c - any POSIX system: poll(2), and handlers that note the signal and make a pipe readable
 *
 * The handler calls write(2) and getpid(2) only, both async-signal-safe (POSIX.1-2017, section 2.4.3).
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/fd.h"
#include "lib/base/mem.h"
#include "lib/loop/loop_own.h"

#define CAP_FIRST 16

static int
open_poll(struct loop *l, struct err *e)
{
	(void)l;
	(void)e;
	return 0;
}

static void
close_poll(struct loop *l)
{
	mem_free(l->set);
	mem_free(l->set_of);
	l->set = NULL;
	l->set_of = NULL;
	l->n_set = l->set_cap = 0;
}

/* --- readiness --- */

static void
make_room(struct loop *l)
{
	if (l->n_set < l->set_cap)
		return;
	size_t cap = l->set_cap ? 2 * l->set_cap : CAP_FIRST;
	struct pollfd *set = mem_new(cap * sizeof *set);
	struct watch **set_of = mem_new(cap * sizeof *set_of);

	if (l->n_set > 0) {
		memcpy(set, l->set, l->n_set * sizeof *set);
		memcpy(set_of, l->set_of, l->n_set * sizeof *set_of);
	}
	mem_free(l->set);
	mem_free(l->set_of);
	l->set = set;
	l->set_of = set_of;
	l->set_cap = cap;
}

/* poll passes over -1; of a descriptor without events it would tell hang-ups. */
static void
change(struct loop *l, struct watch *w)
{
	l->set[w->set_at - 1] = (struct pollfd){ .fd = w->want ? w->fd : -1, .events = w->want };
}

static int
add(struct loop *l, struct watch *w, struct err *e)
{
	(void)e;
	make_room(l);
	l->set_of[l->n_set++] = w;
	w->set_at = l->n_set;
	change(l, w);
	return 0;
}

static void
remove_watch(struct loop *l, struct watch *w)
{
	size_t i = w->set_at - 1, last = --l->n_set;

	l->set[i] = l->set[last];
	l->set_of[i] = l->set_of[last];
	l->set_of[i]->set_at = i + 1;
	w->set_at = 0;
}

/* Looking goes on behind the last one of a full batch, so that every ready watch has its turn. */
static int
wait_poll(struct loop *l, int timeout_ms, struct err *e)
{
	int ready = poll(l->set, (nfds_t)l->n_set, timeout_ms);

	if (ready < 0 && errno != EINTR)
		return err_sys(e, "poll");
	for (size_t k = 0; k < l->n_set && ready > 0 && l->n_batch < LOOP_BATCH; k++) {
		size_t i = (l->scan_at + k) % l->n_set;

		if (l->set[i].revents == 0)
			continue;
		ready--;
		loop_ready(l, l->set_of[i], l->set[i].revents);
		if (l->n_batch == LOOP_BATCH)
			l->scan_at = i + 1;
	}
	return 0;
}

/* --- signals --- */

static volatile sig_atomic_t noted[NSIG];
static volatile sig_atomic_t wake_fd[NSIG];
static struct sigaction before[NSIG];
static pid_t owner;	/* a forked child shares the pipe, and must not wake its parent with its own signals */

/* Noted already: the pipe is readable already. It is non-blocking, and never full by that. */
static void
on_signal(int signo)
{
	int saved = errno;

	if (getpid() == owner && !noted[signo]) {
		noted[signo] = 1;
		if (write((int)wake_fd[signo], "", 1) < 0)
			errno = saved;
	}
	errno = saved;
}

static int
catch(int signo, int fd, struct err *e)
{
	struct sigaction new;

	memset(&new, 0, sizeof new);
	new.sa_handler = on_signal;
	new.sa_flags = SA_NOCLDSTOP;
	sigfillset(&new.sa_mask);
	noted[signo] = 0;
	wake_fd[signo] = fd;
	if (sigaction(signo, &new, &before[signo]) < 0) {
		wake_fd[signo] = 0;
		return err_sys(e, "handle signal %d", signo);
	}
	return 0;
}

/* Gives back what has been caught of the set; returns the end that is written to, or 0. */
static int
let_go(const sigset_t *set)
{
	int fd = 0;

	for (int signo = 1; signo < NSIG; signo++) {
		if (sigismember(set, signo) != 1 || wake_fd[signo] == 0)
			continue;
		sigaction(signo, &before[signo], NULL);
		fd = (int)wake_fd[signo];
		wake_fd[signo] = 0;
	}
	return fd;
}

static int
signals_open(const sigset_t *set, struct err *e)
{
	int fds[2] = { -1, -1 };
	bool is_good = fd_pipe(fds, e) == 0 && fd_nonblock(fds[0], e) == 0 && fd_nonblock(fds[1], e) == 0;

	owner = getpid();
	for (int signo = 1; signo < NSIG && is_good; signo++)
		if (sigismember(set, signo) == 1)
			is_good = catch(signo, fds[1], e) == 0;
	if (is_good)
		return fds[0];
	let_go(set);
	fd_auto(&fds[0]);
	fd_auto(&fds[1]);
	return -1;
}

/* The pipe first: one that comes in between leaves a byte, and costs a round for nothing. */
static void
signals_take(int fd, const sigset_t *set, sigset_t *ret_arrived)
{
	char bytes[NSIG];

	while (read(fd, bytes, sizeof bytes) == (ssize_t)sizeof bytes)
		;
	for (int signo = 1; signo < NSIG; signo++) {
		if (sigismember(set, signo) != 1 || !noted[signo])
			continue;
		noted[signo] = 0;
		sigaddset(ret_arrived, signo);
	}
}

static void
signals_close(int fd, const sigset_t *set, const sigset_t *mask_before)
{
	int out = let_go(set);

	(void)mask_before;
	fd_auto(&fd);
	fd_auto(&out);
}

const struct loop_backend loop_poll = {
	.name = "poll",
	.open = open_poll,
	.close = close_poll,
	.add = add,
	.change = change,
	.remove = remove_watch,
	.wait = wait_poll,
	.signals_open = signals_open,
	.signals_take = signals_take,
	.signals_close = signals_close,
};
