/*
 * loop_heard.h - what was heard of signals; cases that run in a child each
 *
 * Signals are the process's own; a child's status is what it has to say.
 */
#ifndef OCC_TESTS_LOOP_HEARD_H
#define OCC_TESTS_LOOP_HEARD_H

#include <sys/wait.h>

#include "lib/base/cancel.h"
#include "tests/t.h"
#include "tests/unit/loop_kit.h"

#define SAYS(cond) \
	do { \
		if (!(cond)) \
			return __LINE__ % 250 + 1; \
	} while (0)
#define SOON 20000	/* ms; a deadline that no test is meant to reach */

static struct heard {
	struct loop_signals s;
	int n, n_of[NSIG];
	int (*then)(void);		/* when then_for has come */
	int then_for, said;
} heard;

static inline void
on_signal(struct loop_signals *s, int signo, int64_t now_ms)
{
	struct heard *h = (struct heard *)s;

	(void)now_ms;
	h->n++;
	h->n_of[signo]++;
	if (h->then && signo == h->then_for)
		h->said = h->then();
}

static inline sigset_t
the_set(void)
{
	static const int all[] = { SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGCHLD };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		sigaddset(&set, all[i]);
	return set;
}

static inline int
listen_to(struct loop *l, const struct loop_backend *b, bool with_cancel)
{
	struct err e = ERR_INIT;
	sigset_t set = the_set();

	if (with_cancel && cancel_install(&e) < 0)
		return -1;
	heard.s.fire = on_signal;
	if (loop_init_with(l, b, &e) < 0 || loop_signals(l, &heard.s, &set, &e) < 0)
		return -1;
	return 0;
}

struct heard_case {
	const char *name;
	int (*run)(const struct loop_backend *b);
	int signo;			/* that it ends by */
};

static inline void
run_cases(const struct heard_case *row, size_t n)
{
	for (size_t i = 0; i < ARRAY_LEN(backends) * n; i++) {
		const struct loop_backend *b = backends[i / n];
		const struct heard_case *c = &row[i % n];
		int status = 0;

		t_row("%s: %s", b->name, c->name);
		pid_t pid = fork();
		if (pid == 0)
			_exit(c->run(b));
		T_EQ(waitpid(pid, &status, 0), pid);
		T_EQ(WIFSIGNALED(status) ? WTERMSIG(status) : 0, c->signo);
		T_EQ(WIFEXITED(status) ? WEXITSTATUS(status) : 0, 0);
	}
}

#endif
