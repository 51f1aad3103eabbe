/*
 * head.c - lines and fields of a head
 *
 * RFC 9112 without its leniency: a bare CR or LF, a folded line, a space before the colon, a control byte are refused and not
 * repaired. One table classifies every byte.
 */
#include "lib/http/head.h"

#include "lib/http/bytes.h"

int
http_head_line(struct str in, size_t *pos, struct str *ret_line, const char **ret_why)
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

long
http_head_fields(struct str in, size_t pos, struct http_field *fields, size_t *ret_n, const char **ret_why)
{
	struct str line;

	for (size_t n = 0;; n++) {
		int got = http_head_line(in, &pos, &line, ret_why);

		if (got != 1)
			return got;
		if (line.n == 0) {
			*ret_n = n;
			return (long)pos;
		}
		if (n == HTTP_FIELDS_MAX) {
			*ret_why = "too many header fields";
			return HTTP_HEAD_MANY;
		}
		if (parse_field(line, &fields[n], ret_why) < 0)
			return HTTP_BAD;
	}
}

static void
note_connection(struct str value, struct http_claims *k)
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

struct http_claims
http_head_claims(const struct http_field *fields, size_t n)
{
	struct http_claims k = { 0 };

	for (size_t i = 0; i < n; i++) {
		const struct http_field *f = &fields[i];

		if (str_ieq(f->name, STR_LIT("content-length"))) {
			k.n_length++;
			k.length = f->value;
		} else if (str_ieq(f->name, STR_LIT("transfer-encoding"))) {
			k.n_coding++;
			k.coding = f->value;
		} else if (str_ieq(f->name, STR_LIT("connection"))) {
			note_connection(f->value, &k);
		} else if (str_ieq(f->name, STR_LIT("upgrade"))) {
			k.has_upgrade = f->value.n > 0;
		}
	}
	return k;
}

bool
http_head_length(struct str s, uint64_t *ret)
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
