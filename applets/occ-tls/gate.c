/*
 * gate.c - the order in which things are looked at
 *
 * The edge's own pages; what is closed to everybody; what is open to everybody; a session; credentials that have to be asked about; and the way out.
 */
#include "applets/occ-tls/gate.h"

#include <string.h>

#include "applets/occ-tls/gate_own.h"
#include "applets/occ-tls/query.h"
#include "lib/base/mem.h"

#define OWN_PREFIX "/_occ/"

/* What is known of the request while it is decided on. */
struct seen {
	const struct gate_config *c;
	const struct gate_request *rq;
	const struct http_request_head *h;
	struct gate_result *r;
	enum gate_origin origin;
	bool is_reading;		/* GET or HEAD */
	bool is_changing;		/* what a foreign page must not make happen */
};

static const char *const secret_members[] = { "auth_token", NULL };

/* ---- what is seen -------------------------------------------------------------------------------------------- */

/* Does Accept ask for HTML by name? Programs send a range with a star, or nothing. */
static bool
accepts_html(const struct http_request_head *h)
{
	struct str accept;

	gate_field(h, "Accept", &accept);
	while (accept.n > 0) {
		struct str range = str_cut(&accept, ',');

		if (str_ieq(str_trim(str_cut(&range, ';')), STR_LIT("text/html")))
			return true;
	}
	return false;
}

static bool
is_navigation(const struct seen *s)
{
	struct str mode;

	if (!s->is_reading || s->h->is_websocket)
		return false;
	return gate_field(s->h, "Sec-Fetch-Mode", &mode) > 0 ? str_is(mode, "navigate") : accepts_html(s->h);
}

/* A CORS preflight (Fetch, section 4.8) cannot carry credentials. */
static bool
is_preflight(const struct http_request_head *h)
{
	struct str ignored;

	return str_is(h->method, "OPTIONS") && gate_field(h, "Origin", &ignored) == 1 &&
	    gate_field(h, "Access-Control-Request-Method", &ignored) == 1;
}

/* The browser fetches what a person has not asked for yet: a link that is good once must survive that. */
static bool
is_prefetch(const struct http_request_head *h)
{
	struct str purpose, old;

	gate_field(h, "Sec-Purpose", &purpose);
	gate_field(h, "Purpose", &old);
	return str_has_prefix(purpose, "prefetch") || str_is(old, "prefetch");
}

static bool
find_member(struct str query, const char *name, struct str *ret)
{
	struct query_member m;

	while (query_next(&query, &m)) {
		if (query_is(&m, name)) {
			*ret = m.value;
			return true;
		}
	}
	return false;
}

/* ---- verdicts ------------------------------------------------------------------------------------------------ */

static void
decide(struct gate_result *r, enum gate_verdict verdict, int status, const char *why)
{
	r->verdict = verdict;
	r->status = status;
	r->why = why;
}

static void
wipe(struct gate_result *r)
{
	mem_wipe(r->password, sizeof r->password);
	mem_wipe(r->token, sizeof r->token);
}

/* Who presents nothing, or nothing that holds. */
static void
go_away(struct seen *s, const char *why)
{
	struct str ignored;
	bool is_page = s->c->is_page, is_browser;

	if (is_page && s->r->is_navigation) {
		decide(s->r, GATE_LOGIN_PAGE, 401, why);
		return;
	}
	/* From a page's script, or a form it posts, the dialog would ask for what the login page asks for. */
	is_browser = gate_field(s->h, "Sec-Fetch-Mode", &ignored) > 0 || gate_field(s->h, "X-Requested-With", &ignored) > 0 || accepts_html(s->h);
	decide(s->r, GATE_CHALLENGE, 401, why);
	s->r->is_silent = is_browser && (is_page || !s->r->is_navigation);
}

/* ---- the edge's own pages ------------------------------------------------------------------------------------ */

static void
show_login(struct seen *s)
{
	if (s->c->is_page || s->r->has_session)
		decide(s->r, GATE_LOGIN_PAGE, 200, NULL);
	else
		go_away(s, NULL);
}

static void
login(struct seen *s)
{
	if (s->is_reading)
		show_login(s);
	else if (!str_is(s->h->method, "POST") || !s->c->is_page)
		decide(s->r, GATE_REFUSED, 403, "this is not how one logs in here");
	else if (s->origin == GATE_ORIGIN_FOREIGN)
		decide(s->r, GATE_REFUSED, 403, "the login form was sent from another site's page");
	else
		decide(s->r, GATE_FORM, 0, NULL);
}

static void
logout(struct seen *s)
{
	if (s->is_reading)
		show_login(s);
	else if (!str_is(s->h->method, "POST") || s->origin != GATE_ORIGIN_OURS)
		decide(s->r, GATE_REFUSED, 403, "logging out takes a POST from a page of this server");
	else
		decide(s->r, GATE_LOGOUT, 303, NULL);
}

/* Not a person who goes there, a page asks for it (Fetch Metadata), as often as it likes: what is wrong with it would be counted against whoever looks at the page. */
static bool
is_of_a_page(const struct http_request_head *h)
{
	struct str mode, dest;

	if (gate_field(h, "Sec-Fetch-Mode", &mode) > 0 && !str_is(mode, "navigate"))
		return true;
	return gate_field(h, "Sec-Fetch-Dest", &dest) > 0 && !str_is(dest, "document");
}

static void
use_link(struct seen *s)
{
	struct str token;

	if (is_of_a_page(s->h))
		decide(s->r, GATE_REFUSED, 403, "a link that is good once is opened, not used by a page");
	else if (!str_is(s->h->method, "GET") || is_prefetch(s->h))
		decide(s->r, GATE_REFUSED, 403, "a link that is good once is opened by a GET, and not ahead of time");
	else if (find_member(s->h->query, "t", &token) && token.n > 0 && query_decode(token, s->r->token, sizeof s->r->token))
		decide(s->r, GATE_LINK, 0, NULL);
	else
		go_away(s, "this link is not complete");
}

static const struct {
	const char *path;
	void (*serve)(struct seen *s);
} own_pages[] = {
	{ GATE_LOGIN_PATH, login }, { GATE_LOGOUT_PATH, logout }, { GATE_LINK_PATH, use_link },
};

static void
serve_own(struct seen *s)
{
	for (size_t i = 0; i < ARRAY_LEN(own_pages); i++) {
		if (str_is(s->h->path, own_pages[i].path)) {
			own_pages[i].serve(s);
			return;
		}
	}
	decide(s->r, GATE_REFUSED, 404, "there is no such page");
}

/* ---- what is behind it --------------------------------------------------------------------------------------- */

/* Credentials in the query, as opencode takes them. A '+' of base64 that was not escaped has become a space. */
static bool
read_token(struct seen *s)
{
	char text[2 * (GATE_USER_BYTES + GATE_PASSWORD_BYTES)];
	struct str value;

	if (!find_member(s->h->query, secret_members[0], &value) || !query_decode(value, text, sizeof text))
		return false;
	for (char *space = text; (space = strchr(space, ' '));)
		*space = '+';
	bool is_read = gate_read_userpass(str_of(text), s->r);
	mem_wipe(text, sizeof text);
	return is_read;
}

static bool
read_basic(struct seen *s)
{
	struct str value;

	if (gate_field(s->h, "Authorization", &value) != 1)
		return false;
	struct str scheme = str_cut(&value, ' ');
	return str_ieq(scheme, STR_LIT("Basic")) && gate_read_userpass(str_trim(value), s->r);
}

/* A session and a remembered password come along with what a foreign page sends; a token in the address is known to whoever wrote it there. */
static void
decide_behind(struct seen *s)
{
	static const char foreign[] = "this was sent from another site's page: `occ config add server.cors` allows its origin";

	if (s->r->has_session && (!s->is_changing || s->origin == GATE_ORIGIN_OURS))
		decide(s->r, GATE_PASS, 0, NULL);
	else if (s->origin == GATE_ORIGIN_FOREIGN && is_of_a_page(s->h) && read_token(s))
		decide(s->r, GATE_REFUSED, 403, foreign);
	else if (read_token(s))
		decide(s->r, GATE_ASK, 0, NULL);
	else if (s->is_changing && s->origin == GATE_ORIGIN_FOREIGN && (s->r->has_session || read_basic(s)))
		decide(s->r, GATE_REFUSED, 403, foreign);
	else if (read_basic(s))
		decide(s->r, GATE_ASK, 0, NULL);
	else if (s->r->has_session)
		decide(s->r, GATE_REFUSED, 403, "a session needs Origin or Sec-Fetch-Site here: without them send Authorization");
	else
		go_away(s, NULL);
}

static void
see(struct seen *s, struct buf *scratch)
{
	AUTO(buf) struct buf target = BUF_SECRET_INIT(HTTP_TARGET_MAX - 1);
	struct str referer;
	bool is_reading = str_is(s->h->method, "GET") || str_is(s->h->method, "HEAD");

	s->is_reading = is_reading;
	s->is_changing = s->h->is_websocket || !(is_reading || str_is(s->h->method, "OPTIONS"));
	s->origin = gate_origin_of(s->c, s->rq);
	s->r->is_navigation = is_navigation(s);
	buf_reset(scratch);
	s->r->has_session = gate_read_cookies(s->c, s->rq, scratch);
	s->r->cookie = buf_str(scratch);
	if (query_has(s->h->target, secret_members)) {
		query_put_without(&target, s->h->target, secret_members);
		str_copy(s->r->target, sizeof s->r->target, target.p);
	}
	gate_field(s->h, "Referer", &referer);
	s->r->is_referer_secret = query_has(referer, secret_members);
}

void
gate_decide(const struct gate_config *c, const struct gate_request *rq, struct buf *scratch, struct gate_result *ret)
{
	struct seen s = { .c = c, .rq = rq, .h = rq->head, .r = ret };
	const char *why = rq->is_preview ? NULL : gate_closed(s.h->method, s.h->path);
	bool is_open = !rq->is_preview && !s.h->is_websocket && gate_is_open(s.h->path);

	*ret = (struct gate_result){ .verdict = GATE_REFUSED };
	see(&s, scratch);
	if (scratch->fault != BUF_OK)
		decide(ret, GATE_REFUSED, 403, "the cookies do not fit");
	else if (str_has_prefix(s.h->path, OWN_PREFIX))
		serve_own(&s);
	else if (why)
		decide(ret, GATE_REFUSED, 403, why);
	else if ((is_preflight(s.h) && !rq->is_preview) || (s.is_reading && is_open)) {
		decide(ret, GATE_PASS, 0, NULL);
		ret->is_open = true;
	}
	else
		decide_behind(&s);
	if (ret->verdict == GATE_REFUSED)
		wipe(ret);
}

/* ---- the answer of who knows --------------------------------------------------------------------------------- */

/* For whom what was presented does not hold. */
static void
tell_wrong(struct seen *s)
{
	static const char wrong[] = "wrong user or password";

	if (s->r->verdict == GATE_FORM)
		decide(s->r, GATE_LOGIN_PAGE, 401, wrong);
	else
		go_away(s, s->r->verdict == GATE_LINK ? "this link has been used already, or its time is over" : wrong);
}

void
gate_told(const struct gate_config *c, const struct gate_request *rq, bool is_good, int64_t wait_ms, struct gate_result *r)
{
	struct seen s = { .c = c, .rq = rq, .h = rq->head, .r = r };
	enum gate_verdict asked = r->verdict;

	wipe(r);
	if (wait_ms > 0) {
		r->retry_s = (unsigned)((wait_ms + 999) / 1000);
		decide(r, GATE_TOO_MANY, 429, "too many wrong passwords from this address");
		return;
	}
	if (!is_good) {
		tell_wrong(&s);
		return;
	}
	/* A page that was opened with a token in its address fetches its scripts without: the session goes in its place. */
	r->gives_session = asked != GATE_ASK || (r->is_navigation && r->target[0]);
	if (asked == GATE_LINK)
		str_copy(r->target, sizeof r->target, "/");
	decide(r, GATE_PASS, r->gives_session ? 303 : 0, NULL);
}
