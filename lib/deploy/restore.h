/*
 * restore.h - a backup put back into the volumes, and a backup proved by an instance of its own
 */
#ifndef OCC_DEPLOY_RESTORE_H
#define OCC_DEPLOY_RESTORE_H

#include "lib/deploy/backup.h"

struct restore_options {
	bool has_settings;		/* configuration and, where the backup has them, credentials too */
	bool has_workspace;		/* where the backup has one */
	bool keeps_nothing;		/* make no backup of what is there: it cannot be read, or there is no room */
	struct age_keys *keys;
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

/* Reads all of the file first, and the settings in it; stops opencode; makes a backup of what is there; empties the volumes and fills them. A second try after a cut one keeps
 * what the first has kept. Does not start it again: that is up_start's, which refuses
 * while a restore that was cut has not been finished. */
int restore_run(struct service *s, const char *path, const struct restore_options *o, struct restore_result *ret, struct err *e) MUST_CHECK;

struct restore_proof {
	struct backup_result backup;
	const char *version;		/* opencode's that answered */
	int64_t n_sessions;		/* that it told of; -1: not asked */
	const char *left;			/* what could not be removed again, or NULL */
};
/* Into volumes of its own, with a container of its own that nobody else reaches, and asks it. All of that is removed again. */
int restore_prove(struct service *s, const char *path, struct age_keys *keys, const struct plan_report *report, struct restore_proof *ret, struct err *e) MUST_CHECK;

/* 1 when something of ours runs on the volumes, the new one of a cut replacement included; for who has the instance's lock. */
int restore_is_live(struct service *s, struct err *e) MUST_CHECK;
/* Both volumes, empty where one is missing. */
struct spec_input;
int restore_ensure_volumes(struct service *s, const struct spec_input *spec, struct err *e) MUST_CHECK;

/* Fills the volumes that `in` names from a backup that has been checked. begin: called when the next step empties them; NULL: nothing. The caller holds the helpers' lock. */
struct restore_wish {
	const struct spec_input *spec;
	bool has_workspace;
	int (*begin)(void *ctx, struct err *e);
	void *ctx;
};
int restore_fill(struct service *s, const struct restore_wish *w, struct backup_input *in, struct err *e) MUST_CHECK;

#endif
