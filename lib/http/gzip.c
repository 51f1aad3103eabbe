/* gzip.c - deflate at zlib's default level */
#include "lib/http/gzip.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

#include "lib/base/mem.h"

#define WINDOW_BITS (15 + 16)		/* the largest window; 16 asks for gzip's head and trailer */
#define MEM_LEVEL 8
#define ROOM_BYTES 16384
#define UNIX 3				/* RFC 1952 section 2.3.1, OS */

struct gzip {
	z_stream z;
	gz_header head;
};

int
gzip_new(struct gzip **ret, struct err *e)
{
	struct gzip *g = mem_new(sizeof *g);

	if (deflateInit2(&g->z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, WINDOW_BITS, MEM_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK) {
		mem_free(g);
		errno = ENOMEM;
		return err_sys(e, "start a compressor");
	}
	g->head.os = UNIX;		/* zlib's own choice differs between systems */
	if (deflateSetHeader(&g->z, &g->head) != Z_OK)
		BUG("deflate: inconsistent state");
	*ret = g;
	return 0;
}

void
gzip_free(struct gzip *g)
{
	if (!g)
		return;
	deflateEnd(&g->z);
	mem_free(g);
}

/* deflate until it leaves room unused: then it has nothing more to give (zlib.h). */
static void
run(struct gzip *g, int flush, struct buf *out)
{
	do {
		void *room = buf_room(out, ROOM_BYTES);

		if (!room)
			return;
		g->z.next_out = room;
		g->z.avail_out = ROOM_BYTES;
		if (deflate(&g->z, flush) == Z_STREAM_ERROR)
			BUG("deflate: inconsistent state");
		buf_grew(out, ROOM_BYTES - g->z.avail_out);
	} while (g->z.avail_out == 0);
}

void
gzip_put(struct gzip *g, struct str data, struct buf *out)
{
	while (data.n > 0 && out->fault == BUF_OK) {
		struct str now = str_take(data, UINT_MAX);

		g->z.next_in = mem_unconst(now.p);
		g->z.avail_in = (uInt)now.n;
		run(g, Z_NO_FLUSH, out);
		data = str_skip(data, now.n);
	}
}

void
gzip_end(struct gzip *g, struct buf *out)
{
	g->z.next_in = NULL;
	g->z.avail_in = 0;
	run(g, Z_FINISH, out);
}
