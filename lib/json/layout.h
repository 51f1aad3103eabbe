/*
 * layout.h - a JSONC text as an editor sees it, inside lib/json
 *
 * The tree says where values are; the marked copy says where comments and commas are. All offsets are those of the text,
 * which is borrowed; the rest lives in the arena.
 */
#ifndef OCC_JSON_LAYOUT_H
#define OCC_JSON_LAYOUT_H

#include "lib/json/json.h"

/* What the bytes of a comment are in the marked copy; outside strings JSON has neither. */
#define LAYOUT_LINE '\x01'
#define LAYOUT_BLOCK '\x02'

struct layout {
	struct str text;
	struct str marked;		/* the text with its comments overwritten by marks */
	const struct json *root;
	const char *eol;		/* "\n", or "\r\n" if the first line ends so */
	struct str unit;		/* one level of indentation, two spaces if none is found */
};

int layout_read(struct arena *a, struct str text, struct layout *ret, struct err *e) MUST_CHECK;

/* Keys with single dots between them, in UTF-8, not more than a tree has levels. */
bool layout_is_path(struct str path);

size_t layout_end(const struct json *j);				/* offset behind a value */
size_t layout_line_start(const struct layout *l, size_t at);
struct str layout_indent(const struct layout *l, size_t at);		/* spaces and tabs that begin at's line */
bool layout_has_newline(const struct layout *l, size_t from, size_t to);
size_t layout_skip_blanks(const struct layout *l, size_t at);		/* behind spaces and tabs */
bool layout_at_newline(const struct layout *l, size_t at);		/* LF or CR LF, not one in a comment */
size_t layout_next_line(const struct layout *l, size_t at);		/* behind the line end at `at` */
/* First comma outside comments in [from, to), or STR_NONE. */
size_t layout_comma(const struct layout *l, size_t from, size_t to);

#endif
