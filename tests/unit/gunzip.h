/* gunzip.h - zlib the other way, for tests: what came out of lib/http/gzip.h, as it went in */
#ifndef OCC_TESTS_GUNZIP_H
#define OCC_TESTS_GUNZIP_H

#include <zlib.h>

#include "lib/base/buf.h"
#include "lib/base/mem.h"

/* Appends to out; false when z is not exactly one whole gzip member. */
static inline bool
gunzip(struct str z, struct buf *out)
{
	z_stream s = { .next_in = mem_unconst(z.p), .avail_in = (uInt)z.n };
	int got = inflateInit2(&s, 15 + 16);

	while (got == Z_OK) {
		s.next_out = buf_room(out, 65536);
		s.avail_out = 65536;
		if (!s.next_out)
			break;
		got = inflate(&s, Z_NO_FLUSH);
		buf_grew(out, 65536 - s.avail_out);
	}
	inflateEnd(&s);
	return got == Z_STREAM_END && s.avail_in == 0 && out->fault == BUF_OK;
}

#endif
