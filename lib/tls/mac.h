/*
 * mac.h - HMAC-SHA-256 (RFC 2104) through the TLS library's fence
 */
#ifndef OCC_TLS_MAC_H
#define OCC_TLS_MAC_H

#include "lib/base/str.h"

#define MAC_BYTES 32
#define MAC_KEY_BYTES 32

void mac_sha256(const unsigned char key[MAC_KEY_BYTES], struct str data, unsigned char ret[MAC_BYTES]);

#endif
