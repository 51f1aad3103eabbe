/*
 * message.h - HTTP/1.1 responses and chunked bodies (RFC 9112), incrementally, without allocation
 *
 * Strict: what a front end and a back end could read differently is refused. Views point into the caller's bytes and
 * live as long as those do.
 */
#ifndef OCC_HTTP_MESSAGE_H
#define OCC_HTTP_MESSAGE_H

#include <stdint.h>

#include "lib/base/str.h"

#define HTTP_HEAD_MAX 32768
#define HTTP_FIELDS_MAX 64

enum http_framing { HTTP_NO_BODY, HTTP_LENGTH, HTTP_CHUNKED, HTTP_UNTIL_CLOSE };

struct http_field {
	struct str name, value;
};

struct http_head {
	int status;
	struct str reason;
	struct http_field fields[HTTP_FIELDS_MAX];
	size_t n_fields;
	enum http_framing framing;
	uint64_t length;		/* with HTTP_LENGTH */
	bool keep_alive;
	bool is_upgrade;		/* 101: what follows belongs to the new protocol */
};

#define HTTP_INCOMPLETE (-2)
#define HTTP_BAD (-1)

/* Parses a response head at the start of in. Returns bytes consumed, HTTP_INCOMPLETE, or HTTP_BAD with *ret_why. `is_head_request`
 * says that no body follows whatever the fields claim. */
long http_parse_response(struct str in, bool is_head_request, struct http_head *ret, const char **ret_why);

/* Field value by name (ASCII case folded), empty view with p == NULL if absent. */
struct str http_field(const struct http_head *h, const char *name);

/* Chunked decoder. Feed it bytes: it consumes some and may give one run of body bytes (a view into them). */
struct http_chunked {
	int state;
	unsigned digits;
	uint64_t left;			/* bytes left of this chunk */
	size_t trailer_bytes;
	bool is_done;
};
/* Returns bytes consumed (>= 0), or HTTP_BAD. *ret_data is empty when only framing was consumed. Call until in is used up or is_done. */
long http_chunked_feed(struct http_chunked *c, struct str in, struct str *ret_data, const char **ret_why);

#endif
