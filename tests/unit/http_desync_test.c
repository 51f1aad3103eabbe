/*
 * http_desync_test.c - every case of the desync suite, by name: what is ambiguous or worse is refused, what is compliant goes on and means the same
 *
 * The suite's YAML has one form: a key a line, scalars plain or quoted. Its cases have no Host, which a request must have: each gets one, so that
 * nothing is refused for the lack of it. Characters beyond ASCII are sent both as UTF-8 and as single bytes.
 */
#include <dirent.h>

#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/base/path.h"
#include "lib/http/forward.h"
#include "tests/t.h"

#define SUITE "tests/data/http-desync/tests"
#define FILE_MAX ((size_t)1 << 20)
#define FIELDS 40

enum tier { COMPLIANT, ACCEPTABLE, AMBIGUOUS, SEVERE, TIERS };
static const char *const tiers[TIERS] = { "Compliant", "Acceptable", "Ambiguous", "Severe" };

struct desync_case {
	struct str name, method, uri, version;
	struct http_field fields[FIELDS];
	size_t n_fields;
	enum tier tier;
};

static unsigned n_cases[TIERS], n_accepted[TIERS];

/* --- the suite's form of YAML ----------------------------------------------------- */

static void
put_char(struct buf *out, unsigned c, bool is_utf8)
{
	if (c < 0x80 || !is_utf8) {
		buf_putc(out, (char)c);
		return;
	}
	buf_putc(out, (char)(0xc0 | c >> 6));
	buf_putc(out, (char)(0x80 | (c & 0x3f)));
}

static unsigned
hex_pair(struct str s)
{
	char text[3] = { s.p[0], s.p[1], '\0' };

	return (unsigned)strtoul(text, NULL, 16);
}

/* What stands between double quotes (YAML 1.2 section 5.7, as far as the suite goes). */
static void
unescape(struct str s, bool is_utf8, struct buf *out)
{
	static const char letters[] = "nrt0\\\"", bytes[] = "\n\r\t\0\\\"";

	while (s.n > 0) {
		size_t used = 1;

		if (s.p[0] != '\\') {
			buf_putc(out, s.p[0]);
		} else if (s.n >= 4 && s.p[1] == 'x') {
			put_char(out, hex_pair(str_skip(s, 2)), is_utf8);
			used = 4;
		} else {
			size_t at = s.n >= 2 ? str_find_char(STR_LIT(letters), s.p[1]) : STR_NONE;

			if (at == STR_NONE)
				T_FAIL("escape that the suite did not have: " STR_FMT, STR_ARG(s));
			else
				buf_putc(out, bytes[at]);
			used = 2;
		}
		s = str_skip(s, used);
	}
}

static struct str
scalar(struct arena *a, struct str s, bool is_utf8)
{
	AUTO(buf) struct buf text = BUF_INIT(4096);

	s = str_trim(s);
	if (s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"')
		unescape(str_take(str_skip(s, 1), s.n - 2), is_utf8, &text);
	else if (s.n >= 2 && s.p[0] == '\'' && s.p[s.n - 1] == '\'')
		buf_putstr(&text, str_take(str_skip(s, 1), s.n - 2));
	else
		buf_putstr(&text, s);
	return str_from(arena_str(a, buf_str(&text)), text.n);
}

static enum tier
tier_of(struct str s)
{
	for (enum tier t = 0; t < TIERS; t++)
		if (str_is(s, tiers[t]))
			return t;
	T_FAIL("unknown tier " STR_FMT, STR_ARG(s));
	return COMPLIANT;
}

/* One line into the case it belongs to; what the test has no use for is passed over. */
static void
read_line(struct arena *a, struct str line, bool is_utf8, struct desync_case *c)
{
	struct str key = str_cut(&line, ':'), value = scalar(a, line, is_utf8);

	if (str_is(key, "- name"))
		*c = (struct desync_case){ .name = value };
	else if (str_is(key, "  uri"))
		c->uri = value;
	else if (str_is(key, "  method"))
		c->method = value;
	else if (str_is(key, "  version"))
		c->version = value;
	else if (str_is(key, "    - name") && c->n_fields < FIELDS)
		c->fields[c->n_fields++].name = value;
	else if (str_is(key, "      value") && c->n_fields > 0)
		c->fields[c->n_fields - 1].value = value;
	else if (str_is(key, "    tier"))
		c->tier = tier_of(value);
}

/* --- a case ------------------------------------------------------------------------ */

static void
put_request(const struct desync_case *c, struct buf *out)
{
	bool has_host = false;

	buf_putstr(out, c->method);
	buf_putc(out, ' ');
	buf_putstr(out, c->uri);
	if (c->version.n > 0) {		/* none: as HTTP/0.9 had it */
		buf_putc(out, ' ');
		buf_putstr(out, c->version);
	}
	buf_puts(out, "\r\n");
	for (size_t i = 0; i < c->n_fields; i++) {
		has_host = has_host || str_ieq(c->fields[i].name, STR_LIT("host"));
		buf_putstr(out, c->fields[i].name);
		buf_puts(out, ": ");
		buf_putstr(out, c->fields[i].value);
		buf_puts(out, "\r\n");
	}
	buf_puts(out, has_host ? "\r\n" : "Host: localhost\r\n\r\n");
}

static bool
is_rewritten(struct str name)
{
	static const char *const names[] = { "connection", "content-length", "transfer-encoding", "host", "x-forwarded-for" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_ieq(name, str_of(names[i])))
			return true;
	return false;
}

/* Every field that goes on is there, in its order, with its value. */
static void
check_fields(const struct desync_case *c, const struct http_request_head *h)
{
	size_t at = 0;

	for (size_t i = 0; i < c->n_fields; i++) {
		if (is_rewritten(c->fields[i].name))
			continue;
		while (at < h->n_fields && !str_eq(h->fields[at].name, c->fields[i].name))
			at++;
		if (at == h->n_fields || !str_eq(h->fields[at++].value, str_trim(c->fields[i].value)))
			T_FAIL("'" STR_FMT "' did not go on as it was", STR_ARG(c->fields[i].name));
	}
}

/* What is forwarded, read again, is what came. */
static void
check_forwarded(const struct desync_case *c, const struct http_request_head *h)
{
	const struct http_forward f = { .client = STR_LIT("192.0.2.1"), .proto = STR_LIT("https") };
	AUTO(buf) struct buf out = BUF_INIT(65536);
	struct http_request_head again;
	const char *why = "";
	int status = 0;

	http_put_forward_request(h, &f, &out);
	if (http_parse_request(buf_str(&out), &again, &status, &why) != (long)out.n) {
		T_FAIL("what is forwarded is refused: %s", why);
		return;
	}
	T_OK(str_eq(again.method, c->method));
	T_OK(str_eq(again.target, c->uri.n > 0 ? c->uri : STR_LIT("/")));
	T_OK(str_eq(again.host, h->host));
	T_EQ(again.framing, h->framing);
	T_EQ(again.length, h->length);
	T_OK(!h->must_close || !again.keep_alive);
	T_OK(!again.is_http10);
	check_fields(c, &again);
}

static void
run_case(const struct desync_case *c, const char *file, bool is_utf8)
{
	AUTO(buf) struct buf in = BUF_INIT(65536);
	struct http_request_head h;
	const char *why = "";
	int status = 0;

	t_row("%s: " STR_FMT "%s", file, STR_ARG(c->name), is_utf8 ? "" : " (single bytes)");
	put_request(c, &in);
	long got = http_parse_request(str_from(t_guard(in.p, in.n), in.n), &h, &status, &why);

	n_cases[c->tier]++;
	n_accepted[c->tier] += got >= 0;
	if (got >= 0) {
		T_EQ(got, in.n);
		T_OK(c->tier == COMPLIANT || c->tier == ACCEPTABLE);
		check_forwarded(c, &h);
	} else {
		T_EQ(got, HTTP_BAD);
		T_OK(status >= 400 && status <= 599);
		if (c->tier == COMPLIANT)
			T_FAIL("refused: %d %s", status, why);
	}
}

static void
run_file(const char *name, bool is_utf8)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	AUTO(buf) struct buf text = BUF_INIT(FILE_MAX);
	struct desync_case c = { .n_fields = 0 };
	struct err e = ERR_INIT;
	struct str line;

	if (file_read(path_join(&a, SUITE, name), &text, &e) < 0)
		T_FAIL("%s", e.msg);
	struct str rest = buf_str(&text);
	while (str_line(&rest, &line)) {
		if (str_has_prefix(line, "- name:") && c.name.n > 0)
			run_case(&c, name, is_utf8);
		read_line(&a, line, is_utf8, &c);
	}
	run_case(&c, name, is_utf8);
}

int
main(void)
{
	static const unsigned all[TIERS] = { 28, 15, 58, 58 }, accepted[TIERS] = { [COMPLIANT] = 28, [ACCEPTABLE] = 2 };
	DIR *d = opendir(SUITE);

	if (!d) {
		T_FAIL("%s cannot be read: run from the top of the tree", SUITE);
		return t_done();
	}
	for (struct dirent *de; (de = readdir(d));) {
		if (de->d_name[0] == '.')
			continue;
		run_file(de->d_name, true);
		run_file(de->d_name, false);
	}
	closedir(d);
	for (enum tier t = 0; t < TIERS; t++) {
		t_row("%s cases: all there, and how many were accepted", tiers[t]);
		T_EQ(n_cases[t], 2 * all[t]);
		T_EQ(n_accepted[t], 2 * accepted[t]);
	}
	return t_done();
}
