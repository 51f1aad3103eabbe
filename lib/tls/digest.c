/*
 * digest.c - SHA-256
 */
#include "lib/tls/digest.h"

#include <mbedtls/sha256.h>

void
digest_sha256(struct str data, unsigned char ret[DIGEST_SHA256_BYTES])
{
	/* In software it cannot fail: 0 is SHA-256 rather than SHA-224. */
	if (mbedtls_sha256((const unsigned char *)data.p, data.n, ret, 0) != 0)
		BUG("SHA-256 failed");
}

void
digest_sha256_hex(struct str data, struct buf *out)
{
	unsigned char hash[DIGEST_SHA256_BYTES];

	digest_sha256(data, hash);
	buf_puthex(out, hash, sizeof hash);
}
