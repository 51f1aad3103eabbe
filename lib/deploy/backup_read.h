/*
 * backup_read.h - a backup back, an entry at a time, and whether all of it is what was saved
 *
 * Hostile input: an entry outside the parts of a backup, one that leads through a symbolic link, a link to what did not come before, a device, anything behind the end
 * is refused, and the first bad entry is named. Only at the end is it known whether the manifest agrees: who writes what it reads has read it once before. Memory is flat.
 */
#ifndef OCC_DEPLOY_BACKUP_READ_H
#define OCC_DEPLOY_BACKUP_READ_H

#include "lib/deploy/backup_format.h"
#include "lib/deploy/backup_rules.h"
#include "lib/engine/tar_stream.h"
#include "lib/http/gzip.h"

struct backup_reader {
	struct gunzip *gunzip;
	struct tar_stream tar;
	struct digest *digest, *packed_digest;	/* of an entry, of all compressed bytes */
	struct backup_rules rules;
	int manifest_fd;		/* the lines as they come out of what was read */
	struct buf line;
	struct backup_head head;
	struct tar_entry entry;		/* the present one */
	bool has_entry;
	uint64_t n_entries, n_bytes;
};

#define BACKUP_READER_INIT { .manifest_fd = -1 }

/* Reads the head. ERR_PARSE "is no backup of this program" for anything else; strings of the head in the arena. */
int backup_reader_open(struct backup_reader *r, struct source in, const char *scratch_dir, struct arena *a, struct err *e) MUST_CHECK;
void backup_reader_auto(struct backup_reader *r);

/* The next entry of settings, home or workspace: 1 with its part and its name there; 0 at the end, when everything agrees with the manifest; -1. Valid until the next call. */
int backup_reader_next(struct backup_reader *r, enum backup_part *ret_part, struct str *ret_name, struct err *e) MUST_CHECK;
/* Data of a file: > 0 of at most n bytes, 0 at its end, -1. What is not read is read by the next call. */
ssize_t backup_reader_read(struct backup_reader *r, void *p, size_t n, struct err *e) MUST_CHECK;

#endif
