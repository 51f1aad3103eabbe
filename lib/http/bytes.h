/*
 * bytes.h - what each byte may be in HTTP, for the files of this directory
 *
 * One table behind the head parser, the chunk decoder and the writer of requests, so that what is refused when read is also
 * never written.
 */
#ifndef OCC_HTTP_BYTES_H
#define OCC_HTTP_BYTES_H

#include "lib/base/str.h"

enum { HTTP_BYTE_TOKEN = 1, HTTP_BYTE_VALUE = 2, HTTP_BYTE_HEX = 4 };

extern const unsigned char http_bytes[256];

bool http_is_token(struct str s);		/* not empty, RFC 9110 section 5.6.2 */
bool http_is_value(struct str s);		/* no control byte but HTAB: no CR, LF or NUL */

#endif
