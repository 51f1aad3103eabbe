/*
 * ws_accept.h - the answer to a WebSocket's key (RFC 6455 section 4.2.2)
 *
 * Says that the other side has understood the handshake, and protects nothing: the SHA-1 in it is not used as cryptography, which is
 * lib/tls's. Pure.
 */
#ifndef OCC_HTTP_WS_ACCEPT_H
#define OCC_HTTP_WS_ACCEPT_H

#include "lib/base/buf.h"

#define WS_ACCEPT_BYTES 28

/* Appends Sec-WebSocket-Accept for a key as it stands in its field, of which 24 bytes count. */
void ws_put_accept(struct str key, struct buf *out);

#endif
