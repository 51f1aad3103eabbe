/* certs_files.c - mode files: a person's own certificate and key, read and checked before they are used */
#include <string.h>

#include "applets/occ-tls/certs.h"
#include "lib/base/file.h"

/* One PEM file that a key of the configuration names. Whatever keeps it from being read is trouble with the certificate. */
static int
read_pem(const char *key, const char *path, struct buf *ret, struct err *e)
{
	if (!path[0]) {
		err_set(e, ERR_TLS, "%s is not set: mode files needs a certificate and its key", key);
		return err_note(e, "try", "occ config set %s FILE", key);
	}
	if (file_read(path, ret, e) == 0)
		return 0;
	bool is_absent = e->code == ERR_NOT_FOUND;
	e->code = ERR_TLS;
	err_wrap(e, "%s", key);
	if (is_absent)
		return err_note(e, "try", "occ config set %s FILE", key);
	return err_note(e, "try", "ls -l %s   (the edge has to be able to read it)", path);
}

/* People come by these names: with a certificate for others every browser warns. */
static int
check_names(const struct config *c, const struct cert_facts *f, struct err *e)
{
	AUTO(buf) struct buf has = BUF_INIT(ERR_NOTE_BYTES);

	for (size_t i = 0; i < c->edge.names.n; i++) {
		if (cert_covers(f, c->edge.names.v[i]))
			continue;
		for (size_t k = 0; k < f->n_names; k++)
			buf_printf(&has, "%s%s", k ? ", " : "", f->names[k]);
		err_set(e, ERR_TLS, "%s is not for %s, which is in edge.names", c->edge.certificate, c->edge.names.v[i]);
		err_note(e, "it is for", "%s", f->n_names ? has.p : "no name at all");
		err_note(e, "try", "occ config remove edge.names %s", c->edge.names.v[i]);
		return err_note(e, "or", "a certificate for that name");
	}
	return 0;
}

int
certs_files(const struct certs_request *rq, struct certs *ret, struct err *e)
{
	const struct config *c = rq->config;

	if (read_pem("edge.certificate", c->edge.certificate, &ret->chain, e) < 0 || read_pem("edge.key", c->edge.key, &ret->key, e) < 0)
		return -1;
	if (cert_check_pair(buf_str(&ret->chain), buf_str(&ret->key), rq->now_epoch_s, e) < 0) {
		e->code = ERR_TLS;
		err_wrap(e, "%s with %s", c->edge.certificate, c->edge.key);
		return err_note(e, "try", "put the certificate (leaf first, then its issuers) and its key there; the edge looks at them again by itself");
	}
	if (cert_read(buf_str(&ret->chain), &ret->facts, e) < 0)
		return err_wrap(e, "%s", c->edge.certificate);
	return check_names(c, &ret->facts, e);
}
