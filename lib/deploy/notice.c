/* notice.c - kinds, addresses, links, and how many of them */
#include "lib/deploy/notice.h"

#include <string.h>

#include "lib/base/mem.h"

static const char *const kinds[] = {
	[NOTICE_FAILED] = "failed", [NOTICE_RECOVERED] = "recovered", [NOTICE_RESTARTED] = "restarted",
	[NOTICE_FINISHED] = "session-finished", [NOTICE_QUESTION] = "question", [NOTICE_PERMISSION] = "permission", [NOTICE_UPDATE] = "update", [NOTICE_TEST] = "test",
};
static const char *const services[] = { [NOTICE_WEBHOOK] = "webhook", [NOTICE_NTFY] = "ntfy", [NOTICE_SLACK] = "slack" };

static int
index_of(const char *const *names, size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_is(name, names[i]))
			return (int)i;
	return -1;
}

const char *
notice_kind_name(enum notice_kind k)
{
	return kinds[k];
}

int
notice_kind_of(struct str name)
{
	return index_of(kinds, NOTICE_TEST, name);
}

const char *
notice_service_name(enum notice_service s)
{
	return services[s];
}

int
notice_service_of(struct str name)
{
	return index_of(services, ARRAY_LEN(services), name);
}

/* ---- addresses ---- */

/* What is behind the scheme, or an empty view when it is neither http nor https. */
static struct str
behind_scheme(struct str url)
{
	static const char *const schemes[] = { "https://", "http://" };

	for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
		if (str_has_prefix(url, schemes[i]))
			return str_skip(url, strlen(schemes[i]));
	return STR_NULL;
}

/* Length of HOST[:PORT] at the start. */
static size_t
authority_bytes(struct str rest)
{
	size_t n = 0;

	while (n < rest.n && rest.p[n] != '/' && rest.p[n] != '?' && rest.p[n] != '#')
		n++;
	return n;
}

/* "/topic" -> "topic", without the query; empty when there is none, or more than one part. */
static struct str
ntfy_topic(struct str url)
{
	struct str rest = behind_scheme(url);
	struct str path = str_skip(rest, authority_bytes(rest)), query = path;

	path = str_trim_char(str_cut(&query, '?'), '/');
	return str_find_char(path, '/') == STR_NONE ? path : STR_NULL;
}

int
notice_check_url(enum notice_service s, struct str url, struct err *e)
{
	struct str rest = behind_scheme(url);
	struct str authority = str_take(rest, authority_bytes(rest));

	for (size_t i = 0; i < url.n; i++)
		if (url.p[i] <= ' ' || url.p[i] > '~' || url.p[i] == '"' || url.p[i] == '<' || url.p[i] == '>' || url.p[i] == '\\')
			return err_set(e, ERR_USAGE, "the address holds a character that no URL has");
	if (authority.n == 0)
		return err_set(e, ERR_USAGE, "the address has to begin with https://HOST");
	if (str_find_char(authority, '@') != STR_NONE)
		return err_set(e, ERR_USAGE, "the address holds a user name; use a token, as %s", s == NOTICE_NTFY ? "?auth=..." : "its path has");
	if (str_find_char(url, '#') != STR_NONE)
		return err_set(e, ERR_USAGE, "the address holds a #, and what is behind it is never sent");
	if (s == NOTICE_NTFY && ntfy_topic(url).n == 0)
		return err_set(e, ERR_USAGE, "an address of ntfy is https://HOST/TOPIC");
	return 0;
}

const char *
notice_origin(struct arena *a, struct str url)
{
	struct str rest = behind_scheme(url);

	return arena_str(a, str_take(url, url.n - rest.n + authority_bytes(rest)));
}

void
notice_put_url(enum notice_service s, struct str url, struct buf *out)
{
	struct str rest = behind_scheme(url);
	size_t n = url.n - rest.n + authority_bytes(rest), query = str_find_char(url, '?');

	if (s != NOTICE_NTFY) {
		buf_putstr(out, url);
		return;
	}
	buf_putstr(out, str_take(url, n));
	buf_putc(out, '/');
	if (query != STR_NONE)
		buf_putstr(out, str_skip(url, query));
}

const char *
notice_link(struct arena *a, const char *base, const char *directory, const char *session)
{
	AUTO(buf) struct buf link = BUF_INIT(8192);

	buf_putstr(&link, str_trim_char(str_of(base), '/'));
	if (!directory[0] || !session[0])
		return arena_str(a, buf_str(&link));
	buf_putc(&link, '/');
	buf_putb64(&link, str_of(directory), true);
	while (link.n > 0 && link.p[link.n - 1] == '=')
		buf_trunc(&link, link.n - 1);
	buf_puts(&link, "/session/");
	buf_puturl(&link, str_of(session), "");
	return arena_str(a, buf_str(&link));
}

/* ---- how many ---- */

static void
refill(struct notice_bucket *b, int64_t now_ms, int64_t each_ms)
{
	int64_t n = now_ms > b->since_ms ? (now_ms - b->since_ms) / each_ms : 0;

	if (n >= (int64_t)b->used) {
		b->used = 0;
		b->since_ms = now_ms;
		return;
	}
	b->used -= (unsigned)n;
	b->since_ms += n * each_ms;
}

bool
notice_rate_take(struct notice_rate *r, enum notice_kind k, int64_t now_ms, unsigned *ret_held)
{
	bool is_agents = k == NOTICE_FINISHED || k == NOTICE_QUESTION || k == NOTICE_PERMISSION;

	refill(&r->kinds[k], now_ms, NOTICE_REFILL_MS);
	refill(&r->all, now_ms, NOTICE_REFILL_ALL_MS);
	if (r->kinds[k].used >= NOTICE_BURST || (is_agents && r->all.used >= NOTICE_BURST_ALL)) {
		r->n_held[k]++;
		return false;
	}
	r->kinds[k].used++;
	r->all.used += is_agents;
	*ret_held = r->n_held[k];
	r->n_held[k] = 0;
	return true;
}
