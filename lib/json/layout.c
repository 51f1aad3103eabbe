/* layout.c - lines, indentation, comments and commas of a JSONC text */
#include "lib/json/layout.h"

#include <string.h>

#include "lib/json/jsonc.h"

static struct str
mark_comments(struct arena *a, struct str text)
{
	char *copy = arena_str(a, text);
	size_t end;

	for (size_t at = 0; at < text.n; at = end) {
		enum jsonc_kind kind = jsonc_span(text, at, &end);

		if (kind == JSONC_LINE)
			memset(copy + at, LAYOUT_LINE, end - at);
		else if (kind == JSONC_BLOCK)
			memset(copy + at, LAYOUT_BLOCK, end - at);
	}
	return str_from(copy, text.n);
}

/* How much deeper the members of j begin than the line of j itself; empty when they are on that line. */
static struct str
deeper(const struct layout *l, const struct json *j)
{
	struct str outer = layout_indent(l, j->offset), inner;
	const struct json *m = json_first(j);
	size_t at;

	if (!m)
		return STR_NULL;
	at = m->key ? m->key->offset : m->offset;
	if (!layout_has_newline(l, j->offset, at))
		return STR_NULL;
	inner = layout_indent(l, at);
	return inner.n > outer.n ? str_skip(inner, outer.n) : STR_NULL;
}

/* One level as the root shows it, else as the first of its members does. */
static struct str
find_unit(const struct layout *l)
{
	struct str unit = deeper(l, l->root);

	for (JSON_EACH(m, l->root))
		if (unit.n == 0)
			unit = deeper(l, m);
	return unit.n > 0 ? unit : STR_LIT("  ");
}

int
layout_read(struct arena *a, struct str text, struct layout *ret, struct err *e)
{
	size_t lf = str_find_char(text, '\n');

	ret->text = text;
	ret->root = jsonc_parse(a, text, e);
	if (!ret->root)
		return -1;
	ret->marked = mark_comments(a, text);
	ret->eol = lf != STR_NONE && lf > 0 && text.p[lf - 1] == '\r' ? "\r\n" : "\n";
	ret->unit = find_unit(ret);
	return 0;
}

size_t
layout_end(const struct json *j)
{
	return j->offset + j->raw.n;
}

size_t
layout_line_start(const struct layout *l, size_t at)
{
	size_t lf = str_rfind_char(str_take(l->text, at), '\n');

	return lf == STR_NONE ? 0 : lf + 1;
}

size_t
layout_skip_blanks(const struct layout *l, size_t at)
{
	while (at < l->marked.n && (l->marked.p[at] == ' ' || l->marked.p[at] == '\t'))
		at++;
	return at;
}

struct str
layout_indent(const struct layout *l, size_t at)
{
	size_t start = layout_line_start(l, at);

	return str_take(str_skip(l->text, start), layout_skip_blanks(l, start) - start);
}

bool
layout_has_newline(const struct layout *l, size_t from, size_t to)
{
	return str_find_char(str_skip(str_take(l->text, to), from), '\n') != STR_NONE;
}

bool
layout_at_newline(const struct layout *l, size_t at)
{
	struct str rest = str_skip(l->marked, at);

	return str_has_prefix(rest, "\n") || str_has_prefix(rest, "\r\n");
}

size_t
layout_next_line(const struct layout *l, size_t at)
{
	return at + (l->text.p[at] == '\r' ? 2 : 1);
}

size_t
layout_comma(const struct layout *l, size_t from, size_t to)
{
	size_t at = str_find_char(str_skip(str_take(l->marked, to), from), ',');

	return at == STR_NONE ? STR_NONE : from + at;
}

/* Dots at either end or side by side name no key, more keys than levels fit in no text, and a key that is not UTF-8
 * would be written as another one. */
bool
layout_is_path(struct str path)
{
	bool is_utf8 = str_utf8_valid(path) == path.n;
	unsigned n = 0;

	for (struct str key; path.n > 0; n++) {
		bool is_last = str_find_char(path, '.') == STR_NONE;

		key = str_cut(&path, '.');
		if (key.n == 0 || (path.n == 0 && !is_last))
			return false;
	}
	return n > 0 && n < JSON_DEPTH_MAX && is_utf8;
}
