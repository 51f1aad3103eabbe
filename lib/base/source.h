/*
 * source.h - where bytes come from and where they go, so that readers and writers can stand behind one another: a file, a decompressor, an archive
 *
 * Whoever makes one owns what ctx points to, and says what may block.
 */
#ifndef OCC_BASE_SOURCE_H
#define OCC_BASE_SOURCE_H

#include <sys/types.h>

#include "lib/base/err.h"
#include "lib/base/str.h"

struct source {
	ssize_t (*read)(void *ctx, void *p, size_t n, struct err *e);	/* > 0 of at most n bytes, 0 at the end, -1 */
	void *ctx;
};

struct sink {
	int (*write)(void *ctx, struct str data, struct err *e);	/* all of it, or -1 */
	void *ctx;
};

static inline ssize_t source_read(const struct source *s, void *p, size_t n, struct err *e) { return s->read(s->ctx, p, n, e); }
static inline int sink_write(const struct sink *s, struct str data, struct err *e) { return s->write(s->ctx, data, e); }

#endif
