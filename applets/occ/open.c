/* occ open: the address of the service, in a browser, on the screen, as a picture for a telephone */
#include "applets/occ/browser.h"
#include "applets/occ/common.h"
#include "applets/occ/report.h"
#include "applets/occ/tls.h"

struct open_opts {
	bool qr, print;
};

static const struct opt open_opts[] = {
	FLAG(struct open_opts, qr, 0, "qr", "draw the address as a QR code, too"),
	FLAG(struct open_opts, print, 0, "print", "print the address only, start no browser"),
	OPT_LAST
};

/* A configured address is an answer even when the engine does not give one; that nothing runs is said where a browser would fail. */
static int
find_url(struct run *r, struct service *s, bool must_run, const char **ret, struct err *e)
{
	struct container c;
	struct err ignored = ERR_INIT;

	if (must_run) {
		if (occ_connect(r, s, e) < 0 || service_running(s, &c, e) < 0)
			return -1;
		*ret = service_url(s, &c);
		return 0;
	}
	if (occ_open(r, s, e) < 0)
		return -1;
	bool is_known = service_connect(s, &ignored) == 0 && service_running(s, &c, &ignored) == 0;
	*ret = service_url(s, is_known ? &c : NULL);
	return 0;
}

/* With the edge on: an address that logs its holder in, once. NULL without, or with the reason said. Never for a program's arguments, which everybody may read. */
static const char *
find_link(struct run *r, const struct service *s)
{
	const struct json *answer;
	struct edge_paths paths;
	struct err e = ERR_INIT;

	if (!edge_is_on(&s->config))
		return NULL;
	edge_paths_of(r->arena, &s->scope, &paths);
	if (tls_ask(r, &paths, CONTROL_EDGE_LINK, &answer, &e) == 0)
		return json_str(json_get(answer, "url"), NULL);
	term_warn(r->term, r->cli->prog, "no one-time link: %s", e.msg);
	return NULL;
}

static int
as_json(struct run *r, struct service *s, const char *url, const char *link, bool is_opened, struct err *e)
{
	AUTO(buf) struct buf out = BUF_INIT(8192);
	struct jsonw w = JSONW_INIT(&out, 2);

	jsonw_object(&w, NULL);
	jsonw_str(&w, "url", url);
	jsonw_str(&w, "link", link);
	jsonw_str(&w, "user", s->config.auth.username);
	jsonw_str(&w, "tunnel", report_tunnel(r, s));
	jsonw_bool(&w, "opened", is_opened);
	return occ_put_json(r, &w, "report", e);
}

static int
open_run(struct run *r, struct err *e)
{
	const struct open_opts *o = r->opts;
	AUTO(service) struct service s = { .engine = ENGINE_INIT };
	const char *url, *link, *why = NULL, *browser = NULL;

	if (find_url(r, &s, !o->print, &url, e) < 0)
		return -1;
	if (!o->print && !o->qr)
		browser = browser_find(r->arena, &why);
	if (browser && browser_open(browser, url, e) < 0)
		return -1;
	link = o->print ? NULL : find_link(r, &s);
	if (r->g->wants_json)
		return as_json(r, &s, url, link, browser != NULL, e);
	term_printf(r->term, "%s\n", url);
	if (link)
		term_printf(r->term, "%s   (logs in without a password: once, within 10 minutes)\n", link);
	if (o->qr && term_qr(r->term, str_of(link ? link : url), e) < 0)
		return -1;
	if (o->print || o->qr || browser || r->g->is_quiet)
		return 0;
	const char *tunnel = report_tunnel(r, &s);
	term_warn(r->term, r->cli->prog, "no browser was started: %s", why);
	if (tunnel && !s.config.server.public_url[0])
		term_warn(r->term, r->cli->prog, "from your laptop: %s", tunnel);
	return 0;
}

static const char *const open_examples[] = {
	"open", "in the browser of this desktop; without one, how to reach it from another",
	"open --qr", "scan it with a telephone (of use with the edge or server.public_url)",
	"open --print", "for scripts",
	NULL
};

CMD(occ_open) = {
	.applet = "occ", .name = "open", .group = "Access", .args = "", .args_min = 0, .args_max = 0, .has_json = true,
	.brief = "open the web interface in a browser",
	.about = "Prints the address and starts the browser of this desktop. Over ssh, without a screen and as root none is started. The password "
		"is never part of the address: `password show` tells it. With the edge on there is a one-time link as well, which logs in whoever opens it first.",
	.examples = open_examples,
	.opts = open_opts, .opts_bytes = sizeof(struct open_opts),
	.run = open_run,
};
