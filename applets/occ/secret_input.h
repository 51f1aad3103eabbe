/*
 * secret_input.h - a password or key from the person: a prompt without echo, standard input or a file, never the command line
 *
 * What is on the command line is seen by every user of the machine and kept by the shell.
 */
#ifndef OCC_APPLETS_OCC_SECRET_INPUT_H
#define OCC_APPLETS_OCC_SECRET_INPUT_H

#include "applets/applet.h"

struct secret_input {
	bool is_stdin;			/* --stdin */
	const char *file;		/* --file FILE, or NULL */
	const char *what;		/* "password", "value of ANTHROPIC_API_KEY" */
	bool is_twice;			/* the prompt asks again and compares */
	bool is_known;			/* one that was given before, not a new one */
	const char *instead;		/* for who has no terminal; NULL: --stdin */
};

/* Appends to out (the caller wipes it), without the line feed at its end. */
int secret_input_read(struct run *r, const struct secret_input *in, struct buf *out, struct err *e) MUST_CHECK;

/* ERR_USAGE for operands that can only be a secret; never shows them. */
int secret_input_refuse(struct run *r, const char *what, struct err *e);

#endif
