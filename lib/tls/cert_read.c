/*
 * cert_read.c - what a certificate says, and whether a chain and a key can be used
 */
#include "lib/tls/cert.h"

#include <arpa/inet.h>
#include <string.h>
#include <time.h>

#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "lib/tls/digest.h"
#include "lib/tls/own.h"

#define SUBJECT_MAX 256

static int64_t
epoch_of(const mbedtls_x509_time *t)
{
	struct tm tm = { .tm_year = t->year - 1900, .tm_mon = t->mon - 1, .tm_mday = t->day, .tm_hour = t->hour, .tm_min = t->min, .tm_sec = t->sec };

	return (int64_t)timegm(&tm);
}

static bool
is_same(const mbedtls_x509_buf *a, const mbedtls_x509_buf *b)
{
	return str_eq(str_from(a->p, a->len), str_from(b->p, b->len));
}

static void
put_fingerprint(const mbedtls_x509_crt *crt, char ret[32 * 3])
{
	static const char digits[] = "0123456789ABCDEF";
	unsigned char hash[DIGEST_SHA256_BYTES];

	digest_sha256(str_from(crt->raw.p, crt->raw.len), hash);
	for (size_t i = 0; i < sizeof hash; i++) {
		ret[3 * i] = digits[hash[i] >> 4];
		ret[3 * i + 1] = digits[hash[i] & 15];
		ret[3 * i + 2] = i + 1 < sizeof hash ? ':' : '\0';
	}
}

static void
put_names(const mbedtls_x509_crt *crt, struct cert_facts *ret)
{
	struct tls_name name;

	for (ret->n_names = 0; ret->n_names < CERT_NAMES_MAX && tls_crt_name(crt, ret->n_names, &name); ret->n_names++) {
		char *to = ret->names[ret->n_names];

		if (!name.is_address)
			str_copy(to, sizeof ret->names[0], (const char *)name.v);
		else if (!inet_ntop(name.n == 4 ? AF_INET : AF_INET6, name.v, to, sizeof ret->names[0]))
			BUG("inet_ntop");
	}
}

int
cert_read(struct str chain_pem, struct cert_facts *ret, struct err *e)
{
	AUTO(tls_chain) struct tls_chain c = TLS_CHAIN_INIT;
	const mbedtls_x509_crt *leaf = &c.v[0];

	if (tls_chain_read(chain_pem, &c, e) < 0)
		return -1;
	*ret = (struct cert_facts){
		.from_epoch_s = epoch_of(&leaf->valid_from), .until_epoch_s = epoch_of(&leaf->valid_to),
		.is_self_signed = is_same(&leaf->subject_raw, &leaf->issuer_raw), .is_ca = mbedtls_x509_crt_get_ca_istrue(leaf) == 1,
		.n_chain = (unsigned)c.n,
	};
	tls_crt_subject(leaf, ret->subject, sizeof ret->subject);
	if (mbedtls_x509_dn_gets(ret->issuer, sizeof ret->issuer, &leaf->issuer) < 0)
		str_copy(ret->issuer, sizeof ret->issuer, "(a long name)");
	put_fingerprint(leaf, ret->sha256);
	put_names(leaf, ret);
	return 0;
}

bool
cert_covers(const struct cert_facts *f, const char *name)
{
	struct tls_name want, has;

	if (!tls_name_read(str_of(name), &want))
		return false;
	for (size_t i = 0; i < f->n_names; i++)
		if (tls_name_read(str_of(f->names[i]), &has) && tls_name_covers(&has, &want))
			return true;
	return false;
}

static int
check_time(const mbedtls_x509_crt *leaf, int64_t now_epoch_s, struct err *e)
{
	AUTO(buf) struct buf when = BUF_INIT(64);
	int64_t from = epoch_of(&leaf->valid_from), until = epoch_of(&leaf->valid_to);
	char subject[SUBJECT_MAX];

	if (now_epoch_s >= from && now_epoch_s <= until)
		return 0;
	tls_crt_subject(leaf, subject, sizeof subject);
	clock_put_rfc3339(&when, now_epoch_s < from ? from : until);
	if (now_epoch_s < from)
		return err_set(e, ERR_TLS, "the certificate for \"%s\" is not valid before %s", subject, when.p);
	return err_set(e, ERR_TLS, "the certificate for \"%s\" expired at %s", subject, when.p);
}

/* mbedTLS judges a signature only as part of a chain's verification: one link, the issuer taken as trusted. Times and names are not the question. */
static bool
is_signed_by(mbedtls_x509_crt *crt, mbedtls_x509_crt *issuer)
{
	static const mbedtls_x509_crt_profile any = { .allowed_mds = UINT32_MAX, .allowed_pks = UINT32_MAX, .allowed_curves = UINT32_MAX };
	uint32_t flags = 0;

	(void)mbedtls_x509_crt_verify_with_profile(crt, issuer, NULL, &any, NULL, &flags, NULL, NULL);
	return (flags & MBEDTLS_X509_BADCERT_NOT_TRUSTED) == 0;
}

static int
check_order(struct tls_chain *c, struct err *e)
{
	char subject[SUBJECT_MAX], next[SUBJECT_MAX];

	for (size_t i = 0; i + 1 < c->n; i++) {
		tls_crt_subject(&c->v[i], subject, sizeof subject / 2);
		tls_crt_subject(&c->v[i + 1], next, sizeof next / 2);
		if (!is_same(&c->v[i].issuer_raw, &c->v[i + 1].subject_raw))
			return err_set(e, ERR_TLS, "the chain is out of order: certificate %zu (\"%s\") is not issued by certificate %zu (\"%s\")", i + 1, subject,
			    i + 2, next);
		if (!is_signed_by(&c->v[i], &c->v[i + 1]))
			return err_set(e, ERR_TLS, "certificate %zu (\"%s\") is not signed with the key of certificate %zu (\"%s\")", i + 1, subject, i + 2,
			    next);
	}
	return 0;
}

int
cert_check_pair(struct str chain_pem, struct str key_pem, int64_t now_epoch_s, struct err *e)
{
	AUTO(tls_chain) struct tls_chain c = TLS_CHAIN_INIT;
	AUTO(tls_key) mbedtls_pk_context key;

	mbedtls_pk_init(&key);
	if (tls_chain_read(chain_pem, &c, e) < 0 || tls_key_read(key_pem, &key, e) < 0)
		return -1;
	if (tls_key_check(&c.v[0], &key, e) < 0 || check_order(&c, e) < 0)
		return -1;
	return check_time(&c.v[0], now_epoch_s, e);
}

bool
cert_is_trusted(struct str chain_pem, const char *bundle_path)
{
	AUTO(tls_chain) struct tls_chain c = TLS_CHAIN_INIT;
	mbedtls_x509_crt chain, bundle;
	struct err e = ERR_INIT;
	uint32_t flags = UINT32_MAX;
	bool is_ok = tls_chain_read(chain_pem, &c, &e) == 0;

	mbedtls_x509_crt_init(&chain);
	mbedtls_x509_crt_init(&bundle);
	/* As a stranger sees it: mbedTLS refuses critical constraints that it does not check. A bundle may hold certificates that it cannot read. */
	for (size_t i = 0; is_ok && i < c.n; i++)
		is_ok = mbedtls_x509_crt_parse_der(&chain, c.v[i].raw.p, c.v[i].raw.len) == 0;
	if (is_ok && mbedtls_x509_crt_parse_file(&bundle, bundle_path) >= 0)
		(void)mbedtls_x509_crt_verify(&chain, &bundle, NULL, NULL, &flags, NULL, NULL);
	mbedtls_x509_crt_free(&chain);
	mbedtls_x509_crt_free(&bundle);
	return flags == 0;
}
