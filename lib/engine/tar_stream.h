/*
 * tar_stream.h - reads a POSIX tar archive of any length, a piece at a time, and sends one
 *
 * What is kept is one header with the records that speak of it, whatever the archive's length. The input is hostile as in tar.h; nothing is written to disk. Blocks as
 * its source does.
 */
#ifndef OCC_ENGINE_TAR_STREAM_H
#define OCC_ENGINE_TAR_STREAM_H

#include "lib/base/source.h"
#include "lib/engine/tar.h"
#include "lib/engine/tar_block.h"

enum { TAR_SAID_NAME, TAR_SAID_LINK, TAR_SAID_PAX, TAR_SAID__N };

struct tar_stream {
	struct source in;
	struct tar_block block;
	struct buf said[TAR_SAID__N];	/* the data of headers before an entry, by their kind */
	uint64_t left;			/* bytes of the entry's data that have not been read */
	unsigned padding;
	bool is_over;
};

void tar_stream_init(struct tar_stream *t, struct source in);
void tar_stream_auto(struct tar_stream *t);

/* The next entry, past what was not read of the last one: 1, 0 at the end of the archive (behind it only zeros are taken), -1 ERR_PARSE or the source's. Names are good
 * until the next call; there is no .data. */
int tar_stream_next(struct tar_stream *t, struct tar_entry *ret, struct err *e) MUST_CHECK;
/* Data of the entry: > 0 of at most n bytes, 0 at its end, -1. */
ssize_t tar_stream_read(struct tar_stream *t, void *p, size_t n, struct err *e) MUST_CHECK;

/* One entry of an archive into a sink, a file's data from a source. scratch: empty before and after. ERR_CONFLICT when the data ends too early. */
int tar_send(const struct sink *to, struct buf *scratch, const struct tar_entry *t, const struct source *data, struct err *e) MUST_CHECK;
/* The archive's end. */
int tar_send_end(const struct sink *to, struct buf *scratch, struct err *e) MUST_CHECK;

#endif
