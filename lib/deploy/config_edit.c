/*
 * config_edit.c - changes one key of the file and nothing else in it
 *
 * Every edit is: lock, read, make the new text, read that back and compare, validate the whole, save atomically. A file that was invalid
 * before may still be so after, as long as the key edited is right: else two mistakes could never be mended one by one.
 */
#include <string.h>
#include <sys/stat.h>

#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/path.h"
#include "lib/deploy/config_value.h"
#include "lib/json/jsonedit.h"
#include "lib/json/jsonw.h"

#define LOCK_MS 5000		/* others hold it for a read and a write */
#define LINE_BYTES_MAX 512

struct edit {
	struct arena *a;
	const struct scope *s;
	const struct schema_key *k;
	const char *path;		/* as shown */
	struct file_lock lock;
	bool exists;
	struct buf old, new;
	const struct json *root;	/* of old */
	const struct json *value;	/* of the key in old, or NULL */
};

#define EDIT_INIT(arena_, scope_) \
	{ .a = (arena_), .s = (scope_), .lock = FILE_LOCK_INIT, .old = BUF_INIT(CONFIG_BYTES_MAX), .new = BUF_INIT(CONFIG_BYTES_MAX) }

static void
edit_auto(struct edit *ed)
{
	file_lock_auto(&ed->lock);
	buf_fini(&ed->old);
	buf_fini(&ed->new);
}

/* ---- text in and out ---- */

int
config_text(const struct scope *s, struct buf *out, bool *ret_exists, struct err *e)
{
	if (file_read(s->config_path, out, e) == 0) {
		*ret_exists = true;
		return 0;
	}
	if (e->code == ERR_TOO_BIG)
		e->code = ERR_CONFIG;
	if (e->code != ERR_NOT_FOUND)
		return err_wrap(e, "read the configuration");
	err_clear(e);
	*ret_exists = false;
	schema_put_default_file(out);
	return buf_check(out, "default configuration", e);
}

int
config_save_text(const struct scope *s, struct str text, struct err *e)
{
	struct stat st;
	mode_t mode = stat(s->config_path, &st) == 0 ? st.st_mode & 0777 : 0644;

	if (scope_prepare(s, e) < 0)
		return -1;
	if (file_save(s->config_path, text, mode, e) < 0) {
		err_wrap(e, "save the configuration");
		return err_note(e, "changed", "nothing");
	}
	return 0;
}

static int
begin(struct edit *ed, const char *key, struct err *e)
{
	ed->k = schema_find(key);
	if (!ed->k) {
		const char *nearest = schema_nearest(key);

		err_set(e, ERR_USAGE, "'%.80s' is not a key of the configuration", key);
		return nearest ? err_note(e, "try", "%s", nearest) : err_note(e, "try", "occ config show --all");
	}
	ed->path = path_tilde(ed->a, ed->s->config_path, ed->s->home);
	if (scope_prepare(ed->s, e) < 0)
		return -1;
	if (file_lock_open(&ed->lock, path_join(ed->a, ed->s->state_dir, "config.lock"), clock_due_ms(LOCK_MS), e) < 0)
		return -1;
	if (config_text(ed->s, &ed->old, &ed->exists, e) < 0)
		return -1;
	ed->root = config_root(ed->a, buf_str(&ed->old), ed->path, e);
	if (!ed->root)
		return -1;
	ed->value = json_path(ed->root, key);
	return 0;
}

/* ---- validation ---- */

/* An array's strings, or what is in their place, written one after the other: for comparing. */
static bool
is_same_value(const struct json *got, const struct json *want)
{
	const struct json *g = json_first(got), *w = json_first(want);

	if (!got || got->type != want->type || !str_eq(got->text, want->text) || got->n != want->n)
		return false;
	for (; g && w; g = g->next, w = w->next)
		if (!is_same_value(g, w))
			return false;
	return true;
}

/* Whether the new text gives the key this value (NULL: none), read as a program would. */
static bool
reads_back(struct edit *ed, const struct json *want)
{
	struct err ignored = ERR_INIT;
	const struct json *root = ed->new.fault == BUF_OK ? jsonc_parse(ed->a, buf_str(&ed->new), &ignored) : NULL;
	const struct json *got = json_path(root, ed->k->name);

	if (!root)
		return false;
	return want ? is_same_value(got, want) : !got;
}

/* The value alone: what is wrong with it is said of the command's words, not of a line in the file. */
static int
check_value(struct edit *ed, const struct json *value, struct err *e)
{
	struct config scratch = { .line = { 0 } };
	const struct json *at;

	if (config_apply(ed->a, ed->k, value, &scratch, &at, e) < 0)
		return err_wrap(e, "%s", ed->k->name);
	return 0;
}

static int
not_safe(const struct edit *ed, struct err *e)
{
	err_set(e, ERR_CONFIG, "%s: %s cannot be changed safely by this command", ed->path, ed->k->name);
	return err_note(e, "try", "occ config edit");
}

static int
commit(struct edit *ed, const struct json *want, struct err *e)
{
	struct config c;
	struct err before = ERR_INIT;

	if (buf_check(&ed->new, "the configuration", e) < 0)
		return -1;
	if (!reads_back(ed, want))
		return not_safe(ed, e);
	if (config_parse(ed->a, buf_str(&ed->new), ed->path, NULL, &c, e) < 0) {
		if (config_parse(ed->a, buf_str(&ed->old), ed->path, NULL, &c, &before) == 0)
			return err_note(e, "changed", "nothing");
		err_clear(e);
	}
	if (ed->exists && str_eq(buf_str(&ed->old), buf_str(&ed->new)))
		return 0;
	return config_save_text(ed->s, buf_str(&ed->new), e);
}

/* ---- set and unset ---- */

/*
 * The default file holds every key as a comment line. Where the key's line still stands so, it is turned into the key: one line of
 * difference, next to the text that explains it. False when there is no such line.
 */
static bool
uncomment(struct edit *ed, struct str json)
{
	struct str name = str_of(ed->k->name), group = str_cut(&name, '.'), text = buf_str(&ed->old);
	AUTO(buf) struct buf wanted = BUF_INIT(LINE_BYTES_MAX);
	const struct json *object = json_get(ed->root, arena_str(ed->a, group));
	size_t at;

	if (!json_is(object, JSON_OBJECT) || ed->value)
		return false;
	buf_printf(&wanted, "// \"" STR_FMT "\": %s,\n", STR_ARG(name), ed->k->dflt);
	at = str_find(str_take(str_skip(text, object->offset), object->raw.n), buf_str(&wanted));
	if (at == STR_NONE)
		return false;
	at += object->offset;
	buf_putstr(&ed->new, str_take(text, at));
	buf_printf(&ed->new, "\"" STR_FMT "\": " STR_FMT ",\n", STR_ARG(name), STR_ARG(json));
	buf_putstr(&ed->new, str_skip(text, at + wanted.n));
	return true;
}

/* The file says the same already, if in other words ("512M" and "512m"). */
static bool
is_there_already(struct edit *ed, const struct json *want)
{
	AUTO(buf) struct buf was = BUF_INIT(CONFIG_BYTES_MAX), is = BUF_INIT(CONFIG_BYTES_MAX);
	struct config old = { .line = { 0 } }, new = { .line = { 0 } };
	struct err ignored = ERR_INIT;
	const struct json *at;

	if (!ed->value || config_apply(ed->a, ed->k, ed->value, &old, &at, &ignored) < 0 ||
	    config_apply(ed->a, ed->k, want, &new, &at, &ignored) < 0)
		return false;
	config_put_value(&old, ed->k, &was);
	config_put_value(&new, ed->k, &is);
	return str_eq(buf_str(&was), buf_str(&is));
}

/* The editor's own words for a parent that is no object, and the like. */
static int
not_editable(const struct edit *ed, struct err *e)
{
	e->code = ERR_CONFIG;
	err_wrap(e, "%s", ed->path);
	return err_note(e, "try", "occ config edit");
}

static int
set_json(struct edit *ed, struct str json, struct err *e)
{
	const struct json *want = json_parse(ed->a, json, e);

	if (!want || check_value(ed, want, e) < 0)
		return -1;
	if (is_there_already(ed, want))
		return 0;
	if (uncomment(ed, json) && reads_back(ed, want))
		return commit(ed, want, e);
	buf_reset(&ed->new);
	if (jsonedit_set(buf_str(&ed->old), ed->k->name, json, &ed->new, e) < 0)
		return not_editable(ed, e);
	return commit(ed, want, e);
}

int
config_set(struct arena *a, const struct scope *s, const char *key, const char *text, struct err *e)
{
	AUTO(edit) struct edit ed = EDIT_INIT(a, s);
	AUTO(buf) struct buf json = BUF_INIT(CONFIG_BYTES_MAX);

	if (begin(&ed, key, e) < 0)
		return -1;
	if (config_text_to_json(ed.k, str_of(text), false, &json, e) < 0)
		return err_wrap(e, "%s", key);
	if (buf_check(&json, key, e) < 0)
		return -1;
	return set_json(&ed, buf_str(&json), e);
}

int
config_unset(struct arena *a, const struct scope *s, const char *key, struct err *e)
{
	AUTO(edit) struct edit ed = EDIT_INIT(a, s);

	if (begin(&ed, key, e) < 0)
		return -1;
	if (!ed.value)
		return 0;
	if (jsonedit_unset(buf_str(&ed.old), key, &ed.new, e) < 0)
		return not_editable(&ed, e);
	return commit(&ed, NULL, e);
}

/* ---- several at once ---- */

/* The key of one pair set in ed->old. */
static int
set_next(struct edit *ed, const struct config_pair *pair, struct err *e)
{
	const struct json *want = json_parse(ed->a, str_of(pair->json), e);

	ed->k = schema_find(pair->key);
	if (!ed->k)
		BUG("a program's own key is not in the schema");
	ed->root = want ? config_root(ed->a, buf_str(&ed->old), ed->path, e) : NULL;
	if (!ed->root || check_value(ed, want, e) < 0)
		return -1;
	ed->value = json_path(ed->root, pair->key);
	if (is_there_already(ed, want))
		return 0;
	if (!uncomment(ed, str_of(pair->json)) || !reads_back(ed, want)) {
		buf_reset(&ed->new);
		if (jsonedit_set(buf_str(&ed->old), pair->key, str_of(pair->json), &ed->new, e) < 0)
			return not_editable(ed, e);
		if (!reads_back(ed, want))
			return not_safe(ed, e);
	}
	buf_reset(&ed->old);
	buf_putstr(&ed->old, buf_str(&ed->new));
	buf_reset(&ed->new);
	return buf_check(&ed->old, "the configuration", e);
}

int
config_edit_text(struct arena *a, const char *path, const struct config_pair *pairs, size_t n, struct buf *text, struct err *e)
{
	AUTO(edit) struct edit ed = EDIT_INIT(a, NULL);
	struct config c;

	ed.path = path;
	buf_putstr(&ed.old, buf_str(text));
	for (size_t i = 0; i < n; i++)
		if (set_next(&ed, &pairs[i], e) < 0)
			return -1;
	if (config_parse(a, buf_str(&ed.old), path, NULL, &c, e) < 0)
		return -1;
	buf_reset(text);
	buf_putstr(text, buf_str(&ed.old));
	return buf_check(text, "the configuration", e);
}

int
config_set_many(struct arena *a, const struct scope *s, const struct config_pair *pairs, size_t n, struct err *e)
{
	AUTO(edit) struct edit ed = EDIT_INIT(a, s);

	if (n == 0)
		return 0;
	if (begin(&ed, pairs[0].key, e) < 0)
		return -1;
	buf_putstr(&ed.new, buf_str(&ed.old));
	if (config_edit_text(a, ed.path, pairs, n, &ed.new, e) < 0)
		return err_note(e, "changed", "nothing");
	if (ed.exists && str_eq(buf_str(&ed.old), buf_str(&ed.new)))
		return 0;
	return config_save_text(s, buf_str(&ed.new), e);
}

/* ---- lists ---- */

static int
need_list(struct edit *ed, struct err *e)
{
	if (ed->k->type != SCHEMA_LIST) {
		err_set(e, ERR_USAGE, "%s is not a list: it holds one value", ed->k->name);
		return err_note(e, "try", "occ config set %s VALUE", ed->k->name);
	}
	if (ed->value && ed->value->type != JSON_ARRAY)
		return err_set(e, ERR_CONFIG, "%s: %s is not a list", ed->path, ed->k->name);
	return 0;
}

/* Index of an element in the file's list; STR_NONE if it is not there. */
static size_t
find_element(const struct json *array, struct str element)
{
	size_t i = 0;

	for (JSON_EACH(m, array)) {
		if (m->type == JSON_STRING && str_eq(m->text, element))
			return i;
		i++;
	}
	return STR_NONE;
}

/* The file's list without its i-th element, and with one more behind; either may be left out. */
static void
put_list(const struct json *array, size_t without, struct str more, struct buf *out)
{
	const char *between = "";
	size_t i = 0;

	buf_putc(out, '[');
	for (JSON_EACH(m, array)) {
		if (i++ == without)
			continue;
		buf_puts(out, between);
		buf_putstr(out, m->raw);
		between = ", ";
	}
	buf_puts(out, more.n > 0 ? between : "");
	buf_putstr(out, more);
	buf_putc(out, ']');
}

int
config_add(struct arena *a, const struct scope *s, const char *key, const char *element, bool *ret_changed, struct err *e)
{
	AUTO(edit) struct edit ed = EDIT_INIT(a, s);
	AUTO(buf) struct buf quoted = BUF_INIT(CONFIG_BYTES_MAX), one = BUF_INIT(CONFIG_BYTES_MAX), whole = BUF_INIT(CONFIG_BYTES_MAX);
	const struct json *want;

	if (begin(&ed, key, e) < 0 || need_list(&ed, e) < 0)
		return -1;
	if (str_utf8_valid(str_of(element)) != strlen(element))
		return err_set(e, ERR_CONFIG, "%s: the element is not UTF-8", key);
	*ret_changed = find_element(ed.value, str_of(element)) == STR_NONE;
	if (!*ret_changed)
		return 0;
	jsonw_quote(&quoted, str_of(element));
	put_list(NULL, STR_NONE, buf_str(&quoted), &one);
	want = json_parse(a, buf_str(&one), e);
	if (!want || check_value(&ed, want, e) < 0)
		return -1;
	if (!ed.value)
		return set_json(&ed, buf_str(&one), e);
	put_list(ed.value, STR_NONE, buf_str(&quoted), &whole);
	want = json_parse(a, buf_str(&whole), e);
	if (!want)
		return -1;
	config_list_insert(buf_str(&ed.old), ed.value, buf_str(&quoted), &ed.new);
	if (reads_back(&ed, want))
		return commit(&ed, want, e);
	buf_reset(&ed.new);
	return set_json(&ed, buf_str(&whole), e);
}

int
config_remove(struct arena *a, const struct scope *s, const char *key, const char *element, bool *ret_changed, struct err *e)
{
	AUTO(edit) struct edit ed = EDIT_INIT(a, s);
	AUTO(buf) struct buf whole = BUF_INIT(CONFIG_BYTES_MAX);
	const struct json *want;
	size_t i;

	if (begin(&ed, key, e) < 0 || need_list(&ed, e) < 0)
		return -1;
	i = find_element(ed.value, str_of(element));
	*ret_changed = i != STR_NONE;
	if (!*ret_changed)
		return 0;
	put_list(ed.value, i, STR_NULL, &whole);
	want = jsonc_parse(a, buf_str(&whole), e);
	if (!want)
		return -1;
	config_list_delete(buf_str(&ed.old), ed.value, i, &ed.new);
	if (reads_back(&ed, want))
		return commit(&ed, want, e);
	buf_reset(&ed.new);
	if (jsonedit_set(buf_str(&ed.old), key, buf_str(&whole), &ed.new, e) < 0)
		return not_editable(&ed, e);
	return commit(&ed, want, e);
}
