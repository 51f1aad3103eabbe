/*
 * request.h - HTTP/1.1 request heads as a front end must read them (RFC 9112, RFC 9110), incrementally, without allocation
 *
 * Strict on purpose: what two programs could read differently is refused, so that what is forwarded means the same behind us. Views point into
 * the caller's bytes (or at constants) and live as long as those do. Nothing blocks, nothing is kept between calls.
 */
#ifndef OCC_HTTP_REQUEST_H
#define OCC_HTTP_REQUEST_H

#include "lib/http/message.h"

#define HTTP_REQUEST_HEAD_MAX 32768	/* bytes of request line and fields together: beyond it 431 */
#define HTTP_TARGET_MAX 8192		/* bytes of a request target: beyond it 414 */
#define HTTP_METHOD_MAX 32		/* bytes of a method: beyond it 501 */
#define HTTP_HOST_DEFAULT "localhost"	/* of a request by HTTP/1.0 without Host */

struct http_request_head {
	struct str method;		/* a token; CONNECT and TRACE are refused */
	struct str target;		/* origin form ("/a?b"), or "*" of OPTIONS; an absolute form that agrees with Host is reduced to it */
	struct str path, query;		/* of target; query without '?', p == NULL when there is none. No '#' and no '\' in path */
	struct str host;		/* Host as sent, port included; checked */
	struct str host_name;		/* without the port, brackets kept */
	struct http_field fields[HTTP_FIELDS_MAX];
	size_t n_fields;
	enum http_framing framing;	/* HTTP_NO_BODY, HTTP_LENGTH or HTTP_CHUNKED */
	uint64_t length;		/* with HTTP_LENGTH */
	bool is_http10;
	bool keep_alive;		/* the client may send another request on this connection */
	bool must_close;		/* legal, but read in more than one way out there: neither connection carries another request */
	bool expects_continue;		/* Expect: 100-continue, with a body */
	bool is_websocket;		/* GET, HTTP/1.1, Upgrade: websocket named by Connection, version 13, one well-formed key (RFC 6455 section 4.2.1) */
};

/* Parses a request head at the start of in; one empty line before it is skipped (RFC 9112 section 2.2). Returns bytes consumed; HTTP_INCOMPLETE
 * (then *ret_status is the status to end with should no more come: 408; what is too long already is HTTP_BAD at once); HTTP_BAD with *ret_status
 * (400, 405, 414, 417, 431, 501, 505) and *ret_why, a constant sentence. After HTTP_BAD the connection is answered and closed, never read on. */
long http_parse_request(struct str in, struct http_request_head *ret, int *ret_status, const char **ret_why);

/* Field value by name (ASCII case folded); p == NULL if absent. Host, Authorization, Origin, Expect, Upgrade and the
 * handshake's Sec-WebSocket-Key and -Version stand at most once in what was accepted. */
struct str http_request_field(const struct http_request_head *h, const char *name);
/* Does a comma-separated list value hold this token (case folded)? */
bool http_list_has(struct str value, const char *token);

#endif
