/*
 * json_stream.h - JSON objects one behind another in a byte stream, whatever the cuts
 *
 * Builds, pulls and events are such streams: no separator is promised, and a read can end anywhere. This finds where an object
 * ends; json_parse says what is in it. What is held back is bounded: one object of at most JSON_STREAM_MAX bytes.
 */
#ifndef OCC_ENGINE_JSON_STREAM_H
#define OCC_ENGINE_JSON_STREAM_H

#include "lib/base/buf.h"

#define JSON_STREAM_MAX (1u << 20)	/* one object */
#define JSON_STREAM_RUN_MAX 65536	/* one put */

struct json_stream {
	struct buf pending;		/* bytes that no object returned so far has used */
	size_t seen;			/* of them, looked at */
	size_t depth;			/* of braces and brackets at seen */
	bool is_in_string, is_escaped;
};
#define JSON_STREAM_INIT { .pending = BUF_INIT(JSON_STREAM_MAX + JSON_STREAM_RUN_MAX) }

void json_stream_fini(struct json_stream *s);
void json_stream_auto(struct json_stream *s);
/* Appends what was read, at most JSON_STREAM_RUN_MAX bytes. */
int json_stream_put(struct json_stream *s, struct str data, struct err *e) MUST_CHECK;
/* 1 with the text of the next object, valid until the next call; 0 when more bytes are needed; -1 with ERR_PARSE for what can be no object,
 * ERR_TOO_BIG for one that is too large. */
int json_stream_next(struct json_stream *s, struct str *ret_object, struct err *e) MUST_CHECK;
/* True between two objects: a stream that ends elsewhere was cut. */
bool json_stream_is_clean(const struct json_stream *s);

#endif
