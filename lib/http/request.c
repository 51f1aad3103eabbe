/*
 * request.c - request heads: the request line, the fields that may stand once, and what follows for the connection
 *
 * The fields are read first and judged together, because Host decides about the target and the version about the framing.
 */
#include "lib/http/request.h"

#include "lib/base/mem.h"
#include "lib/http/bytes.h"
#include "lib/http/request_part.h"

#define VERSION_BYTES 8			/* "HTTP/1.1" */
#define LINE_MAX_BYTES (HTTP_METHOD_MAX + 1 + HTTP_TARGET_MAX + 1 + VERSION_BYTES)
#define KEY_CHARS 24			/* base64 of the 16 bytes of Sec-WebSocket-Key, RFC 6455 section 4.1 */

/* Fields that decide something here or at the gate: twice, and two readers might heed different ones. */
enum once { HOST, EXPECT, AUTHORIZATION, ORIGIN, UPGRADE, WS_KEY, WS_VERSION, ONCE__N };
static const struct {
	struct str name;
	const char *why;
} once[ONCE__N] = {
	[HOST] = { STR_INIT("host"), "more than one Host" },
	[EXPECT] = { STR_INIT("expect"), "more than one Expect" },
	[AUTHORIZATION] = { STR_INIT("authorization"), "more than one Authorization" },
	[ORIGIN] = { STR_INIT("origin"), "more than one Origin" },
	[UPGRADE] = { STR_INIT("upgrade"), "more than one Upgrade" },
	[WS_KEY] = { STR_INIT("sec-websocket-key"), "more than one Sec-WebSocket-Key" },
	[WS_VERSION] = { STR_INIT("sec-websocket-version"), "more than one Sec-WebSocket-Version" },
};

static int
read_version(struct str v, struct http_request_head *h, struct http_refusal *r)
{
	h->is_http10 = str_is(v, "HTTP/1.0");
	if (h->is_http10 || str_is(v, "HTTP/1.1"))
		return 0;
	bool is_other = v.n == VERSION_BYTES && str_has_prefix(v, "HTTP/") && v.p[5] >= '0' && v.p[5] <= '9' && v.p[6] == '.' &&
		v.p[7] >= '0' && v.p[7] <= '9';
	return is_other ? http_refuse(r, 505, "protocol version is not 1.0 or 1.1") : http_refuse(r, 400, "malformed request line");
}

static int
read_method(struct str m, struct http_request_head *h, struct http_refusal *r)
{
	if (m.n > HTTP_METHOD_MAX)
		return http_refuse(r, 501, "method too long");
	if (!http_is_token(m))
		return http_refuse(r, 400, "malformed method");
	if (str_ieq(m, STR_LIT("CONNECT")) || str_ieq(m, STR_LIT("TRACE")))
		return http_refuse(r, 405, "method not allowed");
	h->method = m;
	return 0;
}

/* method SP target SP version, RFC 9112 section 3: a blank inside the target stays in it, and is seen there. */
static int
read_line(struct str line, struct http_request_head *h, struct str *ret_target, struct http_refusal *r)
{
	size_t first = str_find_char(line, ' '), last = str_rfind_char(line, ' ');

	if (first == last)
		return http_refuse(r, 400, "malformed request line");
	if (read_method(str_take(line, first), h, r) < 0 || read_version(str_skip(line, last + 1), h, r) < 0)
		return HTTP_BAD;
	*ret_target = str_take(str_skip(line, first + 1), last - first - 1);
	return ret_target->n > HTTP_TARGET_MAX ? http_refuse(r, 414, "target too long") : 0;
}

/* What has come of an endless request line. */
static int
check_begun_line(struct str begun, struct http_refusal *r)
{
	if (begun.n > HTTP_METHOD_MAX && str_find_char(str_take(begun, HTTP_METHOD_MAX + 1), ' ') == STR_NONE)
		return http_refuse(r, 501, "method too long");
	if (begun.n > LINE_MAX_BYTES)
		return http_refuse(r, 414, "target too long");
	return HTTP_INCOMPLETE;
}

static int
find_once(const struct http_request_head *h, struct str found[ONCE__N], struct http_refusal *r)
{
	for (size_t i = 0; i < h->n_fields; i++)
		for (size_t k = 0; k < ONCE__N; k++) {
			if (!str_ieq(h->fields[i].name, once[k].name))
				continue;
			if (found[k].p)
				return http_refuse(r, 400, once[k].why);
			found[k] = h->fields[i].value;
		}
	/* HTTP/1.0 knows no Host, and load balancers' health checks speak it; the server's own name stands for it (RFC 9112 section 3.3). */
	if (!found[HOST].p && h->is_http10)
		found[HOST] = STR_LIT(HTTP_HOST_DEFAULT);
	return found[HOST].p ? 0 : http_refuse(r, 400, "no Host");
}

/* 16 bytes in base64: 22 digits, of which the last carries two bits, and "==". */
static bool
is_websocket_key(struct str s)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	if (s.n != KEY_CHARS || !str_has_suffix(s, "=="))
		return false;
	for (size_t i = 0; i < KEY_CHARS - 2; i++)
		if (str_find_char(STR_LIT(digits), s.p[i]) == STR_NONE)
			return false;
	return str_find_char(STR_LIT("AQgw"), s.p[KEY_CHARS - 3]) != STR_NONE;
}

/* Upgrades to anything else are left out on forwarding, and the request is served as it is (RFC 9110 section 7.8). */
static bool
is_websocket(const struct http_request_head *h, const struct http_claims *k, const struct str found[ONCE__N])
{
	return str_is(h->method, "GET") && !h->is_http10 && h->framing == HTTP_NO_BODY && k->has_upgrade_token &&
		str_ieq(found[UPGRADE], STR_LIT("websocket")) && str_is(found[WS_VERSION], "13") && is_websocket_key(found[WS_KEY]);
}

/* Everything that hangs together. */
static int
judge(struct http_request_head *h, struct str raw_target, struct http_refusal *r)
{
	struct http_claims k = http_head_claims(h->fields, h->n_fields);
	struct str found[ONCE__N] = { 0 };

	h->must_close = false;
	if (find_once(h, found, r) < 0 || http_request_host(found[HOST], h, r) < 0 || http_request_target(raw_target, h, r) < 0 ||
	    http_request_framing(h, &k, r) < 0)
		return HTTP_BAD;
	/* RFC 9110 section 10.1.1: in HTTP/1.0 it is not heeded. */
	bool has_expect = found[EXPECT].p && !h->is_http10;
	if (has_expect && !str_ieq(found[EXPECT], STR_LIT("100-continue")))
		return http_refuse(r, 417, "Expect is not 100-continue");
	h->expects_continue = has_expect && (h->framing == HTTP_CHUNKED || h->length > 0);
	h->is_websocket = is_websocket(h, &k, found);
	h->keep_alive = !k.has_close && !h->must_close && (!h->is_http10 || k.has_keep_alive);
	return 0;
}

static long
parse_lines(struct str in, struct http_request_head *h, struct http_refusal *r)
{
	size_t pos = str_has_prefix(in, "\r\n") ? 2 : 0, start = pos;
	struct str line, target;

	int got = http_head_line(in, &pos, &line, &r->why);
	if (got == HTTP_INCOMPLETE)
		return check_begun_line(str_skip(in, start), r);
	if (got < 0 || read_line(line, h, &target, r) < 0)
		return HTTP_BAD;

	long end = http_head_fields(in, pos, h->fields, &h->n_fields, &r->why);
	if (end == HTTP_HEAD_MANY)
		return http_refuse(r, 431, r->why);
	if (end < 0)
		return end;
	return judge(h, target, r) < 0 ? HTTP_BAD : end;
}

long
http_parse_request(struct str in, struct http_request_head *ret, int *ret_status, const char **ret_why)
{
	struct http_refusal r = { 400, "malformed request" };
	struct str head = str_take(in, HTTP_REQUEST_HEAD_MAX);
	long got = parse_lines(head, ret, &r);

	if (got == HTTP_INCOMPLETE && head.n == HTTP_REQUEST_HEAD_MAX)
		got = http_refuse(&r, 431, "the head is too large");
	else if (got == HTTP_INCOMPLETE)
		r = (struct http_refusal){ 408, "the head did not come to its end" };
	if (got < 0) {
		*ret_status = r.status;
		*ret_why = r.why;
	}
	return got;
}

struct str
http_request_field(const struct http_request_head *h, const char *name)
{
	struct str want = str_of(name);

	for (size_t i = 0; i < h->n_fields; i++)
		if (str_ieq(h->fields[i].name, want))
			return h->fields[i].value;
	return STR_NULL;
}

bool
http_list_has(struct str value, const char *token)
{
	struct str want = str_of(token);

	while (value.n > 0)
		if (str_ieq(str_trim(str_cut(&value, ',')), want))
			return true;
	return false;
}
