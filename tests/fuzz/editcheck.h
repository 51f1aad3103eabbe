/*
 * editcheck.h - what holds for every edit of a JSONC text, for tests and fuzzers
 *
 * The model writes the tree of the old text with the change in it; the edited text has to read back as that. Beyond the tree:
 * a replacement changes the value's bytes only, an addition keeps every comment, a removal only leaves bytes out. Each function
 * gives NULL, or what is wrong. Header-only.
 */
#ifndef OCC_TESTS_FUZZ_EDITCHECK_H
#define OCC_TESTS_FUZZ_EDITCHECK_H

#include "lib/json/jsonc.h"
#include "lib/json/jsonedit.h"
#include "tests/fuzz/jsontree.h"

/* ---- model ---- */

/* The new member as the model writes it: the rest of the path is nested objects. */
TREE_FN void
model_new(struct str path, const struct json *value, struct buf *out)
{
	size_t open = 0;

	jsonw_quote(out, str_cut(&path, '.'));
	buf_putc(out, ':');
	for (; path.n > 0; open++) {
		buf_putc(out, '{');
		jsonw_quote(out, str_cut(&path, '.'));
		buf_putc(out, ':');
	}
	tree_write(value, out);
	while (open-- > 0)
		buf_putc(out, '}');
}

/* Object j with path set to value, or, without a value, every member of that name left out. */
TREE_FN void
model_edit(const struct json *j, struct str path, const struct json *value, struct buf *out)
{
	struct str rest = path, key = str_cut(&rest, '.');
	const struct json *target = json_member(j, key);
	bool is_first = true;

	buf_putc(out, '{');
	for (JSON_EACH(m, j)) {
		bool is_named = str_eq(m->key->text, key);

		if (is_named && !value && rest.n == 0)
			continue;
		if (!is_first)
			buf_putc(out, ',');
		is_first = false;
		jsonw_quote(out, m->key->text);
		buf_putc(out, ':');
		if (m == target && rest.n > 0 && json_is(m, JSON_OBJECT))
			model_edit(m, rest, value, out);
		else if (m == target && value && rest.n == 0)
			tree_write(value, out);
		else
			tree_write(m, out);
	}
	if (!target && value) {
		if (!is_first)
			buf_putc(out, ',');
		model_new(path, value, out);
	}
	buf_putc(out, '}');
}

/* ---- bytes ---- */

/* All comments, without carriage returns: before a line end they belong to it, and line ends may be mixed. */
TREE_FN void
comments_of(struct str text, struct buf *out)
{
	size_t end;

	for (size_t at = 0; at < text.n; at = end) {
		enum jsonc_kind kind = jsonc_span(text, at, &end);

		for (; (kind == JSONC_LINE || kind == JSONC_BLOCK) && at < end; at++)
			if (text.p[at] != '\r')
				buf_putc(out, text.p[at]);
	}
}

TREE_FN bool
is_subsequence(struct str part, struct str whole, bool but_space)
{
	size_t at = 0;

	for (size_t i = 0; i < part.n; i++) {
		if (but_space && str_find_char(STR_LIT(" \t\r\n"), part.p[i]) != STR_NONE)
			continue;
		while (at < whole.n && whole.p[at] != part.p[i])
			at++;
		if (at++ >= whole.n)
			return false;
	}
	return true;
}

/* The last value on the path, if all of it is there. */
TREE_FN const struct json *
path_value(const struct json *root, struct str path)
{
	while (root && path.n > 0)
		root = json_member(root, str_cut(&path, '.'));
	return root;
}

/* ---- edits ---- */

TREE_FN const char *
check_set(struct str text, const char *path, struct str value)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	AUTO(buf) struct buf out = BUF_INIT(JSON_TEXT_MAX), model = BUF_INIT(JSON_TEXT_MAX), c1 = BUF_INIT(JSON_TEXT_MAX),
			     c2 = BUF_INIT(JSON_TEXT_MAX), twice = BUF_INIT(JSON_TEXT_MAX);
	struct err e = ERR_INIT;
	const struct json *was, *now, *old, *v;

	if (jsonedit_set(text, path, value, &out, &e) < 0)
		return out.n > 0 ? "a failed edit left bytes" : NULL;
	was = jsonc_parse(&a, str_trim(text).n > 0 ? text : STR_LIT("{}"), &e);
	now = jsonc_parse(&a, buf_str(&out), &e);
	v = json_parse(&a, value, &e);
	if (!was || !now || !v)
		return "an edit of, to or with what does not parse";
	model_edit(was, str_of(path), v, &model);
	if (!tree_same(json_parse(&a, buf_str(&model), &e), now))
		return "the edited text reads back as another tree";
	old = path_value(was, str_of(path));
	if (old) {
		size_t tail = text.n - old->offset - old->raw.n;

		if (!str_eq(str_take(text, old->offset), str_take(buf_str(&out), old->offset)) || out.n < tail ||
		    !str_eq(str_skip(text, text.n - tail), str_skip(buf_str(&out), out.n - tail)))
			return "a replacement changed bytes outside the value";
	} else {
		comments_of(text, &c1);
		comments_of(buf_str(&out), &c2);
		if (!str_eq(buf_str(&c1), buf_str(&c2)))
			return "an addition changed a comment";
		if (!is_subsequence(text, buf_str(&out), true))
			return "an addition took bytes away";
	}
	if (str_find_char(value, '\n') == STR_NONE &&
	    (jsonedit_set(buf_str(&out), path, value, &twice, &e) < 0 || !str_eq(buf_str(&out), buf_str(&twice))))
		return "the same edit again changed something";
	return NULL;
}

TREE_FN const char *
check_unset(struct str text, const char *path)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	AUTO(buf) struct buf out = BUF_INIT(JSON_TEXT_MAX), model = BUF_INIT(JSON_TEXT_MAX);
	struct err e = ERR_INIT;
	const struct json *was, *now;

	if (jsonedit_unset(text, path, &out, &e) < 0)
		return out.n > 0 ? "a failed removal left bytes" : NULL;
	if (str_trim(text).n == 0)
		return str_eq(text, buf_str(&out)) ? NULL : "an empty text was changed";
	was = jsonc_parse(&a, text, &e);
	now = jsonc_parse(&a, buf_str(&out), &e);
	if (!was || !now)
		return "a removal from or to what does not parse";
	if (!path_value(was, str_of(path)) && !str_eq(text, buf_str(&out)))
		return "removing what is not there changed the text";
	if (json_is(was, JSON_OBJECT)) {
		model_edit(was, str_of(path), NULL, &model);
		if (!tree_same(json_parse(&a, buf_str(&model), &e), now))
			return "the text without the member reads back as another tree";
	}
	return is_subsequence(buf_str(&out), text, false) ? NULL : "a removal added bytes";
}

#endif
