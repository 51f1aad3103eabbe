/*
 * restore_mark.h - a file in the state that is there while a restore or an import is under way: whoever finds it without that finds half of somebody's work in the volumes
 */
#ifndef OCC_DEPLOY_RESTORE_MARK_H
#define OCC_DEPLOY_RESTORE_MARK_H

#include "lib/deploy/scope.h"

#define RESTORE_MARK_IMPORT ":import"	/* .from of an import, which has made the volumes itself */

struct restore_mark {
	const char *from;		/* the backup that is put back */
	const char *before;		/* the one that was made of what was there; "": none */
	bool has_workspace, has_settings;	/* are replaced as well */
};
int restore_mark_put(const struct scope *s, const struct restore_mark *m, struct err *e) MUST_CHECK;
int restore_mark_remove(const struct scope *s, struct err *e) MUST_CHECK;
/* 1, strings in the arena; 0 when none is under way, all "" and false. */
int restore_mark_get(struct arena *a, const struct scope *s, struct restore_mark *ret, struct err *e) MUST_CHECK;
/* The options that replace the same parts again: " --no-workspace", "". */
const char *restore_mark_options(struct arena *a, const struct restore_mark *m);
/* ERR_REFUSED with the ways on when a restore or an import was cut; the caller holds the instance's lock. */
int restore_mark_check(struct arena *a, const struct scope *s, struct err *e) MUST_CHECK;

#endif
