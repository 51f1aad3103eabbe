/*
 * negotiate.h - what a request's fields ask of a representation: its coding, and whether it is needed at all
 *
 * Pure. Field lines of one name count as one list (RFC 9110 section 5.3).
 */
#ifndef OCC_HTTP_NEGOTIATE_H
#define OCC_HTTP_NEGOTIATE_H

#include "lib/http/message.h"

/* Accept-Encoding (RFC 9110 section 12.5.3): is gzip named (or "*") with a weight above zero, and not below that of a named identity? Without the field: no, since
 * such clients often understand none. A malformed weight is zero. */
bool http_accepts_gzip(const struct http_field *fields, size_t n);

/* If-None-Match (section 13.1.2): does the list hold this tag, compared weakly? `tag` has its quotes and no W/. "*" is not a match: only who has the thing can say so. */
bool http_none_match_has(const struct http_field *fields, size_t n, struct str tag);

#endif
