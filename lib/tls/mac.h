/*
 * mac.h - HMAC-SHA-256 (RFC 2104), and a short one for what never leaves the process
 */
#ifndef OCC_TLS_MAC_H
#define OCC_TLS_MAC_H

#include "lib/base/str.h"

#define MAC_BYTES 32
#define MAC_KEY_BYTES 32

void mac_sha256(const unsigned char key[MAC_KEY_BYTES], struct str data, unsigned char ret[MAC_BYTES]);

#define MAC_SHORT_BYTES 16
#define MAC_SHORT_KEY_BYTES 16

/* SipHash-2-4 with 128 bits: a fortieth of the time. Only for what is compared within this process, under a key that is its own. */
void mac_short(const unsigned char key[MAC_SHORT_KEY_BYTES], struct str data, unsigned char ret[MAC_SHORT_BYTES]);

#endif
