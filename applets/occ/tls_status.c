/* occ tls status: does the edge serve, with which certificate, and what is wrong with it */
#include "applets/occ/tls.h"

#include "lib/base/clock.h"

static void
show_certificate(struct run *r, const struct json *c)
{
	int64_t now_s = clock_epoch_s(), until_s = json_int(json_get(c, "until"), 0), renews_s = json_int(json_get(c, "renews"), 0);
	AUTO(buf) struct buf names = BUF_INIT(4096);

	for (JSON_EACH(name, json_get(c, "names")))
		buf_printf(&names, "%s%s", names.n ? ", " : "", json_str(name, ""));
	term_row(r->term, "For", "%s", names.p);
	if (renews_s)
		term_row(r->term, "Renewed", "in %s, by itself; it ends on %s", tls_span(r->arena, renews_s - now_s), tls_date(r->arena, until_s));
	else if (until_s > now_s)
		term_row(r->term, "Ends", "on %s, in %s", tls_date(r->arena, until_s), tls_span(r->arena, until_s - now_s));
	else
		term_row(r->term, "Expired", "on %s: renew it where it came from; the edge looks at the files by itself", tls_date(r->arena, until_s));
}

static void
show_traffic(struct run *r, const struct json *a)
{
	if (!json_get(a, "requests"))
		return;
	term_row(r->term, "opencode", "%s", json_bool(json_get(a, "opencode_up"), false) ? "answers" : "does not answer");
	term_row(r->term, "Now", "%lld connections, %lld streams, %lld terminals, %lld held", (long long)json_int(json_get(a, "connections"), 0),
	    (long long)json_int(json_get(a, "streams"), 0), (long long)json_int(json_get(a, "websockets"), 0), (long long)json_int(json_get(a, "held"), 0));
	term_row(r->term, "Since start", "%lld requests, %lld failed, %lld refused", (long long)json_int(json_get(a, "requests"), 0),
	    (long long)json_int(json_get(a, "failed"), 0), (long long)json_int(json_get(a, "refused"), 0));
	if (json_bool(json_get(a, "proxy_unknown"), false))
		term_row(r->term, "Clients", "all come from one private address: if that is a proxy, %s config add edge.trusted_proxies NETWORK", r->cli->prog);
}

static void
show(struct run *r, const struct tls *t, const struct json *a)
{
	bool serves = json_bool(json_get(a, "serving"), false);
	const char *held = json_str(json_get(a, "hold"), NULL), *cert_trouble = json_str(json_get(a, "certificate_trouble"), NULL),
		*trouble = json_str(json_get(a, "trouble"), NULL);

	term_row(r->term, "Edge", "%s %s", serves ? held ? "holds requests for" : "serves" : "does not serve", json_str(json_get(a, "url"), ""));
	term_row(r->term, "Mode", "%s: %s", json_str(json_get(a, "mode"), ""), mode_of(edge_mode_of(&t->config))->brief);
	if (held)
		term_row(r->term, "Held", "%s", held);
	if (!json_bool(json_get(a, "has_password"), false))
		term_row(r->term, "Password", "none yet, nobody is let in: %s start makes one", r->cli->prog);
	if (json_get(a, "certificate"))
		show_certificate(r, json_get(a, "certificate"));
	if (cert_trouble)
		term_row(r->term, "Trouble", "the old certificate stays in use: %s", cert_trouble);
	if (trouble)
		term_row(r->term, "Trouble", "%s", trouble);
	show_traffic(r, a);
}

/* The answer as it came, but for what makes it one. */
static int
as_json(struct run *r, const struct tls *t, const struct json *answer, struct err *e)
{
	AUTO(buf) struct buf out = BUF_INIT(OCC_TEXT_MAX);
	struct jsonw w = JSONW_INIT(&out, 2);

	jsonw_object(&w, NULL);
	jsonw_bool(&w, "running", answer != NULL);
	if (!answer)
		jsonw_str(&w, "mode", t->config.edge.mode);
	for (JSON_EACH(m, answer)) {
		const char *key = arena_str(r->arena, m->key->text);

		if (!str_is(m->key->text, "ok"))
			jsonw_raw(&w, key, m->raw);
	}
	return occ_put_json(r, &w, "status", e);
}

static int
tls_status_run(struct run *r, struct err *e)
{
	const struct json *answer = NULL;
	struct tls t;

	if (tls_open(r, &t, e) < 0)
		return -1;
	if (tls_ask(r, &t.paths, CONTROL_EDGE_STATUS, &answer, e) < 0) {
		if (e->code != ERR_NOT_RUNNING)
			return -1;
		if (r->g->wants_json)
			return as_json(r, &t, NULL, e) < 0 ? -1 : err_exit_status(ERR_NOT_RUNNING);
		if (edge_is_on(&t.config))
			return -1;
		err_set(e, ERR_NOT_RUNNING, "the edge is off: opencode is reached without TLS and login page");
		return err_note(e, "try", "occ config set edge.mode self-signed");
	}
	if (r->g->wants_json) {
		if (as_json(r, &t, answer, e) < 0)
			return -1;
	} else {
		show(r, &t, answer);
	}
	if (json_is(json_get(answer, "certificate_trouble"), JSON_STRING))
		return err_exit_status(ERR_TLS);
	return json_bool(json_get(answer, "serving"), false) ? 0 : err_exit_status(ERR_NOT_RUNNING);
}

CMD(occ_tls_status) = {
	.applet = "occ", .name = "tls status", .group = "Access", .args = "", .args_max = 0, .has_json = true,
	.brief = "whether the edge serves, and with which certificate",
	.about = "Exit status 0 when it serves, 6 when it does not, 13 when a new certificate cannot be used and the old one stays.",
	.run = tls_status_run,
};
