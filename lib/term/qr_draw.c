/* A QR code on the screen: each character is two modules, one above the other. */
#include "lib/term/out.h"
#include "lib/term/qr.h"

#define DRAWN_MAX 65536		/* 33 lines of at most 65 characters of 3 bytes */

/* By upper and lower module: U+2580 upper half block, U+2584 lower half block, U+2588 full block. */
static const char *const ink[2][2] = {
	{ " ", "\xE2\x96\x84" },
	{ "\xE2\x96\x80", "\xE2\x96\x88" },
};

/* With colour the ink is black on white, whatever the terminal's own colours are (16 and 231 of the 256 are fixed). Without,
 * the ink is the terminal's foreground, taken as light: it draws the light modules. */
static void
put_line(struct buf *out, const struct qr *q, int y, bool colour)
{
	int end = (int)q->size + QR_QUIET;

	buf_puts(out, colour ? "\033[38;5;16;48;5;231m" : "");
	for (int x = -QR_QUIET; x < end; x++) {
		bool upper = qr_is_dark(q, x, y);
		bool lower = qr_is_dark(q, x, y + 1);

		buf_puts(out, ink[upper == colour][lower == colour]);
	}
	buf_puts(out, colour ? "\033[0m\n" : "\n");
}

int
term_qr(struct term *t, struct str text, struct err *e)
{
	AUTO(buf) struct buf out = BUF_INIT(DRAWN_MAX);
	struct qr q;

	if (qr_make(text, &q, e) < 0)
		return -1;
	if (t->is_out_tty && q.size + 2 * QR_QUIET > t->width)
		return err_set(e, ERR_TOO_BIG, "a QR code of %u columns does not fit into a terminal of %u",
		    q.size + 2 * QR_QUIET, t->width);
	for (int y = -QR_QUIET; y < (int)q.size + QR_QUIET; y += 2)
		put_line(&out, &q, y, t->has_colour);
	out_put(t, buf_str(&out));
	return 0;
}
