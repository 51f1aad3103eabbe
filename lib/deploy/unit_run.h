/*
 * unit_run.h - the service manager's own commands, run and listened to
 *
 * They block at most until the deadline. What they say on either stream is the output, and the end of it is the error's text when they fail.
 */
#ifndef OCC_DEPLOY_UNIT_RUN_H
#define OCC_DEPLOY_UNIT_RUN_H

#include <stdint.h>

#include "lib/base/buf.h"

/* 0: ended with status 0. -1: ERR_NOT_FOUND without such a program, ERR_FAIL "systemctl enable ...: what it said". The environment is ours, with what a user's manager is
 * found by (XDG_RUNTIME_DIR), and without colours and pagers. */
int unit_run(const char *const *argv, struct buf *out, int64_t due_ms, struct err *e) MUST_CHECK;

#endif
