/*
 * age_kit.h - a file of the age format made and read in memory
 */
#ifndef OCC_TESTS_AGE_KIT_H
#define OCC_TESTS_AGE_KIT_H

#include <string.h>

#include "lib/age/age.h"

#define AGE_KIT_MAX (4u << 20)

static inline int
age_kit_take(void *ctx, struct str data, struct err *e)
{
	buf_putstr(ctx, data);
	return buf_check(ctx, "what was written", e);
}

/* In pieces of at most cut bytes. */
static inline int
age_kit_write(struct str plain, size_t cut, const struct age_for *f, struct buf *to, struct err *e)
{
	struct age_writer *w;

	if (age_writer_open(&w, (struct sink){ .write = age_kit_take, .ctx = to }, f, e) < 0)
		return -1;
	int r = 0;
	for (; r == 0 && plain.n > 0; plain = str_skip(plain, cut))
		r = age_writer_put(w, str_take(plain, cut), e);
	r = r < 0 ? -1 : age_writer_end(w, e);
	age_writer_free(w);
	return r;
}

struct age_kit_from {
	struct str left;
	size_t cut;
};

static inline ssize_t
age_kit_give(void *ctx, void *p, size_t n, struct err *e)
{
	struct age_kit_from *from = ctx;
	struct str now = str_take(from->left, n < from->cut ? n : from->cut);

	(void)e;
	if (now.n > 0)
		memcpy(p, now.p, now.n);
	from->left = str_skip(from->left, now.n);
	return (ssize_t)now.n;
}

static inline int
age_kit_read(struct str file, size_t cut, struct age_keys *k, struct buf *to, struct err *e)
{
	struct age_kit_from from = { .left = file, .cut = cut };
	struct age_reader *r;
	char run[5000];
	ssize_t n;

	if (age_reader_open(&r, (struct source){ .read = age_kit_give, .ctx = &from }, k, e) < 0)
		return -1;
	while ((n = age_reader_read(r, run, sizeof run, e)) > 0)
		buf_put(to, run, (size_t)n);
	age_reader_free(r);
	return n < 0 ? -1 : buf_check(to, "what was read", e);
}

#endif
