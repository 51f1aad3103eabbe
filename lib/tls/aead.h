/*
 * aead.h - ChaCha20-Poly1305 (RFC 8439) through the TLS library's fence, without associated data
 */
#ifndef OCC_TLS_AEAD_H
#define OCC_TLS_AEAD_H

#include <stdbool.h>

#include "lib/base/str.h"

#define AEAD_KEY_BYTES 32
#define AEAD_NONCE_BYTES 12
#define AEAD_TAG_BYTES 16

/* plain.n + AEAD_TAG_BYTES bytes at ret, which may not overlap it. A nonce serves once for a key. */
void aead_seal(const unsigned char key[AEAD_KEY_BYTES], const unsigned char nonce[AEAD_NONCE_BYTES], struct str plain, unsigned char *ret);
/* sealed.n - AEAD_TAG_BYTES bytes at ret. False when it is shorter than a tag, or not what was sealed with this key and nonce; then ret holds zeros. */
bool aead_open(const unsigned char key[AEAD_KEY_BYTES], const unsigned char nonce[AEAD_NONCE_BYTES], struct str sealed, unsigned char *ret);

#endif
