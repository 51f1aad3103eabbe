/* occ tls renew: another certificate now */
#include "applets/occ/tls.h"

#include "lib/base/clock.h"

/* Without an edge that runs its files are nobody's: the next start takes what is made here. */
static int
renew_here(const struct tls *t, struct certs *ret, struct err *e)
{
	const struct certs_request rq = { .config = &t->config, .kind = t->scope.kind, .paths = &t->paths, .now_epoch_s = clock_epoch_s(), .is_forced = true };

	if (scope_prepare_state(&t->scope, e) < 0)
		return -1;
	return mode_of(edge_mode_of(&t->config))->get(&rq, ret, e);
}

static int
tls_renew_run(struct run *r, struct err *e)
{
	AUTO(certs) struct certs c;
	const struct json *answer;
	const struct mode *m;
	struct tls t;

	certs_init(&c);
	if (tls_open(r, &t, e) < 0)
		return -1;
	m = mode_of(edge_mode_of(&t.config));
	if (!m->get) {
		err_set(e, ERR_TLS, "edge.mode %s has no certificate", t.config.edge.mode);
		return err_note(e, "try", "occ config set edge.mode self-signed");
	}
	bool runs = tls_ask(r, &t.paths, CONTROL_EDGE_RENEW, &answer, e) == 0;
	if (!runs && e->code == ERR_REFUSED)
		e->code = ERR_TLS;
	if (!runs && e->code != ERR_NOT_RUNNING)
		return -1;
	if (!runs)
		err_clear(e);
	if ((runs ? tls_certs(&t, &c, e) : renew_here(&t, &c, e)) < 0)
		return -1;
	term_row(r->term, "Certificate", "%s; it ends on %s", m->is_made_here ? "made anew" : "read anew, and it can be used",
	    tls_date(r->arena, c.facts.until_epoch_s));
	term_row(r->term, "Edge", "%s", runs ? "serves with it" : "not running: it is used when it starts");
	return 0;
}

CMD(occ_tls_renew) = {
	.applet = "occ", .name = "tls renew", .group = "Access", .args = "", .args_max = 0,
	.brief = "renew the edge's certificate now",
	.about = "With edge.mode self-signed a new certificate of the same local authority, so nobody has to trust anything anew; it happens by itself at two thirds "
		 "of its life. With edge.mode files the files are read again. No connection is dropped. Exit status 13 when the new one cannot be used: the old one stays.",
	.run = tls_renew_run,
};
