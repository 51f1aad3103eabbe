/*
 * assets.h - the files of the web interface: kept compressed, and given the fields that let browsers keep them
 *
 * Only below /assets/, and only what the back end itself would give to anyone who is let in: no query, no cookie, no Range, no Origin. What has a content hash in its name
 * is immutable; the rest is revalidated by an ETag, which stands for path and back end version. HTML and API pass by and are not to be stored by anyone. Pages of
 * other back ends (previews) must not come here. Nothing blocks; a step of compression is bounded by ASSET_STEP_BYTES. One thread.
 *
 * The way of a request: assets_serve; if that has no answer, forward, and at the response's head assets_plan. With a job feed it the whole body and end it;
 * without one pass the body on.
 */
#ifndef OCC_APPLETS_TLS_ASSETS_H
#define OCC_APPLETS_TLS_ASSETS_H

#include "lib/base/buf.h"
#include "lib/http/request.h"

#define ASSETS_BYTES_MAX (16u << 20)	/* of memory for what is kept: beyond it the longest unused goes */
#define ASSETS_ENTRIES_MAX 1024
#define ASSETS_JOBS_MAX 16		/* compressors at once, 270 kB each */
#define ASSET_BYTES_MAX (4u << 20)	/* one, compressed: a larger one is streamed and not kept */
#define ASSET_PLAIN_MAX (64u << 20)	/* one, as it is: a larger one passes */
#define ASSET_PATH_MAX 200
#define ASSETS_VERSION_MAX 128
#define ASSET_STEP_BYTES 16384		/* of a body, compressed in one go: less than a millisecond */
#define ASSET_ETAG_MAX 48
#define ASSET_FIELDS_MAX 4

/* ---- decisions, pure ---- */

/* "/assets/NAME-HASH.EXT": one segment of letters, digits, '.', '_' and '-'; an extension of the table; a hash of eight base64url characters that does not read
 * like words or a number. A hash that does happens (14 of opencode's 934): that file is revalidated instead. */
bool asset_is_immutable(struct str path);

enum asset_way {
	ASSET_PASS,		/* as it is; "no-store" where the back end said nothing */
	ASSET_KEEP,		/* as it is, for the browser to keep */
	ASSET_STORE,		/* as ASSET_KEEP, and worth compressing and keeping here */
};
enum asset_way asset_decide(const struct http_request_head *rq, const struct http_head *h);
bool asset_may_serve(const struct http_request_head *rq);	/* may what is kept here answer it? */
void asset_etag(struct str path, struct str version, bool is_gzip, char ret[ASSET_ETAG_MAX]);	/* strong, so one for each coding */

/* ---- the cache ---- */

struct assets;

struct assets *assets_new(void);
void assets_free(struct assets *a);			/* after its jobs; replies live on */
/* What runs behind us now: everything of another version is forgotten, also what is being compressed. Without a version (at the start; one that is too long) nothing is kept or served. */
void assets_use(struct assets *a, struct str version);
size_t assets_bytes(const struct assets *a);		/* of memory for what is kept, for /metrics */

struct asset;

struct asset_reply {
	struct http_head head;		/* 200 or 304; with HTTP_LENGTH the length of the body, which a HEAD request is not sent */
	struct str body;		/* good until the reply is released */
	struct asset *asset;
	char etag[ASSET_ETAG_MAX];
};
/* True with an answer (views into itself: it must not be moved), to be released when it is sent. False: forward the request. */
bool assets_serve(struct assets *a, const struct http_request_head *rq, struct asset_reply *ret);
void asset_reply_release(struct asset_reply *r);

struct asset_job;

struct asset_plan {
	enum asset_way way;
	struct http_field set[ASSET_FIELDS_MAX];	/* for http_reply.set */
	size_t n_set;
	bool is_gzip;			/* the client is sent what asset_feed gives, framed as HTTP_CHUNKED (the caller's copy of the head says so) */
	struct asset_job *job;		/* the caller's; NULL: none */
	char etag[ASSET_ETAG_MAX];
};
/* The fields that go with a response, and a job when it is to be kept. Views into itself: it must not be moved. */
void assets_plan(struct assets *a, const struct http_request_head *rq, const struct http_head *h, struct asset_plan *ret);

/* Takes bytes of the body as it came from the back end, at most ASSET_STEP_BYTES: how many. *ret_gzip: what is to be sent if is_gzip, good until the next call. */
size_t asset_feed(struct asset_job *j, struct str in, struct str *ret_gzip);
/* The body has ended as its framing promised: the rest, and the asset is kept if it fits. Then free the job, and no sooner than its bytes are sent or copied. */
void asset_end(struct asset_job *j, struct str *ret_gzip);
/* Without asset_end before it (a body cut short, a client gone) nothing is kept. */
void asset_job_free(struct asset_job *j);

#endif
