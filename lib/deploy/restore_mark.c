/* restore_mark.c - "restore.json": which backup, and which one of before */
#include "lib/deploy/restore_mark.h"

#include "lib/base/file.h"
#include "lib/base/path.h"
#include "lib/json/json.h"
#include "lib/json/jsonw.h"

#define MARK "restore.json"
#define MARK_FORMAT 1
#define MARK_MAX 16384
#define MARK_MODE 0600

int
restore_mark_put(const struct scope *s, const char *from, const char *before, struct err *e)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	AUTO(buf) struct buf text = BUF_INIT(MARK_MAX);
	struct jsonw w = JSONW_INIT(&text, 2);

	jsonw_object(&w, NULL);
	jsonw_int(&w, "format", MARK_FORMAT);
	jsonw_str(&w, "from", from);
	jsonw_str(&w, "before", before);
	jsonw_end(&w);
	buf_putc(&text, '\n');
	if (buf_check(&text, MARK, e) < 0)
		return -1;
	return file_save(path_join(&a, s->state_dir, MARK), buf_str(&text), MARK_MODE, e);
}

int
restore_mark_remove(const struct scope *s, struct err *e)
{
	AUTO(arena) struct arena a = ARENA_INIT;

	return file_remove(path_join(&a, s->state_dir, MARK), e);
}

int
restore_mark_check(struct arena *a, const struct scope *s, struct err *e)
{
	AUTO(buf) struct buf text = BUF_INIT(MARK_MAX);
	struct err inner = ERR_INIT;
	const char *from = "", *before = "";

	if (file_read(path_join(a, s->state_dir, MARK), &text, &inner) < 0) {
		if (inner.code == ERR_NOT_FOUND)
			return 0;
		*e = inner;
		return -1;
	}
	const struct json *j = json_parse(a, buf_str(&text), &inner);
	if (j) {
		from = json_str(json_get(j, "from"), "");
		before = json_str(json_get(j, "before"), "");
	}
	err_set(e, ERR_REFUSED, "a restore was cut in the middle: the volumes hold a part of %s", from[0] ? from : "a backup");
	err_note(e, "changed", "nothing");
	if (from[0])
		err_note(e, "try", "occ backup restore %s   (to finish it)", from);
	return before[0] ? err_note(e, "or", "occ backup restore %s   (what was there before)", before) : -1;
}
