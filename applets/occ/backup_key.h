/*
 * backup_key.h - what the commands of occ backup share of encryption: what to read one with, from options or a person
 */
#ifndef OCC_APPLETS_OCC_BACKUP_KEY_H
#define OCC_APPLETS_OCC_BACKUP_KEY_H

#include "applets/occ/common.h"
#include "lib/deploy/backup_keys.h"

struct backup_key_opts {
	const char *identity, *passphrase_file;
};
#define BACKUP_KEY_OPTS(type, field) \
	STR(type, field.identity, 'i', "identity", "FILE", "secret age key for one that is encrypted"), \
	STR(type, field.passphrase_file, 0, "passphrase-file", "FILE", "file with the passphrase; without it asks")

struct backup_unlock {
	struct backup_keys keys;
	struct run *r;
	const char *passphrase_file;
};
void backup_unlock_auto(struct backup_unlock *u);
/* The identity that was named, or the configuration's, if that can be read. Asks for nothing yet. */
int backup_unlock_open(struct backup_unlock *u, struct run *r, const struct service *s, const struct backup_key_opts *o, struct err *e) MUST_CHECK;

/* A passphrase from the file, or from the person; appended to out. is_new: asked for twice. */
int backup_passphrase_read(struct run *r, const char *file, bool is_new, struct buf *out, struct err *e) MUST_CHECK;

#endif
