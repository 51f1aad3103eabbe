/* restore_mark.c - "restore.json": which backup, and which one of before */
#include "lib/deploy/restore_mark.h"

#include <string.h>

#include "lib/base/path.h"
#include "lib/deploy/note_file.h"
#include "lib/json/jsonw.h"

#define MARK "restore.json"
#define MARK_FORMAT 1
#define MARK_MAX 16384

int
restore_mark_put(const struct scope *s, const struct restore_mark *m, struct err *e)
{
	AUTO(buf) struct buf text = BUF_INIT(MARK_MAX);
	struct jsonw w = JSONW_INIT(&text, 2);

	jsonw_object(&w, NULL);
	jsonw_int(&w, "format", MARK_FORMAT);
	jsonw_str(&w, "from", m->from);
	jsonw_str(&w, "before", m->before);
	jsonw_bool(&w, "workspace", m->has_workspace);
	jsonw_bool(&w, "settings", m->has_settings);
	jsonw_end(&w);
	return note_save(s, MARK, &text, e);
}

int
restore_mark_remove(const struct scope *s, struct err *e)
{
	return note_remove(s, MARK, e);
}

int
restore_mark_get(struct arena *a, const struct scope *s, struct restore_mark *ret, struct err *e)
{
	const struct json *j;
	struct err inner = ERR_INIT;
	int there = note_load(a, s, MARK, MARK_MAX, &j, &inner);

	*ret = (struct restore_mark){ .from = "", .before = "" };
	if (there < 0 && inner.code != ERR_CONFIG) {
		*e = inner;
		return -1;
	}
	if (there == 0)
		return 0;
	/* One that cannot be read is there all the same. */
	*ret = (struct restore_mark){ .from = json_str(json_get(j, "from"), ""), .before = json_str(json_get(j, "before"), ""),
		.has_workspace = json_bool(json_get(j, "workspace"), false), .has_settings = json_bool(json_get(j, "settings"), false) };
	return 1;
}

const char *
restore_mark_options(struct arena *a, const struct restore_mark *m)
{
	return arena_printf(a, "%s%s", m->has_workspace ? "" : " --no-workspace", m->has_settings ? " --settings" : "");
}

int
restore_mark_check(struct arena *a, const struct scope *s, struct err *e)
{
	struct restore_mark m;
	int there = restore_mark_get(a, s, &m, e);

	if (there <= 0)
		return there;
	if (strcmp(m.from, RESTORE_MARK_IMPORT) == 0) {
		err_set(e, ERR_REFUSED, "an import was cut in the middle");
		return err_note(e, "try", "occ import   (again), or occ reset data");
	}
	err_set(e, ERR_REFUSED, "a restore was cut in the middle: the volumes hold a part of %s", m.from[0] ? m.from : "a backup");
	err_note(e, "changed", "nothing");
	if (m.from[0])
		err_note(e, "try", "occ backup restore %s%s   (to finish it)", m.from, restore_mark_options(a, &m));
	if (m.before[0])
		err_note(e, "or", "occ backup restore %s%s   (what was there before)", m.before, restore_mark_options(a, &m));
	return err_note(e, "or", "any other backup of the same parts; %s says so as long as it is there", path_join(a, s->state_dir, MARK));
}
