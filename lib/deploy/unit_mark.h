/*
 * unit_mark.h - what an install made besides the unit: the copy of the program, linger; noted where uninstall finds it
 *
 * One mark for all instances of a scope, because they share what it stands for.
 */
#ifndef OCC_DEPLOY_UNIT_MARK_H
#define OCC_DEPLOY_UNIT_MARK_H

#include "lib/deploy/scope.h"

/* Are two files the same, byte for byte? */
bool unit_mark_is_same(const char *path, const char *other);

/* Copies the program that runs now, atomically, also over one that runs, and marks it as ours unless somebody else had put one there. */
int unit_mark_copy(const char *to, struct err *e) MUST_CHECK;
bool unit_mark_exists(struct arena *a, const char *copy);
/* Takes the copy, its mark and its directory away; the directory stays when something else is in it. */
int unit_mark_remove(const char *copy, struct err *e) MUST_CHECK;

/* The file that says that linger is ours. */
const char *unit_mark_linger(struct arena *a, const struct scope *s);

#endif
