/*
 * chain.c - PEM texts into certificates and keys
 */
#include <string.h>

#include <mbedtls/error.h>
#include <mbedtls/oid.h>
#include <mbedtls/pem.h>

#include "lib/tls/cert.h"
#include "lib/tls/own.h"

#define BEGIN_CERTIFICATE "-----BEGIN CERTIFICATE-----"
#define END_CERTIFICATE "-----END CERTIFICATE-----"
#define ENTRY_HEAD 5			/* bytes around each certificate in the message: its length and its extensions' */

static bool
is_name_constraints(const mbedtls_x509_buf *oid)
{
	return str_eq(str_from(oid->p, oid->len), STR_LIT(MBEDTLS_OID_NAME_CONSTRAINTS));
}

/* mbedTLS's callback for extensions it does not know; a refusal counts for critical ones. */
static int
judge_extension(void *ctx, mbedtls_x509_crt const *crt, mbedtls_x509_buf const *oid, int is_critical, const unsigned char *p, const unsigned char *end)
{
	(void)ctx;
	(void)crt;
	(void)is_critical;
	(void)p;
	(void)end;
	return is_name_constraints(oid) ? 0 : MBEDTLS_ERR_X509_FEATURE_UNAVAILABLE;
}

int
tls_crt_append(mbedtls_x509_crt *list, const unsigned char *der, size_t n)
{
	return mbedtls_x509_crt_parse_der_with_ext_cb(list, der, n, 1, judge_extension, NULL);
}

void
tls_crt_subject(const mbedtls_x509_crt *crt, char *to, size_t n)
{
	if (mbedtls_x509_dn_gets(to, n, &crt->subject) < 0)
		str_copy(to, n, "(a long name)");
}

/* Without its blocks' closing NUL mbedTLS's PEM reader would run on: it gets a copy. */
static int
copy_text(struct str pem, struct buf *text, struct err *e)
{
	buf_putstr(text, pem);
	if (buf_check(text, "the PEM text", e) < 0)
		return -1;
	if (str_find_char(pem, '\0') != STR_NONE)
		return err_set(e, ERR_TLS, "not PEM: a NUL byte in it");
	return 0;
}

static int
read_block(struct tls_chain *c, const char *text, size_t *ret_used, struct err *e)
{
	mbedtls_pem_context pem;
	size_t at = c->n + 1;

	if (c->n == TLS_CHAIN_MAX)
		return err_set(e, ERR_TLS, "more than %d certificates in the chain", TLS_CHAIN_MAX);
	mbedtls_pem_init(&pem);
	int code = mbedtls_pem_read_buffer(&pem, BEGIN_CERTIFICATE, END_CERTIFICATE, (const unsigned char *)text, NULL, 0, ret_used);
	if (code == 0) {
		size_t n;
		const unsigned char *der = mbedtls_pem_get_buffer(&pem, &n);
		mbedtls_x509_crt_init(&c->v[c->n++]);
		code = tls_crt_append(&c->v[c->n - 1], der, n);
	}
	mbedtls_pem_free(&pem);
	return code == 0 ? 0 : tls_fail(e, code, "certificate %zu does not parse", at);
}

int
tls_chain_read(struct str pem, struct tls_chain *c, struct err *e)
{
	AUTO(buf) struct buf text = BUF_INIT(CERT_TEXT_MAX);
	size_t used = 0;

	if (copy_text(pem, &text, e) < 0)
		return err_wrap(e, "certificates");
	for (struct str rest = buf_str(&text); str_find(rest, STR_LIT(BEGIN_CERTIFICATE)) != STR_NONE; rest = str_skip(rest, used))
		if (read_block(c, rest.p, &used, e) < 0)
			return -1;
	if (c->n == 0)
		return err_set(e, ERR_TLS, "not PEM: no \"" BEGIN_CERTIFICATE "\" in the certificates' text");
	return 0;
}

void
tls_chain_auto(struct tls_chain *c)
{
	for (size_t i = 0; i < c->n; i++)
		mbedtls_x509_crt_free(&c->v[i]);
	c->n = 0;
}

size_t
tls_chain_bytes(const struct tls_chain *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++)
		n += c->v[i].raw.len + ENTRY_HEAD;
	return n;
}

int
tls_key_read(struct str pem, mbedtls_pk_context *key, struct err *e)
{
	AUTO(buf) struct buf text = BUF_SECRET_INIT(CERT_TEXT_MAX);

	if (copy_text(pem, &text, e) < 0)
		return err_wrap(e, "key");
	if (str_find(pem, STR_LIT("PRIVATE KEY-----")) == STR_NONE)
		return err_set(e, ERR_TLS, "not PEM: no \"-----BEGIN PRIVATE KEY-----\" in the key's text");
	if (str_find(pem, STR_LIT("ENCRYPTED")) != STR_NONE) {
		err_set(e, ERR_TLS, "the key is encrypted with a passphrase");
		return err_note(e, "try", "openssl pkey -in KEY -out NEW_KEY takes the passphrase away");
	}
	int code = mbedtls_pk_parse_key(key, (const unsigned char *)text.p, text.n + 1, NULL, 0, tls_random, NULL);
	if (code != 0)
		return tls_fail(e, code, "the key does not parse (RSA and ECDSA with P-256 or P-384 are supported)");
	return 0;
}

void
tls_key_auto(mbedtls_pk_context *key)
{
	mbedtls_pk_free(key);
}

int
tls_key_check(const mbedtls_x509_crt *leaf, const mbedtls_pk_context *key, struct err *e)
{
	char subject[256];

	if (mbedtls_pk_check_pair(&leaf->pk, key, tls_random, NULL) == 0)
		return 0;
	tls_crt_subject(leaf, subject, sizeof subject);
	return err_set(e, ERR_TLS, "the key does not belong to the certificate for \"%s\"", subject);
}
