/*
 * backup_format.h - pure: what a backup looks like inside
 *
 * A tar archive, compressed by gzip: BACKUP_HEAD (JSON: of what, when, by which versions), then settings/, home/ and perhaps workspace/ as they are, and last
 * BACKUP_MANIFEST: one line for each entry before it, with kind, mode, owner, size, time, SHA-256, name and link, and a line with their number. Whoever reads it writes the
 * same lines from what came and compares: nothing can be another, be missing or be added. Names are the archive's bytes, quoted as JSON. Behind it stands an empty gzip member
 * with the SHA-256 of all compressed bytes before it in its comment, so that not even a bit without a meaning can change. All of that may be encrypted (lib/age).
 */
#ifndef OCC_DEPLOY_BACKUP_FORMAT_H
#define OCC_DEPLOY_BACKUP_FORMAT_H

#include "lib/base/arena.h"
#include "lib/engine/tar.h"
#include "lib/tls/digest.h"

#define BACKUP_FORMAT 1
#define BACKUP_HEAD "opencode-cloud-backup.json"
#define BACKUP_MANIFEST "MANIFEST"
#define BACKUP_HEAD_MAX 65536
#define BACKUP_LINE_MAX 65536		/* name and link at their longest, every byte escaped */

enum backup_part { BACKUP_NONE, BACKUP_IS_HEAD, BACKUP_SETTINGS, BACKUP_HOME, BACKUP_WORKSPACE, BACKUP_IS_MANIFEST };

struct backup_head {
	int64_t created_epoch_s;
	const char *instance, *deployment;
	const char *program, *opencode;		/* versions; opencode "": nobody knew */
	bool has_workspace, has_credentials;
	int64_t n_sessions;			/* in the database; -1: there is none, or nobody knows */
	const char *fault;			/* why SQLite could not copy the database, so that its files are in as they are; "": it has */
};

void backup_put_head(const struct backup_head *h, struct buf *out);
/* Strings in the arena. ERR_PARSE; ERR_REFUSED for a format of a later program. */
int backup_parse_head(struct arena *a, struct str text, struct backup_head *ret, struct err *e) MUST_CHECK;

/* Which part an entry belongs to, and its name there ("." for the part's own directory); BACKUP_NONE for one that no backup holds. */
enum backup_part backup_part_of(struct str name, struct str *ret_rest);
const char *backup_part_dir(enum backup_part p);	/* "home" */

/* hash: of a file's data; not looked at for others. */
void backup_put_line(const struct tar_entry *t, const unsigned char hash[DIGEST_SHA256_BYTES], struct buf *out);
void backup_put_total(uint64_t n_entries, uint64_t n_bytes, struct buf *out);
/* The name in a manifest's line, as it is written there, for messages; "" when there is none. */
struct str backup_line_name(struct str line);

/* The second gzip member. */
#define BACKUP_SEAL_BYTES 92
void backup_put_seal(const unsigned char hash[DIGEST_SHA256_BYTES], struct buf *out);

/* "INSTANCE-20261129T033900Z.tar.gz", and ".age" behind it */
void backup_put_file_name(const char *instance, int64_t epoch_s, bool is_encrypted, struct buf *out);
/* Is it such a name, of this instance? */
bool backup_file_name(struct str name, const char *instance, int64_t *ret_epoch_s);

#endif
