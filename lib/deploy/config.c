/* config.c - reads the configuration: defaults, then the file, then the environment, each value through its row of the schema */
#include "lib/deploy/config.h"

#include <inttypes.h>
#include <string.h>

#include "lib/base/file.h"
#include "lib/base/num.h"
#include "lib/base/path.h"
#include "lib/deploy/config_value.h"

#define ENV_PREFIX "OCC_"
#define KEY_BYTES_MAX 128

struct loading {
	struct arena *a;
	struct str text;
	const char *path;		/* for messages */
	struct config *c;
};

static size_t
index_of(const struct schema_key *k)
{
	return (size_t)(k - schema_keys);
}

/* Puts "path:line:column: " before the error. */
static int
fail_at(struct str text, const char *path, size_t offset, struct err *e)
{
	unsigned line, column;

	json_where(text, offset, &line, &column);
	e->code = ERR_CONFIG;
	return err_wrap(e, "%s:%u:%u", path, line, column);
}

/* The parser's "line L, column C: what" as "path:L:C: what". */
static int
fail_syntax(const char *path, struct err *e)
{
	struct str what = str_of(e->msg), line, column;
	char text[ERR_MSG_BYTES];

	e->code = ERR_CONFIG;
	line = str_cut(&what, ',');
	column = str_cut(&what, ':');
	if (!str_has_prefix(line, "line ") || !str_has_prefix(column, " column ") || what.n == 0)
		return err_wrap(e, "%s", path);
	memcpy(text, str_trim(what).p, str_trim(what).n);
	text[str_trim(what).n] = '\0';
	line = str_skip(line, 5);
	column = str_skip(column, 8);
	err_set(e, ERR_CONFIG, "%s:" STR_FMT ":" STR_FMT ": %s", path, STR_ARG(line), STR_ARG(column), text);
	return err_note(e, "try", "occ config edit");
}

/* ---- the frame: syntax, outermost object, format ---- */

const struct json *
config_root(struct arena *a, struct str text, const char *path, struct err *e)
{
	bool is_empty = str_trim(text).n == 0;
	const struct json *root = jsonc_parse(a, is_empty ? STR_LIT("{}") : text, e), *format;

	if (!root) {
		fail_syntax(path, e);
		return NULL;
	}
	format = json_get(root, "format");
	if (!json_is(root, JSON_OBJECT)) {
		err_set(e, ERR_CONFIG, "the configuration has to be an object: { ... }");
		fail_at(text, path, root->offset, e);
		return NULL;
	}
	if (!format || json_int(format, 0) == CONFIG_FORMAT)
		return root;
	if (json_int(format, 0) > CONFIG_FORMAT) {
		err_set(e, ERR_CONFIG, "format %" PRId64 " is newer than this program knows (%d)", json_int(format, 0), CONFIG_FORMAT);
		err_note(e, "try", "the newer program that wrote it; this one leaves the file alone");
	} else {
		err_set(e, ERR_CONFIG, "format has to be %d", CONFIG_FORMAT);
	}
	fail_at(text, path, format->offset, e);
	return NULL;
}

/* ---- the file ---- */

/* A fixing command that works by being typed: the default, where it is a word; else taking the key away. */
static void
note_fix(const struct schema_key *k, struct err *e)
{
	AUTO(buf) struct buf dflt = BUF_INIT(KEY_BYTES_MAX);

	if (e->n_notes > 0)
		return;
	config_put_default(k, &dflt);
	if (k->type == SCHEMA_LIST)
		err_note(e, "try", "occ config edit");
	else if (dflt.n == 0)
		err_note(e, "try", "occ config unset %s", k->name);
	else
		err_note(e, "try", "occ config set %s %s", k->name, dflt.p);
}

static void
warn_unknown(struct loading *l, const struct json *at, const char *name)
{
	const char *nearest = schema_nearest(name);
	unsigned line, column;

	json_where(l->text, at->key ? at->key->offset : at->offset, &line, &column);
	strlist_add(l->a, &l->c->warnings,
		    arena_printf(l->a, "%s:%u:%u: %s is not a key of the configuration%s%s%s", l->path, line, column, name,
				 nearest ? " (did you mean " : "", nearest ? nearest : "", nearest ? "?)" : ""));
}

static int
apply_member(struct loading *l, const char *name, const struct json *value, struct err *e)
{
	const struct schema_key *k = schema_find(name);
	const struct json *at = value;
	unsigned line, column;

	if (!k) {
		warn_unknown(l, value, name);
		return 0;
	}
	if (config_apply(l->a, k, value, l->c, &at, e) < 0) {
		note_fix(k, e);
		err_wrap(e, "%s", name);
		return fail_at(l->text, l->path, at->offset, e);
	}
	json_where(l->text, value->offset, &line, &column);
	if (l->c->origin[index_of(k)] == CONFIG_FILE)
		strlist_add(l->a, &l->c->warnings,
			    arena_printf(l->a, "%s:%u:%u: %s is given a second time: this one counts", l->path, line, column, name));
	l->c->origin[index_of(k)] = CONFIG_FILE;
	l->c->line[index_of(k)] = line;
	return 0;
}

static bool
is_group(struct str name)
{
	for (const struct schema_key *k = schema_keys; k->name; k++) {
		struct str rest = str_of(k->name);

		if (str_eq(str_cut(&rest, '.'), name))
			return true;
	}
	return false;
}

static int
apply_group(struct loading *l, const char *group, const struct json *object, struct err *e)
{
	if (!json_is(object, JSON_OBJECT)) {
		err_set(e, ERR_CONFIG, "%s has to be an object: \"%s\": { ... }", group, group);
		err_note(e, "try", "occ config edit");
		return fail_at(l->text, l->path, object->offset, e);
	}
	for (JSON_EACH(m, object))
		if (apply_member(l, arena_printf(l->a, "%s.%s", group, json_str(m->key, "")), m, e) < 0)
			return -1;
	return 0;
}

static int
apply_file(struct loading *l, struct err *e)
{
	const struct json *root = config_root(l->a, l->text, l->path, e);

	if (!root)
		return -1;
	for (JSON_EACH(m, root)) {
		const char *name = json_str(m->key, "");

		if (strcmp(name, "format") == 0 || strcmp(name, "$schema") == 0)
			continue;
		if (!is_group(str_of(name)))
			warn_unknown(l, m, name);
		else if (apply_group(l, name, m, e) < 0)
			return -1;
	}
	return 0;
}

/* ---- defaults and the environment ---- */

/* A value given as JSON text by ourselves. */
static int
apply_text(struct loading *l, const struct schema_key *k, struct str json, struct err *e)
{
	const struct json *v = json_parse(l->a, json, e), *at;

	return v ? config_apply(l->a, k, v, l->c, &at, e) : -1;
}

static int
apply_env(struct loading *l, const struct schema_key *k, struct str name, struct str value, struct err *e)
{
	AUTO(buf) struct buf json = BUF_INIT(CONFIG_BYTES_MAX);

	if (config_text_to_json(k, value, true, &json, e) < 0 || buf_check(&json, "value", e) < 0 || apply_text(l, k, buf_str(&json), e) < 0) {
		e->code = ERR_CONFIG;
		err_note(e, "try", "unset " STR_FMT, STR_ARG(name));
		return err_wrap(e, STR_FMT, STR_ARG(name));
	}
	l->c->origin[index_of(k)] = CONFIG_ENV;
	l->c->line[index_of(k)] = 0;
	return 0;
}

static const struct schema_key *
find_by_env(struct str name)
{
	for (const struct schema_key *k = schema_keys; k->name; k++) {
		AUTO(buf) struct buf env = BUF_INIT(KEY_BYTES_MAX);

		config_put_env_name(k->name, &env);
		if (str_eq(buf_str(&env), name))
			return k;
	}
	return NULL;
}

/* "OCC_SERVER_PROT" -> "server.prot" if the group is known; a variable of another kind is none of ours. */
static const char *
key_from_env(struct arena *a, struct str name)
{
	char *key = arena_str(a, str_skip(name, sizeof ENV_PREFIX - 1));
	struct str rest;

	for (char *p = key; *p; p++)
		*p = *p >= 'A' && *p <= 'Z' ? (char)(*p - 'A' + 'a') : *p;
	rest = str_of(key);
	if (!is_group(str_cut(&rest, '_')) || rest.n == 0)
		return NULL;
	*strchr(key, '_') = '.';
	return key;
}

/* An empty value counts as unset, as everywhere in a shell. */
static int
apply_environment(struct loading *l, const char *const *environment, struct err *e)
{
	for (; environment && *environment; environment++) {
		struct str value = str_of(*environment), name;
		const struct schema_key *k;
		const char *key, *nearest;

		if (!str_has_prefix(value, ENV_PREFIX))
			continue;
		name = str_cut(&value, '=');
		k = find_by_env(name);
		if (k && value.n > 0 && apply_env(l, k, name, value, e) < 0)
			return -1;
		key = k ? NULL : key_from_env(l->a, name);
		if (!key)
			continue;
		nearest = schema_nearest(key);
		strlist_add(l->a, &l->c->warnings,
			    arena_printf(l->a, STR_FMT " is not a key of the configuration%s%s%s", STR_ARG(name),
					 nearest ? " (did you mean " : "", nearest ? nearest : "", nearest ? "?)" : ""));
	}
	return 0;
}

static int
apply_defaults(struct loading *l, struct err *e)
{
	for (const struct schema_key *k = schema_keys; k->name; k++)
		if (apply_text(l, k, str_of(k->dflt), e) < 0)
			return err_wrap(e, "default of %s", k->name);
	return 0;
}

/* ---- what callers use ---- */

int
config_parse(struct arena *a, struct str text, const char *path, const char *const *environment, struct config *ret, struct err *e)
{
	struct config c = { .line = { 0 } };
	struct loading l = { .a = a, .text = text, .path = path, .c = &c };
	const char *key;

	if (apply_defaults(&l, e) < 0 || apply_file(&l, e) < 0 || apply_environment(&l, environment, e) < 0)
		return -1;
	if (config_check_whole(&c, &key, e) < 0) {
		unsigned line = c.line[index_of(schema_find(key))];

		return line > 0 ? err_wrap(e, "%s:%u", path, line) : err_wrap(e, "%s", path);
	}
	*ret = c;
	return 0;
}

/* A file that --config names should be there; the usual one need not. */
static void
warn_missing(struct arena *a, const struct scope *s, const char *shown, struct config *c)
{
	if (strcmp(path_join(a, path_dir(a, s->credentials_path), "config.json"), s->config_path) != 0)
		strlist_add(a, &c->warnings, arena_printf(a, "%s does not exist: the defaults count", shown));
}

int
config_load(struct arena *a, const struct scope *s, const char *const *environment, struct config *ret, struct err *e)
{
	AUTO(buf) struct buf text = BUF_INIT(CONFIG_BYTES_MAX);
	const char *shown = path_tilde(a, s->config_path, s->home);
	bool is_missing = false;

	if (file_read(s->config_path, &text, e) < 0) {
		is_missing = e->code == ERR_NOT_FOUND;
		if (e->code == ERR_TOO_BIG)
			e->code = ERR_CONFIG;
		if (!is_missing)
			return err_wrap(e, "read the configuration");
		err_clear(e);
	}
	if (config_parse(a, buf_str(&text), shown, environment, ret, e) < 0)
		return -1;
	if (is_missing)
		warn_missing(a, s, shown, ret);
	return 0;
}

enum config_origin
config_origin_of(const struct config *c, const char *key)
{
	const struct schema_key *k = schema_find(key);

	if (!k)
		BUG("no such key");
	return (enum config_origin)c->origin[index_of(k)];
}

const char *
config_where(struct arena *a, const struct config *c, const struct scope *s, const char *key)
{
	AUTO(buf) struct buf env = BUF_INIT(KEY_BYTES_MAX);

	switch (config_origin_of(c, key)) {
	case CONFIG_FILE:
		return arena_printf(a, "%s in %s:%u", key, path_tilde(a, s->config_path, s->home), c->line[index_of(schema_find(key))]);
	case CONFIG_ENV:
		config_put_env_name(key, &env);
		return arena_strdup(a, env.p);
	case CONFIG_DEFAULT:
		return arena_printf(a, "the default of %s", key);
	}
	BUG("origin");
}
