/* backup_list.c - the backups' directory, and a look into one of its files */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/base/path.h"
#include "lib/deploy/backup.h"
#include "lib/deploy/backup_read.h"
#include "lib/deploy/helper.h"
#include "lib/deploy/restore_mark.h"

#define LATEST "latest"
#define FIRST_FILES 32

/* ---- the directory ---- */

static int
newest_first(const void *pa, const void *pb)
{
	const struct backup_file *a = pa, *b = pb;

	return (a->created_epoch_s < b->created_epoch_s) - (a->created_epoch_s > b->created_epoch_s);
}

static void
add(struct arena *a, struct backup_file **v, size_t *n, const struct backup_file *f)
{
	if (*n == 0 || (*n >= FIRST_FILES && (*n & (*n - 1)) == 0)) {
		struct backup_file *more = arena_zero(a, (*n ? 2 * *n : FIRST_FILES) * sizeof *more);

		if (*n)
			memcpy(more, *v, *n * sizeof *more);
		*v = more;
	}
	(*v)[(*n)++] = *f;
}

int
backup_list(struct service *s, struct backup_file **ret, size_t *ret_n, struct err *e)
{
	const char *dir = s->scope.backups_dir;
	DIR *d = opendir(dir);
	struct dirent *entry;

	*ret = NULL;
	*ret_n = 0;
	if (!d && errno == ENOENT)
		return 0;
	if (!d)
		return err_sys(e, "read %s", dir);
	while ((entry = readdir(d))) {
		struct backup_file f = { .name = entry->d_name };
		struct stat st;

		if (!backup_file_name(str_of(entry->d_name), s->scope.instance, &f.created_epoch_s))
			continue;
		f.path = path_join(s->arena, dir, entry->d_name);
		f.name = path_base(f.path);
		if (stat(f.path, &st) < 0 || !S_ISREG(st.st_mode))
			continue;
		f.n_bytes = (uint64_t)st.st_size;
		add(s->arena, ret, ret_n, &f);
	}
	closedir(d);
	if (*ret_n > 1)
		qsort(*ret, *ret_n, sizeof **ret, newest_first);
	return 0;
}

static int
no_such(struct service *s, const char *what, struct err *e)
{
	err_set(e, ERR_NOT_FOUND, "there is no backup %s", what);
	err_note(e, "looked in", "%s, and for a file of that name", path_tilde(s->arena, s->scope.backups_dir, s->scope.home));
	return err_note(e, "try", "occ backup list");
}

int
backup_find(struct service *s, const char *what, const char **ret_path, struct err *e)
{
	struct backup_file *v;
	size_t n;

	if (backup_list(s, &v, &n, e) < 0)
		return -1;
	if (strcmp(what, LATEST) == 0) {
		*ret_path = n ? v[0].path : NULL;
		return n ? 0 : no_such(s, what, e);
	}
	for (size_t i = 0; i < n; i++) {
		if (strcmp(v[i].name, what) == 0) {
			*ret_path = v[i].path;
			return 0;
		}
	}
	*ret_path = path_absolute(s->arena, what, e);
	if (!*ret_path)
		return -1;
	return file_exists(*ret_path) ? 0 : no_such(s, what, e);
}

int
backup_prune(struct service *s, size_t keep, struct strlist *ret_removed, struct err *e)
{
	struct backup_file *v;
	size_t n;

	AUTO(file_lock) struct file_lock lock = FILE_LOCK_INIT;
	struct restore_mark m;

	if (helper_lock(&lock, s, "backup prune", e) < 0 || backup_list(s, &v, &n, e) < 0 || restore_mark_get(s->arena, &s->scope, &m, e) < 0)
		return -1;
	for (size_t i = keep; i < n; i++) {
		if (strcmp(v[i].path, m.from) == 0 || strcmp(v[i].path, m.before) == 0)
			continue;
		if (file_remove(v[i].path, e) < 0)
			return -1;
		strlist_add(s->arena, ret_removed, v[i].name);
	}
	return 0;
}

/* ---- a file ---- */

static ssize_t
read_input(void *ctx, void *p, size_t n, struct err *e)
{
	struct backup_input *in = ctx;
	ssize_t got = fd_read(in->fd, p, n, CLOCK_NEVER, e);
	AUTO(buf) struct buf text = BUF_INIT(64);

	if (got < 0)
		return err_wrap(e, "read %s", in->path);
	in->n_read += (uint64_t)got;
	if (!in->report || !in->report->progress || in->n_read - in->n_told < BACKUP_PROGRESS_EVERY)
		return got;
	in->n_told = in->n_read;
	buf_printf(&text, "%s %llu %%", in->verb, (unsigned long long)(in->size ? in->n_read * 100 / in->size : 100));
	in->report->progress(in->report->ctx, "Backup", text.p);
	return got;
}

void
backup_input_auto(struct backup_input *in)
{
	fd_auto(&in->fd);
}

int
backup_input_open(struct backup_input *in, const char *path, bool is_twice, const struct plan_report *report, struct err *e)
{
	struct stat st;

	*in = (struct backup_input){ .fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), .path = path, .report = report };
	if (in->fd < 0 || fstat(in->fd, &st) < 0)
		return err_sys(e, "open %s", path);
	if (is_twice && !S_ISREG(st.st_mode)) {
		err_set(e, ERR_USAGE, "%s is no file: it is read more than once", path);
		return err_note(e, "try", "save it to a file first");
	}
	in->size = S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
	return 0;
}

struct source
backup_input_source(struct backup_input *in, const char *verb)
{
	in->verb = verb;
	return (struct source){ .read = read_input, .ctx = in };
}

int
backup_input_rewind(struct backup_input *in, struct err *e)
{
	in->n_read = in->n_told = 0;
	return lseek(in->fd, 0, SEEK_SET) < 0 ? err_sys(e, "read %s again", in->path) : 0;
}

int
backup_check(struct service *s, struct backup_input *in, struct backup_result *ret, struct err *e)
{
	AUTO(backup_reader) struct backup_reader r = BACKUP_READER_INIT;
	enum backup_part part;
	struct str name;
	int got;

	*ret = (struct backup_result){ .path = in->path };
	if (scope_prepare_state(&s->scope, e) < 0)
		return -1;
	got = backup_reader_open(&r, backup_input_source(in, "reading"), s->scope.state_dir, s->arena, e);
	while (got >= 0 && (got = backup_reader_next(&r, &part, &name, e)) > 0)
		;
	if (got < 0) {
		err_wrap(e, "%s", path_tilde(s->arena, in->path, s->scope.home));
		return e->code == ERR_PARSE ? err_note(e, "changed", "nothing: it is damaged, or no backup of this program") : -1;
	}
	ret->head = r.head;
	ret->n_entries = r.n_entries;
	ret->n_bytes = r.n_bytes;
	ret->n_packed = in->n_read;
	return 0;
}
