/*
 * jsonedit_unset.c - removes one member of a JSONC text
 *
 * With the member go its comma, the comment behind it on its line, and the line if nothing else is on it. A line end is only
 * removed with its whole line: otherwise what follows would end up in a // comment of the line above.
 */
#include "lib/json/jsonedit.h"
#include "lib/json/layout.h"

/* What goes: [from, to), and one comma before it unless that is STR_NONE. */
struct cut {
	size_t from, to;
	size_t comma;
};

/* Behind blanks and comments at `at`, if the line ends there; STR_NONE if anything else follows on it. */
static size_t
rest_of_line(const struct layout *l, size_t at)
{
	for (; at < l->marked.n; at++) {
		char c = l->marked.p[at];

		if (layout_at_newline(l, at))
			return at;
		if (c == LAYOUT_BLOCK && l->text.p[at] == '\n')
			return STR_NONE;	/* a comment of several lines is about what follows */
		if (c != ' ' && c != '\t' && c != LAYOUT_LINE && c != LAYOUT_BLOCK)
			return STR_NONE;
	}
	return STR_NONE;
}

static size_t
back_over_blanks(const struct layout *l, size_t at)
{
	while (at > 0 && (l->marked.p[at - 1] == ' ' || l->marked.p[at - 1] == '\t'))
		at--;
	return at;
}

/* The comma behind the member, or, if there is none, the one before it. */
static void
find_comma(const struct layout *l, const struct json *obj, const struct json *member, struct cut *c)
{
	const struct json *next = member->next, *prev = NULL;
	size_t limit = next ? next->key->offset : layout_end(obj) - 1;
	size_t behind = layout_comma(l, c->to, limit);

	c->comma = STR_NONE;
	if (behind != STR_NONE) {
		c->to = behind + 1;
		return;
	}
	for (JSON_EACH(m, obj)) {
		if (m == member)
			break;
		prev = m;
	}
	if (prev)
		c->comma = layout_comma(l, layout_end(prev), c->from);
}

static struct cut
find_cut(const struct layout *l, const struct json *obj, const struct json *member)
{
	struct cut c = { .from = member->key->offset, .to = layout_end(member) };
	size_t line_end, line_start = layout_line_start(l, c.from);
	bool begins_line;

	find_comma(l, obj, member, &c);
	line_end = rest_of_line(l, c.to);
	begins_line = back_over_blanks(l, c.from) == line_start;
	if (line_end != STR_NONE && begins_line)
		return (struct cut){ line_start, layout_next_line(l, line_end), c.comma };
	if (line_end != STR_NONE)
		return (struct cut){ back_over_blanks(l, c.from), line_end, c.comma };
	if (begins_line || member->next || layout_comma(l, layout_end(member), layout_end(obj) - 1) != STR_NONE)
		c.to = layout_skip_blanks(l, c.to);
	else
		c.from = back_over_blanks(l, c.from);
	return c;
}

static void
put_without(struct str text, const struct cut *c, struct buf *out)
{
	if (c->comma == STR_NONE) {
		buf_putstr(out, str_take(text, c->from));
	} else {
		buf_putstr(out, str_take(text, c->comma));
		buf_putstr(out, str_skip(str_take(text, c->from), c->comma + 1));
	}
	buf_putstr(out, str_skip(text, c->to));
}

/* The object that holds the path's last key, which *path is left with; NULL when there is none. */
static const struct json *
parent_of(const struct json *root, struct str *path)
{
	const struct json *at = root;

	for (;;) {
		struct str rest = *path, key = str_cut(&rest, '.');

		if (!json_is(at, JSON_OBJECT) || rest.n == 0)
			return json_is(at, JSON_OBJECT) ? at : NULL;
		at = json_member(at, key);
		*path = rest;
	}
}

/* Removes the last member of that name: 1 with the new text in out, 0 when there is none, -1. */
static int
unset_one(struct str text, const char *dotted, struct buf *out, struct err *e)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	struct str path = str_of(dotted);
	const struct json *obj, *member;
	struct layout l;
	struct cut c;

	if (str_trim(text).n == 0)
		return 0;
	if (layout_read(&a, text, &l, e) < 0)
		return -1;
	obj = parent_of(l.root, &path);
	member = json_member(obj, path);
	if (!member)
		return 0;
	c = find_cut(&l, obj, member);
	put_without(text, &c, out);
	return buf_check(out, "edited text", e) < 0 ? -1 : 1;
}

/* A key that stands there twice has to go twice. */
int
jsonedit_unset(struct str text, const char *dotted, struct buf *out, struct err *e)
{
	AUTO(buf) struct buf now = BUF_INIT(JSON_TEXT_MAX);

	if (!layout_is_path(str_of(dotted)))
		return err_set(e, ERR_PARSE, "not a path of keys");
	buf_putstr(&now, text);
	if (buf_check(&now, "text", e) < 0)
		return -1;
	for (;;) {
		AUTO(buf) struct buf next = BUF_INIT(JSON_TEXT_MAX);
		int removed = unset_one(buf_str(&now), dotted, &next, e);
		struct buf old = now;

		if (removed < 0)
			return -1;
		if (removed == 0)
			break;
		now = next;
		next = old;
	}
	buf_putstr(out, buf_str(&now));
	return buf_check(out, "edited text", e);
}
