/* occ open: the address of the service, in a browser, on the screen, as a picture for a telephone */
#include "applets/occ/browser.h"
#include "applets/occ/common.h"
#include "applets/occ/report.h"

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

static int
as_json(struct run *r, struct service *s, const char *url, bool is_opened, struct err *e)
{
	AUTO(buf) struct buf out = BUF_INIT(8192);
	struct jsonw w = JSONW_INIT(&out, 2);

	jsonw_object(&w, NULL);
	jsonw_str(&w, "url", url);
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
	const char *url, *why = NULL, *browser = NULL;

	if (find_url(r, &s, !o->print, &url, e) < 0)
		return -1;
	if (!o->print && !o->qr)
		browser = browser_find(r->arena, &why);
	if (browser && browser_open(browser, url, e) < 0)
		return -1;
	if (r->g->wants_json)
		return as_json(r, &s, url, browser != NULL, e);
	term_printf(r->term, "%s\n", url);
	if (o->qr && term_qr(r->term, str_of(url), e) < 0)
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
	"open --qr", "scan it with a telephone (of use with server.public_url)",
	"open --print", "for scripts",
	NULL
};

CMD(occ_open) = {
	.applet = "occ", .name = "open", .group = "Access", .args = "", .args_min = 0, .args_max = 0, .has_json = true,
	.brief = "open the web interface in a browser",
	.about = "Prints the address and starts the browser of this desktop. Over ssh, without a screen and as root none is started. The password "
		"is never part of the address: `password show` tells it.",
	.examples = open_examples,
	.opts = open_opts, .opts_bytes = sizeof(struct open_opts),
	.run = open_run,
};
