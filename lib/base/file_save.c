/*
 * file_save.c - replaces a file so that a crash leaves the old one or the new one
 *
 * The order is the point: the data is on disk (fsync) before the name leads to it (rename), and the name is on
 * disk (fsync of the directory) before success is reported. A failure before the rename removes the temporary file
 * and leaves the old one; one after it (only the directory's fsync) is reported with the new one in place.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/base/file.h"
#include "lib/base/path.h"
#include "lib/base/rand.h"

/* NAME_MAX is 255: dot, name, dot, 12 digits, ".tmp" */
#define BASE_MAX 200
#define LINK_BYTES 4096

struct save {
	struct arena a;
	const char *target;	/* what is replaced: path, or what the link at path names */
	const char *dir;
	const char *temp;	/* NULL when there is no temporary file to remove */
};

/* Removes what a failure left; errno and the error are the caller's. */
static void
save_auto(struct save *s)
{
	if (s->temp)
		unlink(s->temp);
	arena_fini(&s->a);
}

/* One step along a link, relative to the directory of the link. */
static const char *
follow_once(struct arena *a, const char *path, struct err *e)
{
	char link[LINK_BYTES];
	ssize_t n = readlink(path, link, sizeof link);

	if (n < 0 && (errno == EINVAL || errno == ENOENT))
		return path;
	if (n < 0) {
		err_sys(e, "read link %s", path);
		return NULL;
	}
	if ((size_t)n >= sizeof link) {
		err_set(e, ERR_TOO_BIG, "the link %s leads to a name of more than %d bytes", path, LINK_BYTES - 1);
		return NULL;
	}
	return path_join(a, path_dir(a, path), arena_str(a, str_from(link, (size_t)n)));
}

static int
open_temp(struct save *s, struct err *e)
{
	AUTO(buf) struct buf tag = BUF_INIT(16);
	const char *name;
	int fd;

	if (rand_hex(&tag, 6, e) < 0)
		return -1;
	name = arena_printf(&s->a, ".%.*s.%s.tmp", BASE_MAX, path_base(s->target), tag.p);
	name = path_join(&s->a, s->dir, name);
	fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_sys(e, "create %s", name);
	s->temp = name;
	return fd;
}

/* What root makes anew in somebody's directory is theirs: their programs have to read it. Where root is confined it stays as it is. */
static void
own_as_directory(int fd, const char *target)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	struct stat dir;

	if (stat(path_dir(&a, target), &dir) == 0 && dir.st_uid != 0)
		(void)!fchown(fd, dir.st_uid, dir.st_gid);
}

/* Owner before mode: chown takes set-id bits away, and the data must not be readable by a wrong group in between. */
static int
set_owner_and_mode(int fd, const char *target, mode_t mode, struct err *e)
{
	struct stat old;
	bool is_there = lstat(target, &old) == 0;

	if (!is_there && errno != ENOENT)
		return err_sys(e, "stat %s", target);
	/* Only where it changes something: a confined root may not chown at all. */
	if (is_there && geteuid() == 0 && (old.st_uid != 0 || old.st_gid != getegid()) && fchown(fd, old.st_uid, old.st_gid) < 0)
		return err_sys(e, "set the owner of %s", target);
	if (!is_there && geteuid() == 0)
		own_as_directory(fd, target);
	if (fchmod(fd, mode) < 0)
		return err_sys(e, "set the mode of %s", target);
	return 0;
}

/* EINTR must not tear a save that began, so cancellation does not come into it. */
static int
write_all(int fd, struct str data, const char *path, struct err *e)
{
	while (data.n > 0) {
		ssize_t n = write(fd, data.p, data.n);

		if (n >= 0)
			data = str_skip(data, (size_t)n);
		else if (errno != EINTR)
			return err_sys(e, "write %s", path);
	}
	return 0;
}

static int
sync_fd(int fd)
{
	int rc;

	do
		rc = fsync(fd);
	while (rc < 0 && errno == EINTR);
	return rc;
}

/* Some file systems (shares of virtual machines, FUSE) know no fsync of a directory; there is nothing better there. */
int
file_sync_dir(const char *dir, struct err *e)
{
	AUTO(fd) int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return err_sys(e, "open directory %s", dir);
	if (sync_fd(fd) < 0 && errno != EINVAL && errno != ENOTSUP)
		return err_sys(e, "sync directory %s", dir);
	return 0;
}

int
file_save(const char *path, struct str data, mode_t mode, struct err *e)
{
	__attribute__((cleanup(save_auto))) struct save s = { .a = ARENA_INIT };
	AUTO(fd) int fd = -1;

	s.target = follow_once(&s.a, path, e);
	if (!s.target)
		return -1;
	s.dir = path_dir(&s.a, s.target);
	fd = open_temp(&s, e);
	if (fd < 0)
		return -1;
	if (set_owner_and_mode(fd, s.target, mode, e) < 0 || write_all(fd, data, path, e) < 0)
		return -1;
	if (sync_fd(fd) < 0)
		return err_sys(e, "sync %s", path);
	if (fd_close(&fd, path, e) < 0)
		return -1;
	if (rename(s.temp, s.target) < 0)
		return err_sys(e, "rename to %s", path);
	s.temp = NULL;
	return file_sync_dir(s.dir, e);
}

int
file_save_new(const char *path, struct str data, mode_t mode, struct err *e)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);

	if (fd < 0)
		return err_sys(e, "make %s", path);
	close(fd);
	if (file_save(path, data, mode, e) == 0)
		return 0;
	(void)unlink(path);
	return -1;
}
