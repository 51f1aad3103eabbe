/*
 * gzip.h - compressing to the gzip format (RFC 1952) a piece at a time; zlib's fence
 *
 * A compressor costs about 270 kB while it lives. The same bytes in give the same bytes out, however they are cut: no time, no name in the head. Nothing blocks;
 * time goes with the size of the pieces.
 */
#ifndef OCC_HTTP_GZIP_H
#define OCC_HTTP_GZIP_H

#include "lib/base/buf.h"

struct gzip;

int gzip_new(struct gzip **ret, struct err *e) MUST_CHECK;	/* ERR_SYS without memory */
void gzip_free(struct gzip *g);					/* NULL is fine */

/* Compresses data and appends to out what is ready, often nothing. Once out has latched the stream is lost: ask buf_check, then free. */
void gzip_put(struct gzip *g, struct str data, struct buf *out);
/* Appends the rest, with the check value and the length. Nothing may be put after it. */
void gzip_end(struct gzip *g, struct buf *out);

#endif
