/*
 * loop_epoll.c - Linux: epoll(7), level-triggered, and signalfd(2) with the signals blocked
 *
 * The kernel gives ready descriptors in turn (epoll_wait(2), NOTES), so more than a batch of them starve nobody.
 */
#ifdef __linux__

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "lib/base/fd.h"
#include "lib/loop/loop_own.h"

_Static_assert(EPOLLIN == POLLIN && EPOLLOUT == POLLOUT && EPOLLERR == POLLERR && EPOLLHUP == POLLHUP, "poll's bits are epoll's");

const struct loop_backend *const loop_native = &loop_epoll;

static int
open_epoll(struct loop *l, struct err *e)
{
	l->kernel_fd = epoll_create1(EPOLL_CLOEXEC);
	return l->kernel_fd < 0 ? err_sys(e, "epoll_create1") : 0;
}

static void
close_epoll(struct loop *l)
{
	fd_auto(&l->kernel_fd);
}

/* epoll tells errors and hang-ups unasked; for a paused watch at most once. */
static int
control(struct loop *l, int what, struct watch *w)
{
	struct epoll_event ev = { .events = w->want ? (uint32_t)w->want : EPOLLONESHOT, .data.ptr = w };

	return epoll_ctl(l->kernel_fd, what, w->fd, &ev);
}

static int
add(struct loop *l, struct watch *w, struct err *e)
{
	return control(l, EPOLL_CTL_ADD, w) < 0 ? err_sys(e, "epoll_ctl") : 0;
}

/* These fail only for a descriptor that is not there any more. It may live on in a child, and the kernel would go on telling of it with a
 * pointer to what may be freed by then. */
static void
change(struct loop *l, struct watch *w)
{
	if (control(l, EPOLL_CTL_MOD, w) < 0)
		BUG("a watched descriptor was closed");
}

static void
remove_watch(struct loop *l, struct watch *w)
{
	if (control(l, EPOLL_CTL_DEL, w) < 0)
		BUG("a watched descriptor was closed before loop_remove");
}

static int
wait_epoll(struct loop *l, int timeout_ms, struct err *e)
{
	struct epoll_event ready[LOOP_BATCH];
	int n = epoll_wait(l->kernel_fd, ready, LOOP_BATCH, timeout_ms);

	if (n < 0 && errno != EINTR)
		return err_sys(e, "epoll_wait");
	for (int i = 0; i < n; i++)
		loop_ready(l, ready[i].data.ptr, (short)ready[i].events);
	return 0;
}

/* The child of a fork reads its own signals here, not ours (signalfd(2)), and a program it starts has it closed. */
static int
signals_open(const sigset_t *set, struct err *e)
{
	int fd = signalfd(-1, set, SFD_NONBLOCK | SFD_CLOEXEC);

	if (fd < 0)
		return err_sys(e, "signalfd");
	sigprocmask(SIG_BLOCK, set, NULL);
	return fd;
}

static void
signals_take(int fd, const sigset_t *set, sigset_t *ret_arrived)
{
	struct signalfd_siginfo info;

	(void)set;
	/* each number is pending once at most; more than all of them are for the next round */
	for (int i = 0; i < NSIG && read(fd, &info, sizeof info) == (ssize_t)sizeof info; i++)
		sigaddset(ret_arrived, (int)info.ssi_signo);
}

/* What nobody has taken would do its default action as soon as it is let through. */
static void
signals_close(int fd, const sigset_t *set, const sigset_t *mask_before)
{
	sigset_t dropped, through;

	sigemptyset(&dropped);
	signals_take(fd, set, &dropped);
	fd_auto(&fd);
	sigemptyset(&through);
	for (int signo = 1; signo < NSIG; signo++)
		if (sigismember(set, signo) == 1 && sigismember(mask_before, signo) == 0)
			sigaddset(&through, signo);
	sigprocmask(SIG_UNBLOCK, &through, NULL);
}

const struct loop_backend loop_epoll = {
	.name = "epoll",
	.open = open_epoll,
	.close = close_epoll,
	.add = add,
	.change = change,
	.remove = remove_watch,
	.wait = wait_epoll,
	.signals_open = signals_open,
	.signals_take = signals_take,
	.signals_close = signals_close,
};

#endif
