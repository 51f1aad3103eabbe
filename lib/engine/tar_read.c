/*
 * tar_read.c - the reader of an archive that is in memory as a whole: a size is compared with what is there before it is used
 */
#include <string.h>

#include "lib/engine/tar.h"
#include "lib/engine/tar_block.h"

/* Data of a header's entry, with its padding cut off *in. */
static int
take_data(struct str *in, uint64_t size, struct str *ret, struct err *e)
{
	uint64_t padded = size + (TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK;

	if (size > in->n || padded > in->n)
		return tar_bad("it ends within an entry", e);
	*ret = str_take(*in, (size_t)size);
	*in = str_skip(*in, (size_t)padded);
	return 0;
}

int
tar_next(struct str *in, struct tar_entry *ret, struct err *e)
{
	struct tar_extras x = { .size = 0 };
	struct tar_block b;
	uint64_t size = 0;

	*ret = (struct tar_entry){ .type = TAR_OTHER };
	for (;;) {
		if (in->n < TAR_BLOCK)
			return tar_bad("it ends without its end mark", e);
		memcpy(&b, in->p, sizeof b);
		if (tar_is_zero(&b))
			return 0;
		if (tar_check_block(&b, &size, e) < 0)
			return -1;
		struct str whole = *in, data = STR_NULL;
		*in = str_skip(*in, TAR_BLOCK);
		bool is_extra = tar_is_extra(b.type);
		if (x.has_size && !is_extra)
			size = x.size;
		if (tar_has_data(b.type) && take_data(in, size, &data, e) < 0)
			return -1;
		int got = tar_take_extras(b.type, data, &x, e);
		if (got < 0)
			return -1;
		if (got > 0)
			continue;
		ret->data = data;
		ret->size = data.n;
		/* Names are views, so into the archive and not into the copy on the stack. */
		return tar_set_entry((const struct tar_block *)(const void *)whole.p, &x, ret, e) < 0 ? -1 : 1;
	}
}
