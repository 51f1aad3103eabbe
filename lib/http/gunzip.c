/* gunzip.c - inflate, and what the format leaves open taken as our own compressor writes it */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <zlib.h>

#include "lib/base/mem.h"
#include "lib/http/gzip.h"

#define WINDOW_BITS (15 + 16)
#define ROOM_BYTES 32768
#define HEAD_BYTES 10

/* RFC 1952 section 2.3: no name, no time, and the system that zlib names on Unix. Inflate looks at the first three bytes only. */
static const unsigned char head[HEAD_BYTES] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3 };

struct gunzip {
	z_stream z;
	struct source in;
	struct sink taken;
	size_t n_head;			/* bytes of the head that were looked at */
	bool is_over;
	unsigned char room[ROOM_BYTES];
};

int
gunzip_new(struct gunzip **ret, struct source in, struct sink taken, struct err *e)
{
	struct gunzip *g = mem_new(sizeof *g);

	g->in = in;
	g->taken = taken;
	if (inflateInit2(&g->z, WINDOW_BITS) != Z_OK) {
		mem_free(g);
		errno = ENOMEM;
		return err_sys(e, "start a decompressor");
	}
	*ret = g;
	return 0;
}

void
gunzip_free(struct gunzip *g)
{
	if (!g)
		return;
	inflateEnd(&g->z);
	mem_free(g);
}

static int
bad(const char *what, struct err *e)
{
	return err_set(e, ERR_PARSE, "the compressed data %s", what);
}

static int
refill(struct gunzip *g, struct err *e)
{
	ssize_t got = source_read(&g->in, g->room, sizeof g->room, e);

	if (got < 0)
		return -1;
	if (got == 0)
		return bad(g->n_head == 0 ? "is empty" : "ends too early", e);
	for (ssize_t i = 0; i < got && g->n_head < HEAD_BYTES; i++) {
		if (g->room[i] != head[g->n_head++])
			return bad("does not begin as gzip writes it", e);
	}
	g->z.next_in = g->room;
	g->z.avail_in = (uInt)got;
	return 0;
}

static int
step(struct gunzip *g, struct err *e)
{
	const unsigned char *from = g->z.next_in;
	int r = inflate(&g->z, Z_NO_FLUSH);

	if (g->taken.write && sink_write(&g->taken, str_from(from, (size_t)(g->z.next_in - from)), e) < 0)
		return -1;
	switch (r) {
	case Z_OK:
	case Z_BUF_ERROR:
		return 0;
	case Z_STREAM_END:
		g->is_over = true;
		return 0;
	case Z_MEM_ERROR:
		errno = ENOMEM;
		return err_sys(e, "decompress");
	default:
		return bad(g->z.msg ? g->z.msg : "is damaged", e);
	}
}

ssize_t
gunzip_read(struct gunzip *g, void *p, size_t n, struct err *e)
{
	uInt room = n > INT_MAX ? INT_MAX : (uInt)n;

	g->z.next_out = p;
	g->z.avail_out = room;
	while (!g->is_over && g->z.avail_out == room && room > 0) {
		if ((g->z.avail_in == 0 && refill(g, e) < 0) || step(g, e) < 0)
			return -1;
	}
	return (ssize_t)(room - g->z.avail_out);
}

ssize_t
gunzip_read_behind(struct gunzip *g, void *p, size_t n, struct err *e)
{
	size_t have = g->z.avail_in < n ? g->z.avail_in : n;

	if (have == 0)
		return source_read(&g->in, p, n, e);
	memcpy(p, g->z.next_in, have);
	g->z.next_in += have;
	g->z.avail_in -= (uInt)have;
	return (ssize_t)have;
}
