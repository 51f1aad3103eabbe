/*
 * state.h - what this program remembers of an instance, and the lock that guards its changes
 */
#ifndef OCC_DEPLOY_STATE_H
#define OCC_DEPLOY_STATE_H

#include "lib/base/file.h"
#include "lib/deploy/scope.h"

#define STATE_FORMAT 1

struct state {
	bool is_new;			/* there was no file: the deployment id was made just now and is not saved yet */
	const char *deployment;		/* 32 hex digits, random */
	bool is_desired_up;		/* what the last start or stop asked for */
};

int state_load(struct arena *a, const struct scope *s, struct state *ret, struct err *e) MUST_CHECK;
int state_save(const struct scope *s, const struct state *st, struct err *e) MUST_CHECK;

#define STATE_WATCHDOG "watchdog"	/* the verb of the lock's record while the watchdog acts: commands wait for it a while */

/* Takes the instance's lock and writes the record (pid, since, verb). ERR_LOCKED names the holder: "occ update (pid 4121) since 14:03 holds it". Waits up to due_ms. */
int state_lock(struct file_lock *l, const struct scope *s, const char *verb, int64_t due_ms, struct err *e) MUST_CHECK;

#endif
