/*
 * trust.h - where systems keep the authorities that they trust, as a table: into which directory the file goes, and who takes it from there
 */
#ifndef OCC_APPLETS_OCC_TRUST_H
#define OCC_APPLETS_OCC_TRUST_H

#include "lib/base/arena.h"
#include "lib/base/buf.h"

struct trust_store {
	const char *system;		/* for people */
	const char *dir;		/* NULL: there is no file to put anywhere, add and remove say it all */
	const char *const *add;		/* what takes it over; FILE stands for its path. NULL-terminated */
	const char *const *remove;	/* behind the removal of the file */
};

/* The store of this system, or NULL. root: a prefix for the directories, "" but in tests. */
const struct trust_store *trust_store_here(struct arena *a, const char *root);
/* argv with the file's path in place. In the arena. */
const char *const *trust_argv(struct arena *a, const char *const *words, const char *file);
/* The file's name there: one for each instance. In the arena. */
const char *trust_file(struct arena *a, const struct trust_store *s, const char *root, const char *instance);
/* How to do it by hand on each kind of system. prog: as the program was called. */
void trust_put_manual(const char *prog, const char *sha256, struct buf *out);

#endif
