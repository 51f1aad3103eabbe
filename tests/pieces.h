/* pieces.h - for tests of readers: text as a source that gives a piece at a time */
#ifndef OCC_TESTS_PIECES_H
#define OCC_TESTS_PIECES_H

#include <string.h>

#include "lib/base/source.h"

struct pieces {
	struct str rest;
	size_t step;			/* bytes a read; 0: as many as are asked for */
};

static inline ssize_t
pieces_read(void *ctx, void *p, size_t n, struct err *e)
{
	struct pieces *in = ctx;
	struct str now = str_take(in->rest, in->step && in->step < n ? in->step : n);

	(void)e;
	if (now.n > 0)
		memcpy(p, now.p, now.n);
	in->rest = str_skip(in->rest, now.n);
	return (ssize_t)now.n;
}

#endif
