/* file.c - reading whole files, directories, and small questions to the file system */
#include "lib/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/base/path.h"

/* err_sys for a path: absence is a code of its own, because callers care. */
static int
fail(struct err *e, const char *verb, const char *path)
{
	if (errno == ENOENT || errno == ENOTDIR)
		return err_set(e, ERR_NOT_FOUND, "%s %s: %s", verb, path, strerror(errno));
	return err_sys(e, "%s %s", verb, path);
}

/* O_NONBLOCK, so that a pipe in the file's place cannot hold us; it means nothing for a regular file. */
static int
open_regular(const char *path, int flags, struct stat *ret_st, struct err *e)
{
	AUTO(fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | flags);

	if (fd < 0 && errno == ELOOP && (flags & O_NOFOLLOW))
		return err_set(e, ERR_REFUSED, "%s is a symbolic link, and a file of secrets may not be one", path);
	if (fd < 0)
		return fail(e, "open", path);
	if (fstat(fd, ret_st) < 0)
		return err_sys(e, "stat %s", path);
	if (!S_ISREG(ret_st->st_mode))
		return err_set(e, ERR_FAIL, "%s is not a regular file", path);
	return fd_take(&fd);
}

/* Room for all of it first, so that a secret is not copied about in the heap by growing. */
static int
read_open(int fd, const char *path, off_t size, struct buf *b, struct err *e)
{
	if (size > 0 && (uintmax_t)size <= b->ceiling - b->n && !buf_room(b, (size_t)size))
		return buf_check(b, path, e);
	if (fd_read_all(fd, b, CLOCK_NEVER, e) < 0)
		return err_wrap(e, "read %s", path);
	return 0;
}

int
file_read(const char *path, struct buf *b, struct err *e)
{
	struct stat st = { 0 };
	AUTO(fd) int fd = open_regular(path, 0, &st, e);

	if (fd < 0)
		return -1;
	return read_open(fd, path, st.st_size, b, e);
}

/* ---- private files ---- */

static bool
is_ours(const struct stat *st)
{
	return st->st_uid == geteuid() || st->st_uid == 0;
}

static int
refuse_owner(const char *path, const struct stat *st, struct err *e)
{
	err_set(e, ERR_REFUSED, "%s belongs to user id %ju, not to user id %ju that reads it", path, (uintmax_t)st->st_uid,
		(uintmax_t)geteuid());
	return err_note(e, "try", "chown %ju %s", (uintmax_t)geteuid(), path);
}

static int
check_private_dir(const char *dir, struct err *e)
{
	struct stat st;

	if (stat(dir, &st) < 0)
		return fail(e, "stat", dir);
	if (!is_ours(&st))
		return refuse_owner(dir, &st, e);
	if (st.st_mode & (S_IWGRP | S_IWOTH)) {
		err_set(e, ERR_REFUSED, "%s holds secrets, and others may write in it (mode %04o)", dir,
			(unsigned)st.st_mode & 07777u);
		return err_note(e, "try", "chmod 700 %s", dir);
	}
	return 0;
}

int
file_read_private(const char *path, struct buf *b, struct err *e)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	struct stat st = { 0 };
	AUTO(fd) int fd = open_regular(path, O_NOFOLLOW, &st, e);

	if (fd < 0)
		return -1;
	/* Root reads what root's own directory holds for another user (a service that runs as one): only root can have put it there. */
	if (!is_ours(&st) && geteuid() != 0)
		return refuse_owner(path, &st, e);
	if (st.st_mode & (S_IRWXG | S_IRWXO)) {
		err_set(e, ERR_REFUSED, "%s holds secrets, and others may read it (mode %04o)", path,
			(unsigned)st.st_mode & 07777u);
		return err_note(e, "try", "chmod 600 %s", path);
	}
	if (check_private_dir(path_dir(&a, path), e) < 0)
		return -1;
	return read_open(fd, path, st.st_size, b, e);
}

/* ---- directories and the rest ---- */

static bool
is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* chmod after mkdir, because the umask has its say in mkdir. */
static int
make_dir(const char *path, mode_t mode, struct err *e)
{
	if (is_dir(path))
		return 0;
	if (mkdir(path, mode & 0700) < 0) {
		int sys = errno;

		if (sys == EEXIST && is_dir(path))
			return 0;	/* somebody was faster */
		errno = sys == EEXIST ? ENOTDIR : sys;
		return err_sys(e, "make directory %s", path);
	}
	if (chmod(path, mode) < 0)
		return err_sys(e, "set the mode of %s", path);
	return 0;
}

int
file_mkdirs(const char *path, mode_t mode, struct err *e)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	char *whole = arena_strdup(&a, path);

	if (is_dir(path))
		return 0;
	for (size_t i = 1; whole[0] && whole[i]; i++) {
		if (whole[i] != '/' || whole[i - 1] == '/')
			continue;
		whole[i] = '\0';
		if (make_dir(whole, mode, e) < 0)
			return -1;
		whole[i] = '/';
	}
	return make_dir(path, mode, e);
}

bool
file_exists(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0;
}

int
file_remove(const char *path, struct err *e)
{
	if (unlink(path) < 0 && errno != ENOENT)
		return err_sys(e, "remove %s", path);
	return 0;
}

int
file_free_bytes(const char *path, uint64_t *ret_bytes, struct err *e)
{
	struct statvfs v;

	if (statvfs(path, &v) < 0)
		return fail(e, "free space at", path);
	*ret_bytes = (uint64_t)v.f_bavail * (uint64_t)v.f_frsize;
	return 0;
}

int
file_scratch(const char *dir, struct err *e)
{
	AUTO(buf) struct buf path = BUF_INIT(PATH_MAX);

	buf_printf(&path, "%s/.scratch-XXXXXX", dir);
	if (buf_check(&path, "the name of a temporary file", e) < 0)
		return -1;
	int fd = mkostemp(path.p, O_CLOEXEC);
	if (fd < 0)
		return err_sys(e, "make a temporary file in %s", dir);
	(void)unlink(path.p);
	return fd;
}
