/* import_source.c - a walk by descriptors: each directory is opened in the one above it */
#include "lib/deploy/import_source.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/cancel.h"
#include "lib/base/fd.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/base/path.h"
#include "lib/deploy/service.h"

#define NAME_BYTES_MAX 8192
#define DIR_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

/* Whoever has a database of SQLite's open holds a lock: on the file itself (from PENDING_BYTE on, os.h), or, in WAL mode, on the byte behind the eight of the index's locks
 * (UNIX_SHM_DMS, os_unix.c). */
#define DB_LOCK_AT 0x40000000
#define DB_LOCK_BYTES 512
#define SHM_LOCK_AT 120
#define SHM_LOCK_BYTES 9

/* In the container's home, and in anybody's. */
static const char *const homes[] = { [IMPORT_DATA] = ".local/share/opencode", [IMPORT_CONFIG] = ".config/opencode", [IMPORT_STATE] = ".local/state/opencode" };

struct walk {
	struct arena *a;
	const struct import_dir *at;	/* that is gone through */
	const struct import_visit *v;
	struct import_seen *seen;
	struct err *e;
	unsigned dir;			/* its number */
	struct buf name;		/* in the container's home */
};

static void
walk_auto(struct walk *w)
{
	buf_fini(&w->name);
}

int
import_source_find(struct arena *a, const struct scope_request *rq, const char *from, struct import_source *ret, struct err *e)
{
	const char *const xdg[] = { [IMPORT_DATA] = rq->xdg_data_home, [IMPORT_CONFIG] = rq->xdg_config_home, [IMPORT_STATE] = rq->xdg_state_home };
	const char *home = path_absolute(a, from ? from : rq->home ? rq->home : "~/", e);

	if (!home)
		return -1;
	for (unsigned i = 0; i < IMPORT__N; i++) {
		bool is_xdg = !from && xdg[i] && xdg[i][0] == '/';
		struct import_dir *d = &ret->dirs[i];

		*d = (struct import_dir){ .base = is_xdg ? xdg[i] : home, .rest = is_xdg ? "opencode" : homes[i] };
		d->path = path_join(a, d->base, d->rest);
	}
	return 0;
}

bool
import_source_skips(const char *name)
{
	static const char *const skipped[] = { ".local/share/opencode/log", ".local/share/opencode/bin", ".local/share/opencode/worktree", ".local/state/opencode/locks" };

	for (size_t i = 0; i < ARRAY_LEN(skipped); i++) {
		if (strcmp(name, skipped[i]) == 0)
			return true;
	}
	return strcmp(path_base(name), "node_modules") == 0;
}

/* ---- one entry ---- */

/* The original, as people know it. */
static const char *
shown(const struct walk *w)
{
	struct str below = str_skip(buf_str(&w->name), strlen(homes[w->dir]));

	return path_join(w->a, w->at->path, arena_str(w->a, str_skip(below, 1)));
}

static int
leave_out(struct walk *w)
{
	if (w->seen->left_out.n < IMPORT_LEFT_OUT_MAX)
		strlist_add(w->a, &w->seen->left_out, shown(w));
	return 0;
}

static int
unreadable(struct walk *w)
{
	int cause = errno;
	const char *path = shown(w);

	errno = cause;
	return err_sys(w->e, "read %s", path);
}

static int
put(struct walk *w, const struct stat *st, enum tar_type type, struct str link, int fd)
{
	struct str name = buf_str(&w->name);
	bool is_login = str_has_suffix(name, "auth.json");
	const struct tar_entry t = { .name = name, .type = type, .mode = st->st_mode & (is_login ? 0700u : 0777u), .uid = SERVICE_UID, .gid = SERVICE_UID,
		.size = type == TAR_FILE ? (uint64_t)st->st_size : 0, .mtime_epoch_s = st->st_mtime, .link = link };

	if (type != TAR_DIR) {
		w->seen->n_files++;
		w->seen->n_bytes += t.size;
		/* A sum, for directories are read in any order. */
		w->seen->print += st->st_ino + t.size + (uint64_t)file_mtime_ns(st);
	}
	return w->v->entry ? w->v->entry(w->v->ctx, &t, fd, w->e) : 0;
}

static int
check_closed(struct walk *w, int fd, off_t at, off_t n)
{
	struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = at, .l_len = n };

	if (fcntl(fd, F_GETLK, &l) < 0)
		return unreadable(w);
	if (l.l_type == F_UNLCK)
		return 0;
	err_set(w->e, ERR_CONFLICT, "an opencode that runs here has %s open", shown(w));
	return err_note(w->e, "try", "end that opencode (process %ld), then again", (long)l.l_pid);
}

static int
put_file(struct walk *w, int in)
{
	AUTO(fd) int fd = openat(in, path_base(w->name.p), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct str name = buf_str(&w->name);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return unreadable(w);
	if (str_has_suffix(name, ".db-shm"))
		return check_closed(w, fd, SHM_LOCK_AT, SHM_LOCK_BYTES);		/* SQLite makes it anew */
	if (str_has_suffix(name, ".db") && check_closed(w, fd, DB_LOCK_AT, DB_LOCK_BYTES) < 0)
		return -1;
	return put(w, &st, TAR_FILE, STR_NULL, fd);
}

static int
put_link(struct walk *w, int in, const struct stat *st)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(in, path_base(w->name.p), target, sizeof target);

	return n < 0 ? unreadable(w) : put(w, st, TAR_SYMLINK, str_from(target, (size_t)n), -1);
}

/* ---- directories ---- */

static int walk_dir(struct walk *w, int *fd);

static int
walk_entry(struct walk *w, int in)
{
	const char *name = path_base(w->name.p);
	struct stat st;

	if (import_source_skips(w->name.p))
		return leave_out(w);
	if (fstatat(in, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return unreadable(w);
	if (S_ISLNK(st.st_mode))
		return put_link(w, in, &st);
	if (S_ISREG(st.st_mode))
		return put_file(w, in);
	if (!S_ISDIR(st.st_mode))
		return leave_out(w);
	AUTO(fd) int fd = openat(in, name, DIR_FLAGS);
	return walk_dir(w, &fd);
}

static int
walk_entries(struct walk *w, DIR *d)
{
	size_t n = w->name.n;
	struct dirent *entry;
	int r = 0;

	while (r == 0 && ((void)(errno = 0), entry = readdir(d))) {
		if (str_is(str_of(entry->d_name), ".") || str_is(str_of(entry->d_name), ".."))
			continue;
		buf_printf(&w->name, "/%s", entry->d_name);
		r = buf_check(&w->name, "a path", w->e) < 0 ? -1 : walk_entry(w, dirfd(d));
		buf_trunc(&w->name, n);
	}
	return r == 0 && errno != 0 ? unreadable(w) : r;
}

/* Takes *fd, which says in errno why there is none. Each one on the way down holds one: how many a process may have bounds the depth. */
static int
walk_dir(struct walk *w, int *fd)
{
	struct stat st;
	DIR *d;

	if (*fd < 0 || fstat(*fd, &st) < 0 || !(d = fdopendir(*fd)))
		return unreadable(w);
	(void)fd_take(fd);
	int r = cancel_check(w->e) < 0 || put(w, &st, TAR_DIR, STR_NULL, -1) < 0 ? -1 : walk_entries(w, d);
	closedir(d);
	return r;
}

static int
walk_root(struct walk *w)
{
	AUTO(fd) int fd = open(w->at->base, DIR_FLAGS & ~O_NOFOLLOW);
	struct str rest = str_of(w->at->rest);

	buf_reset(&w->name);
	buf_puts(&w->name, homes[w->dir]);
	while (fd >= 0 && rest.n > 0) {
		int next = openat(fd, arena_str(w->a, str_cut(&rest, '/')), DIR_FLAGS);

		fd_auto(&fd);
		fd = next;
	}
	if (fd < 0 && errno == ENOENT)
		return 0;
	w->seen->is_there[w->dir] = true;
	if (fd < 0 && (errno == ENOTDIR || errno == ELOOP))
		return err_set(w->e, ERR_REFUSED, "%s is a link or behind one, which is not followed", w->at->path);
	return walk_dir(w, &fd);
}

int
import_source_walk(struct arena *a, const struct import_source *src, const struct import_visit *v, struct import_seen *ret, struct err *e)
{
	AUTO(walk) struct walk w = { .a = a, .v = v, .seen = ret, .e = e, .name = BUF_INIT(NAME_BYTES_MAX) };

	*ret = (struct import_seen){ .n_bytes = 0 };
	for (w.dir = 0; w.dir < IMPORT__N; w.dir++) {
		w.at = &src->dirs[w.dir];
		if (walk_root(&w) < 0)
			return -1;
	}
	if (ret->is_there[IMPORT_DATA])
		return 0;
	err_set(e, ERR_NOT_FOUND, "there is no opencode to import: no %s", src->dirs[IMPORT_DATA].path);
	return err_note(e, "try", "occ import --from DIR   (another home)");
}
