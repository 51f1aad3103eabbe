/*
 * loop_signal.c - signals and children as callbacks
 *
 * Three descriptors, each for a set of signals: SIGINT and SIGTERM, lent to cancel.h, so that a blocking wait inside a callback ends when one
 * comes; SIGCHLD; the rest. All that have arrived are taken before the first is fired: a callback that winds up must not
 * find its own signal still waiting.
 */
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/cancel.h"
#include "lib/loop/loop_own.h"

/* Signals are the process's own: two loops would take them from one another. */
static const struct loop *holder;

static const int stopping[] = { SIGINT, SIGTERM, 0 };
static const int ending[] = { SIGCHLD, 0 };

static sigset_t
set_of(const int *signos)
{
	sigset_t set;

	sigemptyset(&set);
	for (; *signos; signos++)
		sigaddset(&set, *signos);
	return set;
}

static bool
is_any(const sigset_t *set)
{
	for (int signo = 1; signo < NSIG; signo++)
		if (sigismember(set, signo) == 1)
			return true;
	return false;
}

/* What both hold, or (want_in false) what the first holds and the second does not. */
static sigset_t
set_pick(const sigset_t *a, const sigset_t *b, bool want_in)
{
	sigset_t set;

	sigemptyset(&set);
	for (int signo = 1; signo < NSIG; signo++)
		if (sigismember(a, signo) == 1 && (sigismember(b, signo) == 1) == want_in)
			sigaddset(&set, signo);
	return set;
}

static sigset_t
own_set(const struct loop *l, const struct watch *w)
{
	sigset_t stop = set_of(stopping), end = set_of(ending), rest;

	if (w == &l->ended)
		return end;
	if (w == &l->stop)
		return set_pick(&l->signals->set, &stop, true);
	rest = set_pick(&l->signals->set, &stop, false);
	return set_pick(&rest, &end, false);
}

/* A callback may take any child out, and put new ones in, which come before the place we are at and have their own look. */
static void
look_at_children(struct loop *l, int64_t now_ms)
{
	l->child_next = l->children;
	while (l->child_next) {
		struct loop_child *c = l->child_next;
		int status = 0;
		pid_t got = waitpid(c->pid, &status, WNOHANG);

		l->child_next = c->next;
		if (got == 0)
			continue;
		loop_child_remove(l, c);
		c->fire(c, got < 0 ? LOOP_CHILD_LOST : status, now_ms);
	}
}

static void
on_signals(struct watch *w, short got, int64_t now_ms)
{
	struct loop *l = w->loop;
	const sigset_t set = own_set(l, w);
	sigset_t arrived;

	(void)got;
	sigemptyset(&arrived);
	l->backend->signals_take(w->fd, &set, &arrived);
	for (int signo = 1; signo < NSIG; signo++) {
		if (sigismember(&arrived, signo) != 1)
			continue;
		if (signo == SIGCHLD)
			look_at_children(l, now_ms);
		if (l->signals && sigismember(&l->signals->set, signo) == 1)
			l->signals->fire(l->signals, signo, now_ms);
	}
}

static void
on_look(struct watch *w, short got, int64_t now_ms)
{
	(void)got;
	look_at_children(w->loop, now_ms);
}

static int
open_set(struct loop *l, struct watch *w, struct err *e)
{
	const sigset_t set = own_set(l, w);

	if (w->loop || !is_any(&set))
		return 0;
	if (holder && holder != l)
		BUG("two loops with signals or children");
	int fd = l->backend->signals_open(&set, e);
	if (fd < 0)
		return -1;
	holder = l;
	*w = (struct watch){ .fd = fd, .want = POLLIN, .due_ms = LOOP_NEVER, .fire = on_signals };
	if (loop_add(l, w, e) < 0) {
		l->backend->signals_close(fd, &set, &l->mask_before);
		return -1;
	}
	return 0;
}

static void
close_set(struct loop *l, struct watch *w)
{
	if (!w->loop)
		return;
	const sigset_t set = own_set(l, w);
	int fd = w->fd;
	loop_remove(l, w);
	l->backend->signals_close(fd, &set, &l->mask_before);
}

void
loop_signals_close(struct loop *l)
{
	if (l->stop.loop)
		cancel_lend(-1);
	close_set(l, &l->stop);
	close_set(l, &l->other);
	close_set(l, &l->ended);
	for (struct loop_child *c = l->children; c; c = c->next)
		c->loop = NULL;
	if (holder == l)
		holder = NULL;
}

/* As cancel.c: what was ignored when we were started (nohup, a shell's background job) stays ignored. SIGCHLD does not: the kernel would reap. */
static int
drop_ignored(sigset_t *set, struct err *e)
{
	for (int signo = 1; signo < NSIG; signo++) {
		struct sigaction now;

		if (sigismember(set, signo) != 1)
			continue;
		if (sigaction(signo, NULL, &now) < 0)
			return err_sys(e, "handle signal %d", signo);
		if (now.sa_handler == SIG_IGN && signo != SIGCHLD)
			sigdelset(set, signo);
	}
	return 0;
}

static int
open_ended(struct loop *l, struct err *e)
{
	struct sigaction now;

	if (sigaction(SIGCHLD, NULL, &now) < 0)
		return err_sys(e, "handle signal %d", SIGCHLD);
	if (now.sa_handler == SIG_IGN)
		signal(SIGCHLD, SIG_DFL);
	return open_set(l, &l->ended, e);
}

int
loop_signals(struct loop *l, struct loop_signals *s, const sigset_t *set, struct err *e)
{
	int taken = sigismember(set, SIGINT) + sigismember(set, SIGTERM) + sigismember(set, SIGHUP);
	int early = cancel_signal();

	if (l->signals)
		BUG("a loop takes signals once");
	if (taken != 0 && taken != 3)
		BUG("SIGINT, SIGTERM and SIGHUP are taken together");
	s->set = *set;
	if (drop_ignored(&s->set, e) < 0)
		return -1;
	l->signals = s;
	if (open_set(l, &l->stop, e) < 0 || open_set(l, &l->other, e) < 0)
		return -1;
	if (sigismember(set, SIGCHLD) == 1 && open_ended(l, e) < 0)
		return -1;
	if (l->stop.loop)
		cancel_lend(l->stop.fd);
	/* What cancel.h noted before is told here, too. */
	if (early && sigismember(&s->set, early) == 1)
		kill(getpid(), early);
	return 0;
}

int
loop_child(struct loop *l, struct loop_child *c, struct err *e)
{
	if (c->loop || c->pid <= 0)
		BUG("a child with a pid of its own, once");
	if (open_ended(l, e) < 0)
		return -1;
	if (!l->look.loop) {
		l->look = (struct watch){ .fd = -1, .due_ms = LOOP_NEVER, .fire = on_look };
		if (loop_add(l, &l->look, e) < 0)
			return -1;
	}
	c->loop = l;
	c->prev = NULL;
	c->next = l->children;
	if (c->next)
		c->next->prev = c;
	l->children = c;
	loop_due(&l->look, l->now_ms);	/* it may have ended before SIGCHLD was ours */
	return 0;
}

void
loop_child_remove(struct loop *l, struct loop_child *c)
{
	if (!c->loop)
		return;
	if (c->loop != l)
		BUG("the child is in another loop");
	if (l->child_next == c)
		l->child_next = c->next;
	if (c->prev)
		c->prev->next = c->next;
	else
		l->children = c->next;
	if (c->next)
		c->next->prev = c->prev;
	c->loop = NULL;
	c->prev = c->next = NULL;
}
