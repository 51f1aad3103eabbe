/*
 * self.h - the file that this process runs
 *
 * Asked of the system, not of argv[0]: that is whatever the caller wrote.
 */
#ifndef OCC_PROC_SELF_H
#define OCC_PROC_SELF_H

#include <sys/types.h>

#include "lib/base/arena.h"

/* Its path, links resolved; also after it was replaced or removed, as it was called then. In the arena; NULL with e. */
const char *self_path(struct arena *a, struct err *e);
/* A path to read it from: these very bytes where the system has such a path, also when the file is gone. */
const char *self_open_path(struct arena *a, struct err *e);

/* Does a process run a file that had this path and lost it, because it was replaced or removed? False where nobody can tell (self_tells_replaced). */
bool self_is_replaced(pid_t pid, const char *path);
bool self_tells_replaced(void);

#endif
