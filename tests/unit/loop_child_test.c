/* loop_child_test.c - children: reported once, by name, and with signals of their own; with every backend */
#include "lib/loop/loop.h"

#include <errno.h>

#include "lib/base/fd.h"
#include "lib/proc/fork.h"
#include "lib/proc/spawn.h"
#include "tests/unit/loop_heard.h"

static struct kid {
	struct loop_child c;
	struct loop_child *peer;
	int n, status;
} kids[200];
static int n_ended;

static void
on_kid(struct loop_child *c, int status, int64_t now_ms)
{
	struct kid *k = (struct kid *)c;

	(void)now_ms;
	k->n++;
	k->status = status;
	n_ended++;
	if (k->peer)
		loop_child_remove(k->peer->loop, k->peer);
}

/* Ends with status when it may read its end of the pipe to the end. */
static pid_t
child_new(int status, const int *gate)
{
	pid_t pid = fork();

	if (pid == 0) {
		char c;

		if (gate) {
			close(gate[1]);
			if (read(gate[0], &c, 1) < 0)
				_exit(200);
		}
		_exit(status);
	}
	return pid;
}

/* Until it has ended, without reaping it. */
static bool
has_ended(pid_t pid)
{
	siginfo_t info;

	return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) == 0;
}

static int
add_kid(struct loop *l, struct kid *k, pid_t pid)
{
	struct err e = ERR_INIT;

	k->c.pid = pid;
	k->c.fire = on_kid;
	return loop_child(l, &k->c, &e);
}

static int
case_children(const struct loop_backend *b)
{
	AUTO(loop) struct loop l = { 0 };
	struct err e = ERR_INIT;
	int gate[2];

	SAYS(loop_init_with(&l, b, &e) == 0);
	SAYS(fd_pipe(gate, &e) == 0);
	pid_t dead = child_new(7, NULL), later = child_new(8, gate), unnamed = child_new(9, NULL);
	SAYS(has_ended(dead) && has_ended(unnamed));
	SAYS(add_kid(&l, &kids[0], dead) == 0 && add_kid(&l, &kids[1], later) == 0);
	SAYS(kids[0].n == 0);
	while (n_ended < 1)
		SAYS(loop_step(&l, clock_due_ms(SOON), &e) >= 0);
	SAYS(kids[0].n == 1 && WEXITSTATUS(kids[0].status) == 7 && kids[1].n == 0);
	close(gate[1]);
	while (n_ended < 2)
		SAYS(loop_step(&l, clock_due_ms(SOON), &e) >= 0);
	SAYS(kids[1].n == 1 && WIFEXITED(kids[1].status) && WEXITSTATUS(kids[1].status) == 8);
	int status;
	SAYS(waitpid(unnamed, &status, WNOHANG) == unnamed && WEXITSTATUS(status) == 9);
	SAYS(waitpid(dead, &status, WNOHANG) < 0 && errno == ECHILD);
	return 0;
}

static int
case_killed_and_lost(const struct loop_backend *b)
{
	AUTO(loop) struct loop l = { 0 };
	struct err e = ERR_INIT;
	int gate[2];

	signal(SIGCHLD, SIG_IGN);	/* inherited: the kernel would reap */
	SAYS(listen_to(&l, b, false) == 0);
	SAYS(fd_pipe(gate, &e) == 0);
	pid_t pid = child_new(0, gate);
	SAYS(add_kid(&l, &kids[0], pid) == 0);
	SAYS(add_kid(&l, &kids[1], getpid()) == 0);
	kill(pid, SIGKILL);
	/* The signal was asked for, too; a child that dies while others are looked at may be told before it. */
	while (n_ended < 2 || heard.n_of[SIGCHLD] == 0)
		SAYS(loop_step(&l, clock_due_ms(SOON), &e) >= 0);
	SAYS(WIFSIGNALED(kids[0].status) && WTERMSIG(kids[0].status) == SIGKILL);
	SAYS(kids[1].status == LOOP_CHILD_LOST);
	return 0;
}

/* Both have ended; the first that is told takes the other out, which stays for its owner to reap. */
static int
case_child_removed(const struct loop_backend *b)
{
	AUTO(loop) struct loop l = { 0 };
	struct err e = ERR_INIT;

	SAYS(loop_init_with(&l, b, &e) == 0);
	for (int i = 0; i < 3; i++) {
		pid_t pid = child_new(i, NULL);

		SAYS(has_ended(pid) && add_kid(&l, &kids[i], pid) == 0);
	}
	kids[2].peer = &kids[1].c;	/* the last one put in is looked at first */
	kids[1].peer = &kids[2].c;
	while (kids[0].n == 0)
		SAYS(loop_step(&l, clock_due_ms(SOON), &e) >= 0);
	SAYS(n_ended == 2 && kids[1].n + kids[2].n == 1);
	pid_t left = kids[kids[1].n ? 2 : 1].c.pid;
	SAYS(waitpid(left, NULL, WNOHANG) == left);
	SAYS(loop_step(&l, 0, &e) >= 0 && n_ended == 2);
	return 0;
}

static int
case_many_children(const struct loop_backend *b)
{
	AUTO(loop) struct loop l = { 0 };
	struct err e = ERR_INIT;
	int gate[2];

	SAYS(loop_init_with(&l, b, &e) == 0);
	SAYS(fd_pipe(gate, &e) == 0);
	for (size_t i = 0; i < ARRAY_LEN(kids); i++)
		SAYS(add_kid(&l, &kids[i], child_new((int)i, gate)) == 0);
	SAYS(loop_step(&l, 0, &e) >= 0 && n_ended == 0);
	close(gate[1]);
	while (n_ended < (int)ARRAY_LEN(kids))
		SAYS(loop_step(&l, clock_due_ms(SOON), &e) >= 0);
	for (size_t i = 0; i < ARRAY_LEN(kids); i++)
		SAYS(kids[i].n == 1 && WEXITSTATUS(kids[i].status) == (int)i);
	return 0;
}

/* What a loop blocks or catches, its children must not. */
static int
until_terminated(void *ctx)
{
	sigset_t mask;

	sigprocmask(SIG_BLOCK, NULL, &mask);
	for (int signo = 1; signo < NSIG; signo++)
		if (sigismember(&mask, signo) == 1)
			return signo;
	raise(*(int *)ctx);
	return 0;
}

static int
case_inherited(const struct loop_backend *b)
{
	static const char *const argv[] = { "sh", "-c", "kill -TERM $$; exit 5", NULL };
	AUTO(loop) struct loop l = { 0 };
	struct err e = ERR_INIT;
	struct spawn s = { .argv = argv, .in_fd = -1, .out_fd = -1, .err_fd = -1 };
	int signos[] = { SIGTERM, SIGUSR1 };
	pid_t pid;

	SAYS(listen_to(&l, b, true) == 0);
	for (int i = 0; i < 2; i++)
		SAYS(fork_run(until_terminated, &signos[i], &pid, &e) == 0 && add_kid(&l, &kids[i], pid) == 0);
	SAYS(spawn_start(&s, &pid, &e) == 0 && add_kid(&l, &kids[2], pid) == 0);
	while (n_ended < 3)
		SAYS(loop_step(&l, clock_due_ms(SOON), &e) >= 0);
	SAYS(WIFSIGNALED(kids[0].status) && WTERMSIG(kids[0].status) == SIGTERM);
	SAYS(WIFSIGNALED(kids[1].status) && WTERMSIG(kids[1].status) == SIGUSR1);
	SAYS(WIFSIGNALED(kids[2].status) && WTERMSIG(kids[2].status) == SIGTERM);
	SAYS(heard.n_of[SIGTERM] == 0 && heard.n_of[SIGUSR1] == 0);
	return 0;
}

int
main(void)
{
	static const struct heard_case row[] = {
		{ "children: ended before, ending later, not ours to reap", case_children, 0 },
		{ "children: killed, lost, SIGCHLD ignored at the start", case_killed_and_lost, 0 },
		{ "a child is taken out by another's callback", case_child_removed, 0 },
		{ "200 children that end at once", case_many_children, 0 },
		{ "children have their signals", case_inherited, 0 },
	};

	run_cases(row, ARRAY_LEN(row));
	return t_done();
}
