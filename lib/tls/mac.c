/*
 * mac.c - HMAC-SHA-256 by mbedTLS, SipHash by libsodium
 */
#include "lib/tls/mac.h"

#include <mbedtls/md.h>
#include <sodium/crypto_shorthash_siphash24.h>

#include "lib/base/err.h"

void
mac_sha256(const unsigned char key[MAC_KEY_BYTES], struct str data, unsigned char ret[MAC_BYTES])
{
	/* In software it fails for want of memory alone. */
	if (mbedtls_md_hmac(mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), key, MAC_KEY_BYTES, (const unsigned char *)data.p, data.n, ret) != 0)
		BUG("HMAC-SHA-256 failed");
}

void
mac_short(const unsigned char key[MAC_SHORT_KEY_BYTES], struct str data, unsigned char ret[MAC_SHORT_BYTES])
{
	if (crypto_shorthash_siphashx24(ret, (const unsigned char *)data.p, data.n, key) != 0)
		BUG("SipHash failed");
}
