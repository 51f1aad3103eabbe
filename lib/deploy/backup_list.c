/* backup_list.c - the backups' directory: what is there, found by name, pruned */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/base/path.h"
#include "lib/deploy/backup.h"
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
