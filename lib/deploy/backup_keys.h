/*
 * backup_keys.h - whom backups are encrypted for, and what they are read with (lib/age)
 *
 * Encrypted for the configuration's recipients, whose secret keys need not be on this machine. Reading takes the identity file that is named, or the configuration's
 * (backup.identity), or a passphrase that somebody is there to type.
 */
#ifndef OCC_DEPLOY_BACKUP_KEYS_H
#define OCC_DEPLOY_BACKUP_KEYS_H

#include "lib/age/age.h"
#include "lib/deploy/config.h"

#define BACKUP_IDENTITIES_MAX 16

struct backup_recipients {
	struct age_recipient v[AGE_RECIPIENTS_MAX];
	size_t n;
};
/* One of them. ERR_USAGE, with the text unless it is a secret key. */
int backup_recipient_parse(struct str text, struct age_recipient *ret, struct err *e) MUST_CHECK;
int backup_recipients_parse(const struct strlist *texts, struct backup_recipients *ret, struct err *e) MUST_CHECK;

struct backup_keys {
	struct age_identity v[BACKUP_IDENTITIES_MAX];
	struct age_keys age;
};
/* From an identity file that nobody else can read, or a pipe; NULL or "": none. Wiped by AUTO(backup_keys). ERR_SYS, ERR_PARSE, ERR_REFUSED. */
int backup_keys_load(struct backup_keys *k, const char *path, struct err *e) MUST_CHECK;
void backup_keys_auto(struct backup_keys *k);

/* Nobody here can read what is made by this configuration: it is proved by nothing but the checksums of who has the key. */
bool backup_keys_are_elsewhere(const struct config *c);

#endif
