/*
 * backup_names.h - which names of an archive are symbolic links: nothing may be put through one, for it leads where the archive says
 *
 * A set of hashes, 8 bytes a link: two names that hash alike refuse an archive that was good, never the other way round. Grows up to BACKUP_NAMES_MAX links.
 */
#ifndef OCC_DEPLOY_BACKUP_NAMES_H
#define OCC_DEPLOY_BACKUP_NAMES_H

#include <stdint.h>

#include "lib/base/err.h"
#include "lib/base/str.h"

#define BACKUP_NAMES_MAX (1u << 22)

struct backup_names {
	uint64_t *v;			/* 0: free */
	size_t n, cap;			/* cap is a power of two, or 0 */
};

#define BACKUP_NAMES_INIT { .v = NULL }

void backup_names_auto(struct backup_names *s);
int backup_names_add(struct backup_names *s, struct str name, struct err *e) MUST_CHECK;	/* ERR_TOO_BIG */
/* Is the name itself, or a directory that leads to it, one of them? */
bool backup_names_leads(const struct backup_names *s, struct str name);

#endif
