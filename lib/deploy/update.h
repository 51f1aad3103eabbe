/*
 * update.h - a change of version as a transaction around a replacement of the container (apply.h)
 *
 *	begin      the journal; a snapshot of opencode's data while it goes on; the old image gets a name that keeps it
 *	stopped    what has changed since is copied; a rollback puts the data of then back
 *	answered   version, page; from here on people are let in
 *	watched    a while longer: an early end takes it all back
 *	done       configuration, history, and what is kept no longer
 *	undo       data as before, for the old container
 *
 * All under the instance's lock. Killed anywhere, update_settle finishes it: what had answered is completed, all else is undone.
 */
#ifndef OCC_DEPLOY_UPDATE_H
#define OCC_DEPLOY_UPDATE_H

#include "lib/deploy/plan.h"
#include "lib/deploy/snapshot.h"
#include "lib/deploy/update_record.h"

/* What `update` and `rollback` ask for; `start` with another image than before has NULL in its place. */
struct update_wish {
	unsigned watch_s;		/* how long it has to stay well */
	uint64_t back_to;		/* of a rollback: what is taken back */
	bool keeps_data;		/* a rollback of the program alone */
	const char *image_id;		/* of a rollback: the image that the reference has to mean; NULL: what it means */
	const char *set_source, *set_ref, *set_opencode;	/* configuration from then on; "": as it is */
};

struct update {
	struct service *s;
	const struct update_wish *wish;
	const struct plan_report *report;
	const struct container *old;
	struct spec_input spec;		/* of the helpers */
	struct file_lock helpers;
	struct snapshot snapshot;
	struct history *history;
	struct update_record record;
	bool has_policy;		/* the old container's restart policy was taken away */
	const char *back_snapshot;	/* whose data are put in the place of those of now; NULL: none */
};
#define UPDATE_INIT { .helpers = FILE_LOCK_INIT, .snapshot = SNAPSHOT_INIT, .record = { .snapshot = "" } }

/* Changes nothing of the service. ERR_LOCKED while a backup is made; ERR_SYS without room; ERR_NOT_FOUND for a rollback to what is not kept. */
int update_begin(struct update *u, struct err *e) MUST_CHECK;
/* The new container is there: ERR_REFUSED when an update would take a mount away. */
int update_created(struct update *u, const char *id, struct err *e) MUST_CHECK;
int update_stopped(struct update *u, struct err *e) MUST_CHECK;
int update_answered(struct update *u, const struct container *c, const char *version, const struct credentials *cr, struct err *e) MUST_CHECK;
int update_watched(struct update *u, const struct container *c, const struct credentials *cr, struct err *e) MUST_CHECK;
int update_done(struct update *u, struct err *e) MUST_CHECK;
/* Before the new container is removed: an incident with what it said last, and the journal says that it is to be undone. -1: it does not, and nothing may be removed. */
int update_failed(struct update *u, const char *id, const struct err *why, struct err *e) MUST_CHECK;
/* After it is removed; why goes into the history. -1: the data could not be put back, and the old one must not run on it. */
int update_undo(struct update *u, const char *why, struct err *e) MUST_CHECK;
void update_auto(struct update *u);
/* May the new container have written to the data, so that it has to be put back? */
bool update_has_switched(const struct update *u);

/* An update that was cut, finished; its outcome as a row of the report. 1 when there was one, 0, -1. The caller holds the instance's lock and is connected. The service's
 * configuration is what it is from then on. */
int update_settle(struct service *s, const struct plan_report *report, struct err *e) MUST_CHECK;
/* For one that has touched nothing yet but names of images: they mean again what they did. Does nothing for any other. Faults are logged. */
void update_call_off(struct service *s);
/* Before a reference is made to mean another image, by which a rollback begins. */
int update_prepare(struct service *s, const char *ref, const char *image_id, struct err *e) MUST_CHECK;
/* ERR_REFUSED while the home may hold the data of both: for who reads or replaces it. */
int update_check_whole(struct service *s, struct err *e) MUST_CHECK;
/* Is there one? For who starts an existing container without further questions. */
int update_is_cut(struct service *s, struct err *e) MUST_CHECK;

/* Parts that update_settle shares: the configuration of the new version, and both ends of one, with the history and the journal. take_back: the data and the image's name as before; nothing runs on the home. */
int update_save_settings(struct service *s, const struct update_record *r, struct err *e) MUST_CHECK;
int update_complete(struct service *s, struct history *h, struct update_record *r, struct err *e) MUST_CHECK;
int update_take_back(struct service *s, const struct spec_input *spec, struct history *h, struct update_record *r, struct err *e) MUST_CHECK;
int update_drop(struct service *s, const struct history *h, struct update_record *r, struct err *e) MUST_CHECK;	/* what it has kept: name of the image, volume. ERR_CONFLICT: used */
const char *update_kept_ref(struct service *s, uint64_t number);	/* "opencode-cloud:before-7": the name that keeps the image of before. In the arena. */
int update_name_image(struct service *s, const char *ref, const char *image_id, struct err *e) MUST_CHECK;

/* ---- update_prove.c ---- */

/* ERR_UNHEALTHY when the version is another than the image's, or there is no page for browsers. */
int update_prove_answer(struct service *s, const struct container *c, const char *version, const char *expected, const struct credentials *cr, struct err *e) MUST_CHECK;
/* ERR_UNHEALTHY when it ends, is restarted, or stops answering within so many seconds, or sends no events. 1: Ctrl-C has ended the watching. */
int update_prove_lasts(struct service *s, const struct container *c, unsigned watch_s, const struct credentials *cr, struct err *e) MUST_CHECK;
/* Pure: where the old one has something mounted and the new one has not, or NULL; both as the engine's inspect gives them. */
const char *update_lost_mount(const struct json *old, const struct json *new);

#endif
