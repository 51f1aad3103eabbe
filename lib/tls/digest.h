/*
 * digest.h - SHA-256 through the TLS library's fence
 */
#ifndef OCC_TLS_DIGEST_H
#define OCC_TLS_DIGEST_H

#include "lib/base/buf.h"

#define DIGEST_SHA256_BYTES 32

void digest_sha256(struct str data, unsigned char ret[DIGEST_SHA256_BYTES]);
/* Lower-case hex of it appended to out. */
void digest_sha256_hex(struct str data, struct buf *out);

/* The same of what comes in pieces. */
struct digest;
struct digest *digest_new(void);
void digest_put(struct digest *d, struct str data);
void digest_end(struct digest *d, unsigned char ret[DIGEST_SHA256_BYTES]);	/* and begins anew */
void digest_free(struct digest *d);					/* NULL is fine */

#endif
