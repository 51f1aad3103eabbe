/* fork.c - a part of this program as a child */
#include "lib/proc/fork.h"

#include <signal.h>
#include <unistd.h>

#include "lib/base/mem.h"

int
fork_run(int (*run)(void *ctx), void *ctx, pid_t *ret_pid, struct err *e)
{
	static const int caught[] = { SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGCHLD, SIGUSR1 };
	sigset_t none, all, before;

	/* No signal in between: the child would take it with the parent's handler. */
	sigemptyset(&none);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid_t pid = fork();
	if (pid == 0) {
		for (size_t i = 0; i < ARRAY_LEN(caught); i++)
			signal(caught[i], SIG_DFL);
		sigprocmask(SIG_SETMASK, &none, NULL);	/* a loop of ours blocks some */
		_exit(run(ctx));
	}
	int failed = pid < 0 ? err_sys(e, "fork") : 0;
	sigprocmask(SIG_SETMASK, &before, NULL);
	*ret_pid = pid;
	return failed;
}
