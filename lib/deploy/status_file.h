/*
 * status_file.h - the last known state of a system instance, for users who may not ask the engine or read the credentials
 *
 * 0644, written by every command that changes the instance as root; holds nothing that a login would need. It tells what was true then, and when
 * that was.
 */
#ifndef OCC_DEPLOY_STATUS_FILE_H
#define OCC_DEPLOY_STATUS_FILE_H

#include "lib/deploy/scope.h"

#define STATUS_FILE_FORMAT 1
#define STATUS_FILE_MAX 65536

struct status_file {
	bool is_up;
	const char *url, *version;	/* version: opencode's, "" when not up */
	int64_t written_epoch_s;
};

/* Nothing to do in user scope. */
int status_file_save(const struct scope *s, const struct status_file *f, struct err *e) MUST_CHECK;
/* ERR_NOT_FOUND when no command has written one yet. */
int status_file_load(struct arena *a, const struct scope *s, struct status_file *ret, struct err *e) MUST_CHECK;

#endif
