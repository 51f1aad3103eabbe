/*
 * backup.h - what the commands of occ backup share: how a backup is told of
 */
#ifndef OCC_APPLETS_OCC_BACKUP_H
#define OCC_APPLETS_OCC_BACKUP_H

#include "applets/occ/common.h"
#include "lib/deploy/backup_round.h"

/* "12 sessions, 1,204 files, 84 MiB (31 MiB packed), opencode 1.18.33" */
void backup_put_contents(const struct backup_result *b, struct buf *out);
/* Keys of an object that has been begun. */
void backup_put_json(struct jsonw *w, const struct backup_result *b);
/* The same of the last round of the schedule. */
void backup_put_round(struct jsonw *w, const struct backup_round *last);

#endif
