/* answers_file.c - the answers as a file: read with the place of every mistake, written with a comment to each */
#include <string.h>

#include "applets/occ-setup/answers.h"

#include "lib/deploy/config_value.h"
#include "lib/json/jsonw.h"

#define FORMAT 1

static int
fail_at(struct str text, const char *path, const struct json *at, const char *name, struct err *e)
{
	unsigned line, column;

	json_where(text, at->offset, &line, &column);
	e->code = ERR_CONFIG;
	if (name)
		err_wrap(e, "%s", name);
	return err_wrap(e, "%s:%u:%u", path, line, column);
}

static int
unknown(struct str name, struct err *e)
{
	unsigned best = 4;
	const char *nearest = NULL;

	for (size_t i = 0; i < ANSWER__N; i++) {
		unsigned d = str_distance(name, str_of(answer_rows[i].name), best);

		if (d < best) {
			best = d;
			nearest = answer_rows[i].name;
		}
	}
	err_set(e, ERR_CONFIG, "'" STR_FMT "' is not an answer", STR_ARG(str_take(name, 80)));
	return nearest ? err_note(e, "try", "%s", nearest) : -1;
}

/* A configuration key's value has the key's own type; what is kept is the text of it. */
static int
take_key(struct arena *a, struct setup_answers *ans, enum answer_id id, const struct json *value, struct err *e)
{
	const struct schema_key *k = answer_key(id, value->type == JSON_STRING ? value->text : STR_NULL);
	struct config scratch = { .line = { 0 } };
	const struct json *at;

	if (config_apply(a, k, value, &scratch, &at, e) < 0)
		return -1;
	ans->text[id] = answers_text_of(a, &scratch, k);
	ans->is_set[id] = true;
	return 0;
}

static int
take(struct arena *a, struct setup_answers *ans, enum answer_id id, const struct json *value, struct err *e)
{
	const struct answer_row *row = &answer_rows[id];

	if (row->kind == ANSWER_OF_KEY)
		return take_key(a, ans, id, value, e);
	if (row->kind == ANSWER_BOOL && value->type != JSON_BOOL)
		return err_set(e, ERR_CONFIG, "has to be true or false");
	if (row->kind != ANSWER_BOOL && value->type != JSON_STRING)
		return err_set(e, ERR_CONFIG, "has to be a string");
	if (str_find_char(value->text, '\0') != STR_NONE)
		return err_set(e, ERR_CONFIG, "holds a control character");
	return answer_set(a, ans, id, arena_str(a, value->text), e);
}

static int
take_member(struct arena *a, struct str text, const char *path, const struct json *m, struct setup_answers *ans, struct err *e)
{
	struct str name = m->key->text;

	for (size_t i = 0; i < ANSWER__N; i++) {
		if (!str_is(name, answer_rows[i].name))
			continue;
		return take(a, ans, (enum answer_id)i, m, e) < 0 ? fail_at(text, path, m, answer_rows[i].name, e) : 0;
	}
	if (!str_is(name, "format")) {
		unknown(name, e);
		return fail_at(text, path, m->key, NULL, e);
	}
	if (json_int(m, 0) == FORMAT)
		return 0;
	err_set(e, ERR_CONFIG, "this program knows format %d", FORMAT);
	return fail_at(text, path, m, "format", e);
}

int
answers_parse(struct arena *a, struct str text, const char *path, struct setup_answers *ans, struct err *e)
{
	const struct json *root = jsonc_parse(a, text, e);

	if (!root) {
		e->code = ERR_CONFIG;
		return err_wrap(e, "%s", path);
	}
	if (!json_is(root, JSON_OBJECT)) {
		err_set(e, ERR_CONFIG, "the answers have to be an object: { ... }");
		return fail_at(text, path, root, NULL, e);
	}
	for (JSON_EACH(m, root))
		if (take_member(a, text, path, m, ans, e) < 0)
			return -1;
	return 0;
}

void
answers_put(const struct setup_answers *ans, struct buf *out)
{
	struct err ignored = ERR_INIT;

	buf_printf(out, "// Answers for: occ setup --answers FILE\n{\n\t\"format\": %d,\n", FORMAT);
	for (size_t i = 0; i < ANSWER__N; i++) {
		const struct answer_row *row = &answer_rows[i];
		AUTO(buf) struct buf json = BUF_INIT(CONFIG_BYTES_MAX);

		/* The name in the tailnet is another one on each machine. */
		if (i == ANSWER_PUBLIC_URL && answer_is(ans, ANSWER_REACH, REACH_TAILSCALE))
			continue;
		if (row->kind == ANSWER_BOOL)
			buf_puts(&json, ans->text[i]);
		else if (row->kind != ANSWER_OF_KEY || config_text_to_json(schema_find(row->key), str_of(ans->text[i]), true, &json, &ignored) < 0)
			jsonw_quote(&json, str_of(ans->text[i]));
		buf_printf(out, "\t// %s\n\t\"%s\": " STR_FMT "%s\n", row->text, row->name, STR_ARG(buf_str(&json)), i + 1 < ANSWER__N ? "," : "");
	}
	buf_puts(out, "}\n");
}
