/*
 * client.h - one HTTP/1.1 exchange after another over one stream
 *
 * The connection owns its stream and a fixed read buffer; body bytes come as views into it, valid until the next call, so
 * that a long stream costs no copy and no growing memory. Everything blocks at most until the absolute deadline given.
 */
#ifndef OCC_HTTP_CLIENT_H
#define OCC_HTTP_CLIENT_H

#include "lib/http/message.h"
#include "lib/net/stream.h"

#define HTTP_READ_BYTES 65536

struct http_conn {
	struct stream stream;
	struct http_head head;		/* of the current response; views into head_bytes */
	struct buf head_bytes;
	struct http_chunked chunked;
	uint64_t body_left;		/* with HTTP_LENGTH */
	bool is_body_done;
	bool is_reusable;		/* the response is read to its end and keep-alive holds */
	bool is_request_sent;		/* to its last byte: else the peer answered early */
	bool is_send_cut;		/* the peer answers or has closed: no further byte may be sent */
	unsigned pause_us;		/* before each read, below a millisecond: bytes gather, and a peer that writes line by line wakes us less */
	char *in;			/* HTTP_READ_BYTES, from the heap */
	size_t in_start, in_end;
};

#define HTTP_CONN_INIT { .stream = STREAM_INIT, .head_bytes = BUF_INIT(HTTP_HEAD_MAX) }

struct http_request {
	const char *method;
	struct str target;			/* origin form, already encoded */
	const char *host;			/* Host field */
	const struct http_field *fields;	/* further ones; checked for CR, LF and NUL */
	size_t n_fields;
	struct str body;			/* sent with Content-Length when has_body */
	bool has_body;
	bool is_chunked;			/* the caller sends the body by http_send_chunk and http_send_end */
};

void http_conn_fini(struct http_conn *c);
void http_conn_auto(struct http_conn *c);

/* Sends head and body; for is_chunked only the head. A peer that answers before the end is not an error: read the head then. ERR_USAGE
 * for bytes that may not stand in a head; ERR_EOF, with nothing sent, when a reused connection was closed meanwhile: dial anew. */
int http_send(struct http_conn *c, const struct http_request *r, int64_t due_ms, struct err *e) MUST_CHECK;
/* While sending, an early answer is noticed: returns 1 when the peer has begun to answer or has closed (stop sending, read the
 * head), 0 when sent, -1. */
int http_send_chunk(struct http_conn *c, struct str data, int64_t due_ms, struct err *e) MUST_CHECK;
int http_send_end(struct http_conn *c, int64_t due_ms, struct err *e) MUST_CHECK;

/* Reads the head (1xx other than 101 skipped) into c->head. ERR_EOF when the peer closed before its end, ERR_PARSE when it is
 * malformed. Views into it live until the next http_recv_head. */
int http_recv_head(struct http_conn *c, bool is_head_request, int64_t due_ms, struct err *e) MUST_CHECK;
/* Next run of body bytes: 1 with *ret_data, 0 at the end of the body, -1 (ERR_EOF when cut). */
int http_recv_body(struct http_conn *c, struct str *ret_data, int64_t due_ms, struct err *e) MUST_CHECK;
/* The rest of the body into out (its ceiling bounds it). */
int http_recv_all(struct http_conn *c, struct buf *out, int64_t due_ms, struct err *e) MUST_CHECK;

/* After 101 (or an engine's hijack answered 200): bytes that came behind the head, once; then use c->stream. The view lives as
 * long as the connection. */
struct str http_surplus(struct http_conn *c);

/* "Basic <base64(user:password)>" appended to out: a secret, wipe it. */
void http_put_basic(struct buf *out, const char *user, struct str password);

#endif
