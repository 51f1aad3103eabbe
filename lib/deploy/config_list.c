/*
 * config_list.c - one element more or less in an array of a JSONC text
 *
 * Arrays with an element a line keep it so, each with its comment. The caller reads the result again and compares: where a layout is
 * stranger than these rules know, it falls back to writing the array anew.
 */
#include "lib/deploy/config_value.h"

static size_t
end_of(const struct json *j)
{
	return j->offset + j->raw.n;
}

/* First byte at or after `at` that is neither white space nor in a comment; `end` if there is none. */
static size_t
skip_blank(struct str text, size_t at, size_t end)
{
	while (at < end) {
		struct str rest = str_take(str_skip(text, at), end - at);
		size_t n;

		if (str_has_prefix(rest, "//")) {
			n = str_find_char(rest, '\n');
			at = n == STR_NONE ? end : at + n + 1;
		} else if (str_has_prefix(rest, "/*")) {
			n = str_find(str_skip(rest, 2), STR_LIT("*/"));
			at = n == STR_NONE ? end : at + n + 4;
		} else if (rest.p[0] == ' ' || rest.p[0] == '\t' || rest.p[0] == '\r' || rest.p[0] == '\n') {
			at++;
		} else {
			return at;
		}
	}
	return end;
}

/* Start of the line that `at` stands in, and the end of that line without its LF and a CR before it. */
static size_t
line_start(struct str text, size_t at)
{
	size_t lf = str_rfind_char(str_take(text, at), '\n');

	return lf == STR_NONE ? 0 : lf + 1;
}

static size_t
line_end(struct str text, size_t at)
{
	size_t lf = str_find_char(str_skip(text, at), '\n');
	size_t end = lf == STR_NONE ? text.n : at + lf;

	return end > at && text.p[end - 1] == '\r' ? end - 1 : end;
}

static struct str
indent_of(struct str text, size_t at)
{
	struct str line = str_skip(text, line_start(text, at));
	size_t n = 0;

	while (n < line.n && (line.p[n] == ' ' || line.p[n] == '\t'))
		n++;
	return str_take(line, n);
}

static void
put_range(struct str text, size_t from, size_t to, struct buf *out)
{
	buf_putstr(out, str_take(str_skip(text, from), to - from));
}

static const struct json *
last_of(const struct json *array)
{
	return array->n > 0 ? json_at(array, array->n - 1) : NULL;
}

/* Into an array without elements: a comment inside stays, and the element comes in a line of its own behind it. */
static void
insert_first(struct str text, size_t open, size_t close, struct str element, struct buf *out)
{
	size_t at = close;

	while (at > open && (text.p[at - 1] == ' ' || text.p[at - 1] == '\t' || text.p[at - 1] == '\r' || text.p[at - 1] == '\n'))
		at--;
	put_range(text, 0, at, out);
	if (at > open) {
		buf_puts(out, line_end(text, at) < text.n && text.p[line_end(text, at)] == '\r' ? "\r\n" : "\n");
		buf_putstr(out, indent_of(text, at));
	}
	buf_putstr(out, element);
	put_range(text, at, text.n, out);
}

void
config_list_insert(struct str text, const struct json *array, struct str element, struct buf *out)
{
	const struct json *last = last_of(array);
	size_t close = end_of(array) - 1, at, comma, stop;
	bool has_comma;

	if (!last) {
		insert_first(text, array->offset + 1, close, element, out);
		return;
	}
	at = end_of(last);
	comma = skip_blank(text, at, close);
	has_comma = comma < close && text.p[comma] == ',';
	put_range(text, 0, at, out);
	buf_puts(out, has_comma ? "" : ",");
	stop = has_comma ? comma + 1 : at;
	put_range(text, at, stop, out);
	if (line_end(text, stop) >= close) {
		/* The bracket stands in the same line. */
		buf_putc(out, ' ');
		buf_putstr(out, element);
		put_range(text, stop, text.n, out);
		return;
	}
	put_range(text, stop, line_end(text, stop), out);
	buf_puts(out, text.p[line_end(text, stop)] == '\r' ? "\r\n" : "\n");
	buf_putstr(out, indent_of(text, last->offset));
	buf_putstr(out, element);
	buf_puts(out, has_comma ? "," : "");
	put_range(text, line_end(text, stop), text.n, out);
}

/* The element is all of its line but for its comma and a comment behind it. */
static bool
is_alone_in_line(struct str text, const struct json *j, size_t close)
{
	size_t start = line_start(text, j->offset), end = line_end(text, end_of(j)), at = end_of(j);
	struct str before = str_take(str_skip(text, start), j->offset - start);

	if (str_trim(before).n > 0 || end >= close)
		return false;
	at = skip_blank(text, at, end);
	if (at < end && text.p[at] == ',')
		at = skip_blank(text, at + 1, end);
	return at >= end;
}

void
config_list_delete(struct str text, const struct json *array, size_t i, struct buf *out)
{
	const struct json *j = json_at(array, i), *before = i > 0 ? json_at(array, i - 1) : NULL;
	size_t close = end_of(array) - 1, from = j->offset, to = end_of(j);

	if (is_alone_in_line(text, j, close)) {
		size_t lf = str_find_char(str_skip(text, to), '\n');

		from = line_start(text, from);
		to = lf == STR_NONE ? text.n : to + lf + 1;
	} else if (j->next) {
		to = j->next->offset;
	} else if (before) {
		from = end_of(before);
	} else {
		size_t comma = skip_blank(text, to, close);

		to = comma < close && text.p[comma] == ',' ? comma + 1 : to;
	}
	put_range(text, 0, from, out);
	put_range(text, to, text.n, out);
}
