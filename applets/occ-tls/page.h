/*
 * page.h - pure: the few HTML pages that the edge shows by itself
 *
 * Self-contained: no script, no foreign resource, nothing to fetch. Every text is escaped. They are sent with the fields of page_put_fields and no others about content.
 */
#ifndef OCC_APPLETS_TLS_PAGE_H
#define OCC_APPLETS_TLS_PAGE_H

#include "lib/base/buf.h"

#define PAGE_MAX 65536			/* bytes of the longest page, with the longest `next` escaped */

struct page_login {
	const char *instance;		/* "" or "default": not shown */
	struct str host;		/* as the browser names it, shown so that one sees where the password goes; may be empty */
	const char *user;		/* to begin with; may be "" */
	struct str next;		/* where to go then: a target of ours; empty: "/" */
	const char *why;		/* a sentence that says what went wrong, or NULL */
	bool is_plain;			/* no TLS, and not this very machine: says so */
	bool has_session;		/* logged in already: a way on and a way out instead of the form */
};

void page_put_login(const struct page_login *p, struct buf *out);
/* Loads itself again after retry_s seconds. */
void page_put_restarting(const char *instance, unsigned retry_s, struct buf *out);
/* title and text are sentences for people, in lower case as errors are: the page makes their beginning large. */
void page_put_error(const char *title, const char *text, struct buf *out);

/* Content-Type, Content-Security-Policy and the like, each line with CRLF. */
void page_put_fields(struct buf *out);

#endif
