/* certs.c - when a certificate is due, and making those of the local authority */
#include "applets/occ-tls/certs.h"

#include <string.h>

#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/base/mem.h"

#define CA_NAME "opencode-cloud local authority"
#define DAY_S 86400
#define CERT_MODE 0644
#define KEY_MODE 0600
#define DIR_MODE 0700

void
certs_init(struct certs *c)
{
	memset(c, 0, sizeof *c);
	c->chain = (struct buf)BUF_INIT(CERT_TEXT_MAX);
	c->key = (struct buf)BUF_SECRET_INIT(CERT_TEXT_MAX);
}

void
certs_auto(struct certs *c)
{
	buf_fini(&c->chain);
	buf_wipe(&c->key);
}

/* ---- decisions ---- */

int64_t
certs_renew_epoch_s(const struct cert_facts *leaf)
{
	return leaf->from_epoch_s + (leaf->until_epoch_s - leaf->from_epoch_s) / 3 * 2;
}

/* Every name of a leaf is within the constraints of its authority; one that the leaf lacks may not be. */
static bool
has_new_name(const struct cert_facts *leaf, const struct cert_names *names)
{
	for (size_t i = 0; i < names->n; i++)
		if (!cert_covers(leaf, names->v[i]))
			return true;
	return false;
}

enum certs_step
certs_step_of(const struct cert_facts *ca, const struct cert_facts *leaf, const struct cert_names *names, int64_t now_epoch_s, bool is_forced, const char **ret_why)
{
	const int64_t leaf_s = (int64_t)CERT_LEAF_DAYS * DAY_S;

	*ret_why = "";
	if (has_new_name(leaf, names))
		*ret_why = "the authority does not allow a name that is new";
	else if (now_epoch_s < ca->from_epoch_s || now_epoch_s + leaf_s > ca->until_epoch_s)
		*ret_why = "the authority ends";
	if (**ret_why)
		return CERTS_ALL;
	if (leaf->n_names != names->n)
		*ret_why = "a name has gone";
	else if (now_epoch_s < leaf->from_epoch_s || now_epoch_s >= certs_renew_epoch_s(leaf))
		*ret_why = "two thirds of its life are over";
	else if (is_forced)
		*ret_why = "it was asked for";
	return **ret_why ? CERTS_LEAF : CERTS_KEEP;
}

static void
add_name(struct arena *a, struct strlist *l, const char *name)
{
	if (name && name[0] && !strlist_has(l, name))
		strlist_add(a, l, name);
}

const char *
certs_url_host(struct arena *a, const char *url)
{
	struct str s = str_of(url), scheme = str_cut(&s, ':');

	if (scheme.n == 0 || !str_has_prefix(s, "//"))
		return NULL;
	s = str_skip(s, 2);
	s = str_cut(&s, '/');
	if (str_has_prefix(s, "[")) {
		s = str_skip(s, 1);
		return arena_str(a, str_cut(&s, ']'));
	}
	return arena_str(a, str_cut(&s, ':'));
}

void
certs_names(struct arena *a, const struct config *c, struct strlist *ret)
{
	static const char *const loopback[] = { "localhost", "127.0.0.1", "::1" };

	for (size_t i = 0; i < c->edge.names.n; i++)
		add_name(a, ret, c->edge.names.v[i]);
	add_name(a, ret, edge_host(a, c));
	add_name(a, ret, certs_url_host(a, c->server.public_url));
	for (size_t i = 0; i < ARRAY_LEN(loopback); i++)
		add_name(a, ret, loopback[i]);
}

/* ---- the local authority ---- */

/* Everything of it as text; what is missing is empty. */
struct authority {
	struct buf ca_cert, ca_key, leaf_cert, leaf_key;
	struct cert_facts ca, leaf;
};

static void
authority_init(struct authority *w)
{
	memset(w, 0, sizeof *w);
	w->ca_cert = w->leaf_cert = (struct buf)BUF_INIT(CERT_TEXT_MAX);
	w->ca_key = w->leaf_key = (struct buf)BUF_SECRET_INIT(CERT_TEXT_MAX);
}

static void
authority_auto(struct authority *w)
{
	buf_fini(&w->ca_cert);
	buf_wipe(&w->ca_key);
	buf_fini(&w->leaf_cert);
	buf_wipe(&w->leaf_key);
}

/* Absent is no error: then the text stays empty. */
static int
read_text(const char *path, bool is_key, struct buf *ret, struct err *e)
{
	int r = is_key ? file_read_private(path, ret, e) : file_read(path, ret, e);

	if (r < 0 && e->code == ERR_NOT_FOUND) {
		err_clear(e);
		return 0;
	}
	return r;
}

static int
read_all(const struct edge_paths *p, struct authority *w, struct err *e)
{
	if (read_text(p->ca_cert, false, &w->ca_cert, e) < 0 || read_text(p->ca_key, true, &w->ca_key, e) < 0
	    || read_text(p->leaf_cert, false, &w->leaf_cert, e) < 0 || read_text(p->leaf_key, true, &w->leaf_key, e) < 0)
		return err_wrap(e, "the local authority");
	return 0;
}

/* A pair that cannot be read or does not belong together is made anew: here nothing is lost but trust that did not work. */
static enum certs_step
step_now(const struct certs_request *rq, const struct cert_names *names, struct authority *w, const char **ret_why)
{
	AUTO(buf) struct buf chain = BUF_INIT(2 * CERT_TEXT_MAX);
	struct err bad = ERR_INIT;

	*ret_why = "there is none yet";
	if (w->ca_cert.n == 0 || w->ca_key.n == 0)
		return CERTS_ALL;
	*ret_why = "the authority cannot be read";
	if (cert_read(buf_str(&w->ca_cert), &w->ca, &bad) < 0 || cert_check_pair(buf_str(&w->ca_cert), buf_str(&w->ca_key), w->ca.from_epoch_s, &bad) < 0)
		return CERTS_ALL;
	*ret_why = "it cannot be read";
	if (w->leaf_cert.n == 0 || cert_read(buf_str(&w->leaf_cert), &w->leaf, &bad) < 0)
		return CERTS_ALL;		/* what the authority allows is not known */
	buf_putstr(&chain, buf_str(&w->leaf_cert));
	buf_putstr(&chain, buf_str(&w->ca_cert));
	bool is_broken = cert_check_pair(buf_str(&chain), buf_str(&w->leaf_key), w->leaf.from_epoch_s, &bad) < 0;
	return certs_step_of(&w->ca, &w->leaf, names, rq->now_epoch_s, rq->is_forced || is_broken, ret_why);
}

/* The key first: a cut between the two leaves a pair that does not fit, which is made anew. */
static int
save_pair(const char *key_path, const struct buf *key, const char *cert_path, const struct buf *cert, struct err *e)
{
	return file_save(key_path, buf_str(key), KEY_MODE, e) < 0 ? -1 : file_save(cert_path, buf_str(cert), CERT_MODE, e);
}

static int
make_authority(const struct certs_request *rq, const struct cert_names *names, struct authority *w, struct err *e)
{
	buf_wipe(&w->ca_key);
	buf_reset(&w->ca_cert);
	if (cert_key_new(&w->ca_key, e) < 0 || cert_ca_new(buf_str(&w->ca_key), CA_NAME, names, rq->now_epoch_s, &w->ca_cert, e) < 0)
		return -1;
	return save_pair(rq->paths->ca_key, &w->ca_key, rq->paths->ca_cert, &w->ca_cert, e);
}

static int
make_leaf(const struct certs_request *rq, const struct cert_names *names, struct authority *w, struct err *e)
{
	buf_wipe(&w->leaf_key);
	buf_reset(&w->leaf_cert);
	if (cert_key_new(&w->leaf_key, e) < 0
	    || cert_leaf_new(buf_str(&w->leaf_key), buf_str(&w->ca_cert), buf_str(&w->ca_key), names, rq->now_epoch_s, CERT_LEAF_DAYS, &w->leaf_cert, e) < 0)
		return -1;
	return save_pair(rq->paths->leaf_key, &w->leaf_key, rq->paths->leaf_cert, &w->leaf_cert, e);
}

static int
carry_out(const struct certs_request *rq, enum certs_step step, const struct cert_names *names, struct authority *w, struct err *e)
{
	if (step == CERTS_KEEP)
		return 0;
	if (file_mkdirs(rq->paths->dir, DIR_MODE, e) < 0 || (step == CERTS_ALL && make_authority(rq, names, w, e) < 0) || make_leaf(rq, names, w, e) < 0)
		return err_wrap(e, "make a certificate");
	return 0;
}

/* The leaf and the authority behind it: a client that trusts the authority by its file needs no more, others are shown whose it is. */
static int
put_served(const struct authority *w, struct certs *ret, struct err *e)
{
	buf_putstr(&ret->chain, buf_str(&w->leaf_cert));
	buf_putstr(&ret->chain, buf_str(&w->ca_cert));
	buf_putstr(&ret->key, buf_str(&w->leaf_key));
	if (buf_check(&ret->chain, "the chain", e) < 0 || buf_check(&ret->key, "the key", e) < 0)
		return -1;
	return cert_read(buf_str(&ret->chain), &ret->facts, e);
}

int
certs_self_signed(const struct certs_request *rq, struct certs *ret, struct err *e)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	AUTO(authority) struct authority w;
	struct strlist list = { .v = NULL };
	const char *why;

	authority_init(&w);
	certs_names(&a, rq->config, &list);
	const struct cert_names names = { .v = list.v, .n = list.n };
	if (read_all(rq->paths, &w, e) < 0)
		return -1;
	enum certs_step step = step_now(rq, &names, &w, &why);
	if (rq->is_read_only && w.leaf_cert.n == 0)
		return err_set(e, ERR_NOT_FOUND, "there is no certificate yet: the edge makes one when it starts");
	if (rq->is_read_only)
		step = CERTS_KEEP;
	if (step != CERTS_KEEP)
		log_line("a new %s: %s", step == CERTS_ALL ? "authority and certificate" : "certificate", why);
	if (carry_out(rq, step, &names, &w, e) < 0)
		return -1;
	ret->is_made = step != CERTS_KEEP;
	return put_served(&w, ret, e);
}
