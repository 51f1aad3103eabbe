/* config_show.c - what is in force, and where it comes from */
#include <string.h>

#include "applets/occ/common.h"
#include "lib/base/path.h"

struct config_show_opts {
	bool all, schema, origin;
};

static const struct opt config_show_opts[] = {
	FLAG(struct config_show_opts, all, 'a', "all", "also the keys that have their default"),
	FLAG(struct config_show_opts, origin, 0, "origin", "name the line or variable that each value comes from"),
	FLAG(struct config_show_opts, schema, 0, "schema", "print the JSON Schema of the file instead"),
	OPT_LAST,
};

static const char *
origin_name(enum config_origin o)
{
	switch (o) {
	case CONFIG_DEFAULT:
		return "default";
	case CONFIG_FILE:
		return "file";
	case CONFIG_ENV:
		return "environment";
	}
	BUG("origin");
}

static void
show_table(struct run *r, const struct config_show_opts *o, const struct scope *s, const struct config *c)
{
	const char *path = path_tilde(r->arena, s->config_path, s->home);
	struct strlist cells = { 0 };
	size_t n = 1;

	strlist_add(r->arena, &cells, "KEY");
	strlist_add(r->arena, &cells, "VALUE");
	strlist_add(r->arena, &cells, "ORIGIN");
	for (const struct schema_key *k = schema_keys; k->name; k++) {
		enum config_origin from = config_origin_of(c, k->name);

		if (from == CONFIG_DEFAULT && !o->all)
			continue;
		strlist_add(r->arena, &cells, k->name);
		strlist_add(r->arena, &cells, config_value_json(r->arena, c, k));
		strlist_add(r->arena, &cells, o->origin ? config_where(r->arena, c, s, k->name) : origin_name(from));
		n++;
	}
	if (n > 1) {
		term_table(r->term, cells.v, 3, n);
		return;
	}
	term_printf(r->term, "Every setting has its default (%s). All of them: %s config show --all\n", path, r->cli->prog);
}

static struct str
group_of(const struct schema_key *k)
{
	struct str rest = str_of(k->name);

	return str_cut(&rest, '.');
}

/* In the file's own shape; with origins each value becomes { "value", "origin", "where" }. */
static void
put_json_value(struct run *r, struct jsonw *w, const struct config_show_opts *o, const struct scope *s, const struct config *c,
    const struct schema_key *k)
{
	const char *word = strchr(k->name, '.') + 1;
	struct str value = str_of(config_value_json(r->arena, c, k));

	if (!o->origin) {
		jsonw_raw(w, word, value);
		return;
	}
	jsonw_object(w, word);
	jsonw_raw(w, "value", value);
	jsonw_str(w, "origin", origin_name(config_origin_of(c, k->name)));
	jsonw_str(w, "where", config_where(r->arena, c, s, k->name));
	jsonw_end(w);
}

static int
show_json(struct run *r, const struct config_show_opts *o, const struct scope *s, const struct config *c, struct err *e)
{
	AUTO(buf) struct buf out = BUF_INIT(2 * CONFIG_BYTES_MAX);
	struct jsonw w = JSONW_INIT(&out, 2);

	jsonw_object(&w, NULL);
	jsonw_int(&w, "format", CONFIG_FORMAT);
	for (const struct schema_key *k = schema_keys; k->name; k++) {
		if (k == schema_keys || !str_eq(group_of(k), group_of(k - 1)))
			jsonw_object(&w, arena_str(r->arena, group_of(k)));
		put_json_value(r, &w, o, s, c, k);
		if (!k[1].name || !str_eq(group_of(k), group_of(k + 1)))
			jsonw_end(&w);
	}
	return occ_put_json(r, &w, "configuration", e);
}

static int
config_show_run(struct run *r, struct err *e)
{
	const struct config_show_opts *o = r->opts;
	struct scope s;
	struct config c;

	if (o->schema) {
		AUTO(buf) struct buf out = BUF_INIT(CONFIG_BYTES_MAX);

		schema_put_json_schema(&out);
		term_put(r->term, buf_str(&out));
		return 0;
	}
	if (occ_config(r, &s, &c, e) < 0)
		return -1;
	if (r->g->wants_json)
		return show_json(r, o, &s, &c, e);
	show_table(r, o, &s, &c);
	return 0;
}

CMD(occ_config_show) = {
	.applet = "occ", .name = "config show", .group = "Settings", .args = "", .args_max = 0, .has_json = true,
	.brief = "show the settings in force and where they come from",
	.about = "Without --all only what the file or the environment sets. A variable OCC_GROUP_KEY, as OCC_SERVER_PORT, stands above the file. "
		 "With --json always all keys, in the shape of the file.",
	.opts = config_show_opts, .opts_bytes = sizeof(struct config_show_opts), .run = config_show_run,
};
