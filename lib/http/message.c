/*
 * message.c - HTTP/1.1 response heads
 *
 * RFC 9112 without its leniency: what head.c refuses, both framings, a Content-Length that is anything but one plain number are
 * refused and not repaired.
 */
#include "lib/http/message.h"

#include "lib/http/head.h"

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

/* RFC 9112 section 6.3, with every doubtful case refused. */
static const char *
decide_framing(struct http_head *h, int minor, bool is_head_request, const struct http_claims *k)
{
	bool never_body = h->status < 200 || h->status == 204;

	h->length = 0;
	if (k->n_length > 1)
		return "more than one Content-Length";
	if (k->n_length && !http_head_length(k->length, &h->length))
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
	struct str line;
	size_t pos = 0;
	int minor = 1;

	if (!is_status_prefix(in)) {
		*ret_why = "the answer is not HTTP/1";
		return HTTP_BAD;
	}
	int got = http_head_line(in, &pos, &line, ret_why);
	if (got != 1)
		return got;
	if (parse_status_line(line, h, &minor, ret_why) < 0)
		return HTTP_BAD;

	long end = http_head_fields(in, pos, h->fields, &h->n_fields, ret_why);
	if (end < 0)
		return end == HTTP_HEAD_MANY ? HTTP_BAD : end;
	struct http_claims k = http_head_claims(h->fields, h->n_fields);
	*ret_why = decide_framing(h, minor, is_head_request, &k);
	return *ret_why ? HTTP_BAD : end;
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
