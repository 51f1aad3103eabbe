/*
 * incident_marks.c - secrets that nobody told us of, by what stands before them or by their shape
 *
 * A name with a separator ("ANTHROPIC_API_KEY=", "\"apiKey\": \"", "Authorization: "), "Bearer ", the password of a URL, and prefixes that providers
 * give to their tokens. A name without a value ("Unexpected token", "authorization failed") is left as it is.
 */
#include "lib/base/mem.h"
#include "lib/deploy/incident_redact.h"

#define USERINFO_MIN 20		/* a user name of a URL of that length, without a password, is a token itself */
#define SHAPE_MIN 16		/* characters behind a prefix */

enum mark_kind {
	MARK_VALUE,		/* name, separator, value */
	MARK_LINE,		/* the same, and the value may hold spaces */
	MARK_BEHIND,		/* the value follows at once */
};

static const struct mark {
	const char *name;	/* in lower case */
	enum mark_kind kind;
} marks[] = {
	{ "authorization", MARK_LINE },
	{ "bearer ", MARK_BEHIND },
	{ "_key", MARK_VALUE },
	{ "-key", MARK_VALUE },
	{ "apikey", MARK_VALUE },
	{ "_token", MARK_VALUE },
	{ "-token", MARK_VALUE },
	{ "accesstoken", MARK_VALUE },
	{ "refreshtoken", MARK_VALUE },
	{ "_secret", MARK_VALUE },
	{ "-secret", MARK_VALUE },
	{ "password", MARK_VALUE },
	{ "passwd", MARK_VALUE },
	{ "cookie", MARK_LINE },
};

static const char *const shapes[] = {
	"sk-", "sk_live_", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "xoxa-", "xapp-", "AKIA", "AIza", "eyJ", "hf_",
	"npm_", "gsk_",
};

/* What to do at a place: so many bytes stay, so many behind them go. */
struct cut {
	size_t keep, hide;
};

static bool
is_one_of(char c, const char *set)
{
	return str_find_char(str_of(set), c) != STR_NONE;
}

static bool
is_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool
has_iprefix(struct str s, const char *lower)
{
	struct str want = str_of(lower);

	return s.n >= want.n && str_ieq(str_take(s, want.n), want);
}

/* ---- values ---- */

/* Quotes (escaped ones, too) and spaces around one of ":", "=" and, behind a quote, ",". False when there is no separator. ret_open: the quote that
 * the value stands in, 0 for none. */
static bool
skip_separator(struct str s, size_t *at, char *ret_open, bool *ret_is_escaped)
{
	bool has_quote = false;
	size_t i = *at;

	for (; i < s.n && is_one_of(s.p[i], "\\\"'` \t"); i++)
		has_quote |= s.p[i] == '"' || s.p[i] == '\'';
	if (i == s.n || !(s.p[i] == ':' || s.p[i] == '=' || (has_quote && s.p[i] == ',')))
		return false;
	for (i++; i < s.n && is_one_of(s.p[i], "> \t["); i++)
		;
	*ret_is_escaped = i < s.n && s.p[i] == '\\';
	for (; i < s.n && s.p[i] == '\\'; i++)
		;
	*ret_open = i < s.n && is_one_of(s.p[i], "\"'`") ? s.p[i++] : '\0';
	*at = i;
	return true;
}

static size_t
value_end(struct str s, size_t at, char open, bool is_escaped, bool may_hold_spaces)
{
	const char *ends = open ? (const char[]){ open, '\0' } : may_hold_spaces ? "\"'`\r\n" : "\"'`\r\n \t,;&<>()]}|";

	while (at < s.n && !is_one_of(s.p[at], ends)) {
		if (s.p[at] == '\\' && (is_escaped || !open))
			break;
		at += s.p[at] == '\\' && at + 1 < s.n ? 2 : 1;
	}
	return at;
}

static struct cut
cut_at_mark(struct str s, const struct mark *m)
{
	size_t from = str_of(m->name).n, to;
	bool is_escaped = false;
	char open = '\0';

	if (m->kind != MARK_BEHIND && !skip_separator(s, &from, &open, &is_escaped))
		return (struct cut){ 0, 0 };
	to = value_end(s, from, open, is_escaped, m->kind == MARK_LINE);
	return (struct cut){ from, to - from };
}

/* ---- URLs and shapes ---- */

static struct cut
cut_at_url(struct str s)
{
	struct str rest = str_skip(s, 3), info;
	size_t end = 0, colon, at;

	while (end < rest.n && !is_one_of(rest.p[end], "/?# \t\r\n\"'`<>\\"))
		end++;
	at = str_rfind_char(str_take(rest, end), '@');
	if (at == STR_NONE)
		return (struct cut){ 0, 0 };
	info = str_take(rest, at);
	colon = str_find_char(info, ':');
	if (colon != STR_NONE)
		return (struct cut){ 3 + colon + 1, at - colon - 1 };
	return info.n >= USERINFO_MIN ? (struct cut){ 3, at } : (struct cut){ 0, 0 };
}

static struct cut
cut_at_shape(struct str s, const char *prefix)
{
	size_t from = str_of(prefix).n, to = from;

	while (to < s.n && (is_word(s.p[to]) || is_one_of(s.p[to], "_-.")))
		to++;
	return to - from >= SHAPE_MIN ? (struct cut){ from, to - from } : (struct cut){ 0, 0 };
}

/* ---- a text ---- */

/* Most places are done with here; the case does not matter. */
static bool
may_begin(char c, const char *name)
{
	return (c | 0x20) == (name[0] | 0x20);
}

static struct cut
find_cut(struct str s, bool is_word_start)
{
	struct cut c = { 0, 0 };

	if (s.p[0] == ':' && str_has_prefix(s, "://"))
		c = cut_at_url(s);
	for (size_t i = 0; c.hide == 0 && i < ARRAY_LEN(marks); i++) {
		if (may_begin(s.p[0], marks[i].name) && has_iprefix(s, marks[i].name))
			c = cut_at_mark(s, &marks[i]);
	}
	for (size_t i = 0; is_word_start && c.hide == 0 && i < ARRAY_LEN(shapes); i++) {
		if (may_begin(s.p[0], shapes[i]) && str_has_prefix(s, shapes[i]))
			c = cut_at_shape(s, shapes[i]);
	}
	return c;
}

void
redact_marks(struct str text, struct buf *out)
{
	bool is_word_start = true;

	while (text.n > 0) {
		struct cut c = find_cut(text, is_word_start);

		if (c.hide == 0) {
			is_word_start = !is_word(text.p[0]);
			buf_putc(out, text.p[0]);
			text = str_skip(text, 1);
			continue;
		}
		buf_putstr(out, str_take(text, c.keep));
		buf_puts(out, REDACT_MARK);
		text = str_skip(text, c.keep + c.hide);
		is_word_start = true;
	}
}
