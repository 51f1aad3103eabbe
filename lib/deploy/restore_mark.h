/*
 * restore_mark.h - a file in the state that is there while a restore is under way: whoever finds it without its restore finds half of somebody's work in the volumes
 */
#ifndef OCC_DEPLOY_RESTORE_MARK_H
#define OCC_DEPLOY_RESTORE_MARK_H

#include "lib/deploy/scope.h"

/* from: the backup that is put back; before: the one that was made of what was there, "" for none. */
int restore_mark_put(const struct scope *s, const char *from, const char *before, struct err *e) MUST_CHECK;
int restore_mark_remove(const struct scope *s, struct err *e) MUST_CHECK;
/* 1 with both (before "" for none), in the arena; 0 when none is under way. */
int restore_mark_get(struct arena *a, const struct scope *s, const char **ret_from, const char **ret_before, struct err *e) MUST_CHECK;
/* ERR_REFUSED with both ways on when a restore was cut; the caller holds the instance's lock. */
int restore_mark_check(struct arena *a, const struct scope *s, struct err *e) MUST_CHECK;

#endif
