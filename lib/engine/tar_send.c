/* tar_send.c - header, data, padding; no more of them at once than one run */
#include "lib/engine/tar_stream.h"

#define RUN_BYTES 65536

static int
flush(const struct sink *to, struct buf *scratch, struct err *e)
{
	int r = buf_check(scratch, "an entry's header", e) < 0 ? -1 : sink_write(to, buf_str(scratch), e);

	buf_reset(scratch);
	return r;
}

int
tar_send(const struct sink *to, struct buf *scratch, const struct tar_entry *t, const struct source *data, struct err *e)
{
	uint64_t left = t->type == TAR_FILE ? t->size : 0;
	char run[RUN_BYTES];

	if (tar_put_header(scratch, t, e) < 0 || flush(to, scratch, e) < 0)
		return -1;
	tar_put_padding(scratch, left);
	while (left > 0) {
		ssize_t n = source_read(data, run, left < sizeof run ? (size_t)left : sizeof run, e);

		if (n <= 0)
			return n < 0 ? -1 : err_set(e, ERR_CONFLICT, STR_FMT " became shorter while it was read", STR_ARG(str_take(t->name, 200)));
		if (sink_write(to, str_from(run, (size_t)n), e) < 0)
			return -1;
		left -= (size_t)n;
	}
	return flush(to, scratch, e);
}

int
tar_send_end(const struct sink *to, struct buf *scratch, struct err *e)
{
	tar_put_end(scratch);
	return flush(to, scratch, e);
}
