#include "lib/term/clean.h"

static bool
is_continuation(char c)
{
	return ((unsigned char)c & 0xC0) == 0x80;
}

/* Length of the code point at the beginning of valid UTF-8. */
static size_t
point_bytes(struct str s)
{
	size_t n = 1;

	while (n < s.n && is_continuation(s.p[n]))
		n++;
	return n;
}

/* C1 controls are U+0080..U+009F; U+202A..U+202E and U+2066..U+2069 turn the reading direction. */
static bool
is_hidden(struct str point)
{
	unsigned char a = (unsigned char)point.p[0];
	unsigned char b = point.n > 1 ? (unsigned char)point.p[1] : 0;
	unsigned char c = point.n > 2 ? (unsigned char)point.p[2] : 0;

	if (point.n == 1)
		return a < 0x20 || a == 0x7F;
	if (point.n == 2)
		return a == 0xC2 && b < 0xA0;
	if (point.n == 3 && a == 0xE2)
		return (b == 0x80 && c >= 0xAA && c <= 0xAE) || (b == 0x81 && c >= 0xA6 && c <= 0xA9);
	return false;
}

void
clean_put(struct buf *out, struct str text)
{
	while (text.n > 0) {
		struct str good = str_take(text, str_utf8_valid(text));

		text = str_skip(text, good.n);
		while (good.n > 0) {
			struct str point = str_take(good, point_bytes(good));

			if (point.p[0] == '\n' || point.p[0] == '\r' || point.p[0] == '\t')
				buf_putc(out, ' ');
			else if (is_hidden(point))
				buf_putc(out, '?');
			else
				buf_putstr(out, point);
			good = str_skip(good, point.n);
		}
		if (text.n > 0) {
			buf_putc(out, '?');
			text = str_skip(text, 1);
		}
	}
}

size_t
clean_columns(struct str text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++)
		n += !is_continuation(text.p[i]);
	return n;
}

struct str
clean_cut(struct str text, size_t columns)
{
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++) {
		if (is_continuation(text.p[i]))
			continue;
		if (n == columns)
			return str_take(text, i);
		n++;
	}
	return text;
}
