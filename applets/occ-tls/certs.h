/*
 * certs.h - the certificate that the edge shows: where each mode gets it, when another one is due
 *
 * self-signed: a local authority and a leaf of it in the state's edge directory, made when they are missing; the leaf is renewed at two thirds of its life and when the
 * names have changed. files: a person's own pair, read and checked, never written. Keys are secrets: certs_auto wipes. Nothing waits but for the disk.
 */
#ifndef OCC_APPLETS_TLS_CERTS_H
#define OCC_APPLETS_TLS_CERTS_H

#include "lib/deploy/config.h"
#include "lib/deploy/edge.h"
#include "lib/tls/cert.h"

struct certs {
	struct buf chain, key;		/* PEM; empty: this mode has none */
	struct cert_facts facts;
	bool is_made;			/* just now */
};
void certs_init(struct certs *c);	/* no initialiser: it would be 26 KiB in the program, wherever it is used */
void certs_auto(struct certs *c);

struct certs_request {
	const struct config *config;
	enum scope_kind kind;
	const struct edge_paths *paths;
	int64_t now_epoch_s;
	bool is_forced;			/* a new one, whether it is due or not */
	bool is_read_only;		/* ERR_NOT_FOUND rather than to make one: for who only looks */
};

/* Of files: ERR_TLS with a sentence and a remedy for whatever keeps the pair from being used: missing, unreadable, expired, of another key, for other names. */
int certs_self_signed(const struct certs_request *rq, struct certs *ret, struct err *e) MUST_CHECK;
int certs_files(const struct certs_request *rq, struct certs *ret, struct err *e) MUST_CHECK;

/* ---- pure ---- */

enum certs_step {
	CERTS_KEEP,
	CERTS_LEAF,			/* a new leaf of the same authority: nobody has to trust anything anew */
	CERTS_ALL,			/* the authority as well: its constraints do not allow a name, or it ends before the leaf would */
};

/* What is to be done with a pair that is there, and why (a constant; "" for KEEP). */
enum certs_step certs_step_of(const struct cert_facts *ca, const struct cert_facts *leaf, const struct cert_names *names, int64_t now_epoch_s, bool is_forced,
    const char **ret_why);
int64_t certs_renew_epoch_s(const struct cert_facts *leaf);	/* two thirds of its life */

/* Names of mode self-signed: edge.names, the host people type, server.public_url's, and this machine's loopback. In the arena. */
void certs_names(struct arena *a, const struct config *c, struct strlist *ret);
/* "https://HOST:PORT/": the host, without the brackets of an IPv6 address; NULL when there is none. In the arena. */
const char *certs_url_host(struct arena *a, const char *url);

/* ---- which mode does what ---- */

struct mode {
	const char *brief;		/* for people */
	int (*get)(const struct certs_request *rq, struct certs *ret, struct err *e);	/* NULL: without a certificate */
	bool is_made_here;		/* renewed by the keeper itself, and by `occ tls renew` */
	bool is_watched;		/* edge.certificate and edge.key are looked at */
};
const struct mode *mode_of(enum edge_mode m);

#endif
