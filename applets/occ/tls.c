/* tls.c - the edge of an instance as the commands see it */
#include "applets/occ/tls.h"

#include "lib/base/clock.h"
#include "lib/base/num.h"

#define ASK_MS 30000		/* a new certificate has to be taken into use first */
#define STATUS_MS 2000

int
tls_open(struct run *r, struct tls *ret, struct err *e)
{
	if (occ_config(r, &ret->scope, &ret->config, e) < 0)
		return -1;
	edge_paths_of(r->arena, &ret->scope, &ret->paths);
	return 0;
}

int
tls_ask(struct run *r, const struct edge_paths *p, enum control_edge_verb verb, const struct json **ret, struct err *e)
{
	AUTO(control) struct control c = CONTROL_INIT;
	const struct control_request ask = { .verb = verb, .why = "" };
	int64_t due_ms = clock_due_ms(verb == CONTROL_EDGE_STATUS ? STATUS_MS : ASK_MS);

	if (control_open(&c, &control_edge, p->control, due_ms, e) < 0) {
		if (e->code != ERR_NOT_FOUND)
			return -1;
		err_set(e, ERR_NOT_RUNNING, "the edge is not running");
		return err_note(e, "try", "occ service install --now   (or here: occ tls run)");
	}
	return control_ask(&c, r->arena, &ask, ret, due_ms, e);
}

/* What it answered, in one line. */
static const char *
line_of(struct run *r, const struct config *c, const struct json *answer)
{
	const struct json *cert = json_get(answer, "certificate");
	const char *trouble = json_str(json_get(answer, "certificate_trouble"), json_str(json_get(answer, "trouble"), NULL));
	const char *held = json_str(json_get(answer, "hold"), NULL);
	int64_t now_s = clock_epoch_s(), renews_s = json_int(json_get(cert, "renews"), 0), until_s = json_int(json_get(cert, "until"), 0);
	AUTO(buf) struct buf out = BUF_INIT(4096);

	buf_printf(&out, "%s, %s", c->edge.mode, !json_bool(json_get(answer, "serving"), false) ? "does not serve" : held ? "holds requests" : "serves");
	if (renews_s)
		buf_printf(&out, ", certificate renews in %s", tls_span(r->arena, renews_s - now_s));
	else if (until_s)
		buf_printf(&out, ", certificate ends in %s", tls_span(r->arena, until_s - now_s));
	if (trouble)
		buf_printf(&out, "; %s", trouble);
	return arena_str(r->arena, buf_str(&out));
}

const char *
tls_line(struct run *r, const struct scope *s, const struct config *c, bool *ret_serves)
{
	const struct json *answer = NULL;
	struct edge_paths paths;
	struct err e = ERR_INIT;

	*ret_serves = false;
	if (!edge_is_on(c))
		return NULL;
	edge_paths_of(r->arena, s, &paths);
	if (tls_ask(r, &paths, CONTROL_EDGE_STATUS, &answer, &e) == 0) {
		*ret_serves = json_bool(json_get(answer, "serving"), false);
		return line_of(r, c, answer);
	}
	if (e.code == ERR_NOT_RUNNING)
		return arena_printf(r->arena, "%s, not running: %s service install --now   (or here: %s tls run)", c->edge.mode, r->cli->prog, r->cli->prog);
	return arena_printf(r->arena, "%s; %s", c->edge.mode, e.msg);
}

int
tls_certs(const struct tls *t, struct certs *ret, struct err *e)
{
	const struct certs_request rq = { .config = &t->config, .kind = t->scope.kind, .paths = &t->paths, .now_epoch_s = clock_epoch_s(),
		.is_read_only = true };
	const struct mode *m = mode_of(edge_mode_of(&t->config));

	if (!m->get)
		return err_set(e, ERR_NOT_FOUND, "edge.mode %s has no certificate", t->config.edge.mode);
	return m->get(&rq, ret, e);
}

int
tls_authority(const struct tls *t, struct buf *ret_pem, struct err *e)
{
	if (!mode_of(edge_mode_of(&t->config))->is_made_here) {
		err_set(e, ERR_NOT_FOUND, "edge.mode %s has no local authority", t->config.edge.mode);
		return err_note(e, "try", "occ config set edge.mode self-signed");
	}
	if (file_read(t->paths.ca_cert, ret_pem, e) == 0)
		return 0;
	if (e->code != ERR_NOT_FOUND)
		return -1;
	err_set(e, ERR_NOT_FOUND, "there is no local authority yet: the edge makes it when it starts");
	return err_note(e, "try", "occ service install --now");
}

const char *
tls_date(struct arena *a, int64_t epoch_s)
{
	AUTO(buf) struct buf out = BUF_INIT(64);

	clock_put_rfc3339(&out, epoch_s);
	struct str s = buf_str(&out);
	return arena_str(a, str_cut(&s, 'T'));
}

const char *
tls_span(struct arena *a, int64_t s)
{
	AUTO(buf) struct buf out = BUF_INIT(64);

	num_put_duration(&out, (s > 0 ? s : 0) * 1000);
	return arena_str(a, buf_str(&out));
}

void
tls_put_facts(const struct cert_facts *f, struct jsonw *w)
{
	jsonw_str(w, "subject", f->subject);
	jsonw_str(w, "issuer", f->issuer);
	jsonw_str(w, "sha256", f->sha256);
	jsonw_array(w, "names");
	for (size_t i = 0; i < f->n_names; i++)
		jsonw_str(w, NULL, f->names[i]);
	jsonw_end(w);
	jsonw_int(w, "from", f->from_epoch_s);
	jsonw_int(w, "until", f->until_epoch_s);
}
