/* error_text_test.c - codes of mbedTLS as people read them: both halves, one of them, and codes that are not in the table */
#include <mbedtls/asn1.h>
#include <mbedtls/error.h>
#include <mbedtls/ssl.h>
#include <mbedtls/x509.h>

#include "lib/base/mem.h"
#include "tests/t.h"

static const struct {
	int code;
	size_t room;
	const char *text;
} rows[] = {
	{ MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE, 100, "the other side refused (a fatal alert)" },
	{ MBEDTLS_ERR_X509_INVALID_DATE + MBEDTLS_ERR_ASN1_OUT_OF_DATA, 100, "a malformed date: it ends too early" },
	{ MBEDTLS_ERR_X509_INVALID_DATE, 100, "a malformed date" },
	{ MBEDTLS_ERR_ASN1_OUT_OF_DATA, 100, "it ends too early" },
	{ -0x7e00, 100, "mbedTLS error -0x7E00" },
	{ -0x7e00 + MBEDTLS_ERR_ASN1_OUT_OF_DATA, 100, "mbedTLS error -0x7E60" },
	{ -1, 100, "unknown error" },
	{ -MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE, 100, "the other side refused (a fatal alert)" },
	{ MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE, 10, "the other" },
};

int
main(void)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char text[100] = "";

		t_row("code %d, %zu bytes", rows[i].code, rows[i].room);
		mbedtls_strerror(rows[i].code, text, rows[i].room);
		T_STR(text, rows[i].text);
	}
	return t_done();
}
