/*
 * jsonw.h - writes JSON into a buf, with commas, escapes and nesting kept right
 *
 * Output is valid whatever strings come in: bytes that are not UTF-8 become U+FFFD. Faults of the buf latch there. With
 * indent > 0 it is laid out for people. A key is NULL inside arrays and at the top.
 */
#ifndef OCC_JSON_JSONW_H
#define OCC_JSON_JSONW_H

#include <stdint.h>

#include "lib/base/buf.h"

#define JSONW_DEPTH_MAX 32

struct jsonw {
	struct buf *out;
	unsigned indent;		/* spaces per level; 0 is one line */
	unsigned depth;
	bool has_items[JSONW_DEPTH_MAX];
	bool is_array[JSONW_DEPTH_MAX];
};

#define JSONW_INIT(buf_ptr, indent_spaces) { .out = (buf_ptr), .indent = (indent_spaces) }

void jsonw_object(struct jsonw *w, const char *key);
void jsonw_array(struct jsonw *w, const char *key);
void jsonw_end(struct jsonw *w);				/* closes the innermost */
void jsonw_str(struct jsonw *w, const char *key, const char *value);	/* NULL writes null */
void jsonw_text(struct jsonw *w, const char *key, struct str value);
void jsonw_strings(struct jsonw *w, const char *key, const char *const *values);	/* an array of them, up to a NULL; NULL writes an empty one */
void jsonw_int(struct jsonw *w, const char *key, int64_t value);
void jsonw_bool(struct jsonw *w, const char *key, bool value);
void jsonw_null(struct jsonw *w, const char *key);
void jsonw_raw(struct jsonw *w, const char *key, struct str json);	/* text that is JSON already */

/* A JSON string literal with quotes. */
void jsonw_quote(struct buf *out, struct str s);

#endif
