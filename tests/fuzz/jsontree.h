/*
 * jsontree.h - what holds for every JSON tree, for tests and fuzzers of lib/json
 *
 * Trees are at most JSON_DEPTH_MAX deep, so that recursion is bounded. Header-only.
 */
#ifndef OCC_TESTS_FUZZ_JSONTREE_H
#define OCC_TESTS_FUZZ_JSONTREE_H

#include <string.h>

#include "lib/json/json.h"
#include "lib/json/jsonw.h"

#define TREE_FN static __attribute__((unused))

/* Same types, same keys in the same order, strings decoded, numbers as written. */
TREE_FN bool
tree_same(const struct json *a, const struct json *b)
{
	const struct json *x = json_first(a), *y = json_first(b);

	if (!a || !b || a->type != b->type || a->n != b->n || !str_eq(a->text, b->text))
		return a == b;
	for (; x && y; x = x->next, y = y->next) {
		if (!x->key != !y->key || (x->key && !str_eq(x->key->text, y->key->text)))
			return false;
		if (!tree_same(x, y))
			return false;
	}
	return !x && !y;
}

TREE_FN void
tree_write(const struct json *j, struct buf *out)
{
	const struct json *m = json_first(j);

	if (j->type == JSON_STRING) {
		jsonw_quote(out, j->text);
		return;
	}
	if (j->type != JSON_OBJECT && j->type != JSON_ARRAY) {
		buf_putstr(out, j->text);
		return;
	}
	buf_putc(out, j->type == JSON_OBJECT ? '{' : '[');
	for (; m; m = m->next) {
		if (m->key) {
			jsonw_quote(out, m->key->text);
			buf_putc(out, ':');
		}
		tree_write(m, out);
		if (m->next)
			buf_putc(out, ',');
	}
	buf_putc(out, j->type == JSON_OBJECT ? '}' : ']');
}

/* raw is what stands at offset (comments are blanked in containers); counts, keys and NULs are right. */
TREE_FN bool
tree_is_sound(const struct json *j, struct str text)
{
	struct str at = str_take(str_skip(text, j->offset), j->raw.n);
	size_t n = 0;

	if (at.n != j->raw.n || at.n == 0)
		return false;
	if (j->type == JSON_OBJECT || j->type == JSON_ARRAY) {
		if (at.p[0] != j->raw.p[0] || at.p[at.n - 1] != j->raw.p[at.n - 1])
			return false;
	} else if (!str_eq(at, j->raw)) {
		return false;
	}
	if (j->type == JSON_STRING && (j->text.p[j->text.n] != '\0' || str_utf8_valid(j->text) != j->text.n))
		return false;
	for (JSON_EACH(m, j)) {
		n++;
		if (!m->key != (j->type == JSON_ARRAY))
			return false;
		if (m->key && (m->key->type != JSON_STRING || !tree_is_sound(m->key, text)))
			return false;
		if (!tree_is_sound(m, text))
			return false;
	}
	return n == j->n;
}

#endif
