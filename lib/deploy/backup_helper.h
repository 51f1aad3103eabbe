/* backup_helper.h - pure: the throw-away containers (helper_body.h) that read the volumes as an archive, and write one into them */
#ifndef OCC_DEPLOY_BACKUP_HELPER_H
#define OCC_DEPLOY_BACKUP_HELPER_H

#include "lib/deploy/spec.h"

/* What the reader's archive holds beside "./...", the home: first BACKUP_INFO (JSON: sessions, database), last BACKUP_DATABASE, when SQLite could copy it. */
#define BACKUP_INFO "INFO"
#define BACKUP_DATABASE "DATABASE"
#define BACKUP_DATABASE_AT ".local/share/opencode/opencode.db"	/* in the home */

/* The body of a container that writes an archive of the home (and the workspace) to its standard output. Logs and caches are left out. */
void backup_helper_put_reader(const struct spec_input *in, bool has_workspace, struct buf *out);
/* ... of one that empties the home (and the workspace) and puts an archive from its standard input there. */
void backup_helper_put_writer(const struct spec_input *in, bool has_workspace, struct buf *out);

#endif
