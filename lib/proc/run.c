/*
 * run.c - one helper from its first byte to its exit: spawn_run
 *
 * Input, output and errors are moved in one poll loop, so that neither side can wait for the other. The loop ends with the
 * child, not with the last holder of its pipes: a helper may leave a daemon behind that keeps them open.
 */
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/base/log.h"
#include "lib/proc/spawn.h"
#include "lib/proc/wait.h"

#define READ_BYTES 4096
#define ERROR_LINE_BYTES 1024
#define LOOK_MS 50			/* how often to look at the child where no descriptor tells of its end */

enum { IN, OUT, ERRORS, END, N_FDS };

struct run {
	const char *name;
	pid_t pid;
	int fd[N_FDS];			/* our ends; END is the pidfd */
	struct str in;			/* what is left to write */
	struct buf *out;
	struct buf line;		/* of its standard error, until the newline */
};

static void
run_auto(struct run *r)
{
	for (size_t i = 0; i < N_FDS; i++)
		fd_auto(&r->fd[i]);
	buf_fini(&r->line);
}

static void
close_end(struct run *r, int which)
{
	fd_auto(&r->fd[which]);
	r->fd[which] = -1;
}

static int
start(struct run *r, const char *const *argv, struct err *e)
{
	int in[2], out[2], errors[2];

	if (fd_pipe(in, e) < 0)
		return -1;
	AUTO(fd) int child_in = in[0];
	r->fd[IN] = in[1];
	if (fd_pipe(out, e) < 0)
		return -1;
	r->fd[OUT] = out[0];
	AUTO(fd) int child_out = out[1];
	if (fd_pipe(errors, e) < 0)
		return -1;
	r->fd[ERRORS] = errors[0];
	AUTO(fd) int child_errors = errors[1];

	for (int i = IN; i <= ERRORS; i++)
		if (fd_nonblock(r->fd[i], e) < 0)
			return -1;
	struct spawn s = { .argv = argv, .in_fd = child_in, .out_fd = child_out, .err_fd = child_errors };
	if (spawn_start(&s, &r->pid, e) < 0)
		return -1;
	r->fd[END] = wait_fd(r->pid);
	return 0;
}

/* A helper that does not read its input is not an error of its own: its exit status tells. */
static void
write_in(struct run *r)
{
	ssize_t n = r->in.n > 0 ? write(r->fd[IN], r->in.p, r->in.n) : 0;

	if (n >= 0)
		r->in = str_skip(r->in, (size_t)n);
	if (r->in.n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		close_end(r, IN);
}

static void
log_lines(struct run *r, struct str text)
{
	while (text.n > 0) {
		size_t end = str_find_char(text, '\n');

		buf_putstr(&r->line, end == STR_NONE ? text : str_take(text, end));
		if (end == STR_NONE)
			return;
		log_line("%s: " STR_FMT, r->name, STR_ARG(buf_str(&r->line)));
		buf_reset(&r->line);
		text = str_skip(text, end + 1);
	}
}

/* What it said last may lack a newline. */
static void
log_rest(struct run *r)
{
	if (r->line.n > 0)
		log_lines(r, STR_LIT("\n"));
}

/* Reads once: 1 got some, 0 nothing now or at the end (then closed), -1. */
static int
read_from(struct run *r, int which, struct err *e)
{
	char bytes[READ_BYTES];
	ssize_t n = read(r->fd[which], bytes, sizeof bytes);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0) {
		close_end(r, which);
		return 0;
	}
	if (which == ERRORS) {
		log_lines(r, str_from(bytes, (size_t)n));
		return 1;
	}
	buf_put(r->out, bytes, (size_t)n);
	return buf_check(r->out, "its output", e) < 0 ? -1 : 1;
}

static int
drain(struct run *r, struct err *e)
{
	for (int i = OUT; i <= ERRORS; i++) {
		int got = 1;

		while (r->fd[i] >= 0 && got > 0)
			if ((got = read_from(r, i, e)) < 0)
				return -1;
	}
	return 0;
}

/* Without a pidfd: looks whether the child has ended and leaves it to be reaped. */
static bool
has_ended(pid_t pid)
{
	siginfo_t info = { .si_pid = 0 };

	return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid;
}

/* Waits for any of the pipes or the child's end: 0, or -1. */
static int
wait_any(struct run *r, struct pollfd *fds, int64_t due_ms, struct err *e)
{
	for (;;) {
		int64_t look = clock_due_ms(LOOK_MS);
		int64_t until = r->fd[END] >= 0 || look > due_ms ? due_ms : look;

		for (int i = 0; i < N_FDS; i++)
			fds[i] = (struct pollfd){ .fd = r->fd[i], .events = i == IN ? POLLOUT : POLLIN };
		if (fd_wait_many(fds, N_FDS, until, e) >= 0)
			return 0;
		if (e->code != ERR_TIMEOUT || until == due_ms)
			return -1;
		err_clear(e);
		if (has_ended(r->pid)) {
			fds[END].revents = POLLIN;
			return 0;
		}
	}
}

static int
pump(struct run *r, int64_t due_ms, struct err *e)
{
	while (r->fd[OUT] >= 0 || r->fd[ERRORS] >= 0) {
		struct pollfd fds[N_FDS];

		if (wait_any(r, fds, due_ms, e) < 0)
			return -1;
		if (fds[IN].revents)
			write_in(r);
		for (int i = OUT; i <= ERRORS; i++)
			if (fds[i].revents && read_from(r, i, e) < 0)
				return -1;
		if (fds[END].revents)
			return drain(r, e);
	}
	return 0;
}

int
spawn_run(const char *const *argv, struct str in, struct buf *out, int64_t due_ms, int *ret_status, struct err *e)
{
	AUTO(run) struct run r = {
		.name = argv[0], .fd = { -1, -1, -1, -1 }, .in = in, .out = out, .line = BUF_INIT(ERROR_LINE_BYTES),
	};
	struct err late = ERR_INIT;

	if (start(&r, argv, e) < 0)
		return -1;
	if (pump(&r, due_ms, e) < 0) {
		int status;

		/* Its deadline has passed: what spawn_wait does now is end it. The first error is the one to tell. */
		if (spawn_wait(r.pid, clock_now_ms(), &status, &late) < 0)
			err_clear(&late);
		return err_wrap(e, "%s", argv[0]);
	}
	log_rest(&r);
	close_end(&r, IN);
	if (spawn_wait(r.pid, due_ms, ret_status, e) < 0)
		return err_wrap(e, "%s", argv[0]);
	return 0;
}
