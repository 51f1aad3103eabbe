/* json.c - finding one's way in a tree */
#include "lib/json/json.h"

#include "lib/base/num.h"

void
json_where(struct str text, size_t offset, unsigned *ret_line, unsigned *ret_column)
{
	struct str before = str_take(text, offset);
	size_t line_start = str_rfind_char(before, '\n');
	unsigned line = 1;

	for (size_t i = 0; i < before.n; i++)
		line += before.p[i] == '\n';
	*ret_line = line;
	*ret_column = (unsigned)(before.n - (line_start == STR_NONE ? 0 : line_start + 1)) + 1;
}

bool
json_is(const struct json *j, enum json_type type)
{
	return (j ? j->type : JSON_ABSENT) == type;
}

const struct json *
json_first(const struct json *j)
{
	return j ? j->child : NULL;
}

const struct json *
json_member(const struct json *j, struct str key)
{
	const struct json *found = NULL;

	for (JSON_EACH(m, j))
		if (m->key && str_eq(m->key->text, key))
			found = m;
	return found;
}

const struct json *
json_get(const struct json *j, const char *key)
{
	return json_member(j, str_of(key));
}

const struct json *
json_path(const struct json *j, const char *dotted)
{
	struct str rest = str_of(dotted);

	while (j && rest.n > 0)
		j = json_member(j, str_cut(&rest, '.'));
	return j;
}

const struct json *
json_at(const struct json *j, size_t i)
{
	const struct json *m = json_first(j);

	while (m && i-- > 0)
		m = m->next;
	return m;
}

const char *
json_str(const struct json *j, const char *dflt)
{
	return json_is(j, JSON_STRING) ? j->text.p : dflt;
}

int64_t
json_int(const struct json *j, int64_t dflt)
{
	struct err ignored;
	int64_t v;

	if (!json_is(j, JSON_NUMBER) || num_i64(j->text, INT64_MIN, INT64_MAX, &v, &ignored) < 0)
		return dflt;
	return v;
}

bool
json_bool(const struct json *j, bool dflt)
{
	return json_is(j, JSON_BOOL) ? j->text.p[0] == 't' : dflt;
}
