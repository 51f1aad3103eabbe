/*
 * file_lock.c - an advisory lock with a record of who holds it
 *
 * flock(2) knows no deadline, so it is asked again and again: the holder may be a command of minutes, and a person who
 * waits does not see a twentieth of a second. The lock goes with the descriptor, so a killed holder never blocks.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/base/file.h"

#define ASK_AGAIN_MS 50
#define RECORD_MAX 256

static int
sleep_until(int64_t due_ms, struct err *e)
{
	if (fd_wait_many(NULL, 0, due_ms, e) < 0 && e->code != ERR_TIMEOUT)
		return -1;
	return 0;
}

/* What the holder wrote into the file, as a note; a file without a record gives none. */
static int
held_by(int fd, const char *path, struct err *e)
{
	char text[RECORD_MAX];
	ssize_t n = pread(fd, text, sizeof text, 0);
	struct str record = str_trim(str_from(text, n > 0 ? (size_t)n : 0));

	err_set(e, ERR_LOCKED, "%s is held by another command", path);
	if (record.n > 0)
		err_note(e, "held by", STR_FMT, STR_ARG(record));
	return -1;
}

/* 1 taken, 0 held by another, -1. */
static int
try_lock(int fd, const char *path, struct err *e)
{
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return 1;
	if (errno == EWOULDBLOCK || errno == EINTR)
		return 0;
	return err_sys(e, "lock %s", path);
}

/* A lock on a file that has lost its name (somebody removed it) would be a lock nobody else sees. */
static bool
is_still_there(int fd, const char *path)
{
	struct stat open_st, path_st;

	return fstat(fd, &open_st) == 0 && stat(path, &path_st) == 0 && open_st.st_ino == path_st.st_ino &&
	       open_st.st_dev == path_st.st_dev;
}

int
file_lock_open(struct file_lock *l, const char *path, int64_t due_ms, struct err *e)
{
	for (;;) {
		AUTO(fd) int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		int taken;
		int64_t now_ms;

		if (fd < 0)
			return err_sys(e, "open lock %s", path);
		taken = try_lock(fd, path, e);
		if (taken < 0)
			return -1;
		if (taken && is_still_there(fd, path)) {
			l->fd = fd_take(&fd);
			return 0;
		}
		now_ms = clock_now_ms();
		if (!taken && now_ms >= due_ms)
			return held_by(fd, path, e);
		if (!taken && sleep_until(due_ms - now_ms < ASK_AGAIN_MS ? due_ms : now_ms + ASK_AGAIN_MS, e) < 0)
			return -1;
	}
}

/* Written before it is cut to length: whoever reads in between finds the new record's beginning, never nothing. */
int
file_lock_record(struct file_lock *l, struct str text, struct err *e)
{
	ssize_t n = pwrite(l->fd, text.p, text.n, 0);

	if (n < 0 || (size_t)n != text.n || ftruncate(l->fd, (off_t)text.n) < 0)
		return err_sys(e, "write the lock's record");
	return 0;
}

bool
file_lock_is_held(const char *path)
{
	AUTO(fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	/* Shared: two who ask do not take each other for a holder; the lock goes with the descriptor. */
	return fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
}

void
file_lock_auto(struct file_lock *l)
{
	int emptied;

	if (l->fd < 0)
		return;
	/* A record that stays does no harm: the next holder overwrites it. */
	emptied = ftruncate(l->fd, 0);
	(void)emptied;
	fd_auto(&l->fd);
}
