/*
 * cert.h - keys and X.509 certificates as PEM text: made, read, checked (RFC 5280)
 *
 * The local authority: ECDSA P-256, ten years, path length 0, critical name constraints that allow only the names and addresses of this
 * deployment (and loopback), so that who trusts it trusts it for nothing else. Leaves: at most CERT_LEAF_DAYS. Times are epoch seconds. Key text is a secret: bufs are
 * BUF_SECRET_INIT, wiped by their owner.
 */
#ifndef OCC_TLS_CERT_H
#define OCC_TLS_CERT_H

#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"

#define CERT_LEAF_DAYS 90
#define CERT_CA_DAYS 3650
#define CERT_NAMES_MAX 100		/* as many as public authorities put into one */
#define CERT_TEXT_MAX 65536

struct cert_names {
	const char *const *v;		/* DNS names (a leading "*." allowed) and literal IP addresses */
	size_t n;
};

int cert_key_new(struct buf *ret_key_pem, struct err *e) MUST_CHECK;		/* P-256, PKCS#8 or SEC1 PEM */
int cert_ca_new(struct str key_pem, const char *common_name, const struct cert_names *names, int64_t now_epoch_s, struct buf *ret_cert_pem,
    struct err *e) MUST_CHECK;
int cert_leaf_new(struct str leaf_key_pem, struct str ca_cert_pem, struct str ca_key_pem, const struct cert_names *names, int64_t now_epoch_s,
    unsigned days, struct buf *ret_cert_pem, struct err *e) MUST_CHECK;

struct cert_facts {
	char subject[256], issuer[256];
	char names[CERT_NAMES_MAX][256];	/* DNS names and addresses as text */
	size_t n_names;
	int64_t from_epoch_s, until_epoch_s;
	char sha256[32 * 3];			/* fingerprint, "AB:CD:..." */
	bool is_self_signed, is_ca;
	unsigned n_chain;
};

/* Of the first certificate of a PEM text. ERR_TLS when it does not parse. */
int cert_read(struct str chain_pem, struct cert_facts *ret, struct err *e) MUST_CHECK;
bool cert_covers(const struct cert_facts *f, const char *name);		/* RFC 6125: wildcards match one label; addresses literally */
/* Does the key belong to the leaf, is every certificate of the chain signed by the next one, is now within the leaf's time? ERR_TLS with a sentence. */
int cert_check_pair(struct str chain_pem, struct str key_pem, int64_t now_epoch_s, struct err *e) MUST_CHECK;
/* Is the chain trusted by that bundle (PEM)? For HSTS, which is for publicly trusted certificates alone. */
bool cert_is_trusted(struct str chain_pem, const char *bundle_path);

#endif
