/*
 * layout.h - text on a screen of a given width: wrapped paragraphs and two columns
 *
 * Pure. Widths count bytes: the texts of the table are ASCII.
 */
#ifndef OCC_CLI_LAYOUT_H
#define OCC_CLI_LAYOUT_H

#include "lib/base/buf.h"

#define LAYOUT_TEXT_MAX 96u	/* prose wider than this is hard to read */

/* The width texts are laid out for: at least 40, at most 200. */
unsigned layout_width(unsigned screen);

/* Words of text, lines of at most width columns, each indented; '\n' in text begins a new paragraph. Ends with a newline. */
void layout_wrap(struct buf *out, struct str text, unsigned indent, unsigned width);

/* left at column `indent`, right wrapped from column `col`; a left that is too long has the right below it. */
void layout_pair(struct buf *out, struct str left, struct str right, unsigned indent, unsigned col, unsigned width);

/* First letter upper, a full stop at the end: a brief as a sentence. */
void layout_sentence(struct buf *out, const char *brief);

#endif
