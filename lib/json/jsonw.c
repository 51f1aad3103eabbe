/* jsonw.c - commas, escapes and nesting */
#include "lib/json/jsonw.h"

#include <inttypes.h>

#define REPLACEMENT "\xef\xbf\xbd"	/* U+FFFD */

/* ---- strings ---- */

/* What cannot stand for itself. */
static void
put_escaped(struct buf *out, char c)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	size_t at = str_find_char(STR_LIT(from), c);

	if (at != STR_NONE) {
		buf_putc(out, '\\');
		buf_putc(out, to[at]);
	} else {
		buf_printf(out, "\\u%04x", (unsigned)(unsigned char)c);
	}
}

/* Bytes at the front that stand for themselves. */
static size_t
plain_run(struct str s)
{
	size_t n = 0;

	while (n < s.n && (unsigned char)s.p[n] >= 0x20 && s.p[n] != 0x7f && s.p[n] != '"' && s.p[n] != '\\')
		n++;
	return n;
}

void
jsonw_quote(struct buf *out, struct str s)
{
	buf_putc(out, '"');
	while (s.n > 0) {
		struct str valid = str_take(s, str_utf8_valid(s));

		s = str_skip(s, valid.n);
		while (valid.n > 0) {
			size_t n = plain_run(valid);

			buf_putstr(out, str_take(valid, n));
			valid = str_skip(valid, n);
			if (valid.n > 0)
				put_escaped(out, valid.p[0]);
			valid = str_skip(valid, 1);
		}
		if (s.n > 0)
			buf_puts(out, REPLACEMENT);
		s = str_skip(s, 1);
	}
	buf_putc(out, '"');
}

/* ---- structure ---- */

static void
line_break(struct jsonw *w)
{
	if (w->indent == 0)
		return;
	buf_putc(w->out, '\n');
	for (unsigned i = 0; i < w->depth * w->indent; i++)
		buf_putc(w->out, ' ');
}

/* Comma, line and key before a value. */
static void
begin(struct jsonw *w, const char *key)
{
	if (w->depth > 0) {
		if (w->has_items[w->depth - 1])
			buf_putc(w->out, ',');
		w->has_items[w->depth - 1] = true;
		line_break(w);
	}
	if (!key)
		return;
	jsonw_quote(w->out, str_of(key));
	buf_puts(w->out, w->indent > 0 ? ": " : ":");
}

static void
open_container(struct jsonw *w, const char *key, bool array)
{
	if (w->depth == JSONW_DEPTH_MAX)
		BUG("jsonw: nested too deeply");
	begin(w, key);
	buf_putc(w->out, array ? '[' : '{');
	w->has_items[w->depth] = false;
	w->is_array[w->depth] = array;
	w->depth++;
}

void
jsonw_object(struct jsonw *w, const char *key)
{
	open_container(w, key, false);
}

void
jsonw_array(struct jsonw *w, const char *key)
{
	open_container(w, key, true);
}

void
jsonw_end(struct jsonw *w)
{
	if (w->depth == 0)
		BUG("jsonw_end: nothing is open");
	w->depth--;
	if (w->has_items[w->depth])
		line_break(w);
	buf_putc(w->out, w->is_array[w->depth] ? ']' : '}');
}

/* ---- values ---- */

void
jsonw_str(struct jsonw *w, const char *key, const char *value)
{
	if (value)
		jsonw_text(w, key, str_of(value));
	else
		jsonw_null(w, key);
}

void
jsonw_text(struct jsonw *w, const char *key, struct str value)
{
	begin(w, key);
	jsonw_quote(w->out, value);
}

void
jsonw_strings(struct jsonw *w, const char *key, const char *const *values)
{
	jsonw_array(w, key);
	for (; values && *values; values++)
		jsonw_str(w, NULL, *values);
	jsonw_end(w);
}

void
jsonw_int(struct jsonw *w, const char *key, int64_t value)
{
	begin(w, key);
	buf_printf(w->out, "%" PRId64, value);
}

void
jsonw_bool(struct jsonw *w, const char *key, bool value)
{
	begin(w, key);
	buf_puts(w->out, value ? "true" : "false");
}

void
jsonw_null(struct jsonw *w, const char *key)
{
	begin(w, key);
	buf_puts(w->out, "null");
}

void
jsonw_raw(struct jsonw *w, const char *key, struct str json)
{
	begin(w, key);
	buf_putstr(w->out, json);
}
