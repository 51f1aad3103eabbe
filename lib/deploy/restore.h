/*
 * restore.h - a backup put back into the volumes, and a backup proved by an instance of its own
 */
#ifndef OCC_DEPLOY_RESTORE_H
#define OCC_DEPLOY_RESTORE_H

#include "lib/deploy/backup.h"

struct restore_options {
	bool has_settings;		/* configuration and, where the backup has them, credentials too */
	bool has_workspace;		/* where the backup has one */
	const char *program;		/* version of this program, for the backup of what is there */
	unsigned grace_s;
	struct up_idle idle;
	struct plan_report report;
};

struct restore_result {
	struct backup_result backup;	/* what was read */
	const char *before;		/* the backup of what was there; NULL: there was nothing */
	bool was_up;			/* opencode ran, and was stopped */
	bool has_settings;		/* were put back */
};

/* Reads all of the file first; makes a backup of what is there; stops opencode; empties the volumes and fills them. Does not start it again: that is up_start's, which refuses
 * while a restore that was cut has not been finished. */
int restore_run(struct service *s, const char *path, const struct restore_options *o, struct restore_result *ret, struct err *e) MUST_CHECK;

struct restore_proof {
	struct backup_result backup;
	const char *version;		/* opencode's that answered */
	int64_t n_sessions;		/* that it told of; -1: not asked */
};
/* Into volumes of its own, with a container of its own that nobody else reaches, and asks it. All of that is removed again. */
int restore_prove(struct service *s, const char *path, const struct plan_report *report, struct restore_proof *ret, struct err *e) MUST_CHECK;

/* Fills the volumes that `in` names from a backup that has been checked. */
struct spec_input;
int restore_fill(struct service *s, const struct spec_input *in, const char *path, bool has_workspace, const struct plan_report *report, struct err *e) MUST_CHECK;

#endif
