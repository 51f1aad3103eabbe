/*
 * password_change.h - what `password set` and `password rotate` share: the new password into the file and, proved, into the service
 */
#ifndef OCC_APPLETS_OCC_PASSWORD_CHANGE_H
#define OCC_APPLETS_OCC_PASSWORD_CHANGE_H

#include "applets/occ/common.h"

struct password_idle {
	bool now;
	int64_t wait_idle_ms;
};

/* fresh holds the new password beside the old secrets. Says what was proved. enum up_rotated, or -1. */
int password_change(struct run *r, struct service *s, struct credentials *fresh, const struct password_idle *idle, struct err *e) MUST_CHECK;

#endif
