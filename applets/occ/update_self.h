/*
 * update_self.h - occ update --self: this program, not opencode
 */
#ifndef OCC_APPLETS_OCC_UPDATE_SELF_H
#define OCC_APPLETS_OCC_UPDATE_SELF_H

#include "applets/occ/common.h"

struct update_self_opts {
	bool is_check, is_dry_run, is_yes;
};
int update_self_run(struct run *r, const struct update_self_opts *o, struct err *e) MUST_CHECK;

#endif
