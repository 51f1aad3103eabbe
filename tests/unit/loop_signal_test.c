/* loop_signal_test.c - signals and cancellation, with every backend */
#include "lib/loop/loop.h"

#include <fcntl.h>
#include <sys/wait.h>

#include "lib/base/cancel.h"
#include "lib/base/fd.h"
#include "tests/unit/loop_heard.h"

/* --- signals --- */

static int
case_each(const struct loop_backend *b)
{
	static const int each[] = { SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGCHLD };
	AUTO(loop) struct loop l = { 0 };
	struct err e = ERR_INIT;

	SAYS(listen_to(&l, b, true) == 0);
	SAYS(loop_step(&l, 0, &e) == 0 && heard.n == 0);
	for (size_t i = 0; i < ARRAY_LEN(each); i++) {
		kill(getpid(), each[i]);
		kill(getpid(), each[i]);
		SAYS(heard.n == (int)i);
		SAYS(loop_step(&l, clock_due_ms(SOON), &e) == 1);
		SAYS(heard.n == (int)i + 1 && heard.n_of[each[i]] == 1);
		SAYS(loop_step(&l, 0, &e) == 0);
	}
	for (size_t i = 0; i < ARRAY_LEN(each); i++)
		kill(getpid(), each[i]);
	while (heard.n < 10)
		SAYS(loop_step(&l, clock_due_ms(SOON), &e) > 0);
	for (size_t i = 0; i < ARRAY_LEN(each); i++)
		SAYS(heard.n_of[each[i]] == 2);
	SAYS(cancel_signal() == 0);	/* the handlers of cancel.h have had none of them */
	return 0;
}

/* From another process, while the loop sleeps; 500 of them lose none in the sense of signals: the last one is always told. */
static int
case_other(const struct loop_backend *b)
{
	AUTO(loop) struct loop l = { 0 };
	struct err e = ERR_INIT;
	pid_t self = getpid(), pid;

	SAYS(listen_to(&l, b, true) == 0);
	pid = fork();
	if (pid == 0) {
		for (int i = 0; i < 500; i++)
			kill(self, SIGUSR1);
		kill(self, SIGTERM);
		_exit(0);
	}
	while (heard.n_of[SIGTERM] == 0)
		SAYS(loop_step(&l, clock_due_ms(SOON), &e) >= 0);
	SAYS(heard.n_of[SIGUSR1] > 0);
	return waitpid(pid, NULL, 0) == pid ? 0 : 1;
}

static int
case_given_back(const struct loop_backend *b)
{
	struct loop l;
	struct err e = ERR_INIT;
	sigset_t mask;
	struct sigaction now;

	SAYS(listen_to(&l, b, true) == 0);
	for (int which = 0; which < 3; which++) {
		int fd = (which == 0 ? l.stop : which == 1 ? l.other : l.ended).fd;

		SAYS(fd >= 0 && fcntl(fd, F_GETFD) == FD_CLOEXEC);
	}
	kill(getpid(), SIGUSR1);	/* nobody takes it; its default action is to end us */
	loop_auto(&l);
	sigprocmask(SIG_BLOCK, NULL, &mask);
	SAYS(sigismember(&mask, SIGTERM) == 0 && sigismember(&mask, SIGUSR1) == 0 && sigismember(&mask, SIGCHLD) == 0);
	SAYS(sigaction(SIGUSR1, NULL, &now) == 0 && now.sa_handler == SIG_DFL);
	SAYS(heard.n == 0 && cancel_check(&e) == 0);
	kill(getpid(), SIGTERM);
	SAYS(cancel_signal() == SIGTERM);
	SAYS(listen_to(&l, b, true) == 0);
	loop_auto(&l);
	return 0;
}

static int
case_ignored(const struct loop_backend *b)
{
	AUTO(loop) struct loop l = { 0 };
	struct err e = ERR_INIT;

	signal(SIGHUP, SIG_IGN);
	SAYS(listen_to(&l, b, true) == 0);
	kill(getpid(), SIGHUP);
	SAYS(loop_step(&l, 0, &e) == 0 && heard.n == 0);
	return 0;
}

/* Came after cancel_install, before there was a loop: told by the loop, as the first thing. */
static int
case_early(const struct loop_backend *b)
{
	AUTO(loop) struct loop l = { 0 };
	struct err e = ERR_INIT;

	SAYS(cancel_install(&e) == 0);
	kill(getpid(), SIGTERM);
	SAYS(listen_to(&l, b, true) == 0);
	SAYS(loop_step(&l, clock_due_ms(SOON), &e) == 1 && heard.n_of[SIGTERM] == 1);
	return 0;
}

/* --- cancel.h --- */

static struct waiter {
	struct watch w;
	int fd;
	int (*how)(struct waiter *t);
	int said;
} waiter;

static void
on_waiter(struct watch *w, short got, int64_t now_ms)
{
	(void)got;
	(void)now_ms;
	waiter.said = waiter.how(&waiter);
	(void)w;
}

static int
wait_quietly(void)
{
	struct err e = ERR_INIT;

	SAYS(cancel_check(&e) == 0);
	SAYS(fd_wait(waiter.fd, POLLIN, 0, &e) < 0 && e.code == ERR_TIMEOUT);
	return 0;
}

static int
wait_cut(struct waiter *t)
{
	struct err e = ERR_INIT;
	pid_t self = getpid();
	pid_t pid = fork();

	if (pid == 0) {
		kill(self, SIGTERM);
		_exit(0);
	}
	SAYS(fd_wait(t->fd, POLLIN, clock_due_ms(SOON), &e) < 0 && e.code == ERR_INTERRUPTED);
	SAYS(fd_wait(t->fd, POLLIN, clock_due_ms(SOON), &e) < 0 && e.code == ERR_INTERRUPTED);
	SAYS(heard.n_of[SIGTERM] == 0);
	return waitpid(pid, NULL, 0) == pid ? 0 : 1;
}

static int
wait_held(struct waiter *t)
{
	struct err e = ERR_INIT;

	kill(getpid(), SIGINT);
	cancel_hold();
	SAYS(fd_wait(t->fd, POLLIN, 0, &e) < 0 && e.code == ERR_TIMEOUT);
	cancel_release();
	SAYS(cancel_check(&e) < 0 && e.code == ERR_INTERRUPTED);
	return 0;
}

/* SIGHUP and SIGUSR1 are no reason to end a wait, nor to go round in it. */
static int
wait_on(struct waiter *t)
{
	struct err e = ERR_INIT;

	kill(getpid(), SIGHUP);
	kill(getpid(), SIGUSR1);
	kill(getpid(), SIGCHLD);
	SAYS(fd_wait(t->fd, POLLIN, 0, &e) < 0 && e.code == ERR_TIMEOUT);
	SAYS(cancel_check(&e) == 0);
	return 0;
}

static int
wait_in_callback(const struct loop_backend *b, int (*how)(struct waiter *t), int signo)
{
	AUTO(loop) struct loop l = { 0 };
	struct err e = ERR_INIT;
	int pair[2];

	SAYS(listen_to(&l, b, true) == 0);
	SAYS(fd_socketpair(pair, &e) == 0);
	waiter = (struct waiter){ .w = { .fd = -1, .fire = on_waiter }, .fd = pair[0], .how = how, .said = -1 };
	SAYS(loop_add(&l, &waiter.w, &e) == 0);
	SAYS(loop_step(&l, 0, &e) == 1);
	if (waiter.said)
		return waiter.said;
	heard.then = wait_quietly;
	heard.then_for = signo;
	while (heard.n_of[signo] == 0)
		SAYS(loop_step(&l, clock_due_ms(SOON), &e) >= 0);
	return heard.said;
}

static int
case_wait_cut(const struct loop_backend *b)
{
	return wait_in_callback(b, wait_cut, SIGTERM);
}

static int
case_wait_held(const struct loop_backend *b)
{
	return wait_in_callback(b, wait_held, SIGINT);
}

static int
case_wait_on(const struct loop_backend *b)
{
	return wait_in_callback(b, wait_on, SIGUSR1);
}

/* A loop without signals of its own is a wait like any other. */
static int
case_cancelled(const struct loop_backend *b)
{
	AUTO(loop) struct loop l = { 0 };
	struct err e = ERR_INIT;
	pid_t self = getpid(), pid;

	SAYS(loop_init_with(&l, b, &e) == 0);
	SAYS(loop_step(&l, 0, &e) == 0);
	SAYS(cancel_install(&e) == 0);
	SAYS(loop_step(&l, 0, &e) == 0);
	cancel_hold();
	SAYS(loop_step(&l, 0, &e) == 0);
	cancel_release();
	pid = fork();
	if (pid == 0) {
		kill(self, SIGINT);
		_exit(0);
	}
	SAYS(loop_run(&l, &e) < 0 && e.code == ERR_INTERRUPTED);
	cancel_hold();
	int64_t due_ms = clock_due_ms(20);
	int rounds = 0;
	for (; clock_now_ms() < due_ms; rounds++)
		SAYS(loop_step(&l, due_ms, &e) == 0);
	SAYS(rounds <= 5);	/* the full pipe does not keep it awake */
	cancel_release();
	SAYS(loop_step(&l, 0, &e) < 0 && e.code == ERR_INTERRUPTED);
	return waitpid(pid, NULL, 0) == pid ? 0 : 1;
}

static int
case_half_taken(const struct loop_backend *b)
{
	AUTO(loop) struct loop l = { 0 };
	struct err e = ERR_INIT;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	close(2);
	SAYS(loop_init_with(&l, b, &e) == 0);
	if (loop_signals(&l, &heard.s, &set, &e) < 0)
		return 1;
	return 2;
}

int
main(void)
{
	static const struct heard_case row[] = {
		{ "each signal is told once", case_each, 0 },
		{ "signals from another process", case_other, 0 },
		{ "signals are given back, those untaken dropped", case_given_back, 0 },
		{ "what was ignored stays ignored", case_ignored, 0 },
		{ "a signal from before the loop is told", case_early, 0 },
		{ "a wait in a callback ends on SIGTERM, waits after it was told do not", case_wait_cut, 0 },
		{ "a held wait goes on", case_wait_held, 0 },
		{ "other signals do not end a wait", case_wait_on, 0 },
		{ "a loop without signals ends on Ctrl-C, unless held", case_cancelled, 0 },
		{ "SIGTERM without SIGINT and SIGHUP is a bug", case_half_taken, SIGABRT },
	};

	run_cases(row, ARRAY_LEN(row));
	return t_done();
}
