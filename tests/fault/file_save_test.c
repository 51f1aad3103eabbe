/*
 * file_save_test.c - a fault, or the end of the process, at each system call of a save
 *
 * Every call that file_save makes is wrapped and counted. One run without faults tells how many there are; then each in
 * turn fails with each error, and the process is killed before each of them. Afterwards the file is the old or the new one, whole;
 * a failure that was reported leaves no temporary file; a save that follows works. OCC_LONG=1: smaller writes, so more of them.
 */
/* ldflags: -Wl,--wrap=readlink,--wrap=getentropy,--wrap=open,--wrap=open64,--wrap=lstat,--wrap=lstat64 */
/* ldflags: -Wl,--wrap=fchown,--wrap=fchmod,--wrap=write,--wrap=fsync,--wrap=close,--wrap=rename,--wrap=unlink */
#include "lib/base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "lib/base/mem.h"
#include "tests/t.h"

#define OTHER_UID 65534
#define DATA_BYTES 20000
#define CALLS_MAX 5000

/* ---- the wrapped calls ---- */

static struct {
	bool armed;
	unsigned calls;
	unsigned fail_at;	/* this call fails with sys; 0 none */
	unsigned kill_at;	/* before this call the process dies; 0 never */
	unsigned eintr_every;	/* every n-th write, fsync is interrupted; 0 none */
	int sys;
	size_t write_max;
	char trace[CALLS_MAX];	/* a letter for each call */
} fault;

/* True when the call has to fail with errno as set. */
static bool
fails(char letter, bool can_eintr)
{
	if (!fault.armed)
		return false;
	if (fault.calls < CALLS_MAX - 1)
		fault.trace[fault.calls] = letter;
	fault.calls++;
	if (fault.calls == fault.kill_at)
		raise(SIGKILL);
	if (fault.calls == fault.fail_at)
		errno = fault.sys;
	else if (can_eintr && fault.eintr_every && fault.calls % fault.eintr_every == 0)
		errno = EINTR;
	else
		return false;
	return true;
}

#define WRAP(type, name, letter, can_eintr, params, args) \
	type __real_##name params; \
	type __wrap_##name params; \
	type __wrap_##name params \
	{ \
		return fails(letter, can_eintr) ? -1 : __real_##name args; \
	}

WRAP(ssize_t, readlink, 'l', false, (const char *path, char *p, size_t n), (path, p, n))
WRAP(int, getentropy, 'g', false, (void *p, size_t n), (p, n))
WRAP(int, fchown, 'o', false, (int fd, uid_t uid, gid_t gid), (fd, uid, gid))
WRAP(int, fchmod, 'm', false, (int fd, mode_t mode), (fd, mode))
WRAP(int, fsync, 's', true, (int fd), (fd))
WRAP(int, rename, 'r', false, (const char *from, const char *to), (from, to))
WRAP(int, unlink, 'u', false, (const char *path), (path))
WRAP(int, lstat, 'i', false, (const char *path, struct stat *st), (path, st))

ssize_t __real_write(int fd, const void *p, size_t n);
ssize_t __wrap_write(int fd, const void *p, size_t n);
int __real_close(int fd);
int __wrap_close(int fd);
int __real_open(const char *path, int flags, mode_t mode);
int __wrap_open(const char *path, int flags, mode_t mode);
int __wrap_open64(const char *path, int flags, mode_t mode);
int __wrap_lstat64(const char *path, struct stat *st);

ssize_t
__wrap_write(int fd, const void *p, size_t n)
{
	if (fails('w', true))
		return -1;
	return __real_write(fd, p, fault.armed && n > fault.write_max ? fault.write_max : n);
}

/* A close that fails has closed. */
int
__wrap_close(int fd)
{
	bool bad = fails('c', false);
	int sys = errno, rc = __real_close(fd);

	if (bad)
		errno = sys;
	return bad ? -1 : rc;
}

int
__wrap_open(const char *path, int flags, mode_t mode)
{
	return fails(flags & O_CREAT ? 't' : 'd', false) ? -1 : __real_open(path, flags, mode);
}

/* glibc's names for the same calls with 64-bit offsets. */
int
__wrap_open64(const char *path, int flags, mode_t mode)
{
	return __wrap_open(path, flags, mode);
}

int
__wrap_lstat64(const char *path, struct stat *st)
{
	return __wrap_lstat(path, st);
}

/* ---- scenarios ---- */

enum state { STATE_NEITHER, STATE_OLD, STATE_NEW };

static const struct scenario {
	const char *name;
	bool has_old;
	bool is_link;
	mode_t mode;
} scenarios[] = {
	{ "replace", true, false, 0600 },
	{ "create", false, false, 0644 },
	{ "replace through a link", true, true, 0640 },
};

static const int errnos[] = { EIO, ENOSPC, EACCES, EROFS };

static struct arena arena;
static char old_data[DATA_BYTES], new_data[DATA_BYTES];
static const char *dir, *path, *target;

static void
empty_dir(const char *name)
{
	DIR *d = opendir(name);

	for (struct dirent *de; d && (de = readdir(d));)
		if (de->d_name[0] != '.' || strlen(de->d_name) > 2)
			T_EQ(unlinkat(dirfd(d), de->d_name, 0), 0);
	T_OK(d && closedir(d) == 0);
}

/* Files in the directory that are neither the target nor the link. */
static unsigned
strays(void)
{
	DIR *d = opendir(dir);
	unsigned n = 0;

	for (struct dirent *de; d && (de = readdir(d));)
		n += strcmp(de->d_name, ".") != 0 && strcmp(de->d_name, "..") != 0 && strcmp(de->d_name, "file") != 0 &&
		     strcmp(de->d_name, "link") != 0;
	T_OK(d && closedir(d) == 0);
	return n;
}

static void
set_up(const struct scenario *s)
{
	struct err e = ERR_INIT;

	empty_dir(dir);
	if (s->has_old)
		T_CALL(file_save(target, str_from(old_data, DATA_BYTES), 0600, &e));
	/* Somebody else's: that it stays theirs is one call more. */
	if (s->has_old && geteuid() == 0)
		T_EQ(chown(target, OTHER_UID, OTHER_UID), 0);
	if (s->is_link)
		T_EQ(symlink("file", path), 0);
}

static enum state
look(const struct scenario *s)
{
	AUTO(buf) struct buf b = BUF_INIT(DATA_BYTES);
	struct err e = ERR_INIT;
	struct stat st;

	if (s->is_link && (lstat(path, &st) < 0 || !S_ISLNK(st.st_mode)))
		return STATE_NEITHER;
	if (file_read(path, &b, &e) < 0)
		return e.code == ERR_NOT_FOUND && !s->has_old ? STATE_OLD : STATE_NEITHER;
	if (b.n != DATA_BYTES || stat(path, &st) < 0)
		return STATE_NEITHER;
	if (s->has_old && memcmp(b.p, old_data, DATA_BYTES) == 0)
		return STATE_OLD;
	return memcmp(b.p, new_data, DATA_BYTES) == 0 && (st.st_mode & 07777) == s->mode ? STATE_NEW : STATE_NEITHER;
}

static int
save(const struct scenario *s, struct err *e)
{
	int rc;

	fault.calls = 0;
	memset(fault.trace, 0, sizeof fault.trace);
	fault.armed = true;
	rc = file_save(path, str_from(new_data, DATA_BYTES), s->mode, e);
	fault.armed = false;
	return rc;
}

static void
no_faults(size_t write_max)
{
	fault.fail_at = fault.kill_at = fault.eintr_every = 0;
	fault.write_max = write_max;
}

/* The order of the calls is what holds when the power fails: data, then name, then directory. */
static unsigned
test_order(const struct scenario *s, size_t write_max)
{
	struct err e = ERR_INIT;
	char want[CALLS_MAX], writes[CALLS_MAX];
	size_t n_writes = (DATA_BYTES + write_max - 1) / write_max;

	t_row("%s, writes of %zu: the order of the calls", s->name, write_max);
	set_up(s);
	no_faults(write_max);
	T_CALL(save(s, &e));
	T_EQ(look(s), STATE_NEW);
	T_EQ(strays(), 0);
	memset(writes, 'w', n_writes);
	snprintf(want, sizeof want, "lgti%sm%.*sscrdsc", s->has_old && geteuid() == 0 ? "o" : "", (int)n_writes, writes);
	T_STR(fault.trace, want);
	return fault.calls;
}

static void
test_failures(const struct scenario *s, unsigned n_calls)
{
	unsigned reported = 0;

	t_row("%s: each of %u calls fails with each of %zu errors", s->name, n_calls, ARRAY_LEN(errnos));
	for (unsigned n = 1; n <= n_calls; n++) {
		for (size_t k = 0; k < ARRAY_LEN(errnos); k++) {
			struct err e = ERR_INIT;
			enum state state;
			int rc;

			set_up(s);
			fault.fail_at = n;
			fault.sys = errnos[k];
			rc = save(s, &e);
			state = look(s);
			reported += rc < 0;
			if (rc < 0 ? strays() > 0 || e.msg[0] == '\0' : state != STATE_NEW)
				T_FAIL("call %u (%c): rc %d, state %d, %u strays", n, fault.trace[n - 1], rc, (int)state, strays());
			/* Only what comes after the rename may be reported with the new file in place. */
			if (state != (rc < 0 && !strchr(fault.trace, 'd') ? STATE_OLD : STATE_NEW))
				T_FAIL("call %u (%c): rc %d, state %d", n, fault.trace[n - 1], rc, (int)state);
		}
	}
	/* The last call closes the directory, which has nothing left to fail for. */
	T_EQ(reported, (n_calls - 1) * ARRAY_LEN(errnos));
	fault.fail_at = 0;
}

static void
test_kills(const struct scenario *s, unsigned n_calls)
{
	unsigned seen[3] = { 0 };

	t_row("%s: killed before each of %u calls", s->name, n_calls);
	for (unsigned n = 1; n <= n_calls; n++) {
		struct err e = ERR_INIT;
		enum state state;
		int status;
		pid_t pid;

		set_up(s);
		fault.kill_at = n;
		pid = fork();
		if (pid == 0)
			_exit(save(s, &e) < 0);
		fault.kill_at = 0;
		T_EQ(waitpid(pid, &status, 0), pid);
		T_OK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
		state = look(s);
		seen[state]++;
		if (state == STATE_NEITHER || strays() > 1)
			T_FAIL("killed before call %u: state %d, %u strays", n, (int)state, strays());
		/* The next command is not disturbed by what the killed one left. */
		T_CALL(save(s, &e));
		T_EQ(look(s), STATE_NEW);
	}
	T_OK(seen[STATE_OLD] > 0 && seen[STATE_NEW] > 0);
}

static void
test_interrupted(const struct scenario *s)
{
	for (unsigned every = 2; every <= 5; every++) {
		struct err e = ERR_INIT;

		t_row("%s: every call number %u interrupted, short writes", s->name, every);
		set_up(s);
		no_faults(777);
		fault.eintr_every = every;
		T_CALL(save(s, &e));
		T_EQ(look(s), STATE_NEW);
	}
	no_faults(777);
}

int
main(void)
{
	bool is_long = getenv("OCC_LONG") != NULL;
	size_t write_max[] = { DATA_BYTES, is_long ? 31 : 1500 };

	memset(old_data, 'o', DATA_BYTES);
	memset(new_data, 'n', DATA_BYTES);
	dir = t_tmpdir();
	target = arena_printf(&arena, "%s/file", dir);
	for (size_t i = 0; i < ARRAY_LEN(scenarios); i++) {
		const struct scenario *s = &scenarios[i];

		path = s->is_link ? arena_printf(&arena, "%s/link", dir) : target;
		for (size_t k = 0; k < ARRAY_LEN(write_max); k++) {
			unsigned n_calls = test_order(s, write_max[k]);

			test_failures(s, n_calls);
			test_kills(s, n_calls);
		}
		test_interrupted(s);
	}
	arena_fini(&arena);
	return t_done();
}
