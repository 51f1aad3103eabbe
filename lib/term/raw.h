/*
 * raw.h - the terminal handed to a program in the container: raw mode and window size
 *
 * Raw mode is undone at every way out, also when a signal ends the process in between.
 */
#ifndef OCC_TERM_RAW_H
#define OCC_TERM_RAW_H

#include "lib/base/err.h"

struct term_raw {
	bool is_on;
};

/* Standard input to raw mode; no-op when it is no terminal. */
int term_raw_on(struct term_raw *r, struct err *e) MUST_CHECK;
void term_raw_auto(struct term_raw *r);

void term_size(unsigned *ret_columns, unsigned *ret_rows);	/* 80x24 when unknown */
/* A descriptor that becomes readable when the window changed (SIGWINCH); drain with term_resized. -1 on failure. */
int term_resize_fd(struct err *e);
bool term_resized(void);

#endif
