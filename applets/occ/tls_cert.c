/* occ tls cert: what the certificate says, or the certificate itself */
#include "applets/occ/tls.h"

#include "lib/base/clock.h"

struct tls_cert_opts {
	bool ca, pem;
};

static const struct opt tls_cert_opts[] = {
	FLAG(struct tls_cert_opts, ca, 0, "ca", "the local authority's, which people trust"),
	FLAG(struct tls_cert_opts, pem, 0, "pem", "the certificate itself, as PEM text"),
	OPT_LAST
};

static int
as_json(struct run *r, const struct cert_facts *f, struct err *e)
{
	AUTO(buf) struct buf out = BUF_INIT(OCC_TEXT_MAX);
	struct jsonw w = JSONW_INIT(&out, 2);

	jsonw_object(&w, NULL);
	tls_put_facts(f, &w);
	return occ_put_json(r, &w, "certificate", e);
}

static int
show(struct run *r, const struct cert_facts *f)
{
	int64_t left_s = f->until_epoch_s - clock_epoch_s();
	AUTO(buf) struct buf names = BUF_INIT(OCC_TEXT_MAX);

	for (size_t i = 0; i < f->n_names; i++)
		buf_printf(&names, "%s%s", i ? ", " : "", f->names[i]);
	term_row(r->term, "Subject", "%s", f->subject);
	term_row(r->term, "Issuer", "%s", f->issuer);
	if (f->n_names)
		term_row(r->term, "Names", "%s", names.p);
	term_row(r->term, "Valid", "%s to %s%s", tls_date(r->arena, f->from_epoch_s), tls_date(r->arena, f->until_epoch_s),
	    left_s > 0 ? "" : ": it has expired");
	term_row(r->term, "SHA-256", "%s", f->sha256);
	return 0;
}

static int
tls_cert_run(struct run *r, struct err *e)
{
	const struct tls_cert_opts *o = r->opts;
	AUTO(certs) struct certs c;
	struct tls t;

	certs_init(&c);
	if (tls_open(r, &t, e) < 0)
		return -1;
	if (o->ca) {
		if (tls_authority(&t, &c.chain, e) < 0 || cert_read(buf_str(&c.chain), &c.facts, e) < 0)
			return -1;
	} else if (tls_certs(&t, &c, e) < 0) {
		return -1;
	}
	if (o->pem)
		return occ_put_text(r, &c.chain, "certificate", e);
	return r->g->wants_json ? as_json(r, &c.facts, e) : show(r, &c.facts);
}

static const char *const tls_cert_examples[] = {
	"tls cert", "for which names, until when, its fingerprint",
	"tls cert --ca --pem >ca.pem", "the local authority, to be trusted elsewhere",
	NULL
};

CMD(occ_tls_cert) = {
	.applet = "occ", .name = "tls cert", .group = "Access", .args = "", .args_max = 0, .has_json = true,
	.brief = "show the edge's certificate",
	.about = "By the files, whether the edge runs or not. Exit status 13 for what the edge could not use, with the reason.",
	.examples = tls_cert_examples,
	.opts = tls_cert_opts, .opts_bytes = sizeof(struct tls_cert_opts),
	.run = tls_cert_run,
};
