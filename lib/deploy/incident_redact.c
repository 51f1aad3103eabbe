/*
 * incident_redact.c - finds known secrets in a text, in every form that a log gives them
 *
 * Every position of the text is asked for the longest pattern that begins there, so that overlapping secrets leave nothing of each other. Patterns hang on
 * lists by their first byte: for most positions that is one look.
 *
 * Base64 of a text that holds the secret somewhere: the bytes before it decide only at which of three offsets it stands, and blur its first and last
 * characters. What is sure for each offset is the pattern; the characters around it are taken out with it.
 */
#include "lib/deploy/incident_redact.h"

#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/deploy/incident.h"

#define BASE64_MIN 4			/* sure characters: fewer would be found anywhere */
#define TEXT_MAX (4u << 20)
#define PATTERN_BYTES_MAX (REDACT_SECRETS_MAX * (CREDENTIALS_VALUE_MAX * 6))
#define PATH_MIN 16			/* bytes of an address's path: a shorter one is a word that logs use */

/* ---- patterns ---- */

static void
hang(struct redactor *r, size_t at, bool is_base64)
{
	struct redact_pattern *p = &r->patterns[r->n];
	int *head;

	*p = (struct redact_pattern){ .at = at, .n = r->bytes.n - at, .is_base64 = is_base64, .next = -1 };
	if (p->n == 0 || r->bytes.fault != BUF_OK)
		return;
	head = is_base64 ? &r->base64[(unsigned char)r->bytes.p[at]] : &r->plain[(unsigned char)r->bytes.p[at]];
	p->next = *head;
	*head = (int)r->n++;
}

static void
add_base64(struct redactor *r, struct str secret, size_t offset)
{
	AUTO(buf) struct buf raw = BUF_SECRET_INIT(CREDENTIALS_VALUE_MAX + 2), coded = BUF_SECRET_INIT(2 * CREDENTIALS_VALUE_MAX);
	size_t from = (offset * 8 + 5) / 6, to = (offset + secret.n) * 8 / 6, at = r->bytes.n;

	if (to < from + BASE64_MIN)
		return;
	buf_put(&raw, "\0\0", offset);
	buf_putstr(&raw, secret);
	buf_putb64(&coded, buf_str(&raw), false);
	buf_putstr(&r->bytes, str_skip(str_take(buf_str(&coded), to), from));
	hang(r, at, true);
}

static void
add_secret(struct redactor *r, struct str secret)
{
	size_t at = r->bytes.n;

	if (secret.n == 0)
		return;
	buf_putstr(&r->bytes, secret);
	hang(r, at, false);
	for (size_t offset = 0; offset < 3 && secret.n >= INCIDENT_SHORT_BYTES; offset++)
		add_base64(r, secret, offset);
}

/* An address of notifications, and its path alone, where the token is: clients log the two apart. */
static void
add_address(struct redactor *r, struct str url)
{
	size_t at = str_find(url, STR_LIT("://"));
	struct str path = at == STR_NONE ? STR_NULL : str_skip(url, at + 3);

	add_secret(r, url);
	str_cut(&path, '/');
	if (path.n >= PATH_MIN)
		add_secret(r, path);
}

void
redactor_init(struct redactor *r, const struct credentials *cr)
{
	r->bytes = (struct buf)BUF_SECRET_INIT(PATTERN_BYTES_MAX);
	r->n = 0;
	for (size_t i = 0; i < ARRAY_LEN(r->plain); i++)
		r->plain[i] = r->base64[i] = -1;
	if (!cr)
		return;
	add_secret(r, buf_str(&cr->password));
	add_secret(r, buf_str(&cr->inner_password));
	for (size_t i = 0; i < cr->n_secrets; i++)
		add_secret(r, buf_str(&cr->secrets[i].value));
	for (size_t i = 0; i < cr->n_notify; i++)
		add_address(r, buf_str(&cr->notify[i].url));
}

void
redactor_auto(struct redactor *r)
{
	buf_wipe(&r->bytes);
	r->n = 0;
}

/* ---- one position ---- */

/* Decodes "%2F", "\u002f", "\/" at the front of s; returns how many bytes that took. */
static size_t
decode(struct str s, unsigned char *ret)
{
	struct err ignored;
	uint64_t v;

	*ret = (unsigned char)s.p[0];
	if (s.n >= 3 && s.p[0] == '%' && num_hex(str_take(str_skip(s, 1), 2), 255, &v, &ignored) == 0) {
		*ret = (unsigned char)v;
		return 3;
	}
	if (s.n < 2 || s.p[0] != '\\')
		return 1;
	if (s.n >= 6 && s.p[1] == 'u' && num_hex(str_take(str_skip(s, 2), 4), 127, &v, &ignored) == 0) {
		*ret = (unsigned char)v;
		return 6;
	}
	if (s.p[1] != '"' && s.p[1] != '\\' && s.p[1] != '/' && s.p[1] != '\'')
		return 1;
	*ret = (unsigned char)s.p[1];
	return 2;
}

/* RFC 4648 section 5 into section 4. */
static unsigned char
base64_of(unsigned char c)
{
	return c == '-' ? '+' : c == '_' ? '/' : c;
}

static bool
is_same(unsigned char c, unsigned char want, bool is_base64)
{
	return is_base64 ? base64_of(c) == want : c == want || (want == ' ' && c == '+');
}

/* Bytes of the text that the pattern takes at its front; 0 when it does not stand there. */
static size_t
match(struct str text, struct str pattern, bool is_base64, bool is_literal)
{
	size_t used = 0;

	for (size_t i = 0; i < pattern.n; i++) {
		struct str rest = str_skip(text, used);
		unsigned char want = (unsigned char)pattern.p[i], c = want;
		size_t n = 1;

		if (rest.n == 0)
			return 0;
		if (!is_literal)
			n = decode(rest, &c);
		if (is_literal || !is_same(c, want, is_base64)) {
			n = 1;
			c = (unsigned char)rest.p[0];
		}
		if (!is_same(c, want, is_base64))
			return 0;
		used += n;
	}
	return used;
}

static bool
is_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool
is_base64_char(unsigned char c)
{
	return is_word((char)c) || c == '+' || c == '/' || c == '-' || c == '_';
}

/* The rest of the base64 around a pattern: it holds the secret's last bits, and the padding. */
static size_t
base64_end(struct str text, size_t at)
{
	while (at < text.n) {
		unsigned char c;
		size_t n = decode(str_skip(text, at), &c);

		if (!is_base64_char(c) && c != '=')
			break;
		at += n;
	}
	return at;
}

static size_t
try_pattern(const struct redactor *r, const struct redact_pattern *p, struct str text, size_t at)
{
	struct str pattern = str_take(str_skip(buf_str(&r->bytes), p->at), p->n), here = str_skip(text, at);
	size_t n = match(here, pattern, p->is_base64, false), literal = match(here, pattern, p->is_base64, true);

	if (literal > n)
		n = literal;
	if (n == 0)
		return 0;
	if (p->is_base64)
		return base64_end(text, at + n) - at;
	if (p->n < INCIDENT_SHORT_BYTES && ((at > 0 && is_word(text.p[at - 1])) || (at + n < text.n && is_word(text.p[at + n]))))
		return 0;
	return n;
}

/* Most patterns that hang on a byte differ in the next one: a look before the whole. */
static bool
may_match(const struct redactor *r, const struct redact_pattern *p, struct str text, size_t at)
{
	unsigned char c, want;

	if (p->n < 2 || at + 1 >= text.n || text.p[at] == '%' || text.p[at] == '\\')
		return true;
	c = (unsigned char)text.p[at + 1];
	want = (unsigned char)r->bytes.p[p->at + 1];
	return c == '%' || c == '\\' || is_same(c, want, p->is_base64);
}

static void
try_list(const struct redactor *r, int first, struct str text, size_t at, size_t *longest, bool *ret_is_base64)
{
	for (int i = first; i >= 0; i = r->patterns[i].next) {
		size_t n = may_match(r, &r->patterns[i], text, at) ? try_pattern(r, &r->patterns[i], text, at) : 0;

		if (n > *longest) {
			*longest = n;
			*ret_is_base64 = r->patterns[i].is_base64;
		}
	}
}

/* Length of the longest secret at this place, 0 for none. */
static size_t
find_at(const struct redactor *r, struct str text, size_t at, bool *ret_is_base64)
{
	unsigned char literal = (unsigned char)text.p[at], decoded;
	size_t longest = 0;

	*ret_is_base64 = false;
	decode(str_skip(text, at), &decoded);
	try_list(r, r->plain[literal], text, at, &longest, ret_is_base64);
	try_list(r, r->base64[base64_of(literal)], text, at, &longest, ret_is_base64);
	if (literal == '+')
		try_list(r, r->plain[' '], text, at, &longest, ret_is_base64);
	if (decoded != literal) {
		try_list(r, r->plain[decoded], text, at, &longest, ret_is_base64);
		try_list(r, r->base64[base64_of(decoded)], text, at, &longest, ret_is_base64);
	}
	return longest;
}

/* ---- a text ---- */

static void
take_out_known(const struct redactor *r, struct str text, struct buf *out)
{
	size_t end = 0, run = out->n;	/* end of what is taken out; where the base64 before this place begins in out */

	for (size_t at = 0; at < text.n; at++) {
		bool is_base64;
		size_t n = find_at(r, text, at, &is_base64);

		if (n > 0 && at >= end) {
			if (is_base64)
				buf_trunc(out, run);
			buf_puts(out, REDACT_MARK);
			run = out->n;
		}
		if (at + n > end)
			end = at + n;
		if (at < end)
			continue;
		buf_putc(out, text.p[at]);
		if (!is_base64_char((unsigned char)text.p[at]))
			run = out->n;
	}
}

void
redactor_put(const struct redactor *r, struct str text, struct buf *out)
{
	AUTO(buf) struct buf half = BUF_SECRET_INIT(TEXT_MAX);

	if (r->bytes.fault == BUF_OK)
		take_out_known(r, text, &half);
	/* What could not be looked through is not kept. */
	if (r->bytes.fault != BUF_OK || half.fault != BUF_OK)
		buf_puts(out, REDACT_MARK);
	else
		redact_marks(buf_str(&half), out);
}

void
incident_redact(struct str text, const struct credentials *cr, struct buf *out)
{
	AUTO(redactor) struct redactor r;

	redactor_init(&r, cr);
	redactor_put(&r, text, out);
}
