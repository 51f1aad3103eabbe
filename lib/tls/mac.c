/*
 * mac.c - HMAC-SHA-256
 */
#include "lib/tls/mac.h"

#include <mbedtls/md.h>

#include "lib/base/err.h"

void
mac_sha256(const unsigned char key[MAC_KEY_BYTES], struct str data, unsigned char ret[MAC_BYTES])
{
	/* In software it fails for want of memory alone. */
	if (mbedtls_md_hmac(mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), key, MAC_KEY_BYTES, (const unsigned char *)data.p, data.n, ret) != 0)
		BUG("HMAC-SHA-256 failed");
}
