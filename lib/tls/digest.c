/*
 * digest.c - SHA-256
 */
#include "lib/tls/digest.h"

#include <mbedtls/sha256.h>

#include "lib/base/mem.h"

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

struct digest {
	mbedtls_sha256_context sha;
};

static void
begin(struct digest *d)
{
	mbedtls_sha256_init(&d->sha);
	if (mbedtls_sha256_starts(&d->sha, 0) != 0)
		BUG("SHA-256 failed");
}

struct digest *
digest_new(void)
{
	struct digest *d = mem_new(sizeof *d);

	begin(d);
	return d;
}

void
digest_put(struct digest *d, struct str data)
{
	if (mbedtls_sha256_update(&d->sha, (const unsigned char *)data.p, data.n) != 0)
		BUG("SHA-256 failed");
}

void
digest_end(struct digest *d, unsigned char ret[DIGEST_SHA256_BYTES])
{
	if (mbedtls_sha256_finish(&d->sha, ret) != 0)
		BUG("SHA-256 failed");
	mbedtls_sha256_free(&d->sha);
	begin(d);
}

void
digest_free(struct digest *d)
{
	if (!d)
		return;
	mbedtls_sha256_free(&d->sha);
	mem_free(d);
}
