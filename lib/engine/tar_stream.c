/* tar_stream.c - blocks from a source: headers, data, padding, the end */
#include "lib/engine/tar_stream.h"

#include "lib/base/mem.h"

#define SAID_MAX 65536		/* names and records of one entry */
#define SKIP_BYTES 16384

void
tar_stream_init(struct tar_stream *t, struct source in)
{
	*t = (struct tar_stream){ .in = in };
	for (int i = 0; i < TAR_SAID__N; i++)
		t->said[i] = (struct buf)BUF_INIT(SAID_MAX);
}

void
tar_stream_auto(struct tar_stream *t)
{
	for (int i = 0; i < TAR_SAID__N; i++)
		buf_fini(&t->said[i]);
}

/* All n bytes, or how many came before the end. */
static ssize_t
fill(struct tar_stream *t, void *p, size_t n, struct err *e)
{
	size_t have = 0;

	while (have < n) {
		ssize_t got = source_read(&t->in, (char *)p + have, n - have, e);

		if (got < 0)
			return -1;
		if (got == 0)
			break;
		have += (size_t)got;
	}
	return (ssize_t)have;
}

static int
skip(struct tar_stream *t, uint64_t n, struct err *e)
{
	char drop[SKIP_BYTES];

	while (n > 0) {
		size_t want = n < sizeof drop ? (size_t)n : sizeof drop;
		ssize_t got = fill(t, drop, want, e);

		if (got < 0)
			return -1;
		if ((size_t)got < want)
			return tar_bad("it ends within an entry", e);
		n -= want;
	}
	return 0;
}

static unsigned
padding_of(uint64_t size)
{
	return (unsigned)((TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK);
}

/* Whoever hides something behind the end hides it from one reader and not from another. */
static int
take_end(struct tar_stream *t, struct err *e)
{
	char rest[SKIP_BYTES];
	ssize_t got;

	t->is_over = true;
	while ((got = source_read(&t->in, rest, sizeof rest, e)) > 0) {
		for (ssize_t i = 0; i < got; i++) {
			if (rest[i] != '\0')
				return tar_bad("something follows its end", e);
		}
	}
	return got < 0 ? -1 : 0;
}

static int
slot_of(char type)
{
	switch (type) {
	case TAR_GNU_NAME:
		return TAR_SAID_NAME;
	case TAR_GNU_LINK:
		return TAR_SAID_LINK;
	case TAR_PAX:
		return TAR_SAID_PAX;
	default:
		return -1;		/* pax's global records are of no use here */
	}
}

/* The data of a header that speaks about the next one. */
static int
take_said(struct tar_stream *t, char type, uint64_t size, struct tar_extras *x, struct err *e)
{
	int slot = slot_of(type);

	if (slot < 0)
		return skip(t, size + padding_of(size), e);
	struct buf *b = &t->said[slot];
	if (b->n > 0)
		return tar_bad("two headers of one kind speak about one entry", e);
	if (size == 0 || size > SAID_MAX)
		return tar_bad("the records before an entry are empty or too large", e);
	void *room = buf_room(b, (size_t)size);
	if (!room)
		return buf_check(b, "the records before an entry", e);
	ssize_t got = fill(t, room, (size_t)size, e);
	if (got < 0)
		return -1;
	if ((uint64_t)got < size)
		return tar_bad("it ends within an entry", e);
	buf_grew(b, (size_t)size);
	return skip(t, padding_of(size), e) < 0 || tar_take_extras(type, buf_str(b), x, e) < 0 ? -1 : 0;
}

int
tar_stream_next(struct tar_stream *t, struct tar_entry *ret, struct err *e)
{
	struct tar_extras x = { .size = 0 };

	*ret = (struct tar_entry){ .type = TAR_OTHER };
	if (t->is_over)
		return 0;
	if (skip(t, t->left + t->padding, e) < 0)
		return -1;
	t->left = t->padding = 0;
	for (int i = 0; i < TAR_SAID__N; i++)
		buf_reset(&t->said[i]);
	for (;;) {
		uint64_t size;
		ssize_t got = fill(t, &t->block, sizeof t->block, e);

		if (got < 0)
			return -1;
		if ((size_t)got < sizeof t->block)
			return tar_bad("it ends without its end mark", e);
		if (tar_is_zero(&t->block))
			return take_end(t, e);
		if (tar_check_block(&t->block, &size, e) < 0)
			return -1;
		if (tar_is_extra(t->block.type)) {
			if (take_said(t, t->block.type, size, &x, e) < 0)
				return -1;
			continue;
		}
		size = x.has_size ? x.size : size;
		t->left = tar_has_data(t->block.type) ? size : 0;
		t->padding = padding_of(t->left);
		ret->size = t->left;
		return tar_set_entry(&t->block, &x, ret, e) < 0 ? -1 : 1;
	}
}

ssize_t
tar_stream_read(struct tar_stream *t, void *p, size_t n, struct err *e)
{
	if (t->left == 0)
		return 0;
	ssize_t got = source_read(&t->in, p, n < t->left ? n : (size_t)t->left, e);
	if (got == 0)
		return tar_bad("it ends within an entry", e);
	if (got > 0)
		t->left -= (uint64_t)got;
	return got;
}
