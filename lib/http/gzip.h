/*
 * gzip.h - compressing to the gzip format (RFC 1952) a piece at a time, and back; zlib's fence
 *
 * A compressor costs about 270 kB while it lives. The same bytes in give the same bytes out, however they are cut: no time, no name in the head. Nothing blocks;
 * time goes with the size of the pieces.
 */
#ifndef OCC_HTTP_GZIP_H
#define OCC_HTTP_GZIP_H

#include "lib/base/buf.h"
#include "lib/base/source.h"

struct gzip;

int gzip_new(struct gzip **ret, struct err *e) MUST_CHECK;	/* ERR_SYS without memory */
void gzip_free(struct gzip *g);					/* NULL is fine */

/* Compresses data and appends to out what is ready, often nothing. Once out has latched the stream is lost: ask buf_check, then free. */
void gzip_put(struct gzip *g, struct str data, struct buf *out);
/* Appends the rest, with the check value and the length. Nothing may be put after it. */
void gzip_end(struct gzip *g, struct buf *out);

/* Reads one member, whose head is as gzip_new writes it. Costs about 110 kB. Not every bit of compressed data has a meaning: who wants to know that none has changed is told the
 * member's bytes as they are used (taken.write NULL: is not), and looks at what follows. */
struct gunzip;

int gunzip_new(struct gunzip **ret, struct source in, struct sink taken, struct err *e) MUST_CHECK;
void gunzip_free(struct gunzip *g);				/* NULL is fine */
/* > 0 of at most n bytes; 0 at the end, when length and check value are right; -1: ERR_PARSE, or the source's. */
ssize_t gunzip_read(struct gunzip *g, void *p, size_t n, struct err *e) MUST_CHECK;
/* After that: what stands behind the member. */
ssize_t gunzip_read_behind(struct gunzip *g, void *p, size_t n, struct err *e) MUST_CHECK;

#endif
