/*
 * jsonc.h - where comments lie in a text, inside lib/json
 *
 * Comments are found once, here, for the parser, which blanks them out, and for the editor, which has to step round
 * them. Offsets never change.
 */
#ifndef OCC_JSON_JSONC_H
#define OCC_JSON_JSONC_H

#include "lib/json/check.h"

enum jsonc_kind {
	JSONC_OTHER,		/* one byte of JSON */
	JSONC_STRING,
	JSONC_LINE,		/* a // comment, without its line end */
	JSONC_BLOCK,
	JSONC_UNCLOSED		/* a block comment that does not end */
};

/* What begins at `at` (< text.n), and where it ends. */
enum jsonc_kind jsonc_span(struct str text, size_t at, size_t *ret_end);

/* Overwrites comments (but for line ends), a byte order mark and each comma before a closing bracket with spaces in
 * copy[0..n); false for a block comment that does not end. */
bool jsonc_blank(char *copy, size_t n, struct json_fault *ret_fault);

#endif
