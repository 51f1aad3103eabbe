/*
 * request_part.h - how the files of the request parser share their work
 *
 * Each judges one part of a head whose fields are already known, and fills what it has understood. 0, or HTTP_BAD with the refusal filled.
 */
#ifndef OCC_HTTP_REQUEST_PART_H
#define OCC_HTTP_REQUEST_PART_H

#include "lib/http/head.h"
#include "lib/http/request.h"

struct http_refusal {
	int status;
	const char *why;
};

static inline int
http_refuse(struct http_refusal *r, int status, const char *why)
{
	*r = (struct http_refusal){ status, why };
	return HTTP_BAD;
}

/* Host (RFC 9112 section 3.2, RFC 3986 section 3.2.2): a DNS name, an IPv4 address or an IPv6 address in brackets, with or without a port. */
int http_request_host(struct str value, struct http_request_head *h, struct http_refusal *r);

/* The target as it stands in the request line (RFC 9112 section 3.2), after Host. */
int http_request_target(struct str raw, struct http_request_head *h, struct http_refusal *r);

/* How the body is delimited (RFC 9112 section 6). */
int http_request_framing(struct http_request_head *h, const struct http_claims *k, struct http_refusal *r);

#endif
