/*
 * jsonedit.c - sets one value of a JSONC text
 *
 * Replacing touches the value's own bytes only. Adding puts the member behind everything else in its object, comments
 * included, and a comma right behind the value that was last. The result is parsed again before it is reported as good:
 * a text that we could not read back is never handed out.
 */
#include "lib/json/jsonedit.h"

#include "lib/json/jsonw.h"
#include "lib/json/layout.h"

/* How a new member is laid out. */
struct style {
	bool is_multi;		/* on a line of its own */
	bool is_spaced;		/* a blank behind colons (and commas) */
	struct str base;	/* indentation of the member's line: base, then `levels` times the unit */
	unsigned levels;
};

static void
put_line(const struct layout *l, const struct style *s, unsigned deeper, struct buf *out)
{
	buf_puts(out, l->eol);
	buf_putstr(out, s->base);
	for (unsigned i = 0; i < s->levels + deeper; i++)
		buf_putstr(out, l->unit);
}

/* A value of several lines keeps its shape below the indentation of its first line. */
static void
put_value(const struct layout *l, const struct style *s, unsigned deeper, struct str value, struct buf *out)
{
	struct str line;

	for (bool is_first = true; str_line(&value, &line); is_first = false) {
		if (!is_first)
			put_line(l, s, deeper, out);
		buf_putstr(out, line);
	}
}

static void
put_key(const struct style *s, struct str key, struct buf *out)
{
	jsonw_quote(out, key);
	buf_puts(out, s->is_spaced ? ": " : ":");
}

/* "key": value, or "key": { "next": { ... value } } when the path goes on. */
static void
put_member(const struct layout *l, const struct style *s, struct str path, struct str value, struct buf *out)
{
	unsigned deeper = 0;

	put_key(s, str_cut(&path, '.'), out);
	while (path.n > 0) {
		deeper++;
		buf_putc(out, '{');
		if (s->is_multi)
			put_line(l, s, deeper, out);
		put_key(s, str_cut(&path, '.'), out);
	}
	put_value(l, s, deeper, value, out);
	while (deeper-- > 0) {
		if (s->is_multi)
			put_line(l, s, deeper, out);
		buf_putc(out, '}');
	}
}

/* ---- where a new member goes ---- */

/* Behind the last value, comma or comment before the bracket, which is at close. */
static size_t
content_end(const struct layout *l, size_t close)
{
	while (str_find_char(STR_LIT(" \t\r\n"), l->marked.p[close - 1]) != STR_NONE)
		close--;
	return close;
}

/* To the end of the line if nothing but blanks follows on it. */
static size_t
to_line_end(const struct layout *l, size_t at)
{
	size_t end = layout_skip_blanks(l, at);

	return layout_at_newline(l, end) ? end : at;
}

/* Does a blank stand between the last member's key and its value? */
static bool
has_blank_before(const struct layout *l, const struct json *member)
{
	size_t from = layout_end(member->key);
	struct str between = str_skip(str_take(l->text, member->offset), from);

	return between.n > 1;
}

static const struct json *
last_child(const struct json *j)
{
	const struct json *last = NULL;

	for (JSON_EACH(m, j))
		last = m;
	return last;
}

static void
add_behind(const struct layout *l, const struct json *obj, const struct json *last, struct str path, struct str value,
	   struct buf *out)
{
	size_t close = layout_end(obj) - 1, value_end = layout_end(last), at = content_end(l, close);
	bool own_line = layout_has_newline(l, obj->offset, last->key->offset);
	bool has_comma = layout_comma(l, value_end, close) != STR_NONE;
	struct style s = {
		.is_multi = own_line || l->marked.p[at - 1] == LAYOUT_LINE,
		.is_spaced = has_blank_before(l, last),
		.base = layout_indent(l, own_line ? last->key->offset : obj->offset),
		.levels = own_line ? 0 : 1,
	};

	if (s.is_multi)
		at = to_line_end(l, at);
	buf_putstr(out, str_take(l->text, value_end));
	if (!has_comma)
		buf_putc(out, ',');
	buf_putstr(out, str_skip(str_take(l->text, at), value_end));
	if (s.is_multi)
		put_line(l, &s, 0, out);
	else if (s.is_spaced)
		buf_putc(out, ' ');
	put_member(l, &s, path, value, out);
	if (has_comma)
		buf_putc(out, ',');
	buf_putstr(out, str_skip(l->text, at));
}

/* Into an object without members, but perhaps with comments. An empty text is laid out for people. */
static void
add_first(const struct layout *l, const struct json *obj, struct str path, struct str value, struct buf *out)
{
	size_t close = layout_end(obj) - 1, at = content_end(l, close), rest;
	bool is_line_comment = l->marked.p[at - 1] == LAYOUT_LINE;
	struct style s = {
		.is_multi = is_line_comment || obj == l->root || layout_has_newline(l, l->root->offset, layout_end(l->root)),
		.base = layout_indent(l, obj->offset),
		.levels = 1,
	};

	s.is_spaced = s.is_multi;
	if (s.is_multi)
		at = to_line_end(l, at);
	rest = at;
	buf_putstr(out, str_take(l->text, at));
	if (s.is_multi)
		put_line(l, &s, 0, out);
	put_member(l, &s, path, value, out);
	if (s.is_multi && !layout_has_newline(l, at, close)) {
		rest = close;
		s.levels = 0;
		put_line(l, &s, 0, out);
	}
	buf_putstr(out, str_skip(l->text, rest));
}

/* ---- public ---- */

static void
replace(const struct layout *l, const struct json *old, struct str value, struct buf *out)
{
	struct style s = { .base = layout_indent(l, old->offset) };

	buf_putstr(out, str_take(l->text, old->offset));
	if (str_eq(str_take(str_skip(l->text, old->offset), old->raw.n), value))
		buf_putstr(out, value);
	else
		put_value(l, &s, 0, value, out);
	buf_putstr(out, str_skip(l->text, layout_end(old)));
}

static int
set(const struct layout *l, struct str path, struct str value, struct buf *out, struct err *e)
{
	const struct json *at = l->root;

	if (!json_is(at, JSON_OBJECT))
		return err_set(e, ERR_PARSE, "the text is not an object");
	for (;;) {
		struct str whole = path, key = str_cut(&path, '.');
		const struct json *member = json_member(at, key);

		if (!member) {
			const struct json *last = last_child(at);

			if (last)
				add_behind(l, at, last, whole, value, out);
			else
				add_first(l, at, whole, value, out);
			return 0;
		}
		if (path.n == 0) {
			replace(l, member, value, out);
			return 0;
		}
		if (!json_is(member, JSON_OBJECT))
			return err_set(e, ERR_PARSE, "'" STR_FMT "' is not an object", STR_ARG(str_take(key, 64)));
		at = member;
	}
}

int
jsonedit_set(struct str text, const char *dotted, struct str json_value, struct buf *out, struct err *e)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	size_t before = out->n;
	struct layout l;

	if (!layout_is_path(str_of(dotted)))
		return err_set(e, ERR_PARSE, "not a path of keys");
	if (!json_parse(&a, json_value, e))
		return err_wrap(e, "value");
	if (layout_read(&a, str_trim(text).n > 0 ? text : STR_LIT("{}\n"), &l, e) < 0)
		return -1;
	if (set(&l, str_of(dotted), str_trim(json_value), out, e) < 0 || buf_check(out, "edited text", e) < 0)
		return -1;
	if (!jsonc_parse(&a, str_skip(buf_str(out), before), e)) {
		buf_trunc(out, before);
		return err_wrap(e, "edited text");
	}
	return 0;
}
