/*
 * out.h - writing to the two standard descriptors
 *
 * Private to lib/term. Blocks while the reader is slow; a person's Ctrl-C ends the wait for standard output.
 */
#ifndef OCC_TERM_OUT_H
#define OCC_TERM_OUT_H

#include "lib/term/term.h"

#define OUT_LINE_MAX ((size_t)16384)	/* one laid out line */

/* All of s to standard output, after removing a moving line. The first failure is kept in t->write_errno; then nothing more
 * is written. */
void out_put(struct term *t, struct str s);
/* All of s to standard error; failures have nowhere to be told. */
void out_err(struct str s);

/* Opening and closing sequences around a style; empty when !on. */
const char *out_style(bool on, enum term_style s);
const char *out_plain(bool on, enum term_style s);

#endif
