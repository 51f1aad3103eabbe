/*
 * file.h - reading whole files, and writing them so that a crash leaves the old one or the new one
 *
 * A save is: temporary file in the same directory (O_CREAT|O_EXCL|O_NOFOLLOW|O_CLOEXEC), write, fsync, rename, fsync of
 * the directory; the temporary file is removed on every failure. Disk waits have no deadline: the kernel gives none.
 */
#ifndef OCC_BASE_FILE_H
#define OCC_BASE_FILE_H

#include <sys/types.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"

/* Reads a regular file into b (appended; its ceiling bounds it). ERR_NOT_FOUND when absent. */
int file_read(const char *path, struct buf *b, struct err *e) MUST_CHECK;

/* As file_read, for secrets: refuses (ERR_REFUSED, with the chmod that cures it) a file that is not a regular file of ours (or
 * root's) or whose mode lets group or others in, or whose directory lets them write. */
int file_read_private(const char *path, struct buf *b, struct err *e) MUST_CHECK;

/* Replaces path by data with this mode; an existing file keeps its owner when we are root. A symlink at path is
 * followed once, so that a link into a dotfiles tree stays a link. */
int file_save(const char *path, struct str data, mode_t mode, struct err *e) MUST_CHECK;

/* The same where nothing is yet: the name is made first, so that nobody's file is replaced. ERR_SYS with EEXIST when it is taken; a failure leaves nothing. */
int file_save_new(const char *path, struct str data, mode_t mode, struct err *e) MUST_CHECK;

/* After a rename of one's own in dir: its names are on disk. */
int file_sync_dir(const char *dir, struct err *e) MUST_CHECK;

int file_mkdirs(const char *path, mode_t mode, struct err *e) MUST_CHECK;	/* all missing parents; mode for each made */
bool file_exists(const char *path);
int file_remove(const char *path, struct err *e) MUST_CHECK;			/* absent is success */

/* A file in dir without a name, to write and to read again: it is gone when its descriptor is closed. The descriptor, or -1. */
int file_scratch(const char *dir, struct err *e) MUST_CHECK;

/* Of a stat(2): when its data was changed last, since the epoch. */
struct stat;
int64_t file_mtime_ns(const struct stat *st);

/* Free bytes for an unprivileged writer on path's file system. */
int file_free_bytes(const char *path, uint64_t *ret_bytes, struct err *e) MUST_CHECK;

/* An advisory lock (flock) on a file that stays; the record inside is free text for whoever finds it taken. */
struct file_lock {
	int fd;
};
#define FILE_LOCK_INIT { .fd = -1 }
/* 0 taken; -1 with ERR_LOCKED when another process holds it past due_ms. */
int file_lock_open(struct file_lock *l, const char *path, int64_t due_ms, struct err *e) MUST_CHECK;
int file_lock_record(struct file_lock *l, struct str text, struct err *e) MUST_CHECK;
/* Does somebody hold it now? Asks without waiting; a file that is not there is held by nobody. */
bool file_lock_is_held(const char *path);
void file_lock_auto(struct file_lock *l);	/* releases; the file stays, emptied */

#endif
