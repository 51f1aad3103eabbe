/*
 * remote.h - outbound HTTPS to names on the internet, through libcurl (its only user)
 *
 * Blocks up to the deadline; resolves names. https only unless allow_http; no netrc, no cookies, at most 5 redirects, answer
 * bounded. The CA bundle is SSL_CERT_FILE or the first of the usual places; which one is in the result.
 */
#ifndef OCC_HTTP_REMOTE_H
#define OCC_HTTP_REMOTE_H

#include "lib/base/arena.h"
#include "lib/base/buf.h"

struct remote_request {
	const char *url;
	bool allow_http;
	const char *user;		/* Basic auth when not NULL */
	struct str password;
	const char *content_type;	/* of what is posted */
	struct str post;
	int64_t due_ms;
};

struct remote_answer {
	int status;
	const char *ca_file;		/* NULL: none was found */
};

/* GET; the body is appended to body. ERR_TLS for certificate trouble, ERR_TIMEOUT, ERR_ENGINE for an unreachable peer. An error
 * text names the peer but not the rest of the URL, which may hold a token. Credentials in the URL are refused. */
int remote_get(struct arena *a, const struct remote_request *r, struct buf *body, struct remote_answer *ret, struct err *e) MUST_CHECK;
/* POST, with the same errors. A redirect is the answer: what is posted goes to nobody else. */
int remote_post(struct arena *a, const struct remote_request *r, struct buf *body, struct remote_answer *ret, struct err *e) MUST_CHECK;

/* The CA bundle used on this machine, or NULL. Also what is passed into an image build. */
const char *remote_ca_file(struct arena *a);

#endif
