/*
 * backup_helper.h - pure: the throw-away containers that read and write the volumes, so that it is the same for an engine here and elsewhere
 *
 * They run the service's own image (its contract has sh, tar and python3), without a network, on the volumes alone, as root with the few rights that reading or
 * writing everybody's files takes.
 */
#ifndef OCC_DEPLOY_BACKUP_HELPER_H
#define OCC_DEPLOY_BACKUP_HELPER_H

#include "lib/deploy/spec.h"

#define BACKUP_HELPER_BODY_MAX 65536

/* What the reader's archive holds beside "./...", the home: first BACKUP_INFO (JSON: sessions, database), last BACKUP_DATABASE, when SQLite could copy it. */
#define BACKUP_INFO "INFO"
#define BACKUP_DATABASE "DATABASE"
#define BACKUP_DATABASE_AT ".local/share/opencode/opencode.db"	/* in the home */

/* The body of a container that writes an archive of the home (and the workspace) to its standard output. Logs and caches are left out. */
void backup_helper_put_reader(const struct spec_input *in, bool has_workspace, struct buf *out);
/* ... of one that empties the home (and the workspace) and puts an archive from its standard input there. */
void backup_helper_put_writer(const struct spec_input *in, bool has_workspace, struct buf *out);

#endif
