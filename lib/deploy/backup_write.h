/*
 * backup_write.h - makes a backup a piece at a time: entries in, compressed bytes out, the manifest at its end
 *
 * Memory is flat: the manifest grows in a file of its own, which has no name. Blocks as its sink and sources do.
 */
#ifndef OCC_DEPLOY_BACKUP_WRITE_H
#define OCC_DEPLOY_BACKUP_WRITE_H

#include "lib/base/source.h"
#include "lib/deploy/backup_rules.h"
#include "lib/http/gzip.h"

struct backup_writer {
	struct sink out;
	struct gzip *gzip;
	struct digest *digest, *packed_digest;	/* of an entry, of all compressed bytes */
	struct backup_rules rules;
	int manifest_fd;
	struct buf plain, packed, line;
	uint64_t n_entries, n_bytes;		/* and of files' data */
	void (*progress)(void *ctx, uint64_t n_bytes);	/* NULL: none */
	void *ctx;
};

/* scratch_dir: where the manifest grows. */
int backup_writer_open(struct backup_writer *w, struct sink out, const char *scratch_dir, struct err *e) MUST_CHECK;
void backup_writer_auto(struct backup_writer *w);

/* One entry, by the rules (the head is none of them), data->size bytes of it from the source (NULL: it has none). */
int backup_put_entry(struct backup_writer *w, const struct tar_entry *t, const struct source *data, struct err *e) MUST_CHECK;
int backup_put_file(struct backup_writer *w, const char *name, unsigned mode, int64_t mtime_epoch_s, struct str data, struct err *e) MUST_CHECK;
/* The manifest, and the end of the compressed stream. */
int backup_writer_end(struct backup_writer *w, struct err *e) MUST_CHECK;

#endif
