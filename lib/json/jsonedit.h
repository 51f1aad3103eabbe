/*
 * jsonedit.h - changes one value of a JSONC text and leaves every other byte as it is
 *
 * Comments, order, indentation and line ends of the rest stay. A key that is missing is put at the end of its object
 * in the style of its neighbours (or of the text, two spaces, when there are none). Pure: text in, text out.
 */
#ifndef OCC_JSON_JSONEDIT_H
#define OCC_JSON_JSONEDIT_H

#include "lib/base/buf.h"

/* Sets dotted path ("server.port") to a JSON value, making missing objects; appends the whole new text to out.
 * ERR_PARSE when text is not JSONC, a parent on the path is not an object, or the path is none (an empty key, not
 * UTF-8). An empty text counts as "{}". */
int jsonedit_set(struct str text, const char *dotted, struct str json_value, struct buf *out, struct err *e) MUST_CHECK;

/* Removes the member with its comma and the comment behind it on its own line; an absent path copies the text. */
int jsonedit_unset(struct str text, const char *dotted, struct buf *out, struct err *e) MUST_CHECK;

#endif
