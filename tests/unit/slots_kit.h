/*
 * slots_kit.h - wrapped file calls for the tests of records: short writes, errors, and the end of the process at a chosen call
 *
 * Once a program, with the ldflags of slots_test.c. Counts pwrite, write, fsync and rename while armed.
 */
#ifndef OCC_TESTS_SLOTS_KIT_H
#define OCC_TESTS_SLOTS_KIT_H

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/types.h>
#include <sys/wait.h>

#include "tests/t.h"

static struct {
	bool armed;
	unsigned calls;
	unsigned fail_at;	/* this call fails with sys; 0 none */
	unsigned kill_at;	/* before this call the process dies; 0 never */
	unsigned eintr_every;	/* every n-th call is interrupted; 0 none */
	int sys;
	size_t write_max;	/* 0: as much as is asked for */
} kit;

static bool
kit_fails(void)
{
	if (!kit.armed)
		return false;
	kit.calls++;
	if (kit.calls == kit.kill_at)
		raise(SIGKILL);
	if (kit.calls == kit.fail_at)
		errno = kit.sys;
	else if (kit.eintr_every && kit.calls % kit.eintr_every == 0)
		errno = EINTR;
	else
		return false;
	return true;
}

static size_t
kit_short(size_t n)
{
	return kit.armed && kit.write_max && n > kit.write_max ? kit.write_max : n;
}

ssize_t __real_pwrite(int fd, const void *p, size_t n, off_t at);
ssize_t __wrap_pwrite(int fd, const void *p, size_t n, off_t at);
ssize_t __wrap_pwrite64(int fd, const void *p, size_t n, off_t at);
ssize_t __real_write(int fd, const void *p, size_t n);
ssize_t __wrap_write(int fd, const void *p, size_t n);
int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);

ssize_t
__wrap_pwrite(int fd, const void *p, size_t n, off_t at)
{
	return kit_fails() ? -1 : __real_pwrite(fd, p, kit_short(n), at);
}

/* glibc's name for the same call with 64-bit offsets. */
ssize_t
__wrap_pwrite64(int fd, const void *p, size_t n, off_t at)
{
	return __wrap_pwrite(fd, p, n, at);
}

ssize_t
__wrap_write(int fd, const void *p, size_t n)
{
	return kit_fails() ? -1 : __real_write(fd, p, kit_short(n));
}

int
__wrap_fsync(int fd)
{
	return kit_fails() ? -1 : __real_fsync(fd);
}

int
__wrap_rename(const char *from, const char *to)
{
	return kit_fails() ? -1 : __real_rename(from, to);
}

T_FN void
kit_arm(size_t write_max)
{
	kit.calls = kit.fail_at = kit.kill_at = kit.eintr_every = 0;
	kit.write_max = write_max;
	kit.armed = true;
}

/* Runs work in a child that dies before the given call; true when it died of that, false when it came to its end. */
T_FN bool
kit_killed(void (*work)(void *ctx), void *ctx, unsigned kill_at, size_t write_max)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		kit_arm(write_max);
		kit.kill_at = kill_at;
		work(ctx);
		_exit(0);
	}
	T_OK(pid > 0);
	T_EQ(waitpid(pid, &status, 0), pid);
	T_OK((WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) || (WIFEXITED(status) && WEXITSTATUS(status) == 0));
	return WIFSIGNALED(status);
}

/* Points at which to kill: 20, or 240 in the long run. */
T_FN unsigned
kit_points(void)
{
	return getenv("OCC_LONG") ? 240 : 20;
}

#endif
