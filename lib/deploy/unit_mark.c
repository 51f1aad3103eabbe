/* unit_mark.c - the copy of the program, and notes of what an install made */
#include "lib/deploy/unit_mark.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/path.h"
#include "lib/proc/self.h"

#define PROGRAM_BYTES_MAX (64u << 20)
#define MARK_NAME ".copied-by-service-install"

bool
unit_mark_is_same(const char *path, const char *other)
{
	AUTO(buf) struct buf a = BUF_INIT(PROGRAM_BYTES_MAX);
	AUTO(buf) struct buf b = BUF_INIT(PROGRAM_BYTES_MAX);
	struct err ignored = ERR_INIT;

	return file_read(path, &a, &ignored) == 0 && file_read(other, &b, &ignored) == 0 && str_eq(buf_str(&a), buf_str(&b));
}

static const char *
mark_of(struct arena *a, const char *copy)
{
	return path_join(a, path_dir(a, copy), MARK_NAME);
}

bool
unit_mark_exists(struct arena *a, const char *copy)
{
	return file_exists(mark_of(a, copy)) && file_exists(copy);
}

int
unit_mark_copy(const char *to, struct err *e)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	AUTO(buf) struct buf bytes = BUF_INIT(PROGRAM_BYTES_MAX);
	const char *from = self_open_path(&a, e);
	bool is_ours = !file_exists(to);

	if (!from || file_read(from, &bytes, e) < 0)
		return err_wrap(e, "read this program");
	if (file_mkdirs(path_dir(&a, to), 0755, e) < 0)
		return -1;
	if (is_ours && file_save(mark_of(&a, to), STR_LIT("occ service install copied the program here; occ service uninstall removes it\n"), 0644, e) < 0)
		return -1;
	return file_save(to, buf_str(&bytes), 0755, e);
}

int
unit_mark_remove(const char *copy, struct err *e)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	const char *dir = path_dir(&a, copy);

	if (file_remove(copy, e) < 0 || file_remove(mark_of(&a, copy), e) < 0)
		return -1;
	if (rmdir(dir) < 0 && errno != ENOTEMPTY && errno != EEXIST && errno != ENOENT)
		return err_sys(e, "remove %s", dir);
	return 0;
}

/* In the default instance's state, whichever asks. */
const char *
unit_mark_linger(struct arena *a, const struct scope *s)
{
	const char *dir = s->state_dir;

	if (strcmp(s->instance, SCOPE_DEFAULT_INSTANCE) != 0)
		dir = path_dir(a, path_dir(a, dir));
	return path_join(a, dir, "service-linger");
}
