/*
 * aead.c - ChaCha20-Poly1305
 */
#include "lib/tls/aead.h"

#include <mbedtls/chachapoly.h>

#include "lib/base/err.h"

static void
start(mbedtls_chachapoly_context *c, const unsigned char key[AEAD_KEY_BYTES])
{
	mbedtls_chachapoly_init(c);
	/* In software it fails for null pointers alone. */
	if (mbedtls_chachapoly_setkey(c, key) != 0)
		BUG("ChaCha20-Poly1305 failed");
}

void
aead_seal(const unsigned char key[AEAD_KEY_BYTES], const unsigned char nonce[AEAD_NONCE_BYTES], struct str plain, unsigned char *ret)
{
	mbedtls_chachapoly_context c;

	start(&c, key);
	if (mbedtls_chachapoly_encrypt_and_tag(&c, plain.n, nonce, NULL, 0, (const unsigned char *)plain.p, ret, ret + plain.n) != 0)
		BUG("ChaCha20-Poly1305 failed");
	mbedtls_chachapoly_free(&c);
}

bool
aead_open(const unsigned char key[AEAD_KEY_BYTES], const unsigned char nonce[AEAD_NONCE_BYTES], struct str sealed, unsigned char *ret)
{
	mbedtls_chachapoly_context c;

	if (sealed.n < AEAD_TAG_BYTES)
		return false;
	const unsigned char *from = (const unsigned char *)sealed.p;
	size_t n = sealed.n - AEAD_TAG_BYTES;
	start(&c, key);
	int failed = mbedtls_chachapoly_auth_decrypt(&c, n, nonce, NULL, 0, from + n, from, ret);
	mbedtls_chachapoly_free(&c);
	return failed == 0;
}
