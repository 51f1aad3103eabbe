/*
 * body.h - pure: one message body on its way through: taken out of the framing it came in, put into the one it leaves in
 *
 * Both directions of an exchange use it. Payload is gathered in place, so that what one read brought leaves as one chunk and is copied at most once.
 */
#ifndef OCC_APPLETS_TLS_BODY_H
#define OCC_APPLETS_TLS_BODY_H

#include "lib/base/buf.h"
#include "lib/http/forward.h"

struct body {
	enum http_framing from, to;	/* HTTP_LENGTH goes on as HTTP_LENGTH; HTTP_CHUNKED and HTTP_UNTIL_CLOSE as either of the two */
	uint64_t left;			/* with HTTP_LENGTH: payload bytes still to come */
	uint64_t n_bytes;		/* payload that has passed */
	struct http_chunked chunks;
	bool is_done;			/* nothing more belongs to it */
};

void body_begin(struct body *b, enum http_framing from, uint64_t length, enum http_framing to);

/* Takes what belongs to the body out of bytes[0..n): *ret_payload and *ret_rest (what follows the body; empty unless it is done) are views into them, whose contents are
 * moved together. 0, or -1 with *ret_why when the framing is broken. */
int body_take(struct body *b, char *bytes, size_t n, struct str *ret_payload, struct str *ret_rest, const char **ret_why) MUST_CHECK;
/* The sender has closed: true when that is the end of this body, false when it was cut. */
bool body_close(struct body *b);

/* May payload leave as it is, without anything around it? */
bool body_is_bare(const struct body *b);
/* Payload, possibly empty, as it leaves; with the end of the body once it is done. */
void body_put(const struct body *b, struct str payload, struct buf *out);

#endif
