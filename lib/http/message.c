/*
 * message.c - HTTP/1.1 response heads
 *
 * RFC 9112 without its leniency: a bare CR or LF, a folded line, a space before the colon, a control byte, both framings,
 * a Content-Length that is anything but one plain number are refused and not repaired. One table classifies every byte.
 */
#include "lib/http/message.h"

#include "lib/http/bytes.h"

#define TOK (HTTP_BYTE_TOKEN | HTTP_BYTE_VALUE)
#define HEX (TOK | HTTP_BYTE_HEX)
#define VAL HTTP_BYTE_VALUE

/* Token: RFC 9110 5.6.2; value: HTAB, SP, VCHAR and obs-text of 5.5. */
const unsigned char http_bytes[256] = {
	['\t'] = VAL, [' '] = VAL, ['"'] = VAL, ['('] = VAL, [')'] = VAL, [','] = VAL, ['/'] = VAL,
	[':' ... '@'] = VAL, ['[' ... ']'] = VAL, ['{'] = VAL, ['}'] = VAL, [0x80 ... 0xff] = VAL,
	['!'] = TOK, ['#'] = TOK, ['$'] = TOK, ['%'] = TOK, ['&'] = TOK, ['\''] = TOK, ['*'] = TOK, ['+'] = TOK, ['-'] = TOK,
	['.'] = TOK, ['^'] = TOK, ['_'] = TOK, ['`'] = TOK, ['|'] = TOK, ['~'] = TOK,
	['0' ... '9'] = HEX, ['A' ... 'F'] = HEX, ['a' ... 'f'] = HEX, ['G' ... 'Z'] = TOK, ['g' ... 'z'] = TOK,
};

/* What the fields say about framing, gathered while they are read. */
struct claims {
	unsigned n_length, n_coding;
	struct str length, coding;
	bool has_close, has_keep_alive, has_upgrade_token, has_upgrade;
};

bool
http_is_token(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!(http_bytes[(unsigned char)s.p[i]] & HTTP_BYTE_TOKEN))
			return false;
	return s.n > 0;
}

bool
http_is_value(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!(http_bytes[(unsigned char)s.p[i]] & HTTP_BYTE_VALUE))
			return false;
	return true;
}

/* One line from *pos on, without its CRLF: 1 and *pos behind it, HTTP_INCOMPLETE, or HTTP_BAD. */
static int
line_next(struct str in, size_t *pos, struct str *ret_line, const char **ret_why)
{
	size_t i = *pos;

	while (i < in.n && (http_bytes[(unsigned char)in.p[i]] & HTTP_BYTE_VALUE))
		i++;
	if (i == in.n)
		return HTTP_INCOMPLETE;
	if (in.p[i] != '\r') {
		*ret_why = in.p[i] == '\n' ? "bare line feed in the head" : "control byte in the head";
		return HTTP_BAD;
	}
	if (i + 1 == in.n)
		return HTTP_INCOMPLETE;
	if (in.p[i + 1] != '\n') {
		*ret_why = "bare carriage return in the head";
		return HTTP_BAD;
	}
	*ret_line = str_take(str_skip(in, *pos), i - *pos);
	*pos = i + 2;
	return 1;
}

/* What there is of the first line has to look like one, so that a banner which is not HTTP is told at once. */
static bool
is_status_prefix(struct str in)
{
	static const char want[] = "HTTP/1.";

	return str_eq(str_take(in, sizeof want - 1), str_take(str_of(want), in.n));
}

static int
parse_status_line(struct str line, struct http_head *h, int *ret_minor, const char **ret_why)
{
	/* HTTP/1.x SP 3DIGIT [ SP reason ]: without a reason some servers leave the last space out. */
	if (line.n < 12 || line.p[8] != ' ' || (line.n > 12 && line.p[12] != ' ')) {
		*ret_why = "malformed status line";
		return HTTP_BAD;
	}
	if (line.p[7] != '0' && line.p[7] != '1') {
		*ret_why = "protocol version is not 1.0 or 1.1";
		return HTTP_BAD;
	}
	*ret_minor = line.p[7] - '0';
	h->status = 0;
	for (size_t i = 9; i < 12; i++) {
		if (line.p[i] < '0' || line.p[i] > '9') {
			*ret_why = "status is not a number";
			return HTTP_BAD;
		}
		h->status = h->status * 10 + (line.p[i] - '0');
	}
	if (h->status < 100 || h->status > 599) {
		*ret_why = "status is not between 100 and 599";
		return HTTP_BAD;
	}
	h->reason = str_skip(line, 13);
	return 0;
}

static int
parse_field(struct str line, struct http_field *f, const char **ret_why)
{
	size_t colon = str_find_char(line, ':');

	if (line.p[0] == ' ' || line.p[0] == '\t') {
		*ret_why = "folded header line";
		return HTTP_BAD;
	}
	if (colon == STR_NONE) {
		*ret_why = "header line without a colon";
		return HTTP_BAD;
	}
	f->name = str_take(line, colon);
	f->value = str_trim(str_skip(line, colon + 1));
	if (!http_is_token(f->name)) {
		*ret_why = "malformed header name";
		return HTTP_BAD;
	}
	return 0;
}

static void
note_connection(struct str value, struct claims *k)
{
	while (value.n > 0) {
		struct str token = str_trim(str_cut(&value, ','));

		if (str_ieq(token, STR_LIT("close")))
			k->has_close = true;
		else if (str_ieq(token, STR_LIT("keep-alive")))
			k->has_keep_alive = true;
		else if (str_ieq(token, STR_LIT("upgrade")))
			k->has_upgrade_token = true;
	}
}

static void
note_field(const struct http_field *f, struct claims *k)
{
	if (str_ieq(f->name, STR_LIT("content-length"))) {
		k->n_length++;
		k->length = f->value;
	} else if (str_ieq(f->name, STR_LIT("transfer-encoding"))) {
		k->n_coding++;
		k->coding = f->value;
	} else if (str_ieq(f->name, STR_LIT("connection"))) {
		note_connection(f->value, k);
	} else if (str_ieq(f->name, STR_LIT("upgrade"))) {
		k->has_upgrade = f->value.n > 0;
	}
}

/* Digits only, at most INT64_MAX: no sign, no list, no space inside, not empty. */
static bool
parse_length(struct str s, uint64_t *ret)
{
	uint64_t v = 0;

	for (size_t i = 0; i < s.n; i++) {
		unsigned digit = (unsigned char)s.p[i] - (unsigned)'0';

		if (digit > 9 || v > ((uint64_t)INT64_MAX - digit) / 10)
			return false;
		v = v * 10 + digit;
	}
	*ret = v;
	return s.n > 0;
}

/* RFC 9112 section 6.3, with every doubtful case refused. */
static const char *
decide_framing(struct http_head *h, int minor, bool is_head_request, const struct claims *k)
{
	bool never_body = h->status < 200 || h->status == 204;

	h->length = 0;
	if (k->n_length > 1)
		return "more than one Content-Length";
	if (k->n_length && !parse_length(k->length, &h->length))
		return "malformed Content-Length";
	if (k->n_coding && k->n_length)
		return "Transfer-Encoding together with Content-Length";
	if (k->n_coding > 1 || (k->n_coding && !str_ieq(k->coding, STR_LIT("chunked"))))
		return "Transfer-Encoding is not exactly chunked";
	if (k->n_coding && (minor == 0 || never_body))
		return "Transfer-Encoding where none may be";
	h->is_upgrade = h->status == 101;
	if (h->is_upgrade && !(k->has_upgrade && k->has_upgrade_token))
		return "status 101 without an upgrade";

	if (never_body || h->status == 304 || is_head_request) {
		h->framing = HTTP_NO_BODY;
		h->length = 0;
	} else if (k->n_coding) {
		h->framing = HTTP_CHUNKED;
	} else {
		h->framing = k->n_length ? HTTP_LENGTH : HTTP_UNTIL_CLOSE;
	}
	h->keep_alive = !k->has_close && (minor == 1 || k->has_keep_alive) && h->framing != HTTP_UNTIL_CLOSE &&
		!h->is_upgrade;
	return NULL;
}

static long
parse_lines(struct str in, bool is_head_request, struct http_head *h, const char **ret_why)
{
	struct claims k = { 0 };
	struct str line;
	size_t pos = 0;
	int minor = 1;

	if (!is_status_prefix(in)) {
		*ret_why = "the answer is not HTTP/1";
		return HTTP_BAD;
	}
	int got = line_next(in, &pos, &line, ret_why);
	if (got == 1 && parse_status_line(line, h, &minor, ret_why) < 0)
		return HTTP_BAD;

	for (h->n_fields = 0; got == 1; h->n_fields++) {
		got = line_next(in, &pos, &line, ret_why);
		if (got != 1)
			break;
		if (line.n == 0) {
			*ret_why = decide_framing(h, minor, is_head_request, &k);
			return *ret_why ? HTTP_BAD : (long)pos;
		}
		if (h->n_fields == HTTP_FIELDS_MAX) {
			*ret_why = "too many header fields";
			return HTTP_BAD;
		}
		if (parse_field(line, &h->fields[h->n_fields], ret_why) < 0)
			return HTTP_BAD;
		note_field(&h->fields[h->n_fields], &k);
	}
	return got;
}

long
http_parse_response(struct str in, bool is_head_request, struct http_head *ret, const char **ret_why)
{
	struct str head = str_take(in, HTTP_HEAD_MAX);
	long got = parse_lines(head, is_head_request, ret, ret_why);

	if (got == HTTP_INCOMPLETE && head.n == HTTP_HEAD_MAX) {
		*ret_why = "the head is too large";
		return HTTP_BAD;
	}
	return got;
}

struct str
http_field(const struct http_head *h, const char *name)
{
	struct str want = str_of(name);

	for (size_t i = 0; i < h->n_fields; i++)
		if (str_ieq(h->fields[i].name, want))
			return h->fields[i].value;
	return STR_NULL;
}
