/*
 * memory.h - what a container's processes hold, read from its control group on this host: no call to the engine, which needs a second for it
 *
 * As the engine counts: without the page cache that can be dropped at once (inactive_file). memory_linux.c reads version 1 and 2; elsewhere (memory_other.c) the
 * engine runs in a machine of its own and there is no answer.
 */
#ifndef OCC_DEPLOY_MEMORY_H
#define OCC_DEPLOY_MEMORY_H

#include <stdint.h>

#include "lib/base/buf.h"

/* pid: of any process in the container; where that is hidden (ProtectProc= of a hardened unit), the group's usual places by the container's id. False when it
 * cannot be told. */
bool memory_of_container(const char *id, int64_t pid, uint64_t *ret_bytes);

/* What the group in this directory holds, of either version. */
bool memory_of_group(const char *dir, uint64_t *ret_bytes);
/* Pure: where engines put a container's group, most usual first; false when i is beyond the last. */
bool memory_usual_place(const char *id, size_t i, struct buf *out);

/* Pure: the directory below the control group's root out of /proc/PID/cgroup, appended to out; *ret_v2 says which hierarchy. */
bool memory_group_path(struct str proc_cgroup, bool *ret_v2, struct buf *out);
/* Pure: a row "NAME N" of memory.stat; 0 when it is not there. */
uint64_t memory_stat(struct str text, const char *name);

#endif
