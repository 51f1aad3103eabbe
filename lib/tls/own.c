/*
 * own.c - randomness and errors for mbedTLS
 */
#include "lib/tls/own.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include <mbedtls/asn1.h>
#include <mbedtls/entropy.h>
#include <mbedtls/error.h>
#include <mbedtls/ssl.h>

#include "lib/base/rand.h"

int
tls_random(void *ctx, unsigned char *p, size_t n)
{
	struct err e = ERR_INIT;

	(void)ctx;
	return rand_bytes(p, n, &e) < 0 ? MBEDTLS_ERR_ENTROPY_SOURCE_FAILED : 0;
}

static bool
is_memory(int code)
{
	static const int rows[] = { MBEDTLS_ERR_SSL_ALLOC_FAILED, MBEDTLS_ERR_X509_ALLOC_FAILED, MBEDTLS_ERR_PK_ALLOC_FAILED, MBEDTLS_ERR_ASN1_ALLOC_FAILED };

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (rows[i] == code)
			return true;
	return false;
}

int
tls_fail(struct err *e, int code, const char *fmt, ...)
{
	char text[128] = "", what[ERR_MSG_BYTES];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	if (is_memory(code)) {
		errno = ENOMEM;
		return err_sys(e, "%s", what);
	}
	mbedtls_strerror(code, text, sizeof text);
	return err_set(e, ERR_TLS, "%s: %s", what, text);
}
