/* config_change.c - old -> new, and what it costs */
#include "applets/occ/config_change.h"

#include <string.h>

#include "lib/base/path.h"
#include "lib/deploy/config_value.h"
#include "lib/json/jsonw.h"

static const char *
value_of(struct arena *a, const struct config *c, const struct schema_key *k)
{
	AUTO(buf) struct buf out = BUF_INIT(CONFIG_BYTES_MAX);

	config_put_value(c, k, &out);
	return arena_str(a, buf_str(&out));
}

int
config_change_begin(struct run *r, const char *key, struct config_change *ret, struct err *e)
{
	struct err ignored = ERR_INIT;
	struct config c;

	*ret = (struct config_change){ .key = schema_find(key) };
	if (!ret->key) {
		const char *nearest = schema_nearest(key);

		err_set(e, ERR_USAGE, "'%.80s' is not a key of the configuration", key);
		if (nearest)
			return err_note(e, "try", "%s %s %s", r->cli->prog, r->cmd->name, nearest);
		return err_note(e, "try", "%s config show --all", r->cli->prog);
	}
	if (occ_scope(r, &ret->scope, e) < 0)
		return -1;
	/* What stands in the environment is not the file's. */
	ret->was_valid = config_load(r->arena, &ret->scope, NULL, &c, &ignored) == 0;
	if (!ret->was_valid)
		return 0;
	ret->origin = config_origin_of(&c, key);
	ret->before = value_of(r->arena, &c, ret->key);
	return 0;
}

static const char *
cost_text(enum schema_cost cost)
{
	switch (cost) {
	case SCHEMA_NOTHING:
		return "nothing is restarted";
	case SCHEMA_RECREATE:
		return "the container is recreated; data stays";
	case SCHEMA_REBUILD:
		return "the image is made anew and the container recreated; data stays";
	case SCHEMA_SWITCH:
		break;		/* schema_cost_of has decided */
	}
	BUG("cost");
}

static int
as_json(struct run *r, const struct config_change *c, const char *after, bool is_changed, struct err *e)
{
	AUTO(buf) struct buf out = BUF_INIT(4 * CONFIG_BYTES_MAX);
	struct jsonw w = JSONW_INIT(&out, 2);

	jsonw_object(&w, NULL);
	jsonw_str(&w, "key", c->key->name);
	jsonw_bool(&w, "changed", is_changed);
	jsonw_raw(&w, "before", str_of(c->before ? c->before : "null"));
	jsonw_raw(&w, "after", str_of(after ? after : "null"));
	jsonw_str(&w, "costs", schema_cost_name(is_changed ? schema_cost_of(c->key, after ? c->before : NULL, after) : SCHEMA_NOTHING));
	return occ_put_json(r, &w, "report", e);
}

static void
warn_overridden(struct run *r, const struct config_change *c)
{
	AUTO(buf) struct buf name = BUF_INIT(128);

	config_put_env_name(c->key->name, &name);
	if (occ_env(name.p))
		term_warn(r->term, r->cli->prog, "%s is set in the environment and stands above the file", name.p);
}

static void
as_text(struct run *r, const struct config_change *c, const char *after, enum config_origin origin, bool is_changed)
{
	const char *path = path_tilde(r->arena, c->scope.config_path, c->scope.home);
	bool is_same = c->before && strcmp(c->before, after) == 0;

	if (r->term->is_quiet)
		return;
	if (!is_changed) {
		term_printf(r->term, "%s is %s already%s; nothing changed\n", c->key->name, after,
			    origin == CONFIG_DEFAULT ? " (the default)" : "");
		return;
	}
	if (is_same && origin == CONFIG_FILE) {
		term_printf(r->term, "%s: %s, now written in %s (it was the default)\n", c->key->name, after, path);
		return;
	}
	if (is_same) {
		term_printf(r->term, "%s: %s, now by default (it was written in %s)\n", c->key->name, after, path);
		return;
	}
	term_printf(r->term, "%s: %s%s -> %s%s, in %s\n", c->key->name, c->before ? c->before : "(invalid)",
		    c->was_valid && c->origin == CONFIG_DEFAULT ? " (default)" : "", after, origin == CONFIG_DEFAULT ? " (default)" : "", path);
	term_printf(r->term, "applies at the next `%s start` (%s)\n", r->cli->prog, cost_text(schema_cost_of(c->key, c->before, after)));
}

/* The edit is saved; another mistake of the file is left. What was asked for is done. */
static int
still_invalid(struct run *r, const struct config_change *c, struct err *e)
{
	term_warn(r->term, r->cli->prog, "%s is changed, but the configuration is not valid yet: %s", c->key->name, e->msg);
	err_clear(e);
	return r->g->wants_json ? as_json(r, c, NULL, true, e) : 0;
}

int
config_change_report(struct run *r, const struct config_change *c, struct err *e)
{
	struct config now;
	const char *after;
	enum config_origin origin;
	bool is_changed;

	if (config_load(r->arena, &c->scope, NULL, &now, e) < 0)
		return still_invalid(r, c, e);
	after = value_of(r->arena, &now, c->key);
	origin = config_origin_of(&now, c->key->name);
	is_changed = !c->was_valid || origin != c->origin || strcmp(c->before, after) != 0;
	if (!r->g->wants_json)
		as_text(r, c, after, origin, is_changed);
	else if (as_json(r, c, after, is_changed, e) < 0)
		return -1;
	warn_overridden(r, c);
	return 0;
}
