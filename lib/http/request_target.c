/* request_target.c - Host and the request target: what is asked for, and of whom */
#include "lib/http/request_part.h"

#include "lib/net/addr.h"

#define HOST_NAME_MAX_BYTES 253		/* of a DNS name as text, RFC 1035 section 2.3.4 */
#define PORT_DIGITS_MAX 5
#define PORT_MAX 65535

static bool
is_port(struct str s)
{
	uint64_t port = 0;

	return s.n <= PORT_DIGITS_MAX && http_head_length(s, &port) && port > 0 && port <= PORT_MAX;
}

/* What RFC 3986 allows beyond this (percent-encoding, sub-delims) no name in DNS has, and not everyone reads it alike. '_' is in no host
 * name either, but in names of containers. */
static bool
is_dns_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '.' || c == '_'))
			return false;
	}
	return s.n > 0 && s.n <= HOST_NAME_MAX_BYTES;
}

static bool
is_ipv6(struct str s)
{
	char text[64];

	if (s.n >= sizeof text)
		return false;
	for (size_t i = 0; i < s.n; i++)
		text[i] = s.p[i];
	text[s.n] = '\0';
	return addr_is_ipv6(text);
}

/* Where the name ends and the port begins; STR_NONE when a bracket is never closed. */
static size_t
name_end(struct str host)
{
	bool is_literal = host.n > 0 && host.p[0] == '[';
	size_t at = str_find_char(host, is_literal ? ']' : ':');

	if (at == STR_NONE)
		return is_literal ? STR_NONE : host.n;
	return is_literal ? at + 1 : at;
}

int
http_request_host(struct str value, struct http_request_head *h, struct http_refusal *r)
{
	size_t end = name_end(value);
	struct str name = str_take(value, end), rest = str_skip(value, end);
	bool is_literal = str_has_prefix(name, "[");

	if (end == STR_NONE || !(is_literal ? is_ipv6(str_take(str_skip(name, 1), name.n - 2)) : is_dns_name(name)))
		return http_refuse(r, 400, "Host is not a name or an address");
	if (rest.n > 0 && (rest.p[0] != ':' || !is_port(str_skip(rest, 1))))
		return http_refuse(r, 400, "Host is not followed by a port");
	h->host = value;
	h->host_name = name;
	return 0;
}

static bool
has_blank(struct str s)
{
	return str_find_char(s, ' ') != STR_NONE || str_find_char(s, '\t') != STR_NONE;
}

static struct str
skip_scheme(struct str raw)
{
	static const struct str schemes[] = { { "http://", 7 }, { "https://", 8 } };

	for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
		if (str_ieq(str_take(raw, schemes[i].n), schemes[i]))
			return str_skip(raw, schemes[i].n);
	return STR_NULL;
}

/* Section 3.2.2: a client sends the same authority twice, so they are compared as text. */
static int
reduce_absolute(struct str raw, struct http_request_head *h, struct http_refusal *r)
{
	struct str rest = skip_scheme(raw);

	if (rest.n == 0)
		return http_refuse(r, 400, "the target is neither a path nor a URL");
	if (!str_ieq(str_take(rest, h->host.n), h->host))
		return http_refuse(r, 400, "the target's host is not that of Host");
	h->target = str_skip(rest, h->host.n);
	if (h->target.n == 0)
		h->target = str_is(h->method, "OPTIONS") ? STR_LIT("*") : STR_LIT("/");	/* section 3.2.4 */
	else if (h->target.p[0] != '/')
		return http_refuse(r, 400, "the target's host is not that of Host, or no path follows it");
	return 0;
}

/* Forms of the target other than the path itself. */
static int
reduce(struct str raw, struct http_request_head *h, struct http_refusal *r)
{
	if (raw.n == 0) {	/* a URL without a path: section 3.2.1 would have had the client write the slash */
		h->target = STR_LIT("/");
		h->must_close = true;
		return 0;
	}
	h->target = raw;
	if (raw.p[0] == '/')
		return 0;
	if (!str_is(raw, "*"))
		return reduce_absolute(raw, h, r);
	return str_is(h->method, "OPTIONS") ? 0 : http_refuse(r, 400, "the target \"*\" is for OPTIONS");
}

int
http_request_target(struct str raw, struct http_request_head *h, struct http_refusal *r)
{
	if (has_blank(raw))
		return http_refuse(r, 400, "blank in the target");
	if (reduce(raw, h, r) < 0)
		return HTTP_BAD;

	size_t mark = str_find_char(h->target, '?');
	h->path = str_take(h->target, mark);
	h->query = mark == STR_NONE ? STR_NULL : str_skip(h->target, mark + 1);
	/* Whoever reads a target as a URL ends the path at '#' and takes '\' for '/': then it is not the path that was judged here. */
	if (str_find_char(h->path, '#') != STR_NONE || str_find_char(h->path, '\\') != STR_NONE)
		return http_refuse(r, 400, "the path holds a byte that has to be encoded");
	return 0;
}
