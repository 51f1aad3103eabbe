#include "lib/cli/layout.h"

unsigned
layout_width(unsigned screen)
{
	return screen < 40 ? 40 : screen > 200 ? 200 : screen;
}

static void
spaces(struct buf *out, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_putc(out, ' ');
}

/* Appends the words of one paragraph; the cursor stands at column `at`, behind whatever is in that line. */
static void
wrap_from(struct buf *out, struct str text, size_t at, size_t indent, size_t width)
{
	bool is_first = true;

	while (text.n > 0) {
		struct str word = str_cut(&text, ' ');

		if (word.n == 0)
			continue;
		if (!is_first && at + 1 + word.n > width) {
			buf_putc(out, '\n');
			spaces(out, indent);
			at = indent;
			is_first = true;
		}
		if (!is_first) {
			buf_putc(out, ' ');
			at++;
		}
		buf_putstr(out, word);
		at += word.n;
		is_first = false;
	}
	buf_putc(out, '\n');
}

void
layout_wrap(struct buf *out, struct str text, unsigned indent, unsigned width)
{
	bool is_first = true;

	if (width > LAYOUT_TEXT_MAX)
		width = LAYOUT_TEXT_MAX;
	while (text.n > 0) {
		struct str paragraph = str_cut(&text, '\n');

		if (!is_first)
			buf_putc(out, '\n');
		spaces(out, indent);
		wrap_from(out, paragraph, indent, indent, width);
		is_first = false;
	}
}

void
layout_pair(struct buf *out, struct str left, struct str right, unsigned indent, unsigned col, unsigned width)
{
	size_t at = indent + left.n;

	spaces(out, indent);
	buf_putstr(out, left);
	if (right.n == 0) {
		buf_putc(out, '\n');
		return;
	}
	if (at + 2 > col) {
		buf_putc(out, '\n');
		at = 0;
	}
	spaces(out, col - at);
	wrap_from(out, right, col, col, width);
}

void
layout_sentence(struct buf *out, const char *brief)
{
	char first = brief[0];

	if (first >= 'a' && first <= 'z')
		first = (char)(first - 'a' + 'A');
	buf_putc(out, first);
	buf_puts(out, brief + 1);
	buf_putc(out, '.');
}
