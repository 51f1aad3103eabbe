/*
 * import_source.h - an opencode's own directories on this machine, gone through: nothing is written there, and no link is followed
 *
 * What is left out: logs, locks, programs and packages, which opencode makes anew; working trees of repositories that stay here; sockets and the like. A database that
 * somebody has open is refused: what is read of it would not hold together.
 */
#ifndef OCC_DEPLOY_IMPORT_SOURCE_H
#define OCC_DEPLOY_IMPORT_SOURCE_H

#include "lib/deploy/scope.h"
#include "lib/engine/tar.h"

enum { IMPORT_DATA, IMPORT_CONFIG, IMPORT_STATE, IMPORT__N };

struct import_dir {
	const char *base;		/* where links are followed: HOME, an XDG directory, --from */
	const char *rest;		/* below it, where they are not: ".local/share/opencode" */
	const char *path;		/* both, for people */
};

struct import_source {
	struct import_dir dirs[IMPORT__N];
};

#define IMPORT_LEFT_OUT_MAX 50

/* What a walk has seen. */
struct import_seen {
	uint64_t n_files, n_bytes;
	uint64_t print;			/* of sizes and times: two walks that differ in it saw different files */
	struct strlist left_out;	/* paths, at most IMPORT_LEFT_OUT_MAX */
	bool is_there[IMPORT__N];
};

/* from: another home than the request's, or NULL. Does not look whether they are there. */
int import_source_find(struct arena *a, const struct scope_request *rq, const char *from, struct import_source *ret, struct err *e) MUST_CHECK;

/* Goes through all of it, directories before what is in them. entry gets each one that is copied, its name in the container's home, its owner the container's user; fd: a
 * file's, open at its begin, else -1; NULL: only looked at. ERR_NOT_FOUND when there is no data, ERR_CONFLICT for a database that is open, ERR_REFUSED for one of the
 * directories that is a link or behind one. Strings in the arena. */
struct import_visit {
	int (*entry)(void *ctx, const struct tar_entry *t, int fd, struct err *e);
	void *ctx;
};
int import_source_walk(struct arena *a, const struct import_source *src, const struct import_visit *v, struct import_seen *ret, struct err *e) MUST_CHECK;

/* Pure: is an entry left out, by its name in the container's home? */
bool import_source_skips(const char *name);

#endif
