/*
 * forward.h - pure: the head that goes on, written from what was understood and never copied
 *
 * Hop-by-hop fields (RFC 9110 section 7.6.1) and those named by Connection go, except that Connection may not strip Host, Content-Length, Authorization,
 * Cookie, Origin, the WebSocket's handshake or a forwarding field; Forwarded, X-Forwarded-* and X-Real-IP of the client go and are set anew, '_' in such a name read as '-'; framing
 * is written from the parsed message. Output goes into a buf whose ceiling bounds it: ask buf_check.
 */
#ifndef OCC_HTTP_FORWARD_H
#define OCC_HTTP_FORWARD_H

#include "lib/base/buf.h"
#include "lib/http/request.h"

struct http_forward {
	struct str client;		/* address of the client, as text */
	struct str chain;		/* X-Forwarded-For of a trusted proxy to keep before it; empty: none */
	struct str proto;		/* "http" or "https", as the browser sees it */
	struct str port;		/* X-Forwarded-Port; empty: left out */
	struct str authorization;	/* a whole Authorization value for the back end; empty: none. The client's own never passes */
	struct str host;		/* Host instead of the request's when p != NULL; X-Forwarded-Host is the request's either way */
	struct str target;		/* instead of the request's when p != NULL (a query member taken out); already encoded */
	const char *const *drop;	/* further field names to leave out, NULL-terminated, or NULL */
	struct str cookie;		/* with p != NULL instead of every Cookie field; empty: none is sent */
};

/* Request line and fields, with the empty line. Connection: the websocket upgrade when h->is_websocket, close when h->must_close, else nothing is
 * written for it. A chunked body stays chunked: the caller writes chunks of its own. Expect is not forwarded: the caller answers it. */
void http_put_forward_request(const struct http_request_head *h, const struct http_forward *f, struct buf *out);

struct http_reply {
	bool to_http10;			/* the client speaks HTTP/1.0: a chunked or unbounded body is sent until close, without chunks */
	bool keep_alive;		/* else Connection: close is written */
	const struct http_field *set;	/* put in place of all fields of those names of the back end, or added; an empty value takes the name out */
	size_t n_set;
	bool is_head_request;
};

/* Status line and fields of a response. ret_framing: how the body has to be sent to the client (HTTP_LENGTH as it is; HTTP_CHUNKED: the caller writes chunks;
 * HTTP_UNTIL_CLOSE: close afterwards, whatever keep_alive was; HTTP_NO_BODY). 101 is written as the websocket answer it was validated to be; another
 * 1xx says nothing of the connection, and is not for HTTP/1.0. */
void http_put_forward_response(const struct http_head *h, const struct http_reply *r, struct buf *out, enum http_framing *ret_framing);

/* A chunk's frame around n bytes (n > 0: none would end the body): its head; the caller sends the bytes and CRLF. The last chunk is HTTP_LAST_CHUNK. */
void http_put_chunk_head(struct buf *out, size_t n);
#define HTTP_LAST_CHUNK "0\r\n\r\n"

/* Is a 101 of the back end the answer to this websocket request: Upgrade, Connection and Sec-WebSocket-Accept as RFC 6455 section 4.2.2 wants them? */
bool http_is_websocket_answer(const struct http_head *h, const struct http_request_head *request);

#endif
