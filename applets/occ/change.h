/*
 * change.h - what `update` and `rollback` share: a change of version, and how its end is told
 */
#ifndef OCC_APPLETS_OCC_CHANGE_H
#define OCC_APPLETS_OCC_CHANGE_H

#include "applets/occ/common.h"
#include "lib/deploy/up.h"
#include "lib/deploy/update.h"

struct change {
	const char *verb;		/* "update to opencode 1.18.34" */
	const char *from;		/* opencode's version of now, "" when unknown */
	bool is_dry_run, is_rebuild, is_pull, now;
	int64_t wait_idle_ms, timeout_ms;
	struct update_wish wish;
};

/* Does it and tells of it. ERR_ROLLED_BACK when what was before is there again, ERR_ROLLBACK_FAILED when it is not. */
int change_run(struct run *r, struct service *s, const struct change *c, struct err *e) MUST_CHECK;
/* The report for programs. */
int change_put_json(struct run *r, const char *url, const char *from, const struct up_result *res, struct err *e) MUST_CHECK;
/* 0 when a person agrees or --yes was given; ERR_INTERRUPTED otherwise. */
int change_agree(struct run *r, bool is_yes, const char *question, struct err *e) MUST_CHECK;

#endif
