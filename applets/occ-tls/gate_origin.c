/*
 * gate_origin.c - whose page made the browser send this (RFC 6454, Fetch Metadata)
 *
 * A browser sends cookies and remembered passwords along with requests that a foreign page makes; pages can forge neither Origin nor Sec-Fetch-Site.
 */
#include "applets/occ-tls/gate_own.h"
#include "lib/base/mem.h"

struct scheme {
	const char *prefix, *port;
};

static const struct scheme web_schemes[] = { { "https://", ":443" }, { "http://", ":80" } };

size_t
gate_field(const struct http_request_head *h, const char *name, struct str *ret)
{
	struct str want = str_of(name);
	size_t n = 0;

	*ret = STR_NULL;
	for (size_t i = 0; i < h->n_fields; i++) {
		if (!str_ieq(h->fields[i].name, want))
			continue;
		if (n++ == 0)
			*ret = h->fields[i].value;
	}
	return n;
}

/* NULL when the origin is not a web page's: "null", or an app's own scheme. */
static const struct scheme *
scheme_of(struct str origin)
{
	for (size_t i = 0; i < ARRAY_LEN(web_schemes); i++)
		if (str_has_prefix(origin, web_schemes[i].prefix))
			return &web_schemes[i];
	return NULL;
}

/* Host and port without the scheme's own port, which may be written or left out. */
static struct str
authority(struct str hostport, const struct scheme *s)
{
	return str_has_suffix(hostport, s->port) ? str_take(hostport, hostport.n - str_of(s->port).n) : hostport;
}

static bool
is_same(struct str origin, struct str other, const struct scheme *s)
{
	size_t n = str_of(s->prefix).n;

	return str_has_prefix(other, s->prefix) && str_ieq(authority(str_skip(origin, n), s), authority(str_skip(other, n), s));
}

static bool
is_allowed(const struct gate_config *c, const struct gate_request *rq, struct str origin)
{
	const struct scheme *s = scheme_of(origin);

	if (!s)
		return false;
	/* Over TLS the page has to have come over TLS, too. Without it somebody in front may have TLS and not tell. */
	struct str host = str_skip(origin, str_of(s->prefix).n);
	if ((!rq->is_secure || s == &web_schemes[0]) && host.n > 0 && str_ieq(authority(host, s), authority(rq->head->host, s)))
		return true;
	for (size_t i = 0; c->origins && c->origins[i]; i++)
		if (is_same(origin, str_of(c->origins[i]), s))
			return true;
	return false;
}

enum gate_origin
gate_origin_of(const struct gate_config *c, const struct gate_request *rq)
{
	struct str site, origin;
	size_t n_site = gate_field(rq->head, "Sec-Fetch-Site", &site);
	size_t n_origin = gate_field(rq->head, "Origin", &origin);

	if (n_site == 1 && (str_is(site, "same-origin") || str_is(site, "none")))
		return GATE_ORIGIN_OURS;
	if (n_origin == 0)
		return n_site == 0 ? GATE_ORIGIN_UNKNOWN : GATE_ORIGIN_FOREIGN;
	if (n_origin > 1)
		return GATE_ORIGIN_FOREIGN;
	if (is_allowed(c, rq, origin))
		return GATE_ORIGIN_OURS;
	return scheme_of(origin) || str_is(origin, "null") ? GATE_ORIGIN_FOREIGN : GATE_ORIGIN_UNKNOWN;
}
