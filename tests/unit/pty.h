/*
 * pty.h - runs a function in a child whose standard descriptors are a terminal, or pipes, and talks to it
 *
 * For the tests of lib/term. One child at a time; every wait has a deadline.
 */
#ifndef OCC_TESTS_UNIT_PTY_H
#define OCC_TESTS_UNIT_PTY_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>

#include "tests/t.h"

#define CHILD_DUE_MS 20000

struct child {
	pid_t pid;
	int fd;				/* master of the terminal, or the end that reads both pipes' text */
	char text[1 << 16];		/* all that the child wrote so far */
	size_t n;
};

T_FN void
child_spawn(struct child *c, bool tty, unsigned columns, void (*body)(void))
{
	struct winsize size = { .ws_col = (unsigned short)columns, .ws_row = 24 };
	int slave = -1, pipes[2] = { -1, -1 };

	*c = (struct child){ .fd = -1 };
	fflush(NULL);
	if (tty ? openpty(&c->fd, &slave, NULL, NULL, &size) < 0 : pipe(pipes) < 0) {
		perror("child_spawn");
		exit(2);
	}
	if (!tty) {
		c->fd = pipes[0];
		slave = pipes[1];
	}
	c->pid = fork();
	if (c->pid == 0) {
		int null = open("/dev/null", O_RDONLY);

		setsid();
		if (tty)
			ioctl(slave, TIOCSCTTY, 0);
		dup2(tty ? slave : null, 0);
		dup2(slave, 1);
		dup2(slave, 2);
		close(slave);
		close(c->fd);
		body();
		_exit(0);
	}
	close(slave);
}

/* One read of what the child wrote; false at its end or at the deadline. */
T_FN bool
child_read(struct child *c, int64_t due_ms)
{
	struct pollfd p = { .fd = c->fd, .events = POLLIN };
	int64_t left = due_ms - t_now_ms();
	ssize_t n;

	if (left <= 0 || poll(&p, 1, (int)left) <= 0)
		return false;
	n = read(c->fd, c->text + c->n, sizeof c->text - 1 - c->n);
	if (n <= 0)
		return false;
	c->n += (size_t)n;
	c->text[c->n] = '\0';
	return true;
}

/* Until the child has written this. */
T_FN bool
child_expect(struct child *c, const char *part)
{
	int64_t due_ms = t_now_ms() + CHILD_DUE_MS;

	while (!strstr(c->text, part)) {
		if (!child_read(c, due_ms))
			return t_bad(__FILE__, __LINE__, "\"%s\" did not come; so far: \"%s\"", part, c->text);
	}
	return true;
}

T_FN void
child_type(struct child *c, const char *keys)
{
	size_t n = strlen(keys);

	if (write(c->fd, keys, n) != (ssize_t)n)
		T_FAIL("the terminal took no keys");
}

/* Reads to the end and reaps; returns the status as a shell counts it. */
T_FN int
child_end(struct child *c)
{
	int64_t due_ms = t_now_ms() + CHILD_DUE_MS;
	int status = 0;

	while (child_read(c, due_ms))
		;
	if (t_now_ms() >= due_ms)
		kill(c->pid, SIGKILL);
	while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
		;
	close(c->fd);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* The whole of what body writes, without anything typed. */
T_FN int
child_run(struct child *c, bool tty, unsigned columns, void (*body)(void))
{
	child_spawn(c, tty, columns, body);
	return child_end(c);
}

/* Is this local mode (ECHO, ICANON) set on the child's terminal? */
T_FN bool
child_has_mode(const struct child *c, tcflag_t mode)
{
	struct termios t;

	return tcgetattr(c->fd, &t) == 0 && (t.c_lflag & mode) == mode;
}

#endif
