/*
 * gate.h - pure: who is let in at the edge, and with what answer the others go away
 *
 * The gate sees one request head and where it came from, and gives a verdict; it neither writes nor waits. Passwords and links are checked elsewhere (the keeper, which
 * parses no network HTTP): GATE_ASK, GATE_FORM and GATE_LINK say so, the answer comes back through gate_told. A session cookie is signed with a key that the keeper hands
 * down; it survives restarts and ends with the password.
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
#define GATE_USER_BYTES 128			/* with NUL; what is longer is no credentials at all */
#define GATE_PASSWORD_BYTES 1025		/* a password has at most 1024 (lib/deploy/credentials) */
#define GATE_TOKEN_BYTES 128

enum gate_verdict {
	GATE_PASS,		/* let in: forward; with gives_session answer 303 with gate_put_cookie, to the form's next, else to target */
	GATE_ASK,		/* credentials were presented that have to be checked: user and password are in the result */
	GATE_LOGIN_PAGE,	/* `status` (200 or 401) with the page */
	GATE_CHALLENGE,		/* 401 with WWW-Authenticate: Basic; with is_silent without it, so that no dialog pops up over a page */
	GATE_FORM,		/* the login form: read its body, then gate_form, then ask */
	GATE_LINK,		/* a one-time link: token in the result; the keeper knows whether it holds */
	GATE_LOGOUT,		/* clear the cookie, go to the login page */
	GATE_REFUSED,		/* `status` (403, 404): another origin, or a route that is closed; why is in the result */
	GATE_TOO_MANY,		/* 429 with Retry-After: retry_s */
};

struct gate_config {
	bool is_page;				/* edge.login: page, else basic */
	unsigned char key[MAC_KEY_BYTES];	/* of the cookies */
	uint32_t generation;			/* of the password: part of what is signed, so that a new password ends every session */
	const char *const *origins;		/* further allowed origins (server.cors), NULL-terminated, or NULL */
};

struct gate_request {
	const struct http_request_head *head;
	bool is_secure;			/* as the browser sees it */
	bool is_preview;		/* a port of the container, not opencode: nothing of it is open to everybody, and no route is closed */
	int64_t now_epoch_s;
};

struct gate_result {
	enum gate_verdict verdict;
	int status;			/* of the answer, unless it is forwarded or asked */
	char user[GATE_USER_BYTES];
	char password[GATE_PASSWORD_BYTES];	/* GATE_ASK, GATE_FORM: a secret, wiped by gate_told */
	char token[GATE_TOKEN_BYTES];		/* GATE_LINK: likewise */
	const char *why;		/* GATE_REFUSED: a sentence; GATE_LOGIN_PAGE: likewise, or NULL */
	unsigned retry_s;
	bool is_silent;			/* GATE_CHALLENGE */
	bool is_navigation;		/* a browser wants a page to show */
	bool is_open;			/* GATE_PASS: for everybody, nothing was presented */
	bool has_session;		/* GATE_LOGIN_PAGE: logged in already, the page is there to log out */
	bool gives_session;		/* GATE_PASS, after gate_told */
	bool is_referer_secret;		/* Referer carries an auth_token: not to be forwarded */
	struct str cookie;		/* the request's Cookie without ours, in `scratch`, never NULL; what is forwarded */
	char target[HTTP_TARGET_MAX];	/* the target without auth_token; "" when it is as it was */
};

/* `scratch` is emptied and has to hold HTTP_REQUEST_HEAD_MAX bytes; the result's cookie lives in it. */
void gate_decide(const struct gate_config *c, const struct gate_request *rq, struct buf *scratch, struct gate_result *ret);

/* The answer to a GATE_ASK, GATE_FORM or GATE_LINK in *r, made into the final verdict: GATE_PASS, GATE_TOO_MANY when wait_ms > 0 (whatever is_good says: guesses made at once do
 * not get round the limit), else the way in which who presents nothing goes. Also for a limit that is there before asking. */
void gate_told(const struct gate_config *c, const struct gate_request *rq, bool is_good, int64_t wait_ms, struct gate_result *r);

/* A session's cookie: the Set-Cookie value, with its end signed in it. Nothing is appended, so there is no session, when the kernel gives no random bytes. */
void gate_put_cookie(const struct gate_config *c, bool is_secure, int64_t now_epoch_s, struct buf *out);
void gate_put_no_cookie(bool is_secure, struct buf *out);

/* Reads application/x-www-form-urlencoded: user, password and `next` (a path of ours: anything else becomes "/"). False, with user and password empty, when it is not
 * such a form, or one with too much in it. */
bool gate_form(struct str body, struct gate_result *ret, char *next, size_t next_bytes);

#endif
