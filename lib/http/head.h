/*
 * head.h - what the heads of requests and responses have in common, for the files of this directory
 *
 * Lines, fields, and what the fields say about framing (RFC 9112 sections 2.2, 5 and 6), each without leniency. Pure; views point into the
 * caller's bytes.
 */
#ifndef OCC_HTTP_HEAD_H
#define OCC_HTTP_HEAD_H

#include "lib/http/message.h"

/* What the fields claim about the body and the connection; judged by whoever knows the start line. */
struct http_claims {
	unsigned n_length, n_coding;	/* fields of that name */
	struct str length, coding;	/* the last one of each */
	bool has_close, has_keep_alive, has_upgrade_token, has_upgrade;
};

/* One line from *pos on, without its CRLF: 1 and *pos behind it, HTTP_INCOMPLETE, or HTTP_BAD. */
int http_head_line(struct str in, size_t *pos, struct str *ret_line, const char **ret_why);

/* The fields from pos up to the empty line: bytes of in up to behind it, HTTP_INCOMPLETE, HTTP_BAD, or HTTP_HEAD_MANY when there are more
 * than HTTP_FIELDS_MAX. `fields` has room for that many. */
#define HTTP_HEAD_MANY (-3)
long http_head_fields(struct str in, size_t pos, struct http_field *fields, size_t *ret_n, const char **ret_why);

struct http_claims http_head_claims(const struct http_field *fields, size_t n);

/* Digits only, at most INT64_MAX: no sign, no list, no space inside, not empty. */
bool http_head_length(struct str s, uint64_t *ret);

#endif
