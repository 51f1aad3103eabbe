/*
 * term.h - everything that reaches a person's screen, and what they type back
 *
 * Knows whether it speaks to a terminal: colour and moving progress only there, never with NO_COLOR or --no-color; without
 * one, lines that stay true when read in a log. One write per message. Progress and questions go to standard error,
 * results to standard output, so that pipes stay clean. A failed write of output is kept and reported at the end.
 */
#ifndef OCC_TERM_TERM_H
#define OCC_TERM_TERM_H

#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"

struct term {
	bool is_in_tty, is_out_tty, is_err_tty;
	bool has_colour;		/* for standard output */
	bool has_err_colour;
	bool can_redraw;		/* standard error is a terminal whose lines can be rewritten */
	bool is_quiet;			/* rows and progress are dropped, results are not */
	unsigned width;
	bool is_progress_shown;		/* a moving line stands on standard error */
	int64_t progress_next_ms;	/* not redrawn before */
	char progress_label[16];	/* without a terminal: the last label said */
	int write_errno;		/* first failed write to standard output */
};

enum term_style { TERM_PLAIN, TERM_BOLD, TERM_DIM, TERM_GREEN, TERM_YELLOW, TERM_RED };

void term_init(struct term *t, bool no_colour, bool quiet);

/* Results, on standard output. */
void term_put(struct term *t, struct str s);
void term_printf(struct term *t, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* "Engine     Docker 28.5.2 on ...": a step of a longer action, or a line of a report. Dropped when quiet. */
void term_row(struct term *t, const char *label, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* "  URL         http://..." : an indented line of a report; the texts behind labels of up to 10 characters stand in one column,
 * those behind longer ones in another. */
void term_item(struct term *t, const char *label, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Escape sequences around text when colour is on; appended to out. */
void term_paint(const struct term *t, enum term_style s, struct str text, struct buf *out);
/* Columns padded to the widest cell; rows of n_columns cells. */
void term_table(struct term *t, const char *const *cells, size_t n_columns, size_t n_rows);

/* A warning or remark on standard error: "prog: text". */
void term_warn(struct term *t, const char *prog, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* The error with its notes, on standard error, as DESIGN.md section 11 shows. */
void term_error(struct term *t, const char *prog, const struct err *err);

/* Commands in notes and remedies are written as "occ ..."; a person types the name that they called, prog. Appended to out. */
void term_put_called(struct str text, const char *prog, struct buf *out);

/* The line of what is going on now. On a terminal redrawn in place (at most 10 times a second, cut to the width); without one, a
 * line when the label changes. term_progress_end removes it. */
void term_progress(struct term *t, const char *label, const char *fmt, ...) PRINTF_LIKE(3, 4);
void term_progress_end(struct term *t);

/* Questions. Without a terminal on both ends: ERR_USAGE, saying which option answers instead (`instead`). */
int term_confirm(struct term *t, const char *question, bool dflt, const char *instead, bool *ret, struct err *e) MUST_CHECK;
int term_ask(struct term *t, const char *question, const char *instead, struct buf *answer, struct err *e) MUST_CHECK;
int term_ask_secret(struct term *t, const char *question, const char *instead, struct buf *answer, struct err *e) MUST_CHECK;	/* no echo */

/* A QR code of a short text (version up to 10, level M), drawn with half blocks. ERR_TOO_BIG when it does not fit. */
int term_qr(struct term *t, struct str text, struct err *e) MUST_CHECK;

#endif
