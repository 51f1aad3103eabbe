/*
 * x25519.h - Diffie-Hellman on Curve25519 (RFC 7748 section 5) through the TLS library's fence: its formally verified implementation
 */
#ifndef OCC_TLS_X25519_H
#define OCC_TLS_X25519_H

#include "lib/base/err.h"

#define X25519_BYTES 32		/* of a scalar, a point and a shared secret */

/* The public key of any 32 random bytes; the clamping is part of it. */
void x25519_public(const unsigned char key[X25519_BYTES], unsigned char ret[X25519_BYTES]);
/* ERR_PARSE for a peer's point of low order, whose secret everybody knows (section 6.1). The caller wipes ret. */
int x25519_shared(const unsigned char key[X25519_BYTES], const unsigned char peer[X25519_BYTES], unsigned char ret[X25519_BYTES], struct err *e) MUST_CHECK;

#endif
