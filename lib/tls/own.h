/*
 * own.h - what the files of this directory share: randomness, errors of mbedTLS, PEM read into certificates and keys
 *
 * Included by lib/tls alone. Texts of keys are copied only into bufs that are wiped.
 */
#ifndef OCC_TLS_OWN_H
#define OCC_TLS_OWN_H

#include <mbedtls/pk.h>
#include <mbedtls/x509_crt.h>

#include "lib/base/buf.h"

#define TLS_CHAIN_MAX 10		/* certificates in one text; a public chain has two or three */

/* mbedTLS's f_rng on the kernel's randomness: no state, so neither a fork nor a copied virtual machine repeats it. ctx is not used. */
int tls_random(void *ctx, unsigned char *p, size_t n);
/* ERR_TLS, "<fmt>: <mbedTLS's text for code>"; want of memory is ERR_SYS. Returns -1. */
int tls_fail(struct err *e, int code, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* The certificates of a PEM text, each on its own; n counts them. */
struct tls_chain {
	mbedtls_x509_crt v[TLS_CHAIN_MAX];
	size_t n;
};
#define TLS_CHAIN_INIT { .n = 0 }
void tls_chain_auto(struct tls_chain *c);
/* ERR_TLS: not PEM, too many, or which one does not parse and why. Frees nothing: AUTO(tls_chain) does, on failure too. */
int tls_chain_read(struct str pem, struct tls_chain *c, struct err *e) MUST_CHECK;
/* Bytes that the chain takes in a handshake's Certificate message (RFC 8446 section 4.4.2). */
size_t tls_chain_bytes(const struct tls_chain *c);

/* Into an initialised context; ERR_TLS: not PEM, encrypted, or of a kind that is not supported. */
int tls_key_read(struct str pem, mbedtls_pk_context *key, struct err *e) MUST_CHECK;
void tls_key_auto(mbedtls_pk_context *key);

/* One certificate in DER, appended to a list of mbedTLS's. It accepts critical name constraints, which mbedTLS neither knows nor checks:
 * right for chains that we show to others, never enough to trust one. */
int tls_crt_append(mbedtls_x509_crt *list, const unsigned char *der, size_t n);
/* Subject, as text, cut to fit. */
void tls_crt_subject(const mbedtls_x509_crt *crt, char *to, size_t n);
/* Does a DNS name or address of the certificate cover this name? RFC 6125 section 6.4; an address is compared as such. */
bool tls_crt_covers(const mbedtls_x509_crt *crt, struct str name);
/* ERR_TLS unless the key is the certificate's. */
int tls_key_check(const mbedtls_x509_crt *leaf, const mbedtls_pk_context *key, struct err *e) MUST_CHECK;

/* Names as X.509 carries them: a DNS name, or 4 or 16 bytes of an address. */
struct tls_name {
	bool is_address;
	size_t n;
	unsigned char v[256];		/* DNS: lower case, without the final dot, and a NUL */
};
/* False when the text is neither a host name (one leading "*." allowed) nor an address. */
bool tls_name_read(struct str text, struct tls_name *ret);
bool tls_name_covers(const struct tls_name *pattern, const struct tls_name *name);
/* The i-th subject alternative name that is a DNS name or an address; false behind the last one. Others, and names with bytes that no
 * host name has, are passed over. */
bool tls_crt_name(const mbedtls_x509_crt *crt, size_t i, struct tls_name *ret);

#endif
