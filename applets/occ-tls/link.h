/*
 * link.h - one-time links: who holds one is let in once
 *
 * Kept by the keeper, in memory: they end with it. Of a token only the digest is kept. A full table forgets the oldest. Times are monotonic milliseconds. Nothing
 * blocks.
 */
#ifndef OCC_APPLETS_TLS_LINK_H
#define OCC_APPLETS_TLS_LINK_H

#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/tls/digest.h"

#define LINK_SLOTS 16
#define LINK_LIFE_MS (10 * 60 * 1000)
#define LINK_TOKEN_CHARS 32		/* 185 bits */

struct link_slot {
	unsigned char digest[DIGEST_SHA256_BYTES];
	int64_t until_ms;		/* 0: free */
};

struct links {
	struct link_slot slots[LINK_SLOTS];
};

/* Appends a new token, letters and digits only, to ret, which belongs to a secret. Fails when the kernel gives no random bytes or ret is full: nothing is kept then. */
int link_new(struct links *l, int64_t now_ms, struct buf *ret, struct err *e) MUST_CHECK;
/* Does it hold? It does not a second time. Takes the same time whatever the token is. */
bool link_use(struct links *l, struct str token, int64_t now_ms);

#endif
