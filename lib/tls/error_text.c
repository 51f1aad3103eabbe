/*
 * error_text.c - what mbedTLS's codes mean to a person, in the place of the library's own table
 *
 * That one is 14 kB of texts, most of which nobody ever reads. A code that is not here is told by its number, as the library's headers write it. The linker takes this
 * function and leaves the library's; libcurl asks it too.
 */
#include <mbedtls/asn1.h>
#include <mbedtls/error.h>
#include <mbedtls/pem.h>
#include <mbedtls/pk.h>
#include <mbedtls/ssl.h>
#include <mbedtls/x509.h>
#include <stdio.h>

#include "lib/base/mem.h"

#define HIGH_LEVEL 0xff80	/* the module and its error; below it what a lower one said (mbedtls/error.h) */

static const struct {
	int code;
	const char *text;
} texts[] = {
	{ MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE, "the other side refused (a fatal alert)" },
	{ MBEDTLS_ERR_SSL_CONN_EOF, "the other side closed the connection" },
	{ MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY, "the other side ended the session" },
	{ MBEDTLS_ERR_SSL_HANDSHAKE_FAILURE, "no cipher or group in common" },
	{ MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION, "no version of TLS in common" },
	{ MBEDTLS_ERR_SSL_NO_APPLICATION_PROTOCOL, "no application protocol in common" },
	{ MBEDTLS_ERR_SSL_INVALID_RECORD, "this is not TLS" },
	{ MBEDTLS_ERR_SSL_INVALID_MAC, "a record was changed on the way" },
	{ MBEDTLS_ERR_SSL_UNEXPECTED_MESSAGE, "a message in the wrong place" },
	{ MBEDTLS_ERR_SSL_DECODE_ERROR, "a malformed message" },
	{ MBEDTLS_ERR_SSL_BAD_CERTIFICATE, "the certificate cannot be used" },
	{ MBEDTLS_ERR_SSL_TIMEOUT, "no answer in time" },
	{ MBEDTLS_ERR_X509_CERT_VERIFY_FAILED, "the certificate does not verify" },
	{ MBEDTLS_ERR_X509_CERT_UNKNOWN_FORMAT, "neither PEM nor DER" },
	{ MBEDTLS_ERR_X509_INVALID_FORMAT, "malformed" },
	{ MBEDTLS_ERR_X509_INVALID_NAME, "a malformed name" },
	{ MBEDTLS_ERR_X509_INVALID_DATE, "a malformed date" },
	{ MBEDTLS_ERR_X509_INVALID_EXTENSIONS, "a malformed extension" },
	{ MBEDTLS_ERR_X509_UNKNOWN_VERSION, "an unknown version" },
	{ MBEDTLS_ERR_X509_UNKNOWN_SIG_ALG, "an unsupported signature algorithm" },
	{ MBEDTLS_ERR_PK_KEY_INVALID_FORMAT, "a malformed key" },
	{ MBEDTLS_ERR_PK_UNKNOWN_PK_ALG, "an unsupported kind of key" },
	{ MBEDTLS_ERR_PK_UNKNOWN_NAMED_CURVE, "an unsupported curve" },
	{ MBEDTLS_ERR_PK_INVALID_PUBKEY, "a malformed public key" },
	{ MBEDTLS_ERR_PK_PASSWORD_REQUIRED, "the key is encrypted" },
	{ MBEDTLS_ERR_PEM_INVALID_DATA, "malformed PEM" },
	{ MBEDTLS_ERR_PEM_PASSWORD_REQUIRED, "the key is encrypted" },
	{ MBEDTLS_ERR_ASN1_OUT_OF_DATA, "it ends too early" },
	{ MBEDTLS_ERR_ASN1_UNEXPECTED_TAG, "an element of another kind than expected" },
	{ MBEDTLS_ERR_ASN1_INVALID_LENGTH, "a wrong length" },
	{ MBEDTLS_ERR_ASN1_LENGTH_MISMATCH, "a wrong length" },
	{ MBEDTLS_ERR_ASN1_INVALID_DATA, "a wrong value" },
};

static const char *
text_of(int code)
{
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		if (texts[i].code == code)
			return texts[i].text;
	}
	return NULL;
}

void
mbedtls_strerror(int errnum, char *buffer, size_t buflen)
{
	int positive = errnum < 0 ? -errnum : errnum, low = positive & ~HIGH_LEVEL;
	const char *what = text_of(-(positive & HIGH_LEVEL)), *why = text_of(-low);

	if (!what && (positive & HIGH_LEVEL))
		snprintf(buffer, buflen, "mbedTLS error -0x%04X", (unsigned)positive);
	else if (what && why)
		snprintf(buffer, buflen, "%s: %s", what, why);
	else
		snprintf(buffer, buflen, "%s", what ? what : why ? why : "unknown error");
}
