/*
 * path.h - path names as text, and the person's home
 *
 * Pure functions on text, but for path_home and path_absolute, which ask the system. Results live in the arena.
 */
#ifndef OCC_BASE_PATH_H
#define OCC_BASE_PATH_H

#include "lib/base/arena.h"

const char *path_join(struct arena *a, const char *dir, const char *name);
const char *path_dir(struct arena *a, const char *path);		/* "." when there is none */
const char *path_base(const char *path);				/* points into path */
const char *path_absolute(struct arena *a, const char *path, struct err *e);	/* "~/" and relative made absolute; no symlinks resolved */
const char *path_tilde(struct arena *a, const char *path, const char *home);	/* "/home/me/x" as "~/x" for showing */
bool path_is_within(const char *path, const char *dir);		/* text only, both absolute and clean */

/* $HOME, else the password database (a service or cloud-init may lack HOME). */
const char *path_home(struct arena *a, struct err *e);

#endif
