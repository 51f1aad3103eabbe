/*
 * gate.h - pure: who is let in at the edge, and with what answer the others go away
 *
 * The gate sees one request head and where it came from, and gives a verdict; it neither writes nor waits. Passwords are checked elsewhere (the keeper, which parses no
 * network HTTP): GATE_ASK says so, the answer comes back through gate_told. A session cookie is signed with a key that the keeper hands down; it survives restarts and
 * ends with the password.
 */
#ifndef OCC_APPLETS_TLS_GATE_H
#define OCC_APPLETS_TLS_GATE_H

#include "lib/base/buf.h"
#include "lib/http/request.h"
#include "lib/tls/mac.h"

#define GATE_COOKIE_PLAIN "occ_session"		/* over TLS: "__Host-occ_session" */
#define GATE_COOKIE_SECURE "__Host-occ_session"
#define GATE_SESSION_S (30 * 24 * 3600)
#define GATE_LOGIN_PATH "/_occ/login"
#define GATE_LOGOUT_PATH "/_occ/logout"
#define GATE_LINK_PATH "/_occ/link"		/* ?t=TOKEN, once */
#define GATE_FORM_MAX 4096			/* bytes of a posted login form */

enum gate_verdict {
	GATE_PASS,		/* let in: forward */
	GATE_ASK,		/* credentials were presented that have to be checked: user and password are in the result */
	GATE_LOGIN_PAGE,	/* 200/401 with the page */
	GATE_CHALLENGE,		/* 401 with WWW-Authenticate: Basic */
	GATE_FORM,		/* the login form: read its body, then gate_form */
	GATE_LINK,		/* a one-time link: token in the result; the keeper knows whether it holds */
	GATE_LOGOUT,		/* clear the cookie, go to the login page */
	GATE_REFUSED,		/* 403: another origin, or a route that is closed; why is in the result */
	GATE_TOO_MANY,		/* 429 with Retry-After: retry_s */
};

struct gate_config {
	bool is_page;				/* edge.login: page, else basic */
	unsigned char key[MAC_KEY_BYTES];	/* of the cookies */
	uint32_t generation;			/* of the password: part of what is signed, so that a new password ends every session */
	const char *const *origins;		/* further allowed origins (server.cors), NULL-terminated */
};

struct gate_request {
	const struct http_request_head *head;
	bool is_secure;			/* as the browser sees it */
	int64_t now_epoch_s;
};

struct gate_result {
	enum gate_verdict verdict;
	char user[128];
	char password[512];		/* GATE_ASK: a secret, wiped by the caller */
	char token[128];		/* GATE_LINK */
	const char *why;		/* GATE_REFUSED: a sentence */
	unsigned retry_s;
	struct str cookie;		/* the request's Cookie without ours, in `scratch`; what is forwarded */
	char target[HTTP_TARGET_MAX];	/* the target without auth_token; "" when it is as it was */
};

void gate_decide(const struct gate_config *c, const struct gate_request *rq, struct buf *scratch, struct gate_result *ret);

/* A session's cookie: the Set-Cookie value. `until` is signed in it. */
void gate_put_cookie(const struct gate_config *c, bool is_secure, int64_t now_epoch_s, struct buf *out);
void gate_put_no_cookie(bool is_secure, struct buf *out);
/* Reads application/x-www-form-urlencoded: user, password and `next` (a path of ours: anything else becomes "/"). False when it is not such a form. */
bool gate_form(struct str body, struct gate_result *ret, char *next, size_t next_bytes);

#endif
