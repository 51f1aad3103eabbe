/*
 * tar.h - writes (and reads back) POSIX tar archives (pax interchange format, IEEE Std 1003.1)
 *
 * Headers are ustar with a pax record only where a name or size needs one. Times are 0 or as given, so that the same files give the same
 * bytes. The reader treats its input as hostile: sizes and names are checked, nothing is extracted to disk.
 */
#ifndef OCC_ENGINE_TAR_H
#define OCC_ENGINE_TAR_H

#include <stdint.h>

#include "lib/base/buf.h"

enum tar_type { TAR_FILE = '0', TAR_HARDLINK = '1', TAR_SYMLINK = '2', TAR_DIR = '5', TAR_OTHER = '?' };

#define TAR_JOINED_BYTES 258		/* ustar: prefix 155, "/", name 100 */

struct tar_entry {
	struct str name;		/* relative, without ".." */
	enum tar_type type;
	unsigned mode, uid, gid;
	uint64_t size;
	int64_t mtime_epoch_s;
	struct str link;		/* TAR_SYMLINK; TAR_HARDLINK: the name of an earlier entry */
	struct str data;		/* reader: the file's bytes */
	char joined[TAR_JOINED_BYTES];	/* reader: holds a name that the archive keeps in two halves; so do not copy an entry */
};

/* Header of one entry; the caller appends size bytes and then calls tar_put_padding. ERR_USAGE for an absolute name or one with "..". */
int tar_put_header(struct buf *out, const struct tar_entry *entry, struct err *e) MUST_CHECK;
void tar_put_padding(struct buf *out, uint64_t size);
void tar_put_end(struct buf *out);
/* A whole entry; data is of t->size bytes. */
int tar_put_entry(struct buf *out, const struct tar_entry *t, struct str data, struct err *e) MUST_CHECK;
int tar_put_file(struct buf *out, const char *name, unsigned mode, unsigned uid, unsigned gid, struct str data, struct err *e) MUST_CHECK;

/* Next entry of *in (cut off its front): 1, 0 at the end of the archive, -1 ERR_PARSE. Names live in the archive's bytes (or
 * in ret->joined), pax names too. Devices, pipes and the like are TAR_OTHER. */
int tar_next(struct str *in, struct tar_entry *ret, struct err *e) MUST_CHECK;

#endif
