/*
 * spawn.c - starting a child and waiting for it
 *
 * posix_spawnp reports the child's own exec failure exactly, resets signals and never runs our code in a forked copy; musl,
 * glibc since 2.24 and macOS all do.
 */
#include "lib/proc/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/cancel.h"
#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/base/mem.h"
#include "lib/proc/wait.h"

#define TERM_GRACE_MS 2000
#define PAUSE_FIRST_MS 1
#define PAUSE_MAX_MS 50

extern char **environ;

/* What posix_spawn needs, freed together. */
struct plan {
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	bool has_actions, has_attr;
	int lifted[3];			/* copies of descriptors that stood in the way of 0, 1, 2 */
	int given[SPAWN_FDS_MAX];	/* copies of those for 3 and up, beyond all of the child's */
	size_t n_given;
};

static void
plan_auto(struct plan *p)
{
	if (p->has_actions)
		posix_spawn_file_actions_destroy(&p->actions);
	if (p->has_attr)
		posix_spawnattr_destroy(&p->attr);
	for (size_t i = 0; i < 3; i++)
		fd_auto(&p->lifted[i]);
	for (size_t i = 0; i < p->n_given; i++)
		fd_auto(&p->given[i]);
}

/* The child's descriptor `target`. One of ours among 0, 1, 2 is copied out of the way first, so that the order of the
 * dup2 calls does not matter and close-on-exec never hits the wrong one. */
static int
plan_fd(struct plan *p, int target, int fd)
{
	if (fd < 0)
		return posix_spawn_file_actions_addopen(&p->actions, target, "/dev/null", target == 0 ? O_RDONLY : O_WRONLY, 0);
	if (fd <= 2) {
		fd = p->lifted[target] = fcntl(fd, F_DUPFD_CLOEXEC, 3);
		if (fd < 0)
			return errno;
	}
	return posix_spawn_file_actions_adddup2(&p->actions, fd, target);
}

/* Those from 3 on, each copied above the last of them first: one may have the number that another is to get. */
static int
plan_given(struct plan *p, const struct spawn *s)
{
	if (s->n_fds > SPAWN_FDS_MAX)
		BUG("more descriptors than a child can be given");
	for (size_t i = 0; i < s->n_fds; i++) {
		int fd = fcntl(s->fds[i], F_DUPFD_CLOEXEC, 3 + (int)s->n_fds);

		if (fd < 0)
			return errno;
		p->given[p->n_given++] = fd;
		int sys = posix_spawn_file_actions_adddup2(&p->actions, fd, 3 + (int)i);
		if (sys)
			return sys;
	}
	return 0;
}

/* 0 or an errno, as posix_spawn itself answers. */
static int
plan_make(struct plan *p, const struct spawn *s)
{
	static const int of_terminal[] = { SIGINT, SIGQUIT, SIGHUP };
	sigset_t blocked, all;
	short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;

	sigemptyset(&blocked);
	for (size_t i = 0; s->is_shielded && i < ARRAY_LEN(of_terminal); i++)
		sigaddset(&blocked, of_terminal[i]);
	sigfillset(&all);
	sigdelset(&all, SIGKILL);
	sigdelset(&all, SIGSTOP);
	if (s->new_session)
		flags = (short)(flags | POSIX_SPAWN_SETSID);

	int sys = posix_spawn_file_actions_init(&p->actions);
	if (sys)
		return sys;
	p->has_actions = true;
	if ((sys = posix_spawnattr_init(&p->attr)) != 0)
		return sys;
	p->has_attr = true;
	if ((sys = plan_fd(p, 0, s->in_fd)) != 0 || (sys = plan_fd(p, 1, s->out_fd)) != 0)
		return sys;
	if (s->err_fd >= 0 && (sys = plan_fd(p, 2, s->err_fd)) != 0)
		return sys;
	if ((sys = plan_given(p, s)) != 0)
		return sys;
	if ((sys = posix_spawnattr_setsigmask(&p->attr, &blocked)) != 0 ||
	    (sys = posix_spawnattr_setsigdefault(&p->attr, &all)) != 0)
		return sys;
	return posix_spawnattr_setflags(&p->attr, flags);
}

static bool
is_same_name(const char *a, const char *b)
{
	size_t n = str_find_char(str_of(a), '=');

	return n != STR_NONE && strncmp(a, b, n + 1) == 0;
}

/* Ours with the extra ones in the place of those of the same name. */
static const char **
merge_env(struct arena *a, const char *const *extra)
{
	struct strlist l = { 0 };

	for (char **v = environ; v && *v; v++) {
		bool is_replaced = false;

		for (size_t i = 0; extra[i] && !is_replaced; i++)
			is_replaced = is_same_name(extra[i], *v);
		if (!is_replaced)
			strlist_add(a, &l, *v);
	}
	for (size_t i = 0; extra[i]; i++)
		strlist_add(a, &l, extra[i]);
	return l.v;
}

int
spawn_start(const struct spawn *s, pid_t *ret_pid, struct err *e)
{
	AUTO(plan) struct plan p = { .lifted = { -1, -1, -1 } };
	AUTO(arena) struct arena a = ARENA_INIT;
	char *const *env = environ;
	const char *file = s->file ? s->file : s->argv[0];
	int sys = plan_make(&p, s);

	if (s->env && s->env[0])
		env = mem_unconst(merge_env(&a, s->env));
	if (sys == 0)
		sys = posix_spawnp(ret_pid, file, &p.actions, &p.attr, mem_unconst(s->argv), env);
	if (sys == ENOENT)
		return err_set(e, ERR_NOT_FOUND, "%s: no such program", file);
	if (sys) {
		errno = sys;
		return err_sys(e, "start %s", file);
	}
	return 0;
}

static int
shell_status(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* 1 reaped, 0 still running, -1. */
static int
try_reap(pid_t pid, int *ret_status, struct err *e)
{
	int status;
	pid_t got = waitpid(pid, &status, WNOHANG);

	if (got < 0 && errno != EINTR)
		return err_sys(e, "waitpid");
	if (got != pid)
		return 0;
	*ret_status = shell_status(status);
	return 1;
}

/* Waits for the end without ending it. The pauses without a pidfd grow, so a short child costs little and a long one less. */
static int
wait_end(pid_t pid, int64_t due_ms, int *ret_status, struct err *e)
{
	AUTO(fd) int fd = wait_fd(pid);
	int64_t pause_ms = PAUSE_FIRST_MS;

	for (;;) {
		int got = try_reap(pid, ret_status, e);

		if (got)
			return got < 0 ? -1 : 0;
		int64_t until = clock_due_ms(pause_ms);
		if (fd >= 0 || until > due_ms)
			until = due_ms;
		struct pollfd end = { .fd = fd, .events = POLLIN };
		if (fd_wait_many(&end, fd >= 0, until, e) < 0) {
			if (e->code != ERR_TIMEOUT || until >= due_ms)
				return -1;
			err_clear(e);
		}
		pause_ms = pause_ms * 2 > PAUSE_MAX_MS ? PAUSE_MAX_MS : pause_ms * 2;
	}
}

/* Ends the child and reaps it. The person's Ctrl-C is what brought us here as often as not: it may not cut this. */
static void
terminate(pid_t pid)
{
	struct err ignored = ERR_INIT;
	pid_t target = getpgid(pid) == pid ? -pid : pid;		/* with a session of its own: all of it */
	int status;

	cancel_hold();
	kill(target, SIGTERM);
	if (wait_end(pid, clock_due_ms(TERM_GRACE_MS), &status, &ignored) < 0 && ignored.code == ERR_TIMEOUT) {
		kill(target, SIGKILL);
		if (wait_end(pid, CLOCK_NEVER, &status, &ignored) < 0)
			err_clear(&ignored);	/* reaped elsewhere */
	}
	cancel_release();
}

int
spawn_wait(pid_t pid, int64_t due_ms, int *ret_status, struct err *e)
{
	if (wait_end(pid, due_ms, ret_status, e) < 0) {
		if (e->code == ERR_TIMEOUT || e->code == ERR_INTERRUPTED)
			terminate(pid);
		return err_wrap(e, "wait for process %ld", (long)pid);
	}
	return 0;
}

int
spawn_hear(const char *const *argv, const char *const *env, struct buf *out, int64_t due_ms, int *ret_status, struct err *e)
{
	int ends[2];
	pid_t pid = -1;

	if (fd_pipe(ends, e) < 0)
		return -1;
	AUTO(fd) int ours = ends[0];
	AUTO(fd) int theirs = ends[1];
	struct spawn s = { .argv = argv, .env = env, .in_fd = -1, .out_fd = theirs, .err_fd = theirs, .new_session = true };

	if (fd_nonblock(ours, e) < 0 || spawn_start(&s, &pid, e) < 0)
		return -1;
	fd_auto(&theirs);
	theirs = -1;
	if (fd_read_all(ours, out, due_ms, e) < 0) {
		struct err late = ERR_INIT;

		/* At a deadline that has passed it is ended. The first error is the one to tell. */
		if (spawn_wait(pid, clock_now_ms(), ret_status, &late) < 0)
			err_clear(&late);
		return -1;
	}
	return spawn_wait(pid, due_ms, ret_status, e);
}

static bool
is_program(const char *file)
{
	struct stat st;

	return stat(file, &st) == 0 && S_ISREG(st.st_mode) && access(file, X_OK) == 0;
}

const char *
spawn_find(struct arena *a, const char *name)
{
	struct str path = str_of(getenv("PATH"));

	if (strchr(name, '/'))
		return is_program(name) ? arena_strdup(a, name) : NULL;
	while (path.n > 0) {
		struct str dir = str_cut(&path, ':');
		/* An empty entry would mean the current directory: not looked at. */
		const char *file = dir.n > 0 ? arena_printf(a, STR_FMT "/%s", STR_ARG(dir), name) : NULL;

		if (file && is_program(file))
			return file;
	}
	return NULL;
}
