/* note_file.c - saved, loaded, removed */
#include "lib/deploy/note_file.h"

#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/path.h"

#define MODE 0600
#define AHEAD_S 86400

int
note_save(const struct scope *s, const char *name, struct buf *text, struct err *e)
{
	AUTO(arena) struct arena a = ARENA_INIT;

	buf_putc(text, '\n');
	return buf_check(text, name, e) < 0 ? -1 : file_save(path_join(&a, s->state_dir, name), buf_str(text), MODE, e);
}

int
note_load(struct arena *a, const struct scope *s, const char *name, size_t max_bytes, const struct json **ret, struct err *e)
{
	AUTO(buf) struct buf text = BUF_INIT(max_bytes);
	const char *path = path_join(a, s->state_dir, name);

	*ret = NULL;
	if (file_read(path, &text, e) < 0) {
		if (e->code != ERR_NOT_FOUND)
			return -1;
		err_clear(e);
		return 0;
	}
	*ret = json_parse(a, buf_str(&text), e);
	if (*ret)
		return 1;
	e->code = ERR_CONFIG;
	return err_wrap(e, "%s", path_tilde(a, path, s->home));
}

int64_t
note_epoch_s(const struct json *j, const char *name)
{
	int64_t s = json_int(json_get(j, name), 0);

	return s > clock_epoch_s() + AHEAD_S ? 0 : s;
}

int
note_remove(const struct scope *s, const char *name, struct err *e)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	const char *path = path_join(&a, s->state_dir, name);

	if (!file_exists(path))
		return 0;
	/* What comes next may rely on its being gone, after a loss of power as well. */
	return file_remove(path, e) < 0 ? -1 : file_sync_dir(s->state_dir, e);
}
