/* schema_text.c - the schema as text: the README's table, the JSON Schema, the commented default file */
#include <inttypes.h>

#include "lib/deploy/config_value.h"
#include "lib/json/jsonw.h"

static struct str
group_of(const struct schema_key *k)
{
	struct str rest = str_of(k->name);

	return str_cut(&rest, '.');
}

static struct str
word_of(const struct schema_key *k)
{
	struct str rest = str_of(k->name);

	str_cut(&rest, '.');
	return rest;
}

/* The row begins a group, or ends one. */
static bool
is_first(const struct schema_key *k)
{
	return k == schema_keys || !str_eq(group_of(k), group_of(k - 1));
}

static bool
is_last(const struct schema_key *k)
{
	return !k[1].name || !str_eq(group_of(k), group_of(k + 1));
}

/* ---- Markdown ---- */

static void
put_cell(struct str text, struct buf *out)
{
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '|')
			buf_putc(out, '\\');
		buf_putc(out, text.p[i]);
	}
}

static void
put_md_row(const struct schema_key *k, struct buf *out)
{
	AUTO(buf) struct buf allowed = BUF_INIT(1024);

	config_put_allowed(k, &allowed);
	buf_printf(out, "| `%s` | `%s` | ", k->name, k->dflt);
	if (k->type != SCHEMA_STRING && k->type != SCHEMA_LIST && k->type != SCHEMA_BOOL)
		put_cell(buf_str(&allowed), out);
	else
		buf_puts(out, k->type == SCHEMA_LIST ? "list" : k->type == SCHEMA_BOOL ? "true, false" : "string");
	buf_puts(out, " | ");
	put_cell(str_of(k->text), out);
	buf_printf(out, " | %s |\n", schema_cost_name(k->cost));
}

void
schema_put_md(struct buf *out)
{
	buf_puts(out, "| key | default | allowed | what it is | a change costs |\n|---|---|---|---|---|\n");
	for (const struct schema_key *k = schema_keys; k->name; k++)
		put_md_row(k, out);
}

/* ---- JSON Schema, draft 2020-12 ---- */

static void
schema_of_type(struct jsonw *w, const char *type)
{
	jsonw_str(w, "type", type);
}

static void
put_either(struct jsonw *w, const char *type)
{
	jsonw_array(w, "type");
	jsonw_str(w, NULL, "string");
	jsonw_str(w, NULL, type);
	jsonw_end(w);
}

static void
put_key_schema(const struct schema_key *k, struct jsonw *w)
{
	jsonw_text(w, "description", str_of(k->text));
	switch (k->type) {
	case SCHEMA_BOOL:
		schema_of_type(w, "boolean");
		break;
	case SCHEMA_STRING:
		schema_of_type(w, "string");
		break;
	case SCHEMA_ENUM:
		jsonw_array(w, "enum");
		for (size_t i = 0; k->allowed[i]; i++)
			jsonw_str(w, NULL, k->allowed[i]);
		jsonw_end(w);
		break;
	case SCHEMA_UINT:
		if (config_has_auto(k))
			put_either(w, "integer");
		else
			schema_of_type(w, "integer");
		jsonw_int(w, "minimum", (int64_t)k->min);
		jsonw_int(w, "maximum", (int64_t)k->max);
		break;
	case SCHEMA_BYTES:
	case SCHEMA_CPUS:
		put_either(w, "number");
		break;
	case SCHEMA_LIST:
		schema_of_type(w, "array");
		jsonw_object(w, "items");
		schema_of_type(w, "string");
		jsonw_end(w);
		jsonw_bool(w, "uniqueItems", true);
		break;
	}
	jsonw_raw(w, "default", str_of(k->dflt));
}

static void
open_properties(struct jsonw *w)
{
	schema_of_type(w, "object");
	jsonw_object(w, "properties");
}

/* One key of its group's properties. */
static void
put_key(const struct schema_key *k, struct jsonw *w)
{
	AUTO(arena) struct arena a = ARENA_INIT;

	jsonw_object(w, arena_str(&a, word_of(k)));
	put_key_schema(k, w);
	jsonw_end(w);
}

static void
open_group(const struct schema_key *k, struct jsonw *w)
{
	AUTO(arena) struct arena a = ARENA_INIT;

	jsonw_object(w, arena_str(&a, group_of(k)));
	open_properties(w);
}

static void
close_properties(struct jsonw *w)
{
	jsonw_end(w);
	jsonw_bool(w, "additionalProperties", false);
	jsonw_end(w);
}

void
schema_put_json_schema(struct buf *out)
{
	struct jsonw w = JSONW_INIT(out, 2);

	jsonw_object(&w, NULL);
	jsonw_str(&w, "$schema", "https://json-schema.org/draft/2020-12/schema");
	jsonw_str(&w, "title", "opencode-cloud configuration");
	open_properties(&w);
	jsonw_object(&w, "$schema");
	schema_of_type(&w, "string");
	jsonw_end(&w);
	jsonw_object(&w, "format");
	jsonw_int(&w, "const", CONFIG_FORMAT);
	jsonw_end(&w);
	for (const struct schema_key *k = schema_keys; k->name; k++) {
		if (is_first(k))
			open_group(k, &w);
		put_key(k, &w);
		if (is_last(k))
			close_properties(&w);
	}
	close_properties(&w);
	buf_putc(out, '\n');
}

/* ---- the default file ---- */

/* config_edit.c finds the commented lines again: their form is an agreement between the two. */
void
schema_put_default_file(struct buf *out)
{
	AUTO(buf) struct buf allowed = BUF_INIT(1024);

	buf_puts(out, "// opencode-cloud: JSON with comments; a comma behind the last value is fine. Passwords and keys do not belong here\n"
		 "// (occ password, occ secret). Every key stands below with its default; remove the // in front of a line to change it, or\n"
		 "// use occ config set KEY VALUE. What is in force: occ config show.\n"
		 "{\n  \"format\": 1,\n");
	for (const struct schema_key *k = schema_keys; k->name; k++) {
		if (is_first(k))
			buf_printf(out, "\n  \"" STR_FMT "\": {\n", STR_ARG(group_of(k)));
		buf_printf(out, "    // %s", k->text);
		if (k->type == SCHEMA_ENUM || k->type == SCHEMA_BYTES || k->type == SCHEMA_UINT) {
			buf_reset(&allowed);
			config_put_allowed(k, &allowed);
			buf_printf(out, " (%s)", allowed.p);
		}
		buf_printf(out, "\n    // \"" STR_FMT "\": %s,\n", STR_ARG(word_of(k)), k->dflt);
		if (is_last(k))
			buf_puts(out, "  },\n");
	}
	buf_puts(out, "}\n");
}
