#include "lib/term/term.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/term/clean.h"
#include "lib/term/out.h"
#include "lib/term/raw.h"

#define PROGRESS_EVERY_MS 100
#define TABLE_COLUMNS_MAX 16

/* ---- what the screen can do ---------------------------------------------------------------------------- */

static unsigned
width_of_screen(bool is_tty)
{
	unsigned columns, rows;
	uint64_t said;
	struct err e = ERR_INIT;
	const char *env = getenv("COLUMNS");

	term_size(&columns, &rows);
	if (!is_tty && env && num_u64(str_of(env), 1, 1000, &said, &e) == 0)
		columns = (unsigned)said;
	return columns;
}

void
term_init(struct term *t, bool no_colour, bool quiet)
{
	const char *kind = getenv("TERM");
	const char *refused = getenv("NO_COLOR");
	bool is_able = kind && kind[0] && strcmp(kind, "dumb") != 0;

	if (refused && refused[0])
		no_colour = true;
	*t = (struct term){
		.is_in_tty = isatty(STDIN_FILENO),
		.is_out_tty = isatty(STDOUT_FILENO),
		.is_err_tty = isatty(STDERR_FILENO),
		.is_quiet = quiet,
	};
	t->has_colour = t->is_out_tty && is_able && !no_colour;
	t->has_err_colour = t->is_err_tty && is_able && !no_colour;
	t->can_redraw = t->is_err_tty && is_able;
	t->width = width_of_screen(t->is_out_tty || t->is_err_tty);
}

/* ---- results ------------------------------------------------------------------------------------------- */

void
term_put(struct term *t, struct str s)
{
	out_put(t, s);
}

void
term_printf(struct term *t, const char *fmt, ...)
{
	AUTO(buf) struct buf text = BUF_INIT(1 << 20);
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	out_put(t, buf_str(&text));
}

/* Label padded to its column in a style, then the cleaned text, then a line feed. */
static void
put_labelled(struct buf *line, const char *label, size_t column, struct str text, bool colour, enum term_style s)
{
	AUTO(buf) struct buf clean = BUF_INIT(OUT_LINE_MAX);
	size_t n;

	clean_put(&clean, str_of(label));
	n = clean_columns(buf_str(&clean));
	buf_puts(line, out_style(colour, s));
	buf_putstr(line, buf_str(&clean));
	buf_puts(line, out_plain(colour, s));
	for (column = column > n + 2 ? column : n + 2; n < column; n++)
		buf_putc(line, ' ');
	clean_put(line, text);
	buf_putc(line, '\n');
}

static void PRINTF_LIKE(5, 0)
put_report_line(struct term *t, const char *indent, const char *label, size_t column, const char *fmt, va_list ap)
{
	AUTO(buf) struct buf text = BUF_INIT(OUT_LINE_MAX);
	AUTO(buf) struct buf line = BUF_INIT(2 * OUT_LINE_MAX);

	if (t->is_quiet)
		return;
	buf_vprintf(&text, fmt, ap);
	buf_puts(&line, indent);
	put_labelled(&line, label, column, buf_str(&text), t->has_colour, TERM_BOLD);
	out_put(t, buf_str(&line));
}

void
term_row(struct term *t, const char *label, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put_report_line(t, "", label, 11, fmt, ap);
	va_end(ap);
}

void
term_item(struct term *t, const char *label, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	/* Two columns: of names ("container"), and of phrases ("From your laptop"). */
	put_report_line(t, "  ", label, strlen(label) <= 10 ? 12 : 19, fmt, ap);
	va_end(ap);
}

void
term_paint(const struct term *t, enum term_style s, struct str text, struct buf *out)
{
	buf_puts(out, out_style(t->has_colour, s));
	buf_putstr(out, text);
	buf_puts(out, out_plain(t->has_colour, s));
}

static size_t
put_cell(struct buf *line, const char *cell)
{
	size_t before = line->n;

	clean_put(line, str_of(cell));
	return clean_columns(str_skip(buf_str(line), before));
}

void
term_table(struct term *t, const char *const *cells, size_t n_columns, size_t n_rows)
{
	size_t widest[TABLE_COLUMNS_MAX] = { 0 };
	AUTO(buf) struct buf text = BUF_INIT(1 << 24);

	if (n_columns > TABLE_COLUMNS_MAX)
		BUG("a table of that many columns");
	for (size_t i = 0; i < n_columns * n_rows; i++) {
		size_t n = put_cell(&text, cells[i]);

		if (n > widest[i % n_columns])
			widest[i % n_columns] = n;
		buf_reset(&text);
	}
	for (size_t i = 0; i < n_columns * n_rows; i++) {
		size_t column = i % n_columns;
		size_t n = put_cell(&text, cells[i]);

		if (column + 1 == n_columns) {
			buf_putc(&text, '\n');
			continue;
		}
		for (; n < widest[column] + 3; n++)
			buf_putc(&text, ' ');
	}
	out_put(t, buf_str(&text));
}

/* ---- standard error ------------------------------------------------------------------------------------ */

static void
put_message(struct buf *out, const struct term *t, const char *prog, enum term_style s, struct str text)
{
	buf_puts(out, out_style(t->has_err_colour, s));
	clean_put(out, str_of(prog));
	buf_puts(out, ":");
	buf_puts(out, out_plain(t->has_err_colour, s));
	buf_puts(out, " ");
	clean_put(out, text);
	buf_puts(out, "\n");
}

void
term_warn(struct term *t, const char *prog, const char *fmt, ...)
{
	AUTO(buf) struct buf text = BUF_INIT(OUT_LINE_MAX);
	AUTO(buf) struct buf line = BUF_INIT(2 * OUT_LINE_MAX);
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	term_progress_end(t);
	put_message(&line, t, prog, TERM_YELLOW, buf_str(&text));
	out_err(buf_str(&line));
}

void
term_put_called(struct str text, const char *prog, struct buf *out)
{
	size_t at;

	while ((at = str_find(text, STR_LIT("occ "))) != STR_NONE) {
		bool is_word = at == 0 || text.p[at - 1] == ' ' || text.p[at - 1] == '`';
		buf_putstr(out, str_take(text, at));
		buf_puts(out, is_word ? prog : "occ");
		text = str_skip(text, at + 3);
	}
	buf_putstr(out, text);
}

/* Lines are never wrapped: what a note says to try is copied as it stands. */
void
term_error(struct term *t, const char *prog, const struct err *err)
{
	AUTO(buf) struct buf lines = BUF_INIT(4 * OUT_LINE_MAX), note = BUF_INIT(2 * OUT_LINE_MAX);

	term_progress_end(t);
	put_message(&lines, t, prog, TERM_RED, str_of(err->msg));
	for (size_t i = 0; i < err->n_notes; i++) {
		buf_puts(&lines, "  ");
		buf_reset(&note);
		term_put_called(str_of(err->notes[i].text), prog, &note);
		put_labelled(&lines, err->notes[i].label, 12, buf_str(&note), t->has_err_colour, TERM_BOLD);
	}
	out_err(buf_str(&lines));
}

/* ---- what is going on now ------------------------------------------------------------------------------ */

void
term_progress_end(struct term *t)
{
	if (t->is_progress_shown)
		out_err(STR_LIT("\r\033[K"));
	t->is_progress_shown = false;
	t->progress_next_ms = 0;
}

/* Remembers the label; true when it is another one than before. */
static bool
is_new_label(struct term *t, const char *label)
{
	struct str s = str_take(str_of(label), sizeof t->progress_label - 1);

	if (str_is(s, t->progress_label))
		return false;
	memcpy(t->progress_label, s.p, s.n);
	t->progress_label[s.n] = '\0';
	return true;
}

void
term_progress(struct term *t, const char *label, const char *fmt, ...)
{
	AUTO(buf) struct buf text = BUF_INIT(OUT_LINE_MAX);
	AUTO(buf) struct buf line = BUF_INIT(2 * OUT_LINE_MAX);
	AUTO(buf) struct buf drawn = BUF_INIT(2 * OUT_LINE_MAX);
	bool is_new;
	va_list ap;

	if (t->is_quiet)
		return;
	is_new = is_new_label(t, label);
	if (!is_new && (!t->can_redraw || clock_now_ms() < t->progress_next_ms))
		return;
	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	put_labelled(&line, label, 11, buf_str(&text), false, TERM_PLAIN);
	if (!t->can_redraw) {
		out_err(buf_str(&line));
		return;
	}
	/* Up to the last column but one: in the last one some terminals wrap at once. */
	buf_trunc(&line, line.n - 1);
	buf_puts(&drawn, "\r");
	buf_putstr(&drawn, clean_cut(buf_str(&line), t->width > 1 ? t->width - 1 : 1));
	buf_puts(&drawn, "\033[K");
	out_err(buf_str(&drawn));
	t->is_progress_shown = true;
	t->progress_next_ms = clock_now_ms() + PROGRESS_EVERY_MS;
}
