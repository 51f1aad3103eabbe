/*
 * tls.h - what the commands of `occ tls` share: the edge of an instance, asked over its control socket or looked up in its files
 */
#ifndef OCC_APPLETS_OCC_TLS_H
#define OCC_APPLETS_OCC_TLS_H

#include "applets/occ-tls/certs.h"
#include "applets/occ/common.h"
#include "lib/deploy/control.h"

struct tls {
	struct scope scope;
	struct config config;
	struct edge_paths paths;
};

int tls_open(struct run *r, struct tls *ret, struct err *e) MUST_CHECK;
/* The edge's answer. ERR_NOT_RUNNING when there is none, ERR_REFUSED with its reason. */
int tls_ask(struct run *r, const struct edge_paths *p, enum control_edge_verb verb, const struct json **ret, struct err *e) MUST_CHECK;

/* One line for other commands' reports; NULL with the edge off. Never fails. */
const char *tls_line(struct run *r, const struct scope *s, const struct config *c, bool *ret_serves);

/* The certificate that browsers are shown, by the files. ERR_TLS; ERR_NOT_FOUND for a mode that has none, or before the first start. */
int tls_certs(const struct tls *t, struct certs *ret, struct err *e) MUST_CHECK;
/* The local authority's. ERR_NOT_FOUND outside mode self-signed, and before the first start. */
int tls_authority(const struct tls *t, struct buf *ret_pem, struct err *e) MUST_CHECK;

const char *tls_date(struct arena *a, int64_t epoch_s);			/* "2026-11-28" */
const char *tls_span(struct arena *a, int64_t s);			/* "59 d 3 h" */

/* "certificate": {...}, as status and cert print it. */
void tls_put_facts(const struct cert_facts *f, struct jsonw *w);

#endif
