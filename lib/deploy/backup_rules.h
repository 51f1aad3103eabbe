/*
 * backup_rules.h - what may be an entry of a backup: the same rules for who writes one and for who reads one, so that what can be made can be put back
 *
 * An entry lies in a part of a backup, under a name without "", "." and ".."; nothing goes through a symbolic link, for it leads where the archive says; a hard link leads to
 * an earlier entry of its part; devices, pipes and sockets are none. Of the links a set of hashes is kept, 8 bytes each: two names that hash alike refuse an archive that was
 * good, never the other way round.
 */
#ifndef OCC_DEPLOY_BACKUP_RULES_H
#define OCC_DEPLOY_BACKUP_RULES_H

#include "lib/deploy/backup_format.h"

#define BACKUP_LINKS_MAX (1u << 22)
#define BACKUP_ENTRIES_MAX (1u << 24)

struct backup_names {
	uint64_t *v;			/* 0: free */
	size_t n, cap;			/* cap is a power of two, or 0 */
};
#define BACKUP_NAMES_INIT { .v = NULL }
void backup_names_auto(struct backup_names *s);
int backup_names_add(struct backup_names *s, struct str name, struct err *e) MUST_CHECK;	/* ERR_TOO_BIG, ERR_SYS without memory */
bool backup_names_has(const struct backup_names *s, struct str name);
/* Is a directory that leads to the name one of them? */
bool backup_names_lead_to(const struct backup_names *s, struct str name);

struct backup_rules {
	struct backup_names links;
	uint64_t n_entries;
};
#define BACKUP_RULES_INIT { .links = BACKUP_NAMES_INIT }
void backup_rules_auto(struct backup_rules *r);

/* Of an entry of settings, home or workspace; counts it. ERR_PARSE "NAME: what is wrong with it"; ERR_TOO_BIG. */
int backup_rules_check(struct backup_rules *r, const struct tar_entry *t, struct err *e) MUST_CHECK;

#endif
