/* loop_fork.c - both or neither */
#include "lib/loop/loop_fork.h"

#include <signal.h>
#include <sys/wait.h>

#include "lib/proc/fork.h"

int
loop_fork(struct loop *l, struct loop_child *c, int (*run)(void *ctx), void *ctx, void (*fire)(struct loop_child *c, int status, int64_t now_ms), struct err *e)
{
	pid_t pid;

	if (fork_run(run, ctx, &pid, e) < 0)
		return -1;
	*c = (struct loop_child){ .pid = pid, .fire = fire };
	if (loop_child(l, c, e) == 0)
		return 0;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return -1;
}
